//! Systems without a gateway network: Windows and macOS. A KV's gateway runs on Linux; the crate is built here so that its types stay portable.

use std::convert::Infallible;

use flexnet_wireguard::{Peer, PeerStatus};

use crate::network::{Error, Settings};

/// There is none, so no value of it exists.
#[derive(Debug)]
pub struct Tunnel(Infallible);

impl Tunnel {
    pub async fn raise(_settings: &Settings) -> Result<Self, Error> {
        Err(Error::NotOnThisSystem)
    }
}

impl crate::network::Tunnel for Tunnel {
    async fn set_peers(&self, _wanted: &[Peer]) -> Result<(), Error> {
        match self.0 {}
    }

    async fn peers(&self) -> Result<Vec<PeerStatus>, Error> {
        match self.0 {}
    }

    fn takes_early(&self) -> bool {
        match self.0 {}
    }

    async fn lower(self) -> Result<(), Error> {
        match self.0 {}
    }
}
