//! A world of ways that come and go, and what must hold in it.

use proptest::prelude::*;

use super::{race::HEAD_START, *};

/// Round trip by UDP, and the time until 443 stands.
const TRIP: u64 = 40;
const OPENS: u64 = 200;

/// What comes back, and when.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Echo(usize),
    Heard(Way),
    /// To the initiation of this number.
    Agreed(Way, u64),
    Opened(bool),
}

/// Endpoints and 443 that can be switched off.
struct World {
    carriers: Carriers,
    now: u64,
    udp: Vec<bool>,
    https: bool,
    /// A kernel's WireGuard does not echo.
    echoes: bool,
    /// What holds back WireGuard and lets echoes through.
    wireguard: bool,
    relay: bool,
    trip: u64,
    initiations: u64,
    coming: Vec<(u64, Answer)>,
    received: u64,
    sent: u64,
    gone: Vec<(u64, Way)>,
}

impl World {
    fn new(udp: &[bool], https: bool) -> Self {
        Self {
            carriers: Carriers::new(udp.len(), 0, true),
            now: 1_000,
            udp: udp.to_vec(),
            https,
            echoes: true,
            wireguard: true,
            relay: false,
            trip: TRIP,
            initiations: 0,
            coming: Vec::new(),
            received: 0,
            sent: 0,
            gone: Vec::new(),
        }
    }

    /// Everything begins anew; what was under way is lost.
    fn race(&mut self) {
        self.coming.retain(|(_, answer)| matches!(answer, Answer::Opened(_)));
        let todo = self.carriers.race(self.now, self.carriers.carried());
        self.perform(todo);
    }

    fn carries(&self, way: Way) -> bool {
        match way {
            Way::Udp(endpoint) => self.udp[endpoint] && self.wireguard,
            Way::Https => self.https && self.relay,
        }
    }

    fn perform(&mut self, todo: Vec<Action>) {
        for action in todo {
            match action {
                Action::Echo(endpoint) if self.udp[endpoint] && self.echoes => {
                    self.coming.push((self.now + self.trip, Answer::Echo(endpoint)));
                }
                Action::Echo(_) => {}
                Action::Shake => self.invite(self.carriers.way()),
                Action::Go(way) => {
                    assert!(way != Way::Https || self.relay, "the tunnel was sent by a way that does not stand");
                    self.gone.push((self.now, way));
                    self.invite(way);
                }
                Action::OpenRelay => self.coming.push((self.now + OPENS, Answer::Opened(self.https))),
                Action::CloseRelay => self.relay = false,
            }
        }
    }

    fn invite(&mut self, way: Way) {
        self.sent += 148;
        self.initiations += 1;
        if self.carries(way) {
            self.coming.push((self.now + self.trip, Answer::Agreed(way, self.initiations)));
        }
    }

    /// Lets time pass; with `talk` the member asks for something every 100 ms.
    fn pass(&mut self, time: u64, talk: bool) {
        let end = self.now + time;
        while self.now < end {
            self.now += 10;
            let due: Vec<Answer> =
                self.coming.iter().filter(|(at, _)| *at <= self.now).map(|(_, answer)| *answer).collect();
            self.coming.retain(|(at, _)| *at > self.now);
            for answer in due {
                let todo = match answer {
                    Answer::Echo(endpoint) => self.carriers.echoed(self.now, endpoint),
                    // WireGuard takes the answers to its last two initiations.
                    Answer::Agreed(_, number) if self.initiations - number > 1 => Vec::new(),
                    Answer::Heard(way) | Answer::Agreed(way, _) => {
                        self.received += 92;
                        self.carriers.seen(self.now, self.seen(way))
                    }
                    Answer::Opened(stands) => {
                        self.relay = stands;
                        self.carriers.opened(self.now, stands)
                    }
                };
                self.perform(todo);
            }
            if talk && self.now.is_multiple_of(100) {
                self.sent += 100;
                if self.carries(self.carriers.way()) {
                    self.coming.push((self.now + self.trip, Answer::Heard(self.carriers.way())));
                }
            }
            if self.now.is_multiple_of(500) {
                let todo = self.carriers.seen(self.now, self.seen(self.carriers.way()));
                self.perform(todo);
            }
            if self.carriers.wakes_at().is_some_and(|at| at <= self.now) {
                let todo = self.carriers.tick(self.now);
                self.perform(todo);
                let next = self.carriers.wakes_at();
                assert!(next.is_none_or(|at| at > self.now), "what was due is still due: {:?}", self.carriers);
            }
        }
    }

    fn seen(&self, way: Way) -> Seen {
        Seen { way: Some(way), received: self.received, sent: self.sent }
    }

    fn block_443(&mut self) {
        self.https = false;
        if std::mem::take(&mut self.relay) {
            let todo = self.carriers.ended(self.now);
            self.perform(todo);
        }
    }

    #[track_caller]
    fn expect(&self, way: Way) {
        assert!(self.carriers.proven() && self.carriers.way() == way, "{way:?} expected: {:?}", self.carriers);
    }
}

#[test]
fn udp_that_answers_is_used_and_443_is_never_begun() {
    let mut world = World::new(&[true, true], true);
    world.race();
    world.pass(60_000, true);
    world.expect(Way::Udp(0));
    assert!(!world.relay);
    assert_eq!(world.gone, [(1_000, Way::Udp(0))]);
}

/// Mobile lines, satellites, a full upload: whoever asks faster than they answer never connects.
#[test]
fn a_slow_line_is_waited_for() {
    for trip in [300, 900, 1_300, 2_000] {
        for endpoints in [&[true][..], &[true, true]] {
            let mut world = World::new(endpoints, false);
            world.trip = trip;
            world.race();
            world.pass(15_000, false);
            assert!(world.carriers.proven(), "{trip} ms, {} endpoints: {:?}", endpoints.len(), world.carriers);
        }
    }
}

#[test]
fn a_gateway_without_an_echo_is_proven_by_its_handshake() {
    let mut world = World::new(&[false, true], false);
    world.echoes = false;
    world.race();
    world.pass(2_000, false);
    world.expect(Way::Udp(1));
}

#[test]
fn blocked_udp_costs_the_head_start() {
    let mut world = World::new(&[false], true);
    world.race();
    world.pass(HEAD_START + OPENS + TRIP + 20, false);
    world.expect(Way::Https);
}

#[test]
fn a_filter_that_knows_wireguard_is_passed_by_443_and_does_not_make_it_flap() {
    let mut world = World::new(&[true], true);
    world.wireguard = false;
    world.race();
    world.pass(3_000, false);
    world.expect(Way::Https);
    let switches = world.gone.len();
    world.pass(3_600_000, true);
    world.expect(Way::Https);
    assert!(world.gone.len() - switches < 40, "{} changes in an hour", world.gone.len() - switches);
}

#[test]
fn a_dead_endpoint_is_left_within_three_seconds() {
    for dead in [0, 1] {
        let mut world = World::new(&[true, true], true);
        world.race();
        if dead == 1 {
            world.udp[0] = false;
            world.race();
            world.pass(1_000, false);
            world.expect(Way::Udp(1));
            world.udp[0] = true;
        }
        world.pass(10_000, true);
        world.udp[dead] = false;
        world.pass(3_000, true);
        world.expect(Way::Udp(1 - dead));
    }
}

#[test]
fn udp_that_is_blocked_under_way_is_left_within_three_seconds_and_taken_back_when_it_is_steady() {
    let mut world = World::new(&[true], true);
    world.race();
    world.pass(120_000, true);
    world.udp[0] = false;
    world.pass(3_000, true);
    world.expect(Way::Https);
    world.pass(60_000, true);
    world.udp[0] = true;
    world.pass(12_000, true);
    world.expect(Way::Udp(0));
    assert!(world.relay, "443 is kept for a while");
    world.pass(LINGER, true);
    assert!(!world.relay);
}

#[test]
fn a_change_of_the_network_brings_udp_back_within_two_round_trips() {
    let mut world = World::new(&[false], true);
    world.race();
    world.pass(30_000, true);
    world.expect(Way::Https);
    // Another network: the old connection is dead and does not know it.
    (world.udp[0], world.https) = (true, false);
    world.race();
    world.pass(2 * TRIP + PREFER + 20, false);
    world.expect(Way::Udp(0));
}

#[test]
fn a_network_that_is_back_gives_udp_its_head_start_over_a_443_that_was_being_opened() {
    for (echoed, raced) in [(false, false), (true, false), (false, true)] {
        let mut world = World::new(&[false], false);
        world.race();
        world.pass(4_500, true);
        (world.udp[0], world.https, world.relay) = (true, true, true);
        world.coming.clear();
        if raced {
            world.race();
        }
        if echoed {
            // Its handshake is on its way back.
            let todo = world.carriers.echoed(world.now, 0);
            world.perform(todo);
        }
        let todo = world.carriers.opened(world.now, true);
        world.perform(todo);
        assert_eq!(world.carriers.way(), Way::Udp(0));
        world.pass(2 * TRIP + 20, false);
        world.expect(Way::Udp(0));
    }
}

#[test]
fn a_network_that_is_back_without_a_word_costs_one_round_trip_from_the_next_question() {
    for phase in 0..10 {
        let mut world = World::new(&[true], false);
        world.race();
        world.pass(10_000, true);
        world.udp[0] = false;
        world.pass(1_000, false);
        world.sent += 1000;
        world.pass(10_000 + 100 * phase, false);
        assert!(!world.carriers.proven());
        world.udp[0] = true;
        // Nothing else is sent: a session that has grown old would have to begin anew.
        world.pass(3 * ECHO_EVERY + TRIP + 20, false);
        world.expect(Way::Udp(0));
    }
}

#[test]
fn the_last_word_of_a_443_that_has_ended_proves_nothing() {
    for reopening in [false, true] {
        let mut world = World::new(&[false], true);
        world.race();
        world.pass(10_000, true);
        world.expect(Way::Https);
        if reopening {
            // In doubt about it another one is opened beside it.
            world.race();
            world.coming.clear();
            world.pass(HEAD_START + 20, false);
        }
        world.block_443();
        world.received += 92;
        let todo = world.carriers.seen(world.now, world.seen(Way::Https));
        world.perform(todo);
        assert_eq!((world.carriers.proven(), world.carriers.way()), (false, Way::Udp(0)));
        world.race();
    }
}

#[test]
fn an_idle_tunnel_is_left_alone() {
    let mut world = World::new(&[true], true);
    world.race();
    world.pass(1_000, false);
    let before = world.gone.len();
    world.udp[0] = false;
    world.sent += KEEPALIVE;
    world.pass(3_600_000, false);
    assert_eq!(world.gone.len(), before);
}

#[test]
fn udp_that_comes_and_goes_makes_nothing_flap() {
    let mut world = World::new(&[true], true);
    world.race();
    for round in 0..600_u64 {
        world.udp[0] = round % 2 == 0;
        world.pass(12_000, true);
    }
    // Two hours; each change of way costs about two seconds.
    let changes = world.gone.windows(2).filter(|pair| pair[0].1 != pair[1].1).count();
    assert!(changes < 60, "{changes} changes in two hours");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happened_a_way_that_works_is_found(
        events in prop::collection::vec((0_u8..6, 0_u64..20_000, any::<bool>()), 0..24),
        alive in 0_usize..3,
    ) {
        let mut world = World::new(&[true, true], true);
        world.race();
        for (event, time, talk) in events {
            match event {
                0 | 1 => world.udp[usize::from(event)] ^= true,
                2 if world.https => world.block_443(),
                2 => world.https = true,
                3 => world.race(),
                4 => world.echoes ^= true,
                _ => world.wireguard ^= true,
            }
            world.pass(time, talk);
        }
        world.wireguard = true;
        (world.udp[0], world.udp[1]) = (alive == 0, alive == 1);
        world.https = alive == 2;
        if !world.https {
            world.block_443();
        }
        // The longest patience, if nothing answered for long.
        world.pass(40_000, true);
        let way = if alive == 2 { Way::Https } else { Way::Udp(alive) };
        prop_assert!(world.carriers.proven() && world.carriers.way() == way, "{way:?}: {:?}", world.carriers);
    }
}
