//! The machine against its rules: every short sequence of inputs, random long ones, and the stories one by one.

mod ends;
mod exhaustive;
mod handoff;
mod liveness;
mod mutants;
mod new_keys;
mod random;
mod rules;
mod stories;
mod table;
mod token;
mod world;

use flexnet_protocol::{
    Fault, FaultCode, Key, Secret,
    desk::{DeskContact, Holidays},
    gateway::{Grant, TrafficPolicy, TunnelGrant},
    local::Credentials,
    snapshot::{Carrier, Counted, Portal, Snapshot, State},
};

use crate::{Command, Counters, Facts, Input, Machine, Now, Output, Proof};

const PASSWORD: &str = "p4ssw0rt-geheim";
const TAN: &str = "048159";
const OTHER_TAN: &str = "926532";
/// Two that nobody signs in with.
const NEXT_TANS: [&str; 2] = ["555001", "555002"];
const TICKET: &str = "MDEyMzQ1Njc4OWFiY2RlZg";
const DIGITS: &str = "47";
const NAME: &str = "Dr. Martina Muster";
const OTHER_NAME: &str = "Dr. Otto Andermann";
const SESSION_TOKEN: &str = "t0ken-of-the-session";
const START: Now = Now { mono_ms: 1_000_000, unix: 1_795_000_000 };
/// The grant's absolute end after [`START`].
const SESSION_SECONDS: i64 = 36_000;
const IDLE_SECONDS: i64 = 1800;
/// The gateway's clock, against this PC's.
const GATEWAY_AHEAD: i64 = 7_777;

/// A machine, or one that was broken on purpose.
trait Sut: Clone {
    fn handle(&mut self, now: Now, input: Input) -> Vec<Output>;
    fn machine(&self) -> &Machine;

    fn state(&self) -> State {
        self.machine().phase().shown()
    }
}

impl Sut for Machine {
    fn handle(&mut self, now: Now, input: Input) -> Vec<Output> {
        Self::handle(self, now, input)
    }

    fn machine(&self) -> &Machine {
        self
    }
}

fn machine() -> Machine {
    let desk = DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231 94 32 99 00".into(),
        phone_uri: "+4923194329900".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: Holidays::None,
        hours: Vec::new(),
    };
    let portal = Portal { url: "http://portal.snk.example/".into(), hosts: vec!["portal.snk.example".into()] };
    Machine::new(Facts { version: "0.1.0".into(), organisation: "Muster-KV".into(), desk, portal }, [3; 16])
}

fn entry(tan: &str) -> Credentials {
    Credentials { username: "m.muster".into(), password: Secret::new(PASSWORD), tan: Secret::new(tan) }
}

fn sign_in(tan: &str) -> Input {
    Input::Command(Command::SignIn(entry(tan)))
}

fn redeem() -> Input {
    Input::Command(Command::Redeem(Secret::new(TICKET)))
}

fn to_confirm() -> Input {
    Input::ToConfirm { display_name: Some(NAME.into()), digits: DIGITS.into(), seconds: 60 }
}

fn is_own(name: Option<&str>) -> Input {
    Input::Command(Command::ConfirmIdentity(name.map(str::to_owned)))
}

fn resync([first, second]: [&str; 2]) -> Input {
    Input::Command(Command::ResyncToken([Secret::new(first), Secret::new(second)]))
}

fn preshared_key() -> Key {
    Key::new([0xA7; 32])
}

fn granted(policy: TrafficPolicy) -> Input {
    Input::SignedIn(Box::new(grant(policy)))
}

fn resumed() -> Input {
    Input::Resumed(Box::new(grant(TrafficPolicy::PortalOnlyRoutes)))
}

/// The gateway's word that the session lives and is used until so long after [`START`]. Its clock is another one than this PC's.
fn lives(used: i64) -> Input {
    let started = START.unix + GATEWAY_AHEAD;
    let absolute_end = started + SESSION_SECONDS;
    Input::SessionLives { started, absolute_end, idle_end: (started + used + IDLE_SECONDS).min(absolute_end) }
}

fn grant(policy: TrafficPolicy) -> Grant {
    Grant {
        session_id: "s-1".into(),
        session_token: Secret::new(SESSION_TOKEN),
        absolute_end: START.unix + SESSION_SECONDS,
        idle_seconds: 1800,
        failures_before: 2,
        last_sign_in: None,
        display_name: NAME.into(),
        portal_url: "http://portal.snk.example/".into(),
        tunnel: TunnelGrant {
            gateway_public_key: Key::new([1; 32]),
            preshared_key: preshared_key(),
            endpoints: vec!["203.0.113.10:51820".parse().unwrap()],
            addresses: vec!["10.200.0.2/32".parse().unwrap()],
            portal_networks: vec!["10.210.0.0/24".parse().unwrap()],
            dns_servers: vec!["10.210.0.53".parse().unwrap()],
            dns_domains: vec!["snk.example".into()],
            portal_hosts: Vec::new(),
            mtu: 1420,
            keepalive_seconds: 25,
            policy,
        },
    }
}

fn refused(attempts_left: u8) -> Input {
    not_signed_in(FaultCode::Refused, Counted::Yes, Some(attempts_left))
}

fn not_signed_in(code: FaultCode, counted: Counted, attempts_left: Option<u8>) -> Input {
    Input::NotSignedIn { fault: code.into(), counted, attempts_left, until: None }
}

fn proven() -> Input {
    Input::Probed(Proof { handshake: true, network_ms: Some(21), portal: Ok(()), carrier: Carrier::Udp })
}

fn without_portal() -> Input {
    Input::Probed(Proof {
        handshake: true,
        network_ms: Some(21),
        portal: Err(FaultCode::PortalSilent.into()),
        carrier: Carrier::Udp,
    })
}

fn only_tunnel() -> Input {
    let portal = Err(Fault::new(FaultCode::PortalNameService, "10.210.0.53: time-out"));
    Input::Probed(Proof { handshake: true, network_ms: None, portal, carrier: Carrier::Udp })
}

fn silent() -> Input {
    Input::Probed(Proof {
        handshake: false,
        network_ms: None,
        portal: Err(FaultCode::PortalSilent.into()),
        carrier: Carrier::Udp,
    })
}

fn measured(received: u64, sent: u64) -> Input {
    Input::Measured(Counters { received, sent, handshake_age: Some(60) })
}

/// Inputs from [`START`] to a proven tunnel.
fn to_connected() -> Vec<Input> {
    vec![sign_in(TAN), Input::GatewayReached, granted(TrafficPolicy::PortalOnlyRoutes), Input::Applied, proven()]
}

fn later(now: Now, milliseconds: u64) -> Now {
    Now {
        mono_ms: now.mono_ms + milliseconds,
        unix: START.unix + i64::try_from((now.mono_ms + milliseconds - START.mono_ms) / 1000).unwrap(),
    }
}

/// A machine with a clock, for stories.
struct Told {
    machine: Machine,
    now: Now,
    /// The gateway gives echoes, which then are not part of the story.
    echoes: bool,
}

impl Told {
    fn new(inputs: Vec<Input>) -> Self {
        let mut told = Self { machine: machine(), now: START, echoes: true };
        for input in inputs {
            told.tell(input);
        }
        told
    }

    /// Everything that is wanted but the picture.
    fn tell(&mut self, input: Input) -> Vec<Output> {
        let mut todo = self.machine.handle(self.now, input);
        todo.retain(|output| !matches!(output, Output::Publish(_)));
        if self.echoes && todo.contains(&Output::Echo) {
            todo.retain(|output| *output != Output::Echo);
            todo.extend(self.tell(Input::Echoed(true)));
        }
        todo
    }

    /// Lets time pass, waking when the machine wants it; everything that is wanted on the way, with the milliseconds passed.
    fn pass(&mut self, milliseconds: u64) -> Vec<(u64, Output)> {
        let (begin, end) = (self.now.mono_ms, self.now.mono_ms + milliseconds);
        let mut seen = Vec::new();
        while let Some(at) = self.machine.wakes_at().filter(|at| *at <= end) {
            assert!(at > self.now.mono_ms || at == 0, "a busy loop");
            self.now = later(self.now, at - self.now.mono_ms);
            seen.extend(self.tell(Input::Tick).into_iter().map(|output| (at - begin, output)));
        }
        self.now = later(self.now, end - self.now.mono_ms);
        seen
    }

    fn state(&self) -> State {
        self.snapshot().state
    }

    fn snapshot(&self) -> Snapshot {
        self.machine.snapshot(self.now)
    }
}
