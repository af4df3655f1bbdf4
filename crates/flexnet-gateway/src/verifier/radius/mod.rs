//! The RADIUS client: asks a foreign token server about a name and a TAN (PAP). One socket with a port of its own for each request, connected,
//! so that nobody else's datagrams come in; the same packet again to the same server where it is silent, and never to another.
//! Decides nothing: [`packet`] says what an answer is worth, `sign_in` what follows.

pub mod packet;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use flexnet_protocol::Secret;
use tokio::{
    net::UdpSocket,
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

use self::packet::{Answer, MAX_PACKET, Request};
use super::{Verdict, health::Health};
use crate::{config::Radius, error::Error, seal};

/// Bytes that a shared secret has at least (RFC 2865 §3 prefers 16).
const MIN_SECRET: usize = 16;

/// The token servers.
pub struct Servers {
    addresses: Vec<SocketAddr>,
    secret: Zeroizing<String>,
    nas_identifier: String,
    wait: Duration,
    tries: u32,
    health: Health,
}

impl std::fmt::Debug for Servers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Servers").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Servers {
    /// As configured; reads the shared secret. `name` is what this gateway calls itself.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Value`] if the secret can be read by others or is short.
    pub fn open(config: &Radius, name: &str) -> Result<Self, Error> {
        let secret = super::secret(&config.secret_file, "verifier.tan.radius.secret_file")?;
        if secret.len() < MIN_SECRET {
            let reason = format!("the shared secret must have at least {MIN_SECRET} bytes");
            return Err(Error::Value { field: "verifier.tan.radius.secret_file", reason });
        }
        Ok(Self {
            health: Health::new(config.servers.len(), Duration::from_secs(config.dead_seconds.into())),
            addresses: config.servers.clone(),
            secret,
            nas_identifier: name.to_owned(),
            wait: Duration::from_millis(config.wait_ms.into()),
            tries: config.tries,
        })
    }

    /// Whether there is a server that is not known to be dead.
    pub fn ready(&self) -> bool {
        self.health.ready(std::time::Instant::now())
    }

    /// What one server says of this TAN. Never asks a second one: it might let the same TAN in again.
    pub async fn judge(&self, name: &str, tan: &Secret) -> Verdict {
        self.verdict(name, tan, true).await
    }

    /// The same about a name that nobody has. A silence says nothing of the server then, or anybody could have it left alone.
    pub async fn judge_invented(&self, name: &str, tan: &Secret) -> Verdict {
        self.verdict(name, tan, false).await
    }

    async fn verdict(&self, name: &str, tan: &Secret, known: bool) -> Verdict {
        let now = std::time::Instant::now();
        let number = if known { self.health.take(now) } else { self.health.look(now) };
        let Some(number) = number else { return Verdict::NoVerdict };
        let Some(server) = self.addresses.get(number) else { return Verdict::NoVerdict };
        match self.ask(*server, name, tan).await {
            Ok(Some(answer)) => {
                self.health.answered(number);
                match answer {
                    Answer::Accept => Verdict::Right,
                    Answer::Reject => Verdict::Wrong,
                    Answer::Challenge => {
                        tracing::warn!(%server, "the RADIUS server asks for more than a TAN, which has no place here");
                        Verdict::NoVerdict
                    }
                }
            }
            Ok(None) if !known => Verdict::NoVerdict,
            Ok(None) => {
                self.health.silent(number, std::time::Instant::now());
                Verdict::NoVerdict
            }
            Err(Failure::Unfit) => Verdict::Wrong,
            Err(Failure::System(error)) => {
                tracing::error!(%server, %error, "cannot ask the RADIUS server");
                Verdict::NoVerdict
            }
        }
    }

    /// The first answer that is one; nothing if none comes in time.
    async fn ask(&self, server: SocketAddr, name: &str, tan: &Secret) -> Result<Option<Answer>, Failure> {
        let [identifier] = seal::random::<1>().map_err(std::io::Error::other)?;
        let authenticator = seal::random::<16>().map_err(std::io::Error::other)?;
        let request =
            Request { identifier, authenticator, name, password: tan.expose(), nas_identifier: &self.nas_identifier };
        let packet = request.encode(self.secret.as_bytes()).ok_or(Failure::Unfit)?;
        let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        // Port 0: the system takes one at random, and connected it hears this server alone.
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(server).await?;
        let mut datagram = [0; MAX_PACKET];
        let mut discarded = 0_u32;
        for _ in 0..self.tries {
            // What fails here is the word that an earlier datagram found nobody; that is no answer either.
            let _ = socket.send(&packet).await;
            let until = Instant::now() + self.wait;
            while let Ok(received) = timeout_at(until, socket.recv(&mut datagram)).await {
                let Ok(length) = received else { continue };
                match request.answer(datagram.get(..length).unwrap_or_default(), self.secret.as_bytes()) {
                    Ok(answer) => return Ok(Some(answer)),
                    Err(reason) => {
                        discarded = discarded.saturating_add(1);
                        if discarded == 1 {
                            tracing::warn!(%server, %reason, "what came from the RADIUS server is not its answer");
                        }
                    }
                }
            }
        }
        tracing::warn!(%server, discarded, tries = self.tries, "the RADIUS server gives no answer");
        Ok(None)
    }
}

/// Why nothing was asked.
#[derive(Debug)]
enum Failure {
    /// No server knows such a name.
    Unfit,
    /// This computer.
    System(std::io::Error),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}
