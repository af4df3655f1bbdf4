//! The carrier through TLS 443: a proven connection becomes a stream of capsules (RFC 9298). What travels on it is `flexnet_masque`'s.

use flexnet_masque::upgrade;
use flexnet_protocol::{Fault, FaultCode, Secret};
use http_body_util::Full;
use hyper::{Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use super::{
    ANSWER_LIMIT, Connection,
    http::{Answer, lost},
};

impl Connection {
    /// Upgrades this connection for a live session. The gateway closes it when the session ends.
    ///
    /// # Errors
    /// Transport faults, or the gateway's own: [`FaultCode::SessionEnded`], [`FaultCode::GatewayBusy`].
    pub async fn connect_udp(
        self,
        token: &Secret,
    ) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>, Fault> {
        match timeout(ANSWER_LIMIT, self.upgrade(token)).await {
            Ok(upgraded) => upgraded,
            Err(_) => Err(Fault::new(FaultCode::GatewayHangs, "no answer to the upgrade")),
        }
    }

    async fn upgrade(mut self, token: &Secret) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>, Fault> {
        let request = upgrade::request(&self.host, token)
            .map_err(|_| Fault::new(FaultCode::GatewayAnswer, "the session token is no header value"))?;
        self.sender.ready().await.map_err(lost)?;
        let response = self.sender.send_request(request.map(|()| Full::default())).await.map_err(lost)?;
        if upgrade::is_accepted(&response) {
            // Before `self` is dropped: until then its driver has the stream.
            return hyper::upgrade::on(response).await.map(TokioIo::new).map_err(lost);
        }
        Err(refusal(response).await)
    }
}

async fn refusal(response: Response<Incoming>) -> Fault {
    match Answer::read(response).await.and_then(|answer| answer.problem()) {
        Ok(Some(problem)) => Fault::new(problem.fault, problem.title),
        Ok(None) => Fault::new(FaultCode::GatewayAnswer, "not upgraded"),
        Err(fault) => fault,
    }
}
