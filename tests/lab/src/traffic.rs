//! Programs on the member's PC that want something all the time: from the portal by name and by address, from others, in both families.
//! They run as `kv-flexnet-soak traffic` on the client, so that a leak would be seen, and tell when something of theirs has passed.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket},
    process::{Command, Stdio},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Result;

use crate::{
    command::Process,
    world::{Host, PORTAL, PORTAL_NAME, PORTAL_V6, World, log_of},
};

/// Between two tries of one program.
const PERIOD: Duration = Duration::from_millis(250);
/// For each answer.
const LIMIT: Duration = Duration::from_millis(1000);
/// The portal's name service, and a question for its address.
const INSIDE_NAMES: [&str; 2] = ["10.210.0.53:53", "[2001:db8:210::53]:53"];

/// One try; whether an answer came.
type Program = Box<dyn FnMut() -> bool + Send>;

/// Something that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed {
    /// Seconds since 1970.
    pub at: f64,
    /// Which of the programs.
    pub what: String,
}

/// Seconds since 1970, as captures count.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

impl World {
    /// Starts the programs.
    ///
    /// # Errors
    /// They cannot be started.
    pub fn traffic(&self) -> Result<Process> {
        let program = self.binary("kv-flexnet-soak")?;
        // A question that was lost is not asked again a session later.
        self.start(Host::Client, "traffic", &["env", "RES_OPTIONS=timeout:1 attempts:1", &program, "traffic"])
    }
}

/// Everything that passed into the portal's network so far.
///
/// # Errors
/// There is no log.
pub fn passed() -> Result<Vec<Passed>> {
    let text = fs::read_to_string(log_of("traffic"))?;
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    Ok(lines.filter_map(|(at, what)| Some(Passed { at: at.parse().ok()?, what: what.to_owned() })).collect())
}

/// Runs until it is killed.
pub fn generate() {
    let portal = |address: &str| address.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 80));
    let mut programs: Vec<(&str, Program)> = Vec::new();
    for (what, end) in [("inside4", portal(PORTAL)), ("inside6", portal(PORTAL_V6))] {
        let Some(end) = end else { continue };
        programs.push((what, Box::new(move || page(end).is_some())));
        // One that keeps its connection over everything that happens.
        let mut kept = None;
        programs.push(("", Box::new(move || keep(&mut kept, end).is_some())));
    }
    for (what, server) in ["names4", "names6"].into_iter().zip(INSIDE_NAMES) {
        programs.push((what, Box::new(move || question(server).is_some())));
    }
    programs.push(("named", Box::new(|| named(PORTAL_NAME).is_some())));
    for name in ["flexnet.example", "www.example.org"] {
        programs.push(("", Box::new(move || (name, 443).to_socket_addrs().is_ok())));
    }
    for end in ["203.0.113.1:8080", "[2001:db8:113::1]:8080"] {
        programs.push(("", Box::new(move || end.parse().ok().and_then(page).is_some())));
    }
    // Whoever wants one family only asks the name service where a file knows the other.
    for word in ["ahostsv4", "ahostsv6"] {
        programs.push(("", Box::new(move || quietly("getent", &[word, PORTAL_NAME]))));
    }
    programs.push(("", Box::new(|| quietly("ping", &["-n", "-c", "3", "-i", "0.3", "-W", "1", PORTAL]))));
    programs.push(("", Box::new(|| quietly("ping", &["-n", "-c", "3", "-i", "0.3", "-W", "1", PORTAL_V6]))));
    let hands: Vec<_> = programs.into_iter().map(|(what, program)| thread::spawn(move || run(what, program))).collect();
    for hand in hands {
        // They never end.
        let _ = hand.join();
    }
}

fn run(what: &str, mut program: impl FnMut() -> bool) {
    loop {
        let begun = now();
        if program() && !what.is_empty() {
            // When it began: by then the way was open.
            println!("{begun:.3} {what}");
        }
        thread::sleep(PERIOD);
    }
}

fn page(end: SocketAddr) -> Option<()> {
    let mut stream = TcpStream::connect_timeout(&end, LIMIT).ok()?;
    ask(&mut stream)
}

fn ask(stream: &mut TcpStream) -> Option<()> {
    stream.set_read_timeout(Some(LIMIT)).ok()?;
    stream.set_write_timeout(Some(LIMIT)).ok()?;
    write!(stream, "HEAD / HTTP/1.1\r\nHost: {PORTAL_NAME}\r\n\r\n").ok()?;
    (stream.read(&mut [0; 1024]).ok()? > 0).then_some(())
}

/// Asks over the old connection for as long as it can be written to, silent or not.
fn keep(kept: &mut Option<TcpStream>, end: SocketAddr) -> Option<()> {
    let mut stream = match kept.take() {
        Some(stream) => stream,
        None => TcpStream::connect_timeout(&end, LIMIT).ok()?,
    };
    let answered = ask(&mut stream);
    if stream.write_all(b"\r\n").is_ok() {
        *kept = Some(stream);
    }
    answered
}

fn named(name: &str) -> Option<()> {
    (name, 80).to_socket_addrs().ok()?.find_map(page)
}

/// A question for the portal's name (RFC 1035 §4.1).
fn question(server: &str) -> Option<()> {
    let mut packet = vec![0x4b, 0x56, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in PORTAL_NAME.split('.') {
        packet.push(u8::try_from(label.len()).ok()?);
        packet.extend(label.as_bytes());
    }
    packet.extend([0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind(if server.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" }).ok()?;
    socket.set_read_timeout(Some(LIMIT)).ok()?;
    socket.connect(server).ok()?;
    socket.send(&packet).ok()?;
    (socket.recv(&mut [0; 512]).ok()? > 12).then_some(())
}

fn quietly(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
