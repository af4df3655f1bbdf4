//! Entries for the fuzz targets of `tests/fuzz`, and for nothing else: datagrams from the network as the service reads them. Opens nothing.

use std::net::{IpAddr, SocketAddr};

use super::{dns, echo};

/// The addresses that an answer tells, if it is one to the question for `name`, made by `answered` from its bytes.
pub fn addresses(name: &str, answered: impl FnOnce(&[u8]) -> Vec<u8>) -> Option<Vec<IpAddr>> {
    let id = [7, 9];
    let question = dns::question(id, name, dns::Kind::Aaaa).ok()?;
    dns::read(&answered(&question), id, &question)?.ok()
}

/// Whether a datagram from `end` is an echo of it.
pub fn is_echo(datagram: &[u8], end: SocketAddr) -> bool {
    echo::Echoes::closed(vec![end]).read(datagram, end).is_some()
}
