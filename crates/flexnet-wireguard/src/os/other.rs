//! Systems without WireGuard devices of ours yet, Windows among them. There is no value of [`Native`], so nothing can be half done.

use crate::{
    Backend, Changes, DeviceConfig, Error, Peer,
    system::{Found, System},
};

#[derive(Debug)]
pub(crate) enum Native {}

pub(crate) async fn create(_config: DeviceConfig) -> Result<(Native, String), Error> {
    Err(Error::NotOnThisSystem)
}

/// Nothing was ever made here, so nothing can be left.
pub(crate) fn leftover(_name: &str) -> Result<bool, Error> {
    Ok(false)
}

pub(crate) fn remove_leftover(_name: &str) -> Result<bool, Error> {
    Ok(false)
}

impl System for Native {
    fn backend(&self) -> Backend {
        match *self {}
    }

    fn listen_port(&self) -> u16 {
        match *self {}
    }

    fn keeps_sessions(&self) -> bool {
        match *self {}
    }

    async fn read(&self) -> Result<Vec<Found>, Error> {
        match *self {}
    }

    async fn change(&self, _changes: &Changes) -> Result<(), Error> {
        match *self {}
    }

    async fn invite(&self, _peers: &[Peer]) -> Result<(), Error> {
        match *self {}
    }

    async fn remove(self) -> Result<(), Error> {
        match self {}
    }
}
