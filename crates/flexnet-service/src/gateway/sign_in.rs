//! One attempt. If its answer is lost, the same attempt is sent once more over a fresh connection:
//! the gateway knows its id and gives the same outcome, counted once.

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::{Grant, MAX_BODY, Problem, SignIn},
    snapshot::Counted,
};

use zeroize::Zeroizing;

use super::{Connection, Gateway};

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
            let grant = attempt(&mut connection, request).await?;
            Ok((connection, grant))
        }
        Err(refusal) => Err(refusal),
    }
}

async fn attempt(connection: &mut Connection, request: &SignIn) -> Result<Grant, Refusal> {
    // Room for the whole of it, so that growing leaves no copy of the entry behind.
    let mut body = Zeroizing::new(Vec::with_capacity(MAX_BODY));
    serde_json::to_writer(&mut *body, request)
        .map_err(|e| Refusal::unsent(Fault::new(FaultCode::Internal, e.to_string())))?;
    let lost = |fault| Refusal { fault, counted: Counted::Unknown, attempts_left: None, until: None };
    let answer = connection.call("POST", "/v1/sessions", None, Some(body)).await.map_err(lost)?;
    match answer.into_result::<Grant>().map_err(lost)? {
        Ok(grant) => Ok(grant),
        Err(problem) => Err(refused(problem)),
    }
}

fn refused(problem: Problem) -> Refusal {
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
