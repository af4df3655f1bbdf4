//! What a member with a session does about the token: reports it lost, brings it into step again.

use flexnet_protocol::{
    Fault, FaultCode, Secret,
    gateway::{EndReason, Resync},
    snapshot::WrongEntry,
};

use super::{
    Connection,
    http::{Call, json},
};

impl Connection {
    /// `POST /v1/session/report-token-lost`: the tokens open nothing any more, and every session of the member is over. May be repeated.
    ///
    /// # Errors
    /// Transport faults, or what the gateway says: then nothing has happened, or it is not known.
    pub async fn report_token_lost(&mut self, token: &Secret) -> Result<(), Fault> {
        let path = "/v1/session/report-token-lost";
        let answer = self.call(Call { method: "POST", path, token: Some(token), ..Call::default() }).await?;
        match answer.problem()? {
            None => Ok(()),
            // The answer before this one was lost.
            Some(problem)
                if problem.fault == FaultCode::SessionEnded && problem.end_reason == Some(EndReason::TokenLost) =>
            {
                Ok(())
            }
            Some(problem) => Err(Fault::new(problem.fault, problem.title)),
        }
    }

    /// `POST /v1/session/resync-token`. The same body may be sent again when an answer was lost: it is counted once.
    ///
    /// # Errors
    /// Transport faults. Then it may have been counted.
    pub async fn resync_token(&mut self, token: &Secret, tans: &Resync) -> Result<Result<(), WrongEntry>, Fault> {
        let body = Some(json(tans)?);
        let path = "/v1/session/resync-token";
        let answer = self.call(Call { method: "POST", path, token: Some(token), body, ..Call::default() }).await?;
        Ok(match answer.problem()? {
            None => Ok(()),
            Some(problem) => Err(WrongEntry {
                fault: Fault::new(problem.fault, problem.title),
                attempts_left: problem.attempts_left,
            }),
        })
    }
}
