//! One gateway a network namespace: device and filter have one name each there, and a starting gateway takes away what a dead one left.
//! Held by an abstract Unix address: it belongs to the namespace as they do, and goes with its process, however that ends.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
};

use crate::network::Error;

const NAME: &str = "kv-flexnet-gateway";

/// The hold, for as long as this lives.
#[derive(Debug)]
pub(super) struct Hold {
    _socket: UnixDatagram,
}

impl Hold {
    /// Takes the hold.
    ///
    /// # Errors
    /// [`Error::Taken`] while another gateway has it, [`Error::Link`].
    pub(super) fn take() -> Result<Self, Error> {
        Self::named(NAME)
    }

    fn named(name: &str) -> Result<Self, Error> {
        let bound = SocketAddr::from_abstract_name(name).and_then(|address| UnixDatagram::bind_addr(&address));
        match bound {
            Ok(socket) => Ok(Self { _socket: socket }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Error::Taken),
            Err(error) => Err(Error::Link(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_has_it_and_it_comes_free_with_the_holder() {
        let name = format!("kv-flexnet-test-{}", std::process::id());
        let hold = Hold::named(&name).unwrap();
        assert!(matches!(Hold::named(&name), Err(Error::Taken)));
        drop(hold);
        Hold::named(&name).unwrap();
    }
}
