//! The mark of the service's own connections to the gateway and to proxies, by which the packet filter knows them from those of other programs.
//! To set one takes CAP_NET_ADMIN or CAP_NET_RAW (socket(7), SO_MARK), so a member's programs cannot borrow it. Routes nothing.

use nix::sys::socket::{setsockopt, sockopt::Mark};
use tokio::net::TcpSocket;

/// "KV", above the bits that container runtimes add to what others have marked.
pub(super) const MARK: u32 = 0x4b56_0000;
/// The bits of it that count.
pub(super) const MASK: u32 = 0xffff_0000;

/// Marks a connection, before it is begun.
pub fn mark_as_ours(socket: &TcpSocket) {
    if let Err(error) = setsockopt(socket, Mark, &MARK) {
        tracing::debug!(%error, "the connection is not marked: an exclusive packet filter will not let it through");
    }
}
