//! One attempt. If its answer is lost, the same attempt is sent once more over a fresh connection:
//! the gateway knows its id and gives the same outcome, counted once.

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::{Grant, Problem, SignIn},
    snapshot::Counted,
};

use super::{
    Connection, Gateway,
    http::{Call, json},
};

/// An attempt that opened nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub fault: Fault,
    /// Whether the gateway counted it, as far as this side can know.
    pub counted: Counted,
    /// Entries left before the lock.
    pub attempts_left: Option<u8>,
    /// Maintenance should be over at, seconds since 1970 UTC.
    pub until: Option<i64>,
}

impl Refusal {
    /// A failure before anything was sent.
    pub fn unsent(fault: Fault) -> Self {
        Self { fault, counted: Counted::No, attempts_left: None, until: None }
    }
}

/// Signs in over a proven connection. Gives back the one that answered, for the session's later calls.
///
/// # Errors
/// [`Refusal`], saying whether the attempt was counted.
pub async fn sign_in(
    gateway: &Gateway,
    mut connection: Connection,
    request: &SignIn,
) -> Result<(Connection, Grant), Refusal> {
    match attempt(&mut connection, request).await {
        Ok(grant) => Ok((connection, grant)),
        Err(refusal) if refusal.counted == Counted::Unknown => {
            let unknown = |fault| Refusal { fault, ..refusal.clone() };
            let mut connection = gateway.connect().await.map_err(unknown)?;
            match attempt(&mut connection, request).await {
                Ok(grant) => Ok((connection, grant)),
                // Turned away before it looked whether it knows the attempt: what became of the first one is as open as before.
                Err(again) if again.counted == Counted::No => Err(Refusal { counted: Counted::Unknown, ..again }),
                Err(again) => Err(again),
            }
        }
        Err(refusal) => Err(refusal),
    }
}

async fn attempt(connection: &mut Connection, request: &SignIn) -> Result<Grant, Refusal> {
    let body = json(request).map_err(Refusal::unsent)?;
    let lost = |fault| Refusal { fault, counted: Counted::Unknown, attempts_left: None, until: None };
    let call = Call { method: "POST", path: "/v1/sessions", body: Some(body), ..Call::default() };
    let answer = connection.call(call).await.map_err(lost)?;
    match answer.into_result::<Grant>().map_err(lost)? {
        Ok(grant) => Ok(grant),
        Err(problem) => Err(refused(problem)),
    }
}

pub(super) fn refused(problem: Problem) -> Refusal {
    let evaluated = [FaultCode::Refused, FaultCode::Locked, FaultCode::AccountDisabled].contains(&problem.fault);
    // Hanging is told by a gateway that counted an attempt and could not write down how it ended.
    let counted = if evaluated {
        Counted::Yes
    } else if problem.fault == FaultCode::GatewayHangs {
        Counted::Unknown
    } else {
        Counted::No
    };
    Refusal {
        fault: Fault::new(problem.fault, problem.title),
        counted,
        attempts_left: problem.attempts_left,
        until: problem.until,
    }
}
