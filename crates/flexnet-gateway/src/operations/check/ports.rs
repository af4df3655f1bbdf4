//! The ports: free, or this gateway's own while it runs. Each is held for a moment and listened on, where this command may.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::{PATIENCE, findings::Findings};
use crate::{config::Config, os};

/// Whether the gateway of this configuration runs here and answers.
pub(super) async fn answers(config: &Config) -> bool {
    match config.operations.listen {
        Some(address) => is_ours(address, &config.name).await,
        None => false,
    }
}

/// Looks at them. `running`: this gateway answers.
pub(super) async fn look(found: &mut Findings, config: &Config, running: bool) {
    let operations = config.operations.listen;
    let console = config.console.as_ref().map(|console| console.listen);
    let ends = [("api.listen", Some(config.listen)), ("operations.listen", operations), ("console.listen", console)];
    let plain = config.plain.listen.iter().map(|address| ("plain.listen", *address));
    for (what, address) in ends.into_iter().filter_map(|(what, address)| Some((what, address?))).chain(plain) {
        let held = match os::hold(address).and_then(|socket| socket.listen(1).map(drop)) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => held_by_somebody(address, error).await,
            held => held,
        };
        port(found, what, address, held, running);
    }
    let address = SocketAddr::from(([0, 0, 0, 0], config.tunnel.listen_port));
    port(found, "tunnel.listen_port (UDP)", address, UdpSocket::bind(address).await.map(drop), running);
    if operations.is_none() {
        found.note("operations.listen is not set: nobody can watch this gateway");
    }
    if operations.is_some_and(|address| !address.ip().is_loopback()) {
        found.note("operations.listen is no loopback address: what it tells is for the KV's own network");
    }
}

fn port(found: &mut Findings, what: &str, address: SocketAddr, held: io::Result<()>, running: bool) {
    match held {
        Ok(()) => found.fine(format!("{what}: {address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && running => {
            found.fine(format!("{what}: {address} is in use, and this gateway runs"));
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => found.error(format!(
            "{what}: {address} is taken by another program (or by this gateway, where operations.listen does not tell): `ss -lntup` shows by which"
        )),
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable => {
            found.error(format!("{what}: {address} is no address of this host"));
        }
        Err(error) => found.error(format!("{what}: {address}: {error}")),
    }
}

/// A port that only the unit may hold, so that nobody answers there is all that can be known.
async fn held_by_somebody(address: SocketAddr, error: io::Error) -> io::Result<()> {
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Err(ErrorKind::AddrInUse.into()),
        Ok(Err(refused)) if refused.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Ok(Err(_)) | Err(_) => Err(error),
    }
}

async fn is_ours(address: SocketAddr, name: &str) -> bool {
    let asked = timeout(PATIENCE, async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer).await?;
        Ok::<_, io::Error>(answer)
    });
    matches!(asked.await, Ok(Ok(answer)) if answer.lines().any(|line| line.strip_prefix("gateway ") == Some(name)))
}
