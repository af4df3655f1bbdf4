//! `GET /v1/info` over a proven connection: whether the gateway takes members, and what its clock says.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use flexnet_protocol::{
    FaultCode,
    gateway::{Info, MAX_BODY, Problem, Readiness},
};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1,
    header::{HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use crate::facts::{Certificate, InfoAnswer};

/// Until the whole answer is there.
const WITHIN: Duration = Duration::from_secs(3);

/// What the gateway told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) answer: InfoAnswer,
    /// Seconds that the PC's clock is ahead, where the gateway told its own and its certificate is valid then.
    pub(super) clock_ahead: Option<i64>,
    /// The gateway says where its tunnel is, and so has an echo.
    pub(super) offered: Option<bool>,
}

impl From<InfoAnswer> for Told {
    fn from(answer: InfoAnswer) -> Self {
        Self { answer, clock_ahead: None, offered: None }
    }
}

/// Asks the gateway of that name.
pub(super) async fn ask(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    host: &str,
    certificate: &Certificate,
    version: &str,
) -> Told {
    let (sent, began) = (own_time(), Instant::now());
    let (status, body) = match timeout(WITHIN, exchange(stream, host)).await {
        Err(_) => return InfoAnswer::Silent.into(),
        Ok(Err(_)) => return InfoAnswer::Strange { status: 0 }.into(),
        Ok(Ok(answer)) => answer,
    };
    let Ok(info) = serde_json::from_slice::<Info>(&body) else {
        return refusal(status, serde_json::from_slice(&body).ok()).into();
    };
    let server_time = info.server_time;
    // Its second began up to a second before it was written: the middle of that is nearest.
    let here = sent + began.elapsed() / 2;
    let ahead = i64::try_from(here.as_secs()).unwrap_or(i64::MAX).saturating_sub(server_time);
    let believed = (certificate.not_before..=certificate.not_after).contains(&server_time);
    Told {
        clock_ahead: believed.then_some(ahead),
        offered: Some(info.tunnel.is_some()),
        answer: answer(info, status, version),
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    host: &str,
) -> Result<(u16, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request = Request::get("/v1/info")
        .header(HOST, host)
        .header(USER_AGENT, concat!("kv-flexnet/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MAX_BODY).collect().await?.to_bytes();
    driver.abort();
    Ok((status, body))
}

fn answer(info: Info, status: u16, version: &str) -> InfoAnswer {
    if let Some(maintenance) = info.maintenance {
        return InfoAnswer::Maintenance { until: maintenance.until };
    }
    match info.readiness {
        Readiness::Ready => InfoAnswer::Ready {
            too_old: is_older(version, &info.min_client_version),
            version: info.version,
            min_client: info.min_client_version,
        },
        Readiness::Draining => InfoAnswer::Draining,
        Readiness::Database => InfoAnswer::Database,
        Readiness::Busy => InfoAnswer::Busy,
        Readiness::Closed => InfoAnswer::Strange { status },
    }
}

/// What a problem in place of the answer says (RFC 9457).
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the whole catalogue these three are answers to whoever asks nothing else"
)]
fn refusal(status: u16, problem: Option<Problem>) -> InfoAnswer {
    let Some(problem) = problem else { return InfoAnswer::Strange { status } };
    match problem.fault {
        FaultCode::Maintenance => InfoAnswer::Maintenance { until: problem.until },
        FaultCode::GatewayDatabase => InfoAnswer::Database,
        FaultCode::GatewayBusy => InfoAnswer::Busy,
        _ => InfoAnswer::Strange { status },
    }
}

/// `major.minor.patch` against the oldest that is taken. What is no version is older than none.
fn is_older(version: &str, oldest: &str) -> bool {
    let numbers = |text: &str| {
        let core = text.split(['-', '+']).next().unwrap_or_default();
        core.split('.').map(|number| number.parse::<u32>().ok()).collect::<Option<Vec<u32>>>()
    };
    matches!((numbers(version), numbers(oldest)), (Some(version), Some(oldest)) if version < oldest)
}

fn own_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
