//! The demo: the whole world on one machine, told in German, with a display or without.
//! It shows the product's own programs; nothing is played. `dev.d/demo.sh` makes the namespaces and calls it.

use std::{
    fs,
    io::{IsTerminal as _, Write as _},
    process::{Command, ExitStatus},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    command::{Process, eventually, run_with},
    member::Member,
    parts::Running,
    world::{Host, LAB, PORTAL, World, log_of},
};

/// The demo's user name.
pub const USERNAME: &str = "m.muster";
/// The home folder of whoever uses the window.
const HOME: &str = "/run/lab/home";
const PORTAL_PAGE: &str = "http://portal.snk.example/";

/// A running world with one member, whose seed lies in a file for the demo token.
#[derive(Debug)]
pub struct Stage {
    /// The hosts.
    pub world: World,
    /// The programs on them.
    pub running: Running,
    /// Who signs in.
    pub member: Member,
    /// The demo token's seed.
    pub seed_file: String,
}

impl Stage {
    /// Builds the world, starts everything, adds the demo member.
    ///
    /// # Errors
    /// A part does not start.
    pub fn build() -> Result<Self> {
        crate::enter::private_ground()?;
        let world = World::build()?;
        let running = world.everything()?;
        let member = world.member(USERNAME, &["--kind", "totp"])?;
        let seed_file = format!("{LAB}/seed");
        fs::write(&seed_file, format!("{}\n", member.seed))?;
        world.on(Host::Client, &["chmod", "644", &seed_file])?.expect_ok("the seed's file")?;
        Ok(Self { world, running, member, seed_file })
    }

    /// The variables that tell a program inside who may sign in.
    pub fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("KV_WORLD_USER", self.member.username.clone()),
            ("KV_WORLD_PASSWORD", self.member.password.clone()),
            ("KV_WORLD_SEED", self.member.seed.clone()),
            ("KV_WORLD_SEED_FILE", self.seed_file.clone()),
            ("KV_WORLD_DIR", LAB.to_owned()),
            ("KV_WORLD_GATEWAY_CONFIG", crate::parts::gateway_config()),
        ]
    }

    /// Runs a program on the member's PC in the foreground, with [`Stage::variables`].
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(&self, command: &[String]) -> Result<ExitStatus> {
        let mut line = Command::new("nsenter");
        line.arg("--net=/run/netns/client").arg("--").args(command).envs(self.variables());
        let path = std::env::var("PATH").unwrap_or_default();
        line.env("PATH", format!("{}:{path}", self.world.binaries.display()));
        line.status().with_context(|| format!("starting {command:?}"))
    }

    /// One press of the demo token's button.
    ///
    /// # Errors
    /// The demo token shows no TAN.
    pub fn press(&self) -> Result<String> {
        let token = self.world.binary("kv-flexnet-token")?;
        let shown = run_with(&token, &["--seed-file", &self.seed_file], "\n")?.expect_ok("kv-flexnet-token")?;
        let digits = |word: &str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        let joined = shown.replace(' ', "");
        let tan = joined.split(|c: char| !c.is_ascii_digit()).find(|word| digits(word));
        tan.map(String::from).with_context(|| format!("the demo token shows no TAN: {shown}"))
    }

    /// `./dev demo --headless`.
    ///
    /// # Errors
    /// A step does not come out as it must.
    pub fn headless(&mut self) -> Result<()> {
        let mut steps = Steps::default();
        steps.say("Die Welt steht: PC, Router, Gateway und Mitgliederportal in eigenen Namensräumen.");
        steps.note("Das Netz dieses Rechners bleibt, wie es ist.");
        steps.say("Ohne Verbindung ist das Portal nicht erreichbar:");
        self.portal_is_out_of_reach(&mut steps)?;
        steps.say(&format!("Anmelden als {USERNAME} mit der TAN aus dem Demo-Token:"));
        let tan = self.press()?;
        steps.note(&format!("TAN {tan}"));
        let input = format!("{USERNAME}\n{}\n{tan}\n", self.member.password);
        let answer = self.world.cli(&["connect"], &input)?;
        ensure!(answer.ok(), "die Anmeldung ging nicht: {}{}", answer.stdout, answer.stderr);
        steps.quote(&answer.stdout);
        self.world.wait_for_state("connected")?;
        steps.say("Der Stand, wie ihn die Kommandozeile zeigt:");
        steps.quote(&self.world.cli(&["status"], "")?.expect_ok("status")?);
        steps.say("Die Anmeldeseite des Portals kommt durch den Tunnel:");
        let page = self.world.fetch(PORTAL_PAGE)?.expect_ok("die Portalseite")?;
        let title = between(&page, "<title>", "</title>").context("die Seite hat keinen Titel")?;
        steps.note(&format!("{PORTAL_PAGE}  „{title}“"));
        steps.say("Abmelden:");
        steps.quote(&self.world.cli(&["disconnect"], "")?.expect_ok("disconnect")?);
        self.world.wait_for_state("signed_out")?;
        steps.say("Danach ist das Portal wieder nicht erreichbar:");
        self.portal_is_out_of_reach(&mut steps)?;
        steps.say("Aufräumen: Mit diesem Programm endet die ganze Welt.");
        Ok(())
    }

    fn portal_is_out_of_reach(&self, steps: &mut Steps) -> Result<()> {
        for url in [PORTAL_PAGE.to_owned(), format!("http://{PORTAL}/")] {
            let answer = self.world.on(Host::Client, &["curl", "-sS", "--max-time", "2", &url])?;
            ensure!(!answer.ok(), "{url} ist ohne Verbindung erreichbar:\n{}", answer.stdout);
            steps.note(&format!("{url}  {}", answer.stderr.trim()));
        }
        Ok(())
    }

    /// `./dev demo`: the real application, and the token beside it, until the window's program ends.
    ///
    /// # Errors
    /// The application cannot be started, or ends with a failure.
    pub fn desktop(&mut self, owner: &Owner) -> Result<()> {
        println!("\nBenutzername:  {USERNAME}\nPasswort:      {}", self.member.password);
        println!("Portal:        zweite Anmeldung mit muster / portal");
        println!(
            "Downloads:     {HOME}/Downloads, nur in dieser Demo-Welt: Sie endet mit dem Programm, und die Downloads mit ihr.\n"
        );
        let mut window = self.window(owner)?;
        if std::io::stdin().is_terminal() {
            self.token_at_the_terminal(&mut window)?;
        } else {
            self.token_without_terminal(&mut window)?;
        }
        let status = window.ended(Duration::from_secs(5))?;
        ensure!(status.success(), "das Programm endete mit {status}:\n{}", window.log());
        Ok(())
    }

    fn window(&self, owner: &Owner) -> Result<Process> {
        let desktop = self.world.binary("kv-flexnet-desktop")?;
        fs::create_dir_all(HOME)?;
        let mut line = Command::new("nsenter");
        line.arg("--net=/run/netns/client").arg("--");
        match owner {
            Owner::Nested { uid, gid } => {
                line.args(["unshare", "--user", &format!("--map-user={uid}"), &format!("--map-group={gid}"), "--"]);
            }
            Owner::Account { uid, gid } => {
                self.world.on(Host::Client, &["chown", &format!("{uid}:{gid}"), HOME])?.expect_ok("chown")?;
                admit(*uid)?;
                line.args(["setpriv", &format!("--reuid={uid}"), &format!("--regid={gid}"), "--init-groups", "--"]);
            }
            Owner::Root => {}
        }
        // A session bus and a key ring of its own: the demo's password never lands in the person's own.
        let session = "command -v gnome-keyring-daemon >/dev/null && \
             printf demo | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec \"$0\"";
        line.args(["dbus-run-session", "--", "sh", "-c", session, &desktop]);
        line.env("HOME", HOME).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME").env_remove("XDG_CACHE_HOME");
        Process::start("kv-flexnet-desktop", line, &log_of("desktop"))
    }

    fn token_at_the_terminal(&self, window: &mut Process) -> Result<()> {
        let mut token = Command::new(self.world.binary("kv-flexnet-token")?)
            .args(["--seed-file", &self.seed_file, "--watch"])
            .spawn()
            .context("starting kv-flexnet-token")?;
        eventually("the end of the demo", Duration::from_secs(12 * 3600), || {
            ensure!(!window.runs()?, "the window is open");
            Ok(())
        })?;
        token.kill()?;
        token.wait()?;
        Ok(())
    }

    /// Without a terminal there is no button: every new TAN is written as it appears.
    fn token_without_terminal(&self, window: &mut Process) -> Result<()> {
        let mut shown = String::new();
        loop {
            let tan = self.press()?;
            if tan != shown {
                println!("TAN: {tan}");
                std::io::stdout().flush()?;
                shown = tan;
            }
            if window.ended(Duration::from_secs(1)).is_ok() {
                return Ok(());
            }
        }
    }
}

/// Whose desktop the window belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Ourselves, mapped back in a nested user namespace: D-Bus and the key ring compare user ids.
    Nested {
        /// The person's user id outside.
        uid: u32,
        /// The person's group id outside.
        gid: u32,
    },
    /// Another account: root started the demo for the person who called sudo.
    Account {
        /// The person's user id.
        uid: u32,
        /// The person's group id.
        gid: u32,
    },
    /// Root itself.
    Root,
}

impl Owner {
    /// Reads `nested:UID:GID`, `account:UID:GID` or `root`.
    ///
    /// # Errors
    /// It is none of them.
    pub fn parse(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        Ok(match parts.as_slice() {
            ["root"] => Self::Root,
            ["nested", uid, gid] => Self::Nested { uid: uid.parse()?, gid: gid.parse()? },
            ["account", uid, gid] => Self::Account { uid: uid.parse()?, gid: gid.parse()? },
            _ => bail!("an owner is nested:UID:GID, account:UID:GID or root"),
        })
    }
}

/// Puts the account into the group that may use the service, in this world's own /etc/group.
fn admit(uid: u32) -> Result<()> {
    let passwd = fs::read_to_string("/etc/passwd")?;
    let id = uid.to_string();
    let name = passwd.lines().find(|l| l.split(':').nth(2) == Some(&id)).and_then(|l| l.split(':').next());
    let name = name.with_context(|| format!("user {uid} has no name"))?;
    let group = fs::read_to_string("/etc/group")?;
    fs::write("/etc/group", format!("{group}kv-flexnet:x:64123:{name}\n"))?;
    Ok(())
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(inner, _)| inner.trim())
}

#[derive(Debug, Default)]
struct Steps(u32);

impl Steps {
    fn say(&mut self, text: &str) {
        self.0 += 1;
        println!("\n{}. {text}", self.0);
    }

    fn note(&mut self, text: &str) {
        println!("   {text}");
    }

    fn quote(&mut self, text: &str) {
        text.lines().filter(|line| !line.trim().is_empty()).for_each(|line| println!("   | {line}"));
    }
}
