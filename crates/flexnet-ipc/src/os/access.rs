//! Who may talk to the service on Unix: root, the service's own user, members of a group, the user of the active local session.
//! Whatever cannot be found out is a no.

use std::{
    fs,
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Group, Uid, User, geteuid};

use crate::Peer;

/// Members of this group may use the service from anywhere on the PC.
const GROUP: &str = "kv-flexnet";
/// Where logind writes what it knows of each session.
const SESSIONS: &str = "/run/systemd/sessions";

/// Who may talk to the service besides root and the service's own user.
#[derive(Debug, Clone)]
pub struct Access {
    group: String,
    sessions: PathBuf,
}

impl Access {
    /// Members of the group `kv-flexnet` and the user of the active local session.
    pub fn installed() -> Self {
        Self { group: GROUP.to_owned(), sessions: PathBuf::from(SESSIONS) }
    }

    /// Looked up for every connection, so that a removed member is out at once. Reads files; cheap, but blocking.
    pub(crate) fn permits(&self, peer: &Peer) -> bool {
        let uid = Uid::from_raw(peer.uid);
        uid.is_root() || uid == geteuid() || self.is_member(uid, Gid::from_raw(peer.gid)) || self.is_active(peer.uid)
    }

    fn is_member(&self, uid: Uid, gid: Gid) -> bool {
        let Ok(Some(group)) = Group::from_name(&self.group) else { return false };
        let listed = |user: User| user.gid == group.gid || group.mem.contains(&user.name);
        gid == group.gid || User::from_uid(uid).ok().flatten().is_some_and(listed)
    }

    /// An active session at this PC's own screen, as logind says (sd-login(3)).
    fn is_active(&self, uid: u32) -> bool {
        let Ok(sessions) = fs::read_dir(&self.sessions) else { return false };
        sessions.filter_map(Result::ok).any(|session| is_active_session(&session.path(), uid))
    }
}

fn is_active_session(file: &Path, uid: u32) -> bool {
    let Ok(text) = fs::read_to_string(file) else { return false };
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value("UID") == Some(uid.to_string().as_str())
        && value("ACTIVE") == Some("1")
        && value("REMOTE") == Some("0")
        && value("CLASS") == Some("user")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody has this number, and the service does not run as it.
    const STRANGER: u32 = 3_999_999_999;

    fn peer(uid: u32) -> Peer {
        Peer { uid, gid: uid, pid: None }
    }

    fn access(sessions: &Path) -> Access {
        Access { group: "no-such-group-anywhere".into(), sessions: sessions.to_owned() }
    }

    #[test]
    fn root_and_the_services_own_user_may() {
        let access = access(Path::new("/nonexistent"));
        assert!(access.permits(&peer(0)));
        assert!(access.permits(&peer(geteuid().as_raw())));
    }

    #[test]
    fn strangers_may_not_and_neither_group_nor_logind_need_be_there() {
        assert!(!access(Path::new("/nonexistent")).permits(&peer(STRANGER)));
        assert!(!Access::installed().permits(&peer(STRANGER)));
    }

    #[test]
    fn members_of_the_group_may() {
        let daemon = Group::from_name("daemon").unwrap().unwrap();
        let access = Access { group: "daemon".into(), sessions: PathBuf::from("/nonexistent") };
        assert!(access.permits(&Peer { uid: STRANGER, gid: daemon.gid.as_raw(), pid: None }));
        let user = User::from_name("daemon").unwrap().unwrap();
        assert!(access.permits(&Peer { uid: user.uid.as_raw(), gid: STRANGER, pid: None }), "its primary group");
        assert!(!access.permits(&peer(STRANGER)));
    }

    #[test]
    fn only_the_active_local_session_of_a_person_counts() {
        let good = format!("# made by logind\nUID={STRANGER}\nACTIVE=1\nREMOTE=0\nCLASS=user\nTYPE=wayland\n");
        let permits = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("2"), text).unwrap();
            access(folder.path()).permits(&peer(STRANGER))
        };
        assert!(permits(&good));
        for (from, to) in [
            ("UID=3999999999", "UID=1000"),
            ("UID=3999999999", "XUID=3999999999"),
            ("ACTIVE=1", "ACTIVE=0"),
            ("REMOTE=0", "REMOTE=1"),
            ("REMOTE=0\n", ""),
            ("CLASS=user", "CLASS=greeter"),
        ] {
            assert!(!permits(&good.replace(from, to)), "{from} -> {to}");
        }
    }
}
