//! `init`: founds a gateway in a new folder. Never overwrites: a second authority would lock every member out.
//! `certificates` makes the authority and the server's certificate, `desk` reads whom members telephone, `files` puts configuration and profile into words.

mod certificates;
mod desk;
mod files;

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use flexnet_protocol::profile::Profile;
use flexnet_wireguard::PrivateKey;
use ipnet::IpNet;

use crate::{
    config::{Config, Files},
    db::Database,
    error::Error,
    os,
    seal::Keys,
};

/// What a new gateway is made from.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Folder to make
    #[arg(long)]
    pub dir: PathBuf,
    /// Name of the gateway, as in its certificate
    #[arg(long)]
    pub name: String,
    /// Name of the KV
    #[arg(long)]
    pub organisation: String,
    /// Addresses and port of the sign-in API, as members reach them; it listens on the first
    #[arg(long, required = true)]
    pub api: Vec<SocketAddr>,
    /// UDP addresses and port of the tunnel, as members reach them
    #[arg(long, required = true)]
    pub endpoint: Vec<SocketAddr>,
    /// Networks from which members get addresses
    #[arg(long, required = true)]
    pub pool: Vec<IpNet>,
    /// First page of the member portal
    #[arg(long)]
    pub portal_url: String,
    /// Further hosts that the portal window may reach
    #[arg(long)]
    pub portal_host: Vec<String>,
    /// Networks that members reach through the tunnel
    #[arg(long, required = true)]
    pub portal_network: Vec<IpNet>,
    /// TCP servers inside them that members reach; without it all of the networks
    #[arg(long)]
    pub portal_address: Vec<SocketAddr>,
    /// Name servers inside
    #[arg(long)]
    pub dns: Vec<IpAddr>,
    /// Names that only these servers may be asked for
    #[arg(long)]
    pub dns_domain: Vec<String>,
    /// Hosts elsewhere on which `anchor` runs, as members' PCs are told
    #[arg(long)]
    pub anchor: Vec<SocketAddr>,
    #[command(flatten)]
    pub desk: desk::Desk,
}

/// Founds a gateway. What it is asked for is judged before anything is written: the corrected call must find the folder as this one did.
///
/// # Errors
/// [`Error::Exists`] if the folder holds anything; [`Error::Value`] if what was asked for makes no valid gateway.
pub async fn run(options: &Options) -> Result<(), Error> {
    let folder = &options.dir;
    let path = folder.join("gateway.toml");
    let configuration = files::configuration(options)?;
    Config::parse(&configuration, &path)?;
    let certificates = certificates::make(&options.name, &options.api)?;
    let profile = files::profile(options, &certificates.authority)?;
    Profile::parse(&profile).map_err(|e| Error::Value { field: "profile", reason: e.to_string() })?;

    make_empty(folder)?;
    let files = Files::inside(folder);
    for (path, text) in [
        (&files.authority, &certificates.authority),
        (&files.certificate, &certificates.server),
        (&files.authority_key, &*certificates.authority_key),
        (&files.certificate_key, &*certificates.server_key),
    ] {
        write(path, text)?;
    }
    let wireguard = PrivateKey::generate().map_err(Error::WireGuardKey)?;
    write(&files.wireguard, &wireguard.to_base64())?;
    Keys::create(&files.keys)?;
    let keys = Keys::load(&files.keys)?;
    Database::create(&files.database).await?.sealed_by(keys.audit()).await?.close().await;
    let for_members = folder.join("profile.toml");
    fs::write(&for_members, profile).map_err(|e| Error::Write(for_members.clone(), e))?;
    write(&path, &configuration)?;

    println!("{} is founded in {}.", options.name, folder.display());
    println!("  gateway.toml   the configuration; run it with: kv-flexnet-gateway serve --config {}", path.display());
    println!("  profile.toml   for members' PCs: /etc/kv-flexnet/profile.toml");
    println!("  ca-key.pem     the authority's key: not needed to run, keep it offline");
    println!("  secrets.key    opens the database's sealed columns: back it up apart from the database");
    Ok(())
}

/// Makes the folder, or takes one that is there and empty.
fn make_empty(folder: &Path) -> Result<(), Error> {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| Err(Error::Exists(folder.to_owned()))),
        Err(_) => os::create_private_dir(folder).map_err(|e| Error::Write(folder.to_owned(), e)),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    os::write_private(path, text.as_bytes()).map_err(|e| Error::Write(path.to_owned(), e))
}

#[cfg(test)]
pub(crate) mod tests {
    use flexnet_protocol::desk::Holidays;

    use super::*;

    /// The lab's gateway.
    pub(crate) fn options(dir: &Path, api: &str) -> Options {
        Options {
            dir: dir.to_owned(),
            name: "flexnet.example".into(),
            organisation: "Muster-KV \"Süd\"".into(),
            api: vec![api.parse().unwrap()],
            endpoint: vec!["203.0.113.10:51820".parse().unwrap()],
            pool: vec!["10.200.0.0/16".parse().unwrap()],
            portal_url: "http://portal.snk.example/".into(),
            portal_host: vec!["hilfe.snk.example".into()],
            portal_network: vec!["10.210.0.0/24".parse().unwrap()],
            portal_address: vec!["10.210.0.10:80".parse().unwrap()],
            dns: vec!["10.210.0.53".parse().unwrap()],
            dns_domain: vec!["snk.example".into()],
            anchor: vec!["198.51.100.80:80".parse().unwrap()],
            desk: desk::Desk {
                desk_name: "IT-ServiceDesk".into(),
                desk_phone: desk::phone("0231 94 32 99 00").unwrap(),
                desk_hours: ["mon-thu 08:00-17:00", "fri 08:00-14:00"].map(|text| desk::hours(text).unwrap()).to_vec(),
                desk_holidays: Holidays::NordrheinWestfalen,
            },
        }
    }

    #[tokio::test]
    async fn a_founded_gateway_can_be_read_and_is_never_founded_twice() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("deep/gateway");
        let options = options(&folder, "203.0.113.10:443");
        run(&options).await.unwrap();
        let config = Config::load(&folder.join("gateway.toml")).unwrap();
        assert_eq!(config.organisation, options.organisation);
        assert_eq!(config.desk.holidays, Holidays::NordrheinWestfalen);
        assert_eq!(config.desk.phone, "0231 94 32 99 00");
        let profile = Profile::parse(&fs::read_to_string(folder.join("profile.toml")).unwrap()).unwrap();
        assert_eq!(profile.desk, config.desk);
        assert_eq!(profile.gateway_ca, fs::read_to_string(&config.files.authority).unwrap());
        assert_eq!(profile.anchors, options.anchor);
        assert_eq!(config.plain.listen, ["203.0.113.10:80".parse().unwrap()]);
        assert_eq!(profile.portal.hosts, ["portal.snk.example", "hilfe.snk.example"]);
        assert!(matches!(run(&options).await, Err(Error::Exists(_))));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_reads_keys_and_database() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gateway");
        run(&options(&folder, "203.0.113.10:443")).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let expected = if path.ends_with("profile.toml") { 0o644 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{}", path.display());
        }
    }

    #[tokio::test]
    async fn what_makes_no_gateway_is_named_and_leaves_the_folder_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        for folder in [dir.path().to_owned(), dir.path().join("new")] {
            let good = options(&folder, "203.0.113.10:443");
            let server = vec!["192.0.2.1:80".parse().unwrap()];
            let inside = vec!["10.210.0.1:443".parse().unwrap()];
            let wrong = [
                ("portal.addresses", Options { portal_address: server, ..good.clone() }),
                ("tunnel.pools", Options { pool: vec!["10.210.0.0/16".parse().unwrap()], ..good.clone() }),
                ("organisation", Options { organisation: String::new(), ..good.clone() }),
                ("gateway.endpoints", Options { api: inside.clone(), ..good.clone() }),
                ("gateway.anchors", Options { anchor: inside, ..good.clone() }),
            ];
            for (field, wrong) in wrong {
                let error = run(&wrong).await.unwrap_err();
                assert!(error.to_string().contains(field), "{error}");
                assert_eq!(fs::read_dir(&folder).ok().and_then(|mut all| all.next()).map(|_| ()), None, "{field}");
            }
        }
        let folder = dir.path().join("new");
        assert!(!folder.exists());
        run(&options(&folder, "203.0.113.10:443")).await.unwrap();
    }
}
