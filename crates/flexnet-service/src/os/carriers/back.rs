//! From 443 back to UDP: only when it answers steadily, and the less often it held, the later. So a UDP that works now and then makes nothing flap.

/// The first look after 443 has taken over, and the time between two looks.
const WAIT: u64 = 5_000;
/// The longest time between two looks.
const LONGEST: u64 = 600_000;
/// So many echoes in a row are steady.
const STEADY: u32 = 6;
/// Time for one of them to come back.
const STEP: u64 = 500;
/// UDP that carried for less was no return.
const HELD: u64 = 60_000;

/// What a look wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this endpoint for an echo.
    Echo(usize),
    /// It is steady: let the tunnel use it.
    Return(usize),
}

/// The looks at UDP while 443 carries.
#[derive(Debug)]
pub(super) struct Back {
    next: u64,
    wait: u64,
    endpoint: usize,
    /// Echoes of this look that were asked for and that came.
    asked: u32,
    came: u32,
    /// UDP carries since.
    on_udp: Option<u64>,
}

impl Default for Back {
    fn default() -> Self {
        Self { next: 0, wait: WAIT, endpoint: 0, asked: 0, came: 0, on_udp: None }
    }
}

impl Back {
    /// 443 carries from now on; `endpoint` is the one that carried before.
    pub(super) fn on_443(&mut self, now: u64, endpoint: usize) {
        if let Some(since) = self.on_udp.take() {
            let held = now.saturating_sub(since) >= HELD;
            self.wait = if held { WAIT } else { (self.wait * 2).min(LONGEST) };
        }
        self.endpoint = endpoint;
        self.rest(now);
    }

    /// UDP carries from now on.
    pub(super) fn on_udp(&mut self, now: u64) {
        self.on_udp.get_or_insert(now);
    }

    /// It was steady, and carried nothing.
    pub(super) fn failed(&mut self, now: u64) {
        self.wait = (self.wait * 2).min(LONGEST);
        self.rest(now);
    }

    pub(super) fn echoed(&mut self, endpoint: usize) {
        if endpoint == self.endpoint && self.came < self.asked {
            self.came += 1;
        }
    }

    pub(super) const fn wakes_at(&self) -> u64 {
        self.next
    }

    pub(super) fn due(&mut self, now: u64, endpoints: usize) -> Option<Step> {
        if now < self.next || endpoints == 0 {
            return None;
        }
        if self.came < self.asked {
            self.endpoint = (self.endpoint + 1) % endpoints;
            self.rest(now);
            return None;
        }
        if self.asked >= STEADY {
            self.rest(now);
            return Some(Step::Return(self.endpoint));
        }
        self.asked += 1;
        self.next = now + STEP;
        Some(Step::Echo(self.endpoint))
    }

    fn rest(&mut self, now: u64) {
        (self.asked, self.came) = (0, 0);
        self.next = now + self.wait;
    }
}
