//! The program `nft`, spoken to in JSON (libnftables-json(5)), and the kernel's word that somebody has changed rules.
//! Never makes a rule; `rules` does.

use std::{
    io,
    os::fd::{AsRawFd as _, OwnedFd},
    time::Duration,
};

use nix::sys::socket::{AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket};
use serde_json::Value;
use tokio::io::{Interest, unix::AsyncFd};

use super::program::{self, run};

/// Searched in the service's `PATH`.
const PROGRAM: &str = "nft";
/// The kernel answers in milliseconds: what takes longer hangs.
const LIMIT: Duration = Duration::from_secs(10);
/// The kernel's multicast group for changes of rules, `NFNLGRP_NFTABLES` of linux/netfilter/nfnetlink.h, as a bit.
const GROUP: u32 = 1 << (7 - 1);

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// It cannot be run, does not answer, or says no.
    #[error(transparent)]
    Program(#[from] program::Error),
    /// Its answer is not what its manual promises.
    #[error("nft's answer is no JSON")]
    Answer {
        /// Why.
        source: serde_json::Error,
    },
}

/// Makes a transaction.
pub(super) async fn apply(batch: &Value) -> Result<(), Error> {
    run(PROGRAM.as_ref(), LIMIT, &["-j", "-f", "-"], batch.to_string().as_bytes()).await?;
    Ok(())
}

/// The tables of family `inet`.
pub(super) async fn tables() -> Result<Value, Error> {
    read(&["-j", "list", "tables", "inet"]).await
}

/// Everything in one table of family `inet`.
pub(super) async fn table(name: &str) -> Result<Value, Error> {
    read(&["-j", "list", "table", "inet", name]).await
}

async fn read(args: &[&str]) -> Result<Value, Error> {
    let listed = run(PROGRAM.as_ref(), LIMIT, args, &[]).await?;
    serde_json::from_slice(&listed).map_err(|source| Error::Answer { source })
}

/// Tells that rules were changed, by whomever.
pub(super) struct Changes(AsyncFd<OwnedFd>);

impl Changes {
    /// Listens from now on.
    pub(super) fn listen() -> io::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkNetFilter)?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, GROUP))?;
        // SAFETY: the descriptor is owned by what is made here and closed with it, never before.
        #[expect(unsafe_code, reason = "tokio cannot see that the socket lives as long as its registration")]
        let watched = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) };
        Ok(Self(watched?))
    }

    /// Waits for the next change; what came until then is one.
    pub(super) async fn next(&self) {
        let mut buffer = [0; 1 << 14];
        let mut hear = |fd: &OwnedFd| recv(fd.as_raw_fd(), &mut buffer, MsgFlags::empty()).map_err(io::Error::from);
        // An error is that the socket had no room for all of it: something has changed.
        drop(self.0.async_io(Interest::READABLE, &mut hear).await);
        while hear(self.0.get_ref()).is_ok() {}
    }
}
