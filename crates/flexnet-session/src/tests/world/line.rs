//! The way from the PC to the gateway and into the portal's network: what is broken of it now, and since when.

/// Whether and how fast something passes.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// One way, in milliseconds.
    pub(super) latency: u64,
    /// Of a hundred looks and questions so many are lost.
    pub(super) loss: u64,
    /// The PC has a network.
    pub(super) network: bool,
    /// UDP passes.
    pub(super) udp: bool,
    /// The portal's network answers behind the gateway.
    pub(super) portal: bool,
}

impl Line {
    pub(super) const fn new(latency: u64, loss: u64) -> Self {
        Self { latency, loss, network: true, udp: true, portal: true }
    }

    pub(super) const fn mend(&mut self) {
        (self.network, self.udp, self.portal) = (true, true, true);
    }
}
