//! FreeRADIUS and slapd from Debian's packages, unpacked by `./dev setup` and not installed, so that no service starts with the system.
//! Each runs in a folder of its own on free ports of loopback and ends with its handle.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::SHARED;
use crate::{config, config::Who, os};

const PATIENCE: Duration = Duration::from_secs(30);
const TRIES: u32 = 5;

/// A process that ends with its handle.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where the packages were unpacked.
fn unpacked() -> PathBuf {
    let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    let folder = named("KV_SERVERS").unwrap_or_else(|| {
        let cache = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")));
        cache.unwrap_or_default().join("kv-flexnet/servers")
    });
    assert!(folder.join("usr/sbin/slapd").is_file(), "slapd is not in {}: ./dev setup", folder.display());
    folder
}

/// A program that ends when this thread does, however that happens.
fn program(path: &Path, libraries: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--no-new-privs", "--"]).arg(path).env("LD_LIBRARY_PATH", libraries);
    command.stdin(Stdio::null());
    command
}

fn free_udp_port() -> u16 {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn free_tcp_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A token server.
pub struct FreeRadius {
    /// Where it answers.
    pub address: SocketAddr,
    _process: Running,
    _dir: tempfile::TempDir,
}

/// Whether its answers are signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// As we need them.
    Signed,
    /// As version 3.2.1 gives them unless it is told otherwise: without a Message-Authenticator.
    AsDebianHasIt,
}

impl FreeRadius {
    /// With members and their TANs, each of which it accepts as often as it comes. The name `challenged` is asked for more.
    pub fn start(answers: Answers, members: &[(&str, &[String])]) -> Self {
        let mut said = Vec::new();
        // Somebody may take the port between.
        for _ in 0..TRIES {
            let dir = tempfile::tempdir().unwrap();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_udp_port()));
            match Self::run(dir.path(), address, answers, members) {
                Ok(process) => return Self { address, _process: process, _dir: dir },
                Err(lines) => said = lines,
            }
        }
        panic!("FreeRADIUS does not start: {said:#?}");
    }

    /// Ends it; where it was.
    pub fn stop(self) -> SocketAddr {
        self.address
    }

    /// The running process, or what it said before it ended.
    fn run(
        dir: &Path,
        address: SocketAddr,
        answers: Answers,
        members: &[(&str, &[String])],
    ) -> Result<Running, Vec<String>> {
        let packages = unpacked();
        let (libraries, words) = (packages.join("usr/lib/freeradius"), packages.join("usr/share/freeradius"));
        fs::write(dir.join("dictionary"), format!("$INCLUDE {}/dictionary\n", words.display())).unwrap();
        let accept = |(name, tans): &(&str, &[String])| {
            format!(
                "if (&User-Name == \"{name}\" && &User-Password =~ /^({})$/) {{
                     update control {{
                         Auth-Type := Accept
                     }}
                 }}
                 els",
                tans.join("|")
            )
        };
        let known: String = members.iter().map(accept).collect();
        let sign = match answers {
            Answers::Signed => "update reply {\nMessage-Authenticator := 0x00\n}",
            Answers::AsDebianHasIt => "",
        };
        let (dir_name, libraries_name, port) = (dir.display(), libraries.display(), address.port());
        let configuration = format!(
            "raddbdir = {dir_name}
             run_dir = {dir_name}
             logdir = {dir_name}
             db_dir = {dir_name}
             libdir = {libraries_name}
             pidfile = {dir_name}/pid
             hostname_lookups = no
             log {{
                 destination = stdout
             }}
             security {{
                 reject_delay = 0
             }}
             thread pool {{
                 start_servers = 1
                 max_servers = 4
                 min_spare_servers = 1
                 max_spare_servers = 2
             }}
             modules {{
                 always reject {{
                     rcode = reject
                 }}
                 always handled {{
                     rcode = handled
                 }}
             }}
             client gateway {{
                 ipaddr = 127.0.0.1
                 secret = \"{SHARED}\"
                 require_message_authenticator = yes
             }}
             server tokens {{
                 listen {{
                     type = auth
                     ipaddr = 127.0.0.1
                     port = {port}
                 }}
                 authorize {{
                     {known}if (&User-Name == \"challenged\") {{
                         update control {{
                             Response-Packet-Type := Access-Challenge
                         }}
                         handled
                     }}
                     else {{
                         reject
                     }}
                 }}
                 authenticate {{
                 }}
                 post-auth {{
                     {sign}
                     Post-Auth-Type REJECT {{
                         {sign}
                     }}
                     Post-Auth-Type Challenge {{
                         {sign}
                     }}
                 }}
             }}\n"
        );
        os::write_private(&dir.join("radiusd.conf"), configuration.as_bytes()).unwrap();
        let mut command = program(&packages.join("usr/sbin/freeradius"), &libraries);
        command.args(["-f", "-l", "stdout", "-n", "radiusd", "-d"]).arg(dir).arg("-D").arg(&words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let process = Running(child);
        let mut lines = Vec::new();
        loop {
            let Some(line) = said.next().map(Result::unwrap) else { return Err(lines) };
            if line.contains("Ready to process requests") {
                break;
            }
            lines.push(line);
        }
        // Nobody must find its pipe full.
        std::thread::spawn(move || said.for_each(drop));
        Ok(process)
    }
}

/// A directory.
pub struct Slapd {
    /// With TLS from the first byte.
    pub ldaps: String,
    /// With StartTLS.
    pub ldap: String,
    /// Its authority, as PEM.
    pub ca_file: PathBuf,
    process: Option<Running>,
    dir: tempfile::TempDir,
}

impl Slapd {
    /// With members and their passwords under `ou=people,dc=kv`, and `cn=search,dc=kv` with the password `search`, who may read.
    pub fn start(members: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let packages = unpacked();
        let libraries = holding(&packages.join("usr/lib"), "libslapi");
        let at = |name: &str| dir.path().join(name);
        certificates(dir.path());
        fs::create_dir(at("db")).unwrap();
        let configuration = format!(
            "include {packages}/etc/ldap/schema/core.schema
include {packages}/etc/ldap/schema/cosine.schema
include {packages}/etc/ldap/schema/inetorgperson.schema
modulepath {packages}/usr/lib/ldap
moduleload back_ldif
TLSCertificateFile {dir}/server.pem
TLSCertificateKeyFile {dir}/server-key.pem
security simple_bind=128
sizelimit 10
database ldif
suffix \"dc=kv\"
directory {dir}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=\"cn=search,dc=kv\" read by * none
",
            packages = packages.display(),
            dir = dir.path().display(),
        );
        fs::write(at("slapd.conf"), configuration).unwrap();
        let mut tree = "dn: dc=kv\nobjectClass: dcObject\nobjectClass: organization\no: KV\ndc: kv\n\n\
             dn: cn=search,dc=kv\nobjectClass: person\ncn: search\nsn: search\nuserPassword: search\n\n\
             dn: ou=people,dc=kv\nobjectClass: organizationalUnit\nou: people\n\n"
            .to_owned();
        for (name, password) in members {
            tree += &format!("dn: uid={name},ou=people,dc=kv\nobjectClass: inetOrgPerson\n");
            tree += &format!("uid: {name}\ncn: {name}\nsn: {name}\nuserPassword: {password}\n\n");
        }
        fs::write(at("tree.ldif"), tree).unwrap();
        let slapd = || program(&packages.join("usr/sbin/slapd"), &libraries);
        let load = slapd().args(["-T", "add", "-f"]).arg(at("slapd.conf")).arg("-l").arg(at("tree.ldif")).output();
        let loaded = load.unwrap();
        assert!(loaded.status.success(), "{loaded:?}");
        let serve = || {
            let ports = [free_tcp_port(), free_tcp_port()];
            let hosts = format!("ldaps://127.0.0.1:{} ldap://127.0.0.1:{}", ports[0], ports[1]);
            let mut serve = slapd();
            serve.args(["-d", "0", "-h", &hosts, "-f"]).arg(at("slapd.conf")).stdout(Stdio::null());
            let mut process = Running(serve.stderr(Stdio::null()).spawn().unwrap());
            listens(&mut process, &ports).then_some((process, ports))
        };
        let (process, ports) = (0..TRIES).find_map(|_| serve()).expect("slapd does not start");
        Self {
            ldaps: format!("ldaps://localhost:{}", ports[0]),
            ldap: format!("ldap://localhost:{}", ports[1]),
            ca_file: at("ca.pem"),
            process: Some(process),
            dir,
        }
    }

    /// Ends it, its files stay.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// A configuration that makes the entry's name.
    pub fn by_name(&self) -> config::Ldap {
        self.configuration(Who::Template("uid={name},ou=people,dc=kv".into()))
    }

    /// A configuration that searches for it.
    pub fn by_search(&self, filter: &str) -> config::Ldap {
        let bind_password_file = self.dir.path().join("search.password");
        if !bind_password_file.exists() {
            os::write_private(&bind_password_file, b"search\n").unwrap();
        }
        let (base, bind_dn) = ("ou=people,dc=kv".into(), "cn=search,dc=kv".into());
        self.configuration(Who::Search { base, filter: filter.into(), bind_dn, bind_password_file })
    }

    fn configuration(&self, who: Who) -> config::Ldap {
        let (urls, ca_file) = (vec![self.ldaps.clone()], self.ca_file.clone());
        config::Ldap { urls, ca_file, who, wait_ms: 5_000, dead_seconds: 3600 }
    }
}

/// Waits until the ports are served; false if the process ends before, because somebody else has taken one.
fn listens(process: &mut Running, ports: &[u16]) -> bool {
    let until = Instant::now() + PATIENCE;
    while !ports.iter().all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok()) {
        if process.0.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < until, "slapd does not listen");
        std::thread::yield_now();
    }
    process.0.try_wait().unwrap().is_none()
}

/// An authority, and what it says of localhost.
pub fn certificates(folder: &Path) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &authority).unwrap();
    for (name, pem) in
        [("ca.pem", authority.pem()), ("server.pem", server.pem()), ("server-key.pem", key.serialize_pem())]
    {
        fs::write(folder.join(name), pem).unwrap();
    }
}

/// The folder below `folder` that holds a library: which one depends on the processor.
fn holding(folder: &Path, library: &str) -> PathBuf {
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let holds = |folder: &PathBuf| {
        folder.is_dir() && entries(folder).any(|path| path.file_name().unwrap().to_string_lossy().starts_with(library))
    };
    entries(folder).find(holds).unwrap_or_else(|| panic!("{library} is not below {}", folder.display()))
}
