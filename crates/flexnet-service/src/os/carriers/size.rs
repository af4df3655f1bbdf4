//! The largest inner packet that the way carries, found by echoes of that size (RFC 8899): where a router drops what is too large and its
//! word about it is lost, nothing else tells. Pure, as [`super::Carriers`] is. A gateway that does not echo leaves the granted size as it is.

/// IPv6 needs it inside the tunnel (RFC 8200 §5).
const LEAST: u16 = 1280;
/// Sizes that are tried below the granted one: PPPoE, DS-Lite, and tunnels in tunnels.
const SMALLER: [u16; 10] = [1412, 1400, 1392, 1380, 1372, 1360, 1340, 1320, 1300, LEAST];
/// How long an echo may take, and how often it is asked for.
const ANSWER: u64 = 400;
const TRIES: u8 = 3;
/// The size that is used is looked at so often.
const CHECK: u64 = 60_000;
/// So many checks later a larger one is tried again (RFC 8899 §5.1.1, PMTU_RAISE_TIMER of 600 seconds).
const RAISE: u8 = 10;

/// The size of one tunnel's inner packets.
#[derive(Debug)]
pub(crate) struct Size {
    granted: u16,
    used: u16,
    state: State,
    checks: u8,
}

#[derive(Debug)]
enum State {
    /// The way has no such limit.
    Off,
    Rest {
        until: u64,
    },
    /// `all`: every size; else the one that should pass.
    Ask {
        sizes: Vec<u16>,
        passed: Option<u16>,
        tries: u8,
        until: u64,
        all: bool,
    },
}

impl Size {
    /// Begins with the granted size.
    pub(crate) const fn new(granted: u16) -> Self {
        Self { granted, used: granted, state: State::Off, checks: 0 }
    }

    /// What the device should have.
    pub(crate) const fn used(&self) -> u16 {
        self.used
    }

    /// UDP carries, by a way that may be another one.
    pub(crate) fn begin(&mut self, now: u64) {
        self.checks = 0;
        self.ask(now, vec![self.granted], false);
    }

    /// Something carries that cuts packets itself.
    pub(crate) fn end(&mut self) {
        self.used = self.granted;
        self.state = State::Off;
    }

    /// An echo of this size has come.
    pub(crate) fn echoed(&mut self, size: u16) {
        if let State::Ask { sizes, passed, .. } = &mut self.state
            && sizes.contains(&size)
        {
            // What is smaller passes as well.
            sizes.retain(|other| *other > size);
            *passed = Some(passed.map_or(size, |before| before.max(size)));
        }
    }

    pub(crate) const fn wakes_at(&self) -> Option<u64> {
        match self.state {
            State::Off => None,
            State::Rest { until } | State::Ask { until, .. } => Some(until),
        }
    }

    /// Sizes to ask for now.
    pub(crate) fn due(&mut self, now: u64) -> Vec<u16> {
        match &mut self.state {
            State::Off => Vec::new(),
            State::Rest { until } if now < *until => Vec::new(),
            State::Rest { .. } => {
                self.checks += 1;
                let raise = self.checks.is_multiple_of(RAISE);
                self.ask(now, vec![if raise { self.granted } else { self.used }], false);
                self.due(now)
            }
            State::Ask { sizes, .. } if sizes.is_empty() => {
                self.settle(now);
                Vec::new()
            }
            State::Ask { until, .. } if now < *until => Vec::new(),
            State::Ask { sizes, tries, until, .. } if *tries < TRIES => {
                *tries += 1;
                *until = now + ANSWER;
                sizes.clone()
            }
            State::Ask { all: true, .. } => {
                self.settle(now);
                Vec::new()
            }
            State::Ask { .. } => {
                let granted = self.granted;
                let smaller = SMALLER.into_iter().filter(|size| *size < granted);
                self.ask(now, std::iter::once(granted).chain(smaller).collect(), true);
                self.due(now)
            }
        }
    }

    fn ask(&mut self, now: u64, mut sizes: Vec<u16>, all: bool) {
        sizes.retain(|size| *size >= LEAST);
        self.state = State::Ask { sizes, passed: None, tries: 0, until: now, all };
    }

    fn settle(&mut self, now: u64) {
        if let State::Ask { passed: Some(passed), .. } = self.state {
            self.used = passed;
        }
        self.state = State::Rest { until: now + CHECK };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets time pass over a way that carries packets up to `limit`; what was asked for.
    fn pass(size: &mut Size, now: &mut u64, time: u64, limit: u16) -> usize {
        let (end, mut asked) = (*now + time, 0);
        while *now < end {
            *now += 10;
            let sizes = size.due(*now);
            asked += sizes.len();
            sizes.into_iter().filter(|size| *size <= limit).for_each(|passed| size.echoed(passed));
        }
        asked
    }

    #[test]
    fn a_wide_way_costs_one_echo_and_one_a_minute() {
        let (mut size, mut now) = (Size::new(1420), 0);
        size.begin(now);
        assert_eq!(pass(&mut size, &mut now, 1_000, 1500), 1);
        assert_eq!(size.used(), 1420);
        assert!(pass(&mut size, &mut now, 600_000, 1500) <= 10);
    }

    #[test]
    fn a_black_hole_is_found_within_four_seconds_and_left_when_the_way_is_wide_again() {
        for (limit, found) in [(1419, 1412), (1400, 1400), (1341, 1340), (1280, 1280)] {
            let (mut size, mut now) = (Size::new(1420), 0);
            size.begin(now);
            pass(&mut size, &mut now, 4_000, limit);
            assert_eq!(size.used(), found);
            // Once it is known it costs no more.
            assert!(pass(&mut size, &mut now, 300_000, limit) <= 6);
            size.begin(now);
            pass(&mut size, &mut now, 1_000, 1500);
            assert_eq!(size.used(), 1420);
        }
    }

    #[test]
    fn a_way_that_becomes_narrow_is_noticed_and_one_that_becomes_wide_too() {
        let (mut size, mut now) = (Size::new(1420), 0);
        size.begin(now);
        pass(&mut size, &mut now, 10_000, 1500);
        pass(&mut size, &mut now, 70_000, 1350);
        assert_eq!(size.used(), 1340);
        pass(&mut size, &mut now, 700_000, 1500);
        assert_eq!(size.used(), 1420);
    }

    #[test]
    fn without_an_echo_nothing_is_changed() {
        let (mut size, mut now) = (Size::new(1420), 0);
        size.begin(now);
        pass(&mut size, &mut now, 600_000, 0);
        assert_eq!(size.used(), 1420);
        size.end();
        assert_eq!(size.wakes_at(), None);
    }
}
