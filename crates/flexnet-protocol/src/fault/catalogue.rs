//! The table. One row a fault: number, name, severity, and the later faults that it explains away.
//! Areas by first digit: 1 this PC, 2 the network it is in, 4 way to the gateway, 5 gateway, 6 tunnel, 7 sign-in, 8 portal, 9 program.

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

            /// Later faults that need not be told while this one stands.
            pub const fn explained(self) -> &'static [Self] {
                match self { $(Self::$name => &[$(Self::$explained),*],)* }
            }
        }
    };
}

catalogue! {
    /// The PC's clock differs from the gateway's by more than five minutes.
    102 ClockWrong Stop [CertificateExpired CertificateNotYetValid];
    /// The operating system's key store is absent or locked: the password cannot be remembered.
    107 KeyringLocked Care [];
    /// The disk is full: a change could not be written to the journal and so was not made.
    110 DiskFull Stop [];
    /// The service's state folder cannot be written.
    111 StateReadOnly Stop [];
    /// The settings of this person could not be written.
    112 SettingsUnsaved Care [];
    /// The proxy that is set on this PC is dead, or refuses.
    210 ProxyFails Stop [];
    /// The proxy wants a sign-in that is not in the settings, or not that one.
    211 ProxyWantsPassword Stop [];
    /// TCP 443 refused by the gateway or a box that speaks for it.
    401 GatewayRefuses Stop [];
    /// TCP 443 silent.
    402 GatewaySilent Stop [];
    /// The connection ends before the gateway says a word.
    403 ConnectionCut Stop [];
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
    /// The network says that there is no way to the gateway.
    420 GatewayUnreachable Stop [];
    /// Maintenance, as the gateway itself says.
    501 Maintenance Stop [];
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
    /// No handshake with the gateway's tunnel.
    605 TunnelNoHandshake Stop [PortalNameService PortalSilent];
    /// The tunnel stood and went silent.
    606 TunnelLost Care [];
    /// The PC's own network has addresses of the portal's network.
    608 NetworksOverlap Stop [];
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
    801 PortalNameService Stop [];
    /// The portal has no name inside.
    802 PortalNoName Stop [];
    /// The tunnel stands, the portal does not answer.
    803 PortalSilent Stop [];
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
    /// A message on the local socket makes no sense.
    910 BadRequest Stop [];
    /// This part is not built for this operating system yet.
    911 NotOnThisSystem Stop [];
    /// The service is busy with something that must end first.
    912 Busy Care [];
    /// A defect of ours.
    999 Internal Stop [];
}
