//! `check`: everything that can be known before the start, one line a finding. Changes nothing and starts nothing; it may run beside the gateway.
//! `database` looks at schema, audit and clock, `portal` at the way to what members want to reach, `ports` at what it listens on,
//! `replication` at whether a failover would lose what was acknowledged.

mod database;
mod findings;
mod portal;
mod ports;
mod replication;

use std::{path::Path, time::Duration};

use self::findings::{Findings, Severity};
use super::{certificate, describe};
use crate::{
    cli,
    clock::Clock,
    config::{Config, Maintenance, Place},
    error::Error,
    gateway, os,
    seal::Keys,
    tls,
    verifier::Verifier,
};
use flexnet_protocol::desk::DeskContact;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// Before the end of the certificate, in days.
const RENEW: i64 = 30;
const DAY: i64 = 24 * 3600;
/// How long another server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at everything and prints what it finds.
///
/// # Errors
/// [`Error::Findings`] if anything is wrong.
pub async fn check(path: &Path) -> Result<(), Error> {
    let findings = look(path).await;
    for finding in &findings.0 {
        println!("{finding}");
    }
    match findings.0.iter().filter(|finding| finding.severity == Severity::Error).count() {
        0 => Ok(()),
        errors => Err(Error::Findings(errors)),
    }
}

async fn look(path: &Path) -> Findings {
    let mut found = Findings::default();
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(error) => {
            found.wrong(&error);
            return found;
        }
    };
    found.fine(format!("{} can be understood", path.display()));
    files(&mut found, &config, path);
    certificates(&mut found, &config);
    judges(&mut found, &config).await;
    pools(&mut found, &config);
    desk(&mut found, &config.desk);
    maintenance(&mut found, "in this configuration", config.maintenance);
    let running = ports::answers(&config).await;
    database::look(&mut found, &config, running).await;
    portal::look(&mut found, &config.portal).await;
    ports::look(&mut found, &config, running).await;
    found
}

/// Keys are their owner's alone, and the authority's key is not here.
fn files(found: &mut Findings, config: &Config, path: &Path) {
    let files = &config.files;
    let mut private = vec![&files.keys, &files.wireguard, &files.certificate_key];
    let (Place::File(database) | Place::Url(database)) = &config.database;
    private.push(database);
    for file in private {
        match os::is_private(file) {
            Ok(true) => found.fine(format!("{} is its owner's alone", file.display())),
            Ok(false) => found.error(format!("{} can be read by others: chmod 600", file.display())),
            Err(error) => found.error(format!("{} cannot be read: {error}", file.display())),
        }
    }
    if let Some(folder) = path.parent().filter(|folder| os::is_private(folder).is_ok_and(|private| !private)) {
        found.warning(format!("{} can be entered by others: chmod 700", folder.display()));
    }
    if files.authority_key.exists() {
        found.warning(format!(
            "{} lies here: the authority's key is not needed to run and belongs offline",
            files.authority_key.display()
        ));
    }
    // One that is not there was told.
    let usable = [
        (&files.keys, Keys::load(&files.keys).err()),
        (&files.wireguard, gateway::wireguard_key(&files.wireguard).err()),
    ];
    for (file, error) in usable {
        if let Some(error) = error.filter(|_| file.exists()) {
            found.error(format!("{} cannot be used: {}", file.display(), cli::chain(&error)));
        }
    }
}

/// The certificate is for this name and has time left, and its key belongs to it.
fn certificates(found: &mut Findings, config: &Config) {
    let files = &config.files;
    let (served, authorities) = (certificates_in(&files.certificate), certificates_in(&files.authority));
    let Some(own) = served.first() else {
        return found.error(format!("{} is not there or holds no certificate", files.certificate.display()));
    };
    match tls::config(&files.certificate, &files.certificate_key) {
        Ok(_) => found.fine("the certificate's key belongs to it"),
        Err(error) => found.wrong(&error),
    }
    if !own.names.iter().any(|name| name.eq_ignore_ascii_case(&config.name)) {
        found.error(format!(
            "the certificate is for {}, and members' PCs ask for {}",
            own.names.join(", "),
            config.name
        ));
    }
    validity(found, "the certificate", own, RENEW);
    if authorities.is_empty() {
        found.note(format!(
            "{} is not here: whether members' PCs trust the certificate was not checked",
            files.authority.display()
        ));
    } else if !served.iter().any(|one| authorities.iter().any(|authority| one.issuer == authority.subject)) {
        found.error("the certificate, and what server.pem holds behind it, does not lead to an authority of the profiles (ca.pem)");
    }
    for authority in &authorities {
        // Profiles must be spread before: that takes longer.
        validity(found, "the authority", authority, 12 * RENEW);
    }
}

/// What can be read of a file of certificates, the server's own first.
fn certificates_in(path: &Path) -> Vec<certificate::Facts> {
    let certificates = CertificateDer::pem_file_iter(path).into_iter().flatten().flatten();
    certificates.filter_map(|der| certificate::facts(&der)).collect()
}

fn validity(found: &mut Findings, what: &str, facts: &certificate::Facts, renew: i64) {
    let now = Clock::new(0).now();
    let days = (facts.ends - now).div_euclid(DAY);
    if now < facts.begins {
        found.error(format!("{what} is not valid yet: look at the clock"));
    } else if days < 0 {
        found.error(format!("{what} ended {} days ago: no member's PC takes it any more", -days));
    } else if days < renew {
        found.warning(format!("{what} ends in {days} days"));
    } else {
        found.fine(format!("{what} is good for {days} days"));
    }
}

/// What the foreign judges need lies here, and a directory takes connections. A token server is not asked: it would count it.
async fn judges(found: &mut Findings, config: &Config) {
    let verifier = match Verifier::open(&config.verifier, &config.name) {
        Ok(verifier) => verifier,
        Err(error) => return found.wrong(&error),
    };
    for (url, reached) in verifier.reach().await {
        match reached {
            Ok(()) => found.fine(format!("verifier.password.ldap.urls: {url} takes connections")),
            Err(error) => found.warning(format!("verifier.password.ldap.urls: {url} cannot be asked: {error}")),
        }
    }
    if verifier.judges_tans() {
        found.note(
            "verifier.tan.radius: its secret can be used; the token server was not asked, because it would count that",
        );
    }
}

/// Members, portal and gateway are different places. That pools and portal do not overlap was checked with the configuration.
fn pools(found: &mut Findings, config: &Config) {
    for endpoint in &config.tunnel.endpoints {
        let inside = config.tunnel.pools.iter().chain(&config.portal.networks).any(|net| net.contains(&endpoint.ip()));
        if inside {
            found.error(format!("tunnel.endpoints: {endpoint} lies in a pool or in the portal's networks: the tunnel would lead into itself"));
        }
    }
    for pool in &config.tunnel.pools {
        let bits = pool.max_prefix_len() - pool.prefix_len();
        let sessions = if bits > 20 { 1 << 20 } else { (1_u32 << bits).saturating_sub(3) };
        found.fine(format!("the pool {pool} has room for {sessions} sessions or more"));
        if pool.addr().is_ipv4() && sessions < 50 {
            found.warning(format!(
                "the pool {pool} is small: an older session makes room only after a newer sign-in of the same member"
            ));
        }
    }
    for server in &config.portal.dns_servers {
        if !config.portal.networks.iter().any(|net| net.contains(server)) {
            found.note(format!(
                "portal.dns_servers: {server} lies outside portal.networks: it must be routed by itself"
            ));
        }
    }
}

/// Members whose access is locked have nothing but this number. That there is a `[desk]` was checked with the configuration.
fn desk(found: &mut Findings, desk: &DeskContact) {
    let dialled = desk.phone_uri.strip_prefix('+').unwrap_or_default();
    if desk.phone.trim().is_empty() || dialled.is_empty() || !dialled.bytes().all(|b| b.is_ascii_digit()) {
        found.error("desk.phone, desk.phone_uri: members cannot telephone the desk; as in \"030 23125 100\" and \"+493023125100\"");
    }
    if desk.hours.is_empty() {
        found.warning("desk.hours: there are none, and members are told that the desk is closed");
    }
    if jiff::tz::TimeZone::get(&desk.time_zone).is_err() {
        found.error(format!("desk.time_zone: {} is none, as Europe/Berlin is", desk.time_zone));
    }
}

/// A note that lets nobody in is no error, and easily forgotten.
fn maintenance(found: &mut Findings, place: &str, note: Maintenance) {
    let now = Clock::new(0).now();
    let Some(text) = describe(note, now) else { return };
    let text = format!("maintenance, {place}: {text}; nobody is let in");
    if note.until.is_some_and(|until| until <= now) { found.warning(text) } else { found.note(text) }
}

#[cfg(test)]
mod tests {
    use super::{findings::Finding, *};
    use crate::init;

    struct Founded {
        folder: std::path::PathBuf,
        _dir: tempfile::TempDir,
    }

    impl Founded {
        async fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("gateway");
            init::run(&init::tests::options(&folder, "127.0.0.1:0")).await.unwrap();
            let founded = Self { folder, _dir: dir };
            founded.change("listen_port = 51820", "listen_port = 0");
            founded.change("listen = \"127.0.0.1:9180\"", "listen = \"127.0.0.1:0\"");
            // A portal on this host, where what does not answer says so at once.
            founded.change("10.210.0.", "127.0.1.");
            founded
        }

        fn change(&self, from: &str, to: &str) {
            let path = self.folder.join("gateway.toml");
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{from} is not in {text}");
            std::fs::write(&path, text.replace(from, to)).unwrap();
        }

        async fn errors(&self) -> Vec<String> {
            let found = look(&self.folder.join("gateway.toml")).await;
            let errors = found.0.iter().filter(|finding| finding.severity == Severity::Error);
            errors.map(Finding::to_string).collect()
        }
    }

    #[tokio::test]
    async fn a_founded_gateway_is_fine_but_for_the_authoritys_key() {
        let founded = Founded::new().await;
        let found = look(&founded.folder.join("gateway.toml")).await;
        let worse: Vec<_> = found.0.iter().filter(|f| f.severity >= Severity::Warning).map(|f| f.to_string()).collect();
        // Its portal is not there.
        let worse: Vec<_> = worse.iter().filter(|text| !text.starts_with("warning: portal.")).collect();
        assert!(matches!(worse.as_slice(), [one] if one.contains("ca-key.pem")), "{worse:?}");
    }

    #[tokio::test]
    async fn an_audit_that_cannot_go_on_and_a_forgotten_maintenance_are_told() {
        let founded = Founded::new().await;
        founded.change("on = false\n#until = 1795600000", "on = true\nuntil = 1760000000");
        let mut database = <sqlx::sqlite::SqliteConnection as sqlx::Connection>::connect(
            founded.folder.join("gateway.sqlite").to_str().unwrap(),
        )
        .await
        .unwrap();
        let note = "INSERT INTO setting (name, value) VALUES ('maintenance', '{\"on\":true,\"until\":1760000001}')";
        sqlx::raw_sql(note).execute(&mut database).await.unwrap();
        let found = look(&founded.folder.join("gateway.toml")).await;
        let forgotten = found.0.iter().map(Finding::to_string).filter(|text| text.starts_with("warning: maintenance"));
        let forgotten: Vec<_> = forgotten.collect();
        assert_eq!(forgotten.len(), 2, "{forgotten:?}");
        assert!(forgotten.iter().all(|text| text.contains("should have been over at 2025-10-09")), "{forgotten:?}");
        assert_eq!(founded.errors().await, Vec::<String>::new());
        sqlx::raw_sql("UPDATE audit_head SET number = number + 1").execute(&mut database).await.unwrap();
        let errors = founded.errors().await;
        assert!(errors.iter().any(|error| error.contains("its end was changed from outside")), "{errors:?}");
    }

    #[tokio::test]
    async fn a_desk_that_nobody_reaches_is_told() {
        let founded = Founded::new().await;
        founded.change("phone_uri = \"+4923194329900\"", "phone_uri = \"\"");
        founded.change("Europe/Berlin", "Europe/Beispiel");
        let errors = founded.errors().await;
        assert!(
            matches!(errors.as_slice(), [phone, zone] if phone.contains("desk.phone") && zone.contains("desk.time_zone")),
            "{errors:?}"
        );
        let path = founded.folder.join("gateway.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.split_once("[desk]").unwrap().0).unwrap();
        let errors = founded.errors().await;
        assert!(matches!(errors.as_slice(), [one] if one.contains("missing field `desk`")), "{errors:?}");
    }

    #[tokio::test]
    async fn another_gateways_pool_and_id_are_told() {
        let founded = Founded::new().await;
        let mut database = <sqlx::sqlite::SqliteConnection as sqlx::Connection>::connect(
            founded.folder.join("gateway.sqlite").to_str().unwrap(),
        )
        .await
        .unwrap();
        let id = Config::load(&founded.folder.join("gateway.toml")).unwrap().id;
        let rows = "PRAGMA foreign_keys = OFF;
            INSERT INTO session (name, account, token_hash, public_key, preshared_key, addresses, network, started, last_active, absolute_end, failures_before, gateway)
            VALUES ('s1', 1, x'01', x'02', x'03', '10.200.0.9', '203.0.113.0/24', 1, 1, 9999999999, 0, 'gw-2')";
        sqlx::raw_sql(rows).execute(&mut database).await.unwrap();
        let seen = sqlx::query("INSERT INTO gateway (name, started, seen) VALUES ($1, 1, $2)");
        seen.bind(&id).bind(Clock::new(0).now()).execute(&mut database).await.unwrap();
        let found = look(&founded.folder.join("gateway.toml")).await;
        let told: Vec<_> = found.0.iter().map(Finding::to_string).collect();
        let has = |start: &str| assert!(told.iter().any(|line| line.starts_with(start)), "{start}: {told:?}");
        has("error: tunnel.pools: 10.200.0.9 is a member's at gw-2");
        has(&format!("warning: gateway.id: {id} said seconds ago that it lives, and nothing answers here"));
    }

    #[tokio::test]
    async fn what_is_wrong_is_named_each_on_a_line() {
        let founded = Founded::new().await;
        founded.change("name = \"flexnet.example\"", "name = \"other.example\"");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        founded.change(
            "listen = \"127.0.0.1:0\"\n\n# Plain",
            &format!("listen = \"{}\"\n\n# Plain", listener.local_addr().unwrap()),
        );
        std::fs::write(founded.folder.join("wireguard.key"), "no key").unwrap();
        let errors = founded.errors().await;
        for part in ["members' PCs ask for other.example", "api.listen", "WireGuard key"] {
            assert!(errors.iter().any(|error| error.contains(part)), "{part} is not told: {errors:?}");
        }
        assert!(errors.iter().all(|error| error.lines().count() == 1));
    }

    #[tokio::test]
    async fn another_certificates_key_and_a_database_of_a_newer_version_are_errors() {
        let (founded, other) = (Founded::new().await, Founded::new().await);
        std::fs::copy(other.folder.join("server-key.pem"), founded.folder.join("server-key.pem")).unwrap();
        let mut database = <sqlx::sqlite::SqliteConnection as sqlx::Connection>::connect(
            founded.folder.join("gateway.sqlite").to_str().unwrap(),
        )
        .await
        .unwrap();
        sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut database).await.unwrap();
        let errors = founded.errors().await;
        assert!(errors.iter().any(|error| error.contains("certificate and key")), "{errors:?}");
        assert!(errors.iter().any(|error| error.contains("schema 99")), "{errors:?}");
    }

    #[tokio::test]
    async fn a_configuration_that_cannot_be_read_is_the_only_finding() {
        let founded = Founded::new().await;
        founded.change("pools = [\"10.200.0.0/16\"]", "pools = [\"127.0.0.0/16\"]");
        let errors = founded.errors().await;
        assert!(matches!(errors.as_slice(), [one] if one.contains("tunnel.pools")), "{errors:?}");
        founded.change("[tunnel]", "[tunel]");
        assert!(matches!(founded.errors().await.as_slice(), [one] if one.lines().count() == 1));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_key_that_others_can_read_is_an_error() {
        use std::os::unix::fs::PermissionsExt as _;
        let founded = Founded::new().await;
        let key = founded.folder.join("secrets.key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(founded.errors().await.iter().any(|error| error.contains("secrets.key can be read by others")));
    }
}
