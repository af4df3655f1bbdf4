//! The UDP socket of a user-space device: both address families on one port, many datagrams of one size in one call where the
//! system can (generic segmentation and receive offload), one by one where it refuses. Who serves learns which of its addresses was
//! asked, and answers from that one.

use std::{
    io::{self, IoSlice, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
    os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use gotatun::packet::Packet;
use nix::{
    errno::Errno,
    sys::socket::{
        AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrStorage, bind,
        getsockname, recvmsg, sendmsg, setsockopt, socket, sockopt,
    },
};

use super::endpoint::{Endpoint, Source, as_sent, local_of};

#[cfg(target_os = "linux")]
use rustix::net::sockopt::{Ipv4PathMtuDiscovery, set_ip_mtu_discover};

/// Bytes of the largest thing that one call receives.
pub(super) const DATAGRAMS: usize = 65535;
/// Datagrams that one call sends. Linux takes 64 everywhere.
const SEGMENTS: usize = 64;
/// Bytes that one call sends: what fits an IP packet, with room for its headers.
const TOGETHER: usize = 65535 - 48;
/// Bytes that may wait in the system, each way.
const WAITING: usize = 4 << 20;
/// What no datagram reaches where the system can send many in one call.
const NOTHING: usize = if cfg!(target_os = "linux") { usize::MAX } else { 0 };

#[cfg(target_os = "linux")]
const FLAGS: SockFlag = SockFlag::SOCK_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const FLAGS: SockFlag = SockFlag::empty();

#[derive(Debug)]
pub(super) struct Udp {
    socket: OwnedFd,
    port: u16,
    v6: bool,
    /// Datagrams of this size and above are refused in one call: the card or the kernel cannot, or they do not fit the path.
    refused: AtomicUsize,
}

/// What one call has received: datagrams of `size` bytes, the last one perhaps shorter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received {
    pub length: usize,
    pub size: usize,
    pub from: Endpoint,
}

impl Udp {
    /// Binds it; port 0 is any. Without IPv6 in the system it carries IPv4 only. Only who `serves` is told its own address: who roams
    /// would keep one that is of no use elsewhere.
    pub(super) fn bind(port: u16, serves: bool) -> io::Result<Self> {
        match Self::bind_to(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)), serves) {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL)) => {
                Self::bind_to(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), serves)
            }
            bound => bound,
        }
    }

    fn bind_to(address: SocketAddr, serves: bool) -> io::Result<Self> {
        let v6 = address.is_ipv6();
        let family = if v6 { AddressFamily::Inet6 } else { AddressFamily::Inet };
        let socket = socket(family, SockType::Datagram, FLAGS, None)?;
        if v6 {
            setsockopt(&socket, sockopt::Ipv6V6Only, &false)?;
        }
        bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
        let bound: SockaddrStorage = getsockname(socket.as_raw_fd())?;
        let port = address_of(&bound).map_or(address.port(), |bound| bound.port());
        tune(&socket);
        if serves {
            learn_local(&socket, v6);
        }
        Ok(Self { socket, port, v6, refused: AtomicUsize::new(NOTHING) })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Receives without waiting. `control` is from [`control`].
    pub(super) fn receive(&self, buffer: &mut [u8], control: &mut [u8]) -> io::Result<Received> {
        let mut slices = [IoSliceMut::new(buffer)];
        let got =
            recvmsg::<SockaddrStorage>(self.socket.as_raw_fd(), &mut slices, Some(control), MsgFlags::MSG_DONTWAIT)?;
        let remote = got.address.as_ref().and_then(address_of).ok_or(io::ErrorKind::InvalidData)?;
        let mut received = Received { length: got.bytes, size: got.bytes.max(1), from: remote.into() };
        for message in got.cmsgs()? {
            received.size = segment_size(&message).unwrap_or(received.size);
            received.from.local = local_of(&message).or(received.from.local);
        }
        Ok(received)
    }

    /// Sends datagrams to one address, in order. What cannot be sent is lost, as datagrams are. An own address that the system refuses
    /// to send from is taken out of `to`.
    pub(super) fn send(&self, datagrams: &[Packet], to: &mut Endpoint) {
        let remote = SockaddrStorage::from(as_sent(to.remote, self.v6));
        let mut rest = datagrams;
        while let Some(first) = rest.first() {
            let size = first.len();
            let together = if size < self.refused.load(Relaxed) { run(rest) } else { 1 };
            let (now, later) = rest.split_at(together);
            rest = later;
            if let Err(error) = self.send_together(now, size, &remote, &mut to.local) {
                if now.len() > 1 && matches!(error, Errno::EINVAL | Errno::EIO | Errno::EMSGSIZE | Errno::EOPNOTSUPP) {
                    let from_here = if error == Errno::EIO { 0 } else { size };
                    self.refused.fetch_min(from_here, Relaxed);
                    tracing::debug!(size, %error, "datagrams go one by one");
                    for one in now {
                        // As above.
                        let _ = self.send_together(std::slice::from_ref(one), size, &remote, &mut to.local);
                    }
                } else {
                    tracing::trace!(%error, "a datagram was not sent");
                }
            }
        }
    }

    /// Tries again what was refused: the path or the card may be another by now.
    pub(super) fn forget_refusal(&self) {
        self.refused.store(NOTHING, Relaxed);
    }

    /// As [`Self::send_from`], but without an address of ours that may be gone.
    fn send_together(
        &self,
        datagrams: &[Packet],
        size: usize,
        to: &SockaddrStorage,
        local: &mut Option<IpAddr>,
    ) -> Result<(), Errno> {
        match self.send_from(*local, datagrams, size, to) {
            // Said of other things too: it was the address only if datagrams go without it.
            Err(Errno::EINVAL | Errno::EADDRNOTAVAIL | Errno::ENETUNREACH) if local.is_some() => {
                self.send_from(None, datagrams, size, to)?;
                *local = None;
                Ok(())
            }
            sent => sent,
        }
    }

    fn send_from(
        &self,
        local: Option<IpAddr>,
        datagrams: &[Packet],
        size: usize,
        to: &SockaddrStorage,
    ) -> Result<(), Errno> {
        let mut slices = [IoSlice::new(&[]); SEGMENTS];
        for (slice, datagram) in slices.iter_mut().zip(datagrams) {
            *slice = IoSlice::new(datagram);
        }
        let slices = slices.get(..datagrams.len()).unwrap_or_default();
        let size = u16::try_from(size).unwrap_or(u16::MAX);
        let segments = if datagrams.len() > 1 { segments_of(&size) } else { None };
        let source = local.map(|local| Source::new(local, self.v6));
        let send =
            |control: &[_]| sendmsg(self.socket.as_raw_fd(), slices, control, MsgFlags::empty(), Some(to)).map(drop);
        match (segments, source.as_ref().map(Source::message)) {
            (Some(segments), Some(source)) => send(&[segments, source]),
            (one, None) | (None, one) => send(one.as_slice()),
        }
    }
}

impl AsFd for Udp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// How many datagrams from the front one call may send: of one size, only the last may be shorter.
fn run(datagrams: &[Packet]) -> usize {
    let Some(size) = datagrams.first().map(|first| first.len()) else { return 0 };
    let (mut count, mut total) = (0, 0);
    for datagram in datagrams.iter().take(SEGMENTS) {
        let length = datagram.len();
        if length > size || (count > 0 && total + length > TOGETHER) {
            break;
        }
        count += 1;
        total += length;
        if length < size {
            break;
        }
    }
    count
}

fn address_of(storage: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = storage.as_sockaddr_in() {
        return Some(SocketAddr::V4((*v4).into()));
    }
    let v6 = SocketAddrV6::from(*storage.as_sockaddr_in6()?);
    Some(match v6.ip().to_ipv4_mapped() {
        Some(v4) => SocketAddr::from((v4, v6.port())),
        None => SocketAddr::V6(v6),
    })
}

/// None of this is needed to work.
fn tune(socket: &OwnedFd) {
    let _ = setsockopt(socket, sockopt::RcvBuf, &WAITING);
    let _ = setsockopt(socket, sockopt::SndBuf, &WAITING);
    #[cfg(target_os = "linux")]
    {
        let _ = setsockopt(socket, sockopt::RcvBufForce, &WAITING);
        let _ = setsockopt(socket, sockopt::SndBufForce, &WAITING);
        let _ = setsockopt(socket, sockopt::UdpGroSegment, &true);
        // As the kernel's WireGuard: a router on the way may take a packet apart, so that a path which is narrower than it says, and
        // loses the complaints about it, still carries the tunnel. IPv6 has no such thing.
        let _ = set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::DONT);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = nix::fcntl::fcntl(socket, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC));
}

/// Has each datagram come with the address that it was sent to. An IPv6 socket tells IPv4 addresses in the same way. Where the system
/// cannot, answers go from the address that it prefers.
fn learn_local(socket: &OwnedFd, v6: bool) {
    let _ = if v6 {
        setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)
    } else {
        setsockopt(socket, sockopt::Ipv4PacketInfo, &true)
    };
}

/// Room for what [`Udp::receive`] is told beside the datagrams.
pub(super) fn control() -> Vec<u8> {
    nix::cmsg_space!(libc::c_int, libc::in6_pktinfo)
}

#[cfg(target_os = "linux")]
fn segments_of(size: &u16) -> Option<ControlMessage<'_>> {
    Some(ControlMessage::UdpGsoSegments(size))
}

#[cfg(not(target_os = "linux"))]
fn segments_of(_size: &u16) -> Option<ControlMessage<'_>> {
    None
}

#[cfg(target_os = "linux")]
fn segment_size(message: &ControlMessageOwned) -> Option<usize> {
    let ControlMessageOwned::UdpGroSegments(size) = message else { return None };
    usize::try_from(*size).ok().filter(|&size| size > 0)
}

#[cfg(not(target_os = "linux"))]
fn segment_size(_message: &ControlMessageOwned) -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagrams(sizes: &[usize]) -> Vec<Packet> {
        sizes.iter().enumerate().map(|(n, &size)| Packet::copy_from(vec![n as u8; size].as_slice())).collect()
    }

    fn at(address: &str, port: u16) -> Endpoint {
        SocketAddr::from((address.parse::<IpAddr>().unwrap(), port)).into()
    }

    /// Everything that arrives, taken apart.
    fn received(at: &Udp, count: usize) -> Vec<Vec<u8>> {
        let (mut buffer, mut control, mut all) = (vec![0; DATAGRAMS], control(), Vec::new());
        let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while all.len() < count && std::time::Instant::now() < end {
            match at.receive(&mut buffer, &mut control) {
                Ok(got) => all.extend(buffer[..got.length].chunks(got.size).map(<[u8]>::to_vec)),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
        all
    }

    #[test]
    fn only_the_last_of_a_run_is_shorter() {
        assert_eq!(run(&datagrams(&[100, 100, 50, 100])), 3);
        assert_eq!(run(&datagrams(&[100, 200])), 1);
        assert_eq!(run(&datagrams(&[1; 70])), SEGMENTS);
        assert_eq!(run(&datagrams(&[30_000; 3])), 2);
        assert_eq!(run(&[]), 0);
    }

    #[test]
    fn datagrams_of_all_sizes_arrive_in_order_over_both_families() {
        let (one, two) = (Udp::bind(0, false).unwrap(), Udp::bind(0, false).unwrap());
        let sizes: Vec<usize> = [[1400; 50].as_slice(), &[700, 1, 1400, 1400, 9000, 9000, 1]].concat();
        for local in ["127.0.0.1", "::1"] {
            if std::net::UdpSocket::bind((local, 0)).is_err() {
                continue;
            }
            let sent = datagrams(&sizes);
            one.send(&sent, &mut at(local, two.port()));
            let arrived = received(&two, sent.len());
            assert!(arrived.iter().map(Vec::as_slice).eq(sent.iter().map(|packet| &packet[..])), "{local}");
        }
    }

    #[test]
    fn what_is_refused_goes_one_by_one() {
        let (one, two) = (Udp::bind(0, false).unwrap(), Udp::bind(0, false).unwrap());
        one.refused.store(0, Relaxed);
        let sent = datagrams(&[1400; 20]);
        one.send(&sent, &mut at("127.0.0.1", two.port()));
        assert_eq!(received(&two, 20).len(), 20);
        one.forget_refusal();
        // More than the path carries in one datagram: the kernel refuses to segment, and sends fragments instead.
        let sent = datagrams(&[65_400; 1]);
        one.send(&sent, &mut at("127.0.0.1", two.port()));
        assert_eq!(received(&two, 1).len(), 1);
    }

    /// What is sent to one of our addresses, and where the answers to it come from.
    fn asked(serving: &Udp, own: &str) -> Option<(Endpoint, Vec<IpAddr>)> {
        let own: IpAddr = own.parse().unwrap();
        let asking = std::net::UdpSocket::bind((own, 0)).ok()?;
        asking.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        asking.send_to(&[1], (own, serving.port())).unwrap();
        nix::poll::poll(
            &mut [nix::poll::PollFd::new(serving.as_fd(), nix::poll::PollFlags::POLLIN)],
            nix::poll::PollTimeout::from(10_000u16),
        )
        .unwrap();
        let asked = serving.receive(&mut [0; 100], &mut control()).unwrap().from;
        assert_eq!(asked.remote, asking.local_addr().unwrap());
        let mut to = asked;
        serving.send(&datagrams(&[100, 100, 100, 200]), &mut to);
        assert_eq!(to, asked, "nothing is wrong with the address");
        let answers = (0..4).map(|_| asking.recv_from(&mut [0; 300]).unwrap().1.ip());
        Some((asked, answers.collect()))
    }

    #[test]
    fn answers_go_from_the_address_that_was_asked() {
        let v4_only = Udp::bind_to((Ipv4Addr::UNSPECIFIED, 0).into(), true).unwrap();
        for (serving, own) in [
            (&Udp::bind(0, true).unwrap(), ["127.0.0.1", "127.0.0.2", "::1"].as_slice()),
            (&v4_only, &["127.0.0.1", "127.0.0.2"]),
        ] {
            for own in own {
                // The system may be without IPv6.
                let Some((asked, answers)) = asked(serving, own) else { continue };
                assert_eq!(asked.local, Some(own.parse().unwrap()));
                assert_eq!(answers, [asked.local.unwrap(); 4]);
            }
        }
    }

    #[test]
    fn who_does_not_serve_keeps_no_address_of_its_own() {
        let (asked, _) = asked(&Udp::bind(0, false).unwrap(), "127.0.0.2").unwrap();
        assert_eq!(asked.local, None);
    }

    #[test]
    fn an_address_that_is_gone_is_forgotten_and_nothing_is_lost() {
        let (one, two) = (Udp::bind(0, true).unwrap(), Udp::bind(0, false).unwrap());
        for (local, gone) in [("127.0.0.1", "192.0.2.1"), ("::1", "2001:db8::1")] {
            if std::net::UdpSocket::bind((local, 0)).is_err() {
                continue;
            }
            let mut to = Endpoint { local: Some(gone.parse().unwrap()), ..at(local, two.port()) };
            let sent = datagrams(&[1400, 1400, 7]);
            one.send(&sent, &mut to);
            assert_eq!(to.local, None);
            assert_eq!(received(&two, 3).len(), 3);
        }
    }
}
