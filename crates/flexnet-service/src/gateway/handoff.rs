//! A sign-in that was made on the gateway's page goes on here: the ticket is shown, the member says here whose it is and confirms there, the session is
//! fetched. Before the member's word nothing is asked that could begin one. The same bytes are sent each time, over a fresh connection where one is lost:
//! any others would end the hand-off.

use std::{convert::Infallible, time::Duration};

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::{Grant, Handoff, Problem, Redeem, is_display_name},
    snapshot::Counted,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout, timeout_at},
};
use zeroize::Zeroizing;

use super::{
    Connection, Gateway,
    http::{Call, json},
    sign_in::{Refusal, refused},
};

/// How long the gateway may wait for the confirmation before it answers.
const WAIT_SECONDS: u16 = 25;
/// From the ticket to its digits.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// A gateway that answers at once and says nothing new is asked no more often.
const PACE: Duration = Duration::from_millis(500);
/// Between two tries to reach a gateway that is gone.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// What the member has to confirm in, where the gateway's clock cannot be asked.
const USUAL_SECONDS: i64 = 60;
/// The gateway says itself that it is over. This is for an answer that was lost in the last moment: a session that nobody fetches would live on.
const GRACE: Duration = Duration::from_secs(15);

/// How long the gateway is told that a ticket was given up. It ends by itself as well.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);

/// What the member is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// Whose access it is; `None` if the gateway tells none that can be shown.
    pub display_name: Option<String>,
    /// Two digits.
    pub digits: String,
    /// Too late in so many seconds.
    pub seconds: u32,
}

/// The member at this PC.
pub struct Member {
    /// Told once the member has said that it is their own access; closed when they give it up before that.
    pub own: oneshot::Receiver<()>,
    /// Closed when they give it up.
    pub given_up: oneshot::Receiver<()>,
}

/// What came of showing the ticket.
enum Shown {
    /// The member has not confirmed yet.
    Waits(Handoff),
    Open(Box<Grant>),
    Refused(Refusal),
}

/// Redeems a ticket over a proven connection, and tells once what is to be confirmed. Gives back the connection that answered.
/// A session that the gateway begins unasked is given back as well: it is not for this side to keep it.
///
/// # Errors
/// [`Refusal`]; none of them was counted.
pub async fn redeem<F: Future<Output = ()>>(
    gateway: &Gateway,
    connection: Connection,
    request: &Redeem,
    member: Member,
    tell: impl FnOnce(Confirm) -> F,
) -> Result<(Connection, Grant), Refusal> {
    let body = json(request).map_err(Refusal::unsent)?;
    let taken = Instant::now() + TAKEN_WITHIN;
    let (mut connection, shown) = show(gateway, Some(connection), &body, 0, taken).await?;
    let handoff = match shown {
        Shown::Open(grant) => return Ok((connection, *grant)),
        Shown::Refused(refusal) => return Err(refusal),
        Shown::Waits(handoff) => handoff,
    };
    let seconds = seconds_left(&mut connection, &handoff).await;
    let display_name = handoff.display_name.filter(|name| is_display_name(name));
    tell(Confirm { display_name, digits: handoff.digits, seconds }).await;
    let over = Instant::now() + Duration::from_secs(seconds.into()) + GRACE;
    let Member { own, given_up } = member;
    if !matches!(timeout_at(over, own).await, Ok(Ok(()))) {
        refuse(gateway, Some(connection), &body).await;
        return Err(Refusal::unsent(FaultCode::HandoffRefused.into()));
    }
    let giving_up = async {
        // Its end is the word: nothing is ever sent.
        drop(given_up.await);
        refuse(gateway, None, &body).await;
        // What became of it is the answer to the request that waits.
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        fetched = fetch(gateway, connection, &body, over) => fetched,
        never = giving_up => match never {},
    }
}

/// Waits for the page's yes, and for the session.
async fn fetch(
    gateway: &Gateway,
    mut connection: Connection,
    body: &Zeroizing<Vec<u8>>,
    over: Instant,
) -> Result<(Connection, Grant), Refusal> {
    loop {
        let asked = Instant::now();
        let shown = show(gateway, Some(connection), body, WAIT_SECONDS, over).await?;
        connection = match shown {
            (connection, Shown::Open(grant)) => return Ok((connection, *grant)),
            (_, Shown::Refused(refusal)) => return Err(refusal),
            (connection, Shown::Waits(_)) => connection,
        };
        tokio::time::sleep_until(asked + PACE).await;
    }
}

/// Makes the ticket void at the gateway. Best effort.
async fn refuse(gateway: &Gateway, connection: Option<Connection>, body: &Zeroizing<Vec<u8>>) {
    let told = timeout(REFUSED_WITHIN, async {
        let mut connection = match connection.filter(Connection::usable) {
            Some(connection) => connection,
            None => gateway.connect().await?,
        };
        let path = "/v1/sessions/redeem/refuse";
        let call = Call { method: "POST", path, body: Some(body.clone()), ..Call::default() };
        match connection.call(call).await?.problem()? {
            None => Ok(()),
            Some(problem) => Err(Fault::from(problem.fault)),
        }
    });
    match told.await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => tracing::info!(%fault, "the gateway was not told that a link was given up"),
        Err(_) => tracing::info!("the gateway did not answer that a link was given up"),
    }
}

/// Shows the ticket until there is an answer, over as many connections as that takes.
async fn show(
    gateway: &Gateway,
    mut connection: Option<Connection>,
    body: &Zeroizing<Vec<u8>>,
    wait_seconds: u16,
    until: Instant,
) -> Result<(Connection, Shown), Refusal> {
    let mut last = Fault::from(FaultCode::HandoffOver);
    let asking = async {
        loop {
            let connected = match connection.take().filter(Connection::usable) {
                Some(connection) => Ok(connection),
                None => gateway.connect().await,
            };
            match connected {
                Ok(mut connection) => match connection.redeem(body.clone(), wait_seconds).await {
                    Ok(shown) => return (connection, shown),
                    Err(fault) => last = fault,
                },
                Err(fault) => last = fault,
            }
            sleep(AGAIN_AFTER).await;
        }
    };
    match timeout_at(until, asking).await {
        Ok(shown) => Ok(shown),
        Err(_) => Err(Refusal::unsent(last)),
    }
}

/// By the gateway's clock, so that this PC's need not be right.
async fn seconds_left(connection: &mut Connection, handoff: &Handoff) -> u32 {
    let left = connection.info().await.map_or(USUAL_SECONDS, |info| handoff.expires.saturating_sub(info.server_time));
    u32::try_from(left.clamp(1, 3_600)).unwrap_or(1)
}

impl Connection {
    async fn redeem(&mut self, body: Zeroizing<Vec<u8>>, wait_seconds: u16) -> Result<Shown, Fault> {
        let path = "/v1/sessions/redeem";
        let answer =
            self.call(Call { method: "POST", path, body: Some(body), wait_seconds, ..Call::default() }).await?;
        if answer.is_accepted() {
            return Ok(match answer.into_result::<Handoff>()? {
                Ok(handoff) => Shown::Waits(handoff),
                Err(problem) => Shown::Refused(not_counted(problem)),
            });
        }
        Ok(match answer.into_result::<Grant>()? {
            Ok(grant) => Shown::Open(Box::new(grant)),
            Err(problem) => Shown::Refused(not_counted(problem)),
        })
    }
}

/// The page has counted the entry; what becomes of its ticket is no other attempt.
fn not_counted(problem: Problem) -> Refusal {
    Refusal { counted: Counted::No, ..refused(problem) }
}
