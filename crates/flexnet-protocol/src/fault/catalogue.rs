//! The table. One row a fault: number, name, severity, and the later faults that it explains away.
//! Areas by first digit: 0 rules of use, 1 this PC, 2 the network it is in, 3 names, 4 way to the gateway, 5 gateway, 6 tunnel, 7 sign-in, 8 portal, 9 program.
#![expect(clippy::zero_prefixed_literal, reason = "the three digits as they are read aloud; none is meant as octal")]

/// How bad it is for the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing works until it is mended.
    Stop,
    /// Works, but somebody should look.
    Care,
}

macro_rules! catalogue {
    ($($(#[$doc:meta])* $number:literal $name:ident $severity:ident [$($explained:ident)*];)*) => {
        /// Every failure a person can meet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FaultCode { $($(#[$doc])* $name,)* }

        impl FaultCode {
            /// The whole catalogue, in the order of the numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The three digits.
            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number,)* }
            }

            /// The entry with this number.
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// The nearest faults that it makes; [`FaultCode::explains`] follows them to the end.
            pub const fn explained(self) -> &'static [Self] {
                match self { $(Self::$name => &[$(Self::$explained),*],)* }
            }
        }
    };
}

catalogue! {
    /// The PC has routes of a KV-SafeNet router or a connector: it stands in a practice's network.
    001 SafeNetRoute Care [];
    /// The PC belongs to a domain that somebody else manages.
    002 DomainMember Care [];
    /// The PC stands in two private networks at once.
    003 SecondNetwork Care [];
    /// The way to the internet is a mobile one.
    004 MobileLine Care [];
    /// File shares of a private network are mounted.
    005 PracticeShares Care [];
    /// The PC's clock differs from the gateway's by 30 seconds to five minutes.
    101 ClockDrifts Care [];
    /// The PC's clock differs from the gateway's by more than five minutes.
    102 ClockWrong Stop [CertificateExpired CertificateNotYetValid];
    /// The operating system is no longer mended by its maker.
    103 SystemUnsupported Care [];
    /// Security updates or a restart are waiting.
    104 UpdatesWaiting Care [];
    /// The virus scanner is off, stale or absent.
    105 ScannerOff Care [];
    /// The firewalls that the system names are all off.
    106 FirewallOff Care [];
    /// The operating system's key store is absent or locked: the password cannot be remembered.
    107 KeyringLocked Care [];
    /// Something on this PC forbids our packets.
    108 BlockedHere Stop [InternetGone GatewayRefuses GatewaySilent GatewayUnreachable UdpBlocked];
    /// The disk is full: a change could not be written to the journal and so was not made.
    110 DiskFull Stop [SettingsUnsaved];
    /// The service's state folder cannot be written.
    111 StateReadOnly Stop [];
    /// The settings of this person could not be written.
    112 SettingsUnsaved Care [];
    /// No handles are left: programs cannot open files or connections.
    113 ResourcesExhausted Stop [HomeUnwritable InternetGone GatewaySilent GatewayUnreachable UdpBlocked ServiceDown];
    /// The folder of this person's settings cannot be written, or is not there.
    114 HomeUnwritable Stop [SettingsUnsaved];
    /// No network adapter is there, or all are switched off.
    201 NoAdapter Stop [LinkDown];
    /// No adapter has a link: no cable is plugged, no Wi-Fi joined.
    202 LinkDown Stop [NoAddress];
    /// The router gives no address.
    203 NoAddress Stop [NoDefaultRoute];
    /// Another device on the wire has this PC's address.
    204 DuplicateAddress Stop [];
    /// The PC knows no way out of its own network.
    205 NoDefaultRoute Stop [RouterSilent];
    /// The router does not answer.
    206 RouterSilent Stop [InternetGone CaptivePortal];
    /// The router answers, and nothing behind it.
    207 InternetGone Stop [
        OnlyIpv6 NoNameServers NamesSilent NamesFail NameUnknown NamesRefused NamesTruncated NamesSlow LineLoses
        LineSlow LineDelays Ipv6Broken Ipv4Broken GatewayRefuses GatewaySilent GatewayUnreachable PacketsTooLarge
        UdpBlocked
    ];
    /// The network wants a log-in in the browser first.
    208 CaptivePortal Stop [
        ProxyNeeded ProxyFails ProxyWantsPassword InternetGone NamesFalse NameBlocked ConnectionCut Intercepted
        CertificateUntrusted TlsRefused NotTls TlsSilent
    ];
    /// The network lets nobody out directly, and announces a proxy.
    209 ProxyNeeded Stop [InternetGone GatewayRefuses GatewaySilent GatewayUnreachable ConnectionCut UdpBlocked];
    /// The proxy that is set on this PC is dead, or refuses.
    210 ProxyFails Stop [InternetGone GatewayRefuses GatewaySilent GatewayUnreachable ConnectionCut];
    /// The proxy wants a sign-in that is not in the settings, or not that one.
    211 ProxyWantsPassword Stop [InternetGone GatewayRefuses GatewaySilent GatewayUnreachable ConnectionCut];
    /// The line carries less than a DSL 1000.
    212 LineSlow Care [];
    /// The line loses a tenth of the packets or more.
    213 LineLoses Stop [
        NamesSlow GatewaySilent PacketsTooLarge LargeHelloDropped TlsSilent GatewayHangs UdpThrottled UdpPacketsSmall
        TunnelLost
    ];
    /// A round trip takes more than 300 ms.
    214 LineDelays Care [];
    /// The line has IPv6 only, and no bridge to IPv4 (NAT64).
    215 OnlyIpv6 Stop [GatewayRefuses GatewaySilent GatewayUnreachable];
    /// IPv6 is dead on this line. IPv4 is used.
    216 Ipv6Broken Care [];
    /// IPv4 is dead on this line. IPv6 is used.
    217 Ipv4Broken Care [];
    /// Somebody else's tunnel has the way to the gateway, and leads nowhere.
    218 ForeignVpn Stop [InternetGone CaptivePortal RouteTaken];
    /// The system has no name service set.
    301 NoNameServers Stop [];
    /// The name service is silent, or talks nonsense.
    302 NamesSilent Stop [];
    /// The name service says that it failed (SERVFAIL).
    303 NamesFail Stop [];
    /// The name service says that the gateway's name does not exist (NXDOMAIN).
    304 NameUnknown Stop [];
    /// The name service refuses to answer.
    305 NamesRefused Stop [];
    /// The name service gives a false address for the gateway.
    306 NamesFalse Stop [Intercepted CertificateWrongName CertificateUntrusted];
    /// A filter answers the gateway's name with no address.
    307 NameBlocked Stop [];
    /// The name service takes two seconds or more.
    308 NamesSlow Care [];
    /// The name service cuts its answers, and TCP to it is dead.
    309 NamesTruncated Stop [];
    /// A line of the hosts file bends the gateway's name.
    310 HostsFile Stop [NamesFalse NameUnknown NameBlocked];
    /// The name service that is set stands in a foreign private network: left by another VPN.
    311 ForeignNameServer Stop [NamesSilent NamesFail NameUnknown NamesRefused NamesFalse NameBlocked NamesSlow];
    /// TCP 443 refused by the gateway or a box that speaks for it.
    401 GatewayRefuses Stop [];
    /// TCP 443 silent.
    402 GatewaySilent Stop [TunnelLost];
    /// The connection ends before the gateway says a word.
    403 ConnectionCut Stop [];
    /// Large packets vanish on the way (a path MTU black hole), so TLS hangs.
    404 PacketsTooLarge Stop [LargeHelloDropped TlsSilent GatewayHangs];
    /// A box on the way drops the large ClientHello of the hybrid key exchange, and lets a small one pass.
    405 LargeHelloDropped Stop [];
    /// A program or box intercepts TLS: its authority is in this system's store, or it signs for itself.
    411 Intercepted Stop [];
    /// The gateway's certificate was valid once.
    412 CertificateExpired Stop [];
    /// The gateway's certificate is not valid yet.
    413 CertificateNotYetValid Stop [];
    /// The certificate names another host.
    414 CertificateWrongName Stop [];
    /// The certificate is not from the profile's authority: interception or a wrong profile.
    415 CertificateUntrusted Stop [];
    /// The TLS handshake ended with an alert.
    416 TlsRefused Stop [];
    /// What answers on 443 does not speak TLS.
    417 NotTls Stop [];
    /// TCP connects, TLS stays silent.
    418 TlsSilent Stop [];
    /// The gateway's certificate ends within seven days.
    419 CertificateEndsSoon Care [];
    /// The network says that there is no way to the gateway.
    420 GatewayUnreachable Stop [TunnelLost];
    /// Maintenance, as the gateway itself says.
    501 Maintenance Stop [];
    /// The gateway is being emptied; another one takes over.
    502 GatewayDraining Stop [];
    /// The gateway's database does not answer.
    503 GatewayDatabase Stop [];
    /// The gateway accepts and then says nothing.
    504 GatewayHangs Stop [];
    /// The gateway's answer makes no sense.
    505 GatewayAnswer Stop [];
    /// The gateway wants a newer client.
    506 ClientTooOld Stop [];
    /// The gateway has more sign-ins than it can check.
    508 GatewayBusy Stop [];
    /// Who judges TANs or passwords for the gateway gives no verdict. Nothing was counted.
    509 VerifierSilent Stop [];
    /// UDP to the gateway does not get through. TCP 443 is used.
    601 UdpBlocked Care [];
    /// UDP to the gateway is throttled. TCP has no loss.
    603 UdpThrottled Care [];
    /// Large UDP packets to the gateway vanish.
    604 UdpPacketsSmall Care [];
    /// No handshake with the gateway's tunnel.
    605 TunnelNoHandshake Stop [PortalNameService PortalNoName PortalSilent];
    /// The tunnel stood and went silent.
    606 TunnelLost Care [PortalNameService PortalNoName PortalSilent];
    /// The portal's networks do not lead into our tunnel.
    607 RouteTaken Stop [PortalNameService PortalNoName PortalSilent TunnelLost];
    /// The PC's own network has addresses of the portal's network.
    608 NetworksOverlap Stop [RouteTaken];
    /// The tunnel device could not be made.
    609 TunnelDevice Stop [];
    /// Addresses, routes, name service or packet filter could not be set.
    610 NetworkSettings Stop [];
    /// The gateway offered something outside the installed profile.
    611 GrantOutsideProfile Stop [];
    /// Five wrong entries in a row.
    700 Locked Stop [];
    /// Name, password or TAN was wrong.
    701 Refused Care [];
    /// This TAN was used on this PC before. Nothing was sent.
    702 TanUsed Care [];
    /// Password and TAN were right, the account is switched off.
    705 AccountDisabled Stop [];
    /// The session has ended on the gateway's side.
    707 SessionEnded Care [];
    /// An entry does not have the shape it must have. Nothing was counted.
    709 EntryShape Care [];
    /// The ticket of a sign-in in the browser is over, unknown or used.
    711 HandoffOver Care [];
    /// The member said no in the browser, or two applications came with one ticket.
    712 HandoffRefused Care [];
    /// Two TANs did not bring a token back into step. Counted.
    713 TokenOutOfStep Care [];
    /// The token that shows these TANs was reported lost.
    714 TokenLost Stop [];
    /// The link that should hand over a sign-in is not whole, or none of ours.
    715 LinkBroken Care [];
    /// A sign-in was handed over while a session lives.
    716 AlreadySignedIn Care [];
    /// The name service inside the portal's network is silent.
    801 PortalNameService Stop [PortalSilent PortalMaintenance PortalSlow PortalPagesCut];
    /// The portal has no name inside.
    802 PortalNoName Stop [PortalSilent PortalMaintenance PortalSlow PortalPagesCut];
    /// The tunnel stands, the portal does not answer.
    803 PortalSilent Stop [];
    /// The portal says 503.
    804 PortalMaintenance Stop [];
    /// The portal connects and says no word in four seconds.
    805 PortalSlow Stop [];
    /// Small answers of the portal come, its pages do not.
    806 PortalPagesCut Stop [];
    /// The service is not installed.
    901 NotInstalled Stop [ServiceDown ProfileBroken];
    /// The service is not running.
    902 ServiceDown Stop [];
    /// The service does not answer.
    903 ServiceHangs Stop [];
    /// Service and window are of different versions.
    904 VersionsDiffer Stop [];
    /// Something else sits on the service's socket.
    905 ServiceImpostor Stop [];
    /// Changes of an earlier session could not all be undone.
    906 Leftovers Stop [];
    /// The installed profile is missing or cannot be read.
    907 ProfileBroken Stop [];
    /// This user may not talk to the service.
    908 NotPermitted Stop [];
    /// The setup runs at this moment.
    909 SetupRuns Stop [NotInstalled ServiceDown ServiceHangs VersionsDiffer ProfileBroken];
    /// A message on the local socket makes no sense.
    910 BadRequest Stop [];
    /// This part is not built for this operating system yet.
    911 NotOnThisSystem Stop [];
    /// The service is busy with something that must end first.
    912 Busy Care [];
    /// A defect of ours.
    999 Internal Stop [];
}
