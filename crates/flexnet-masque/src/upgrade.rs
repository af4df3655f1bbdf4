//! The pieces of the HTTP/1.1 upgrade that client and gateway share (RFC 9298 §3.2 and §3.3).
//! Knows headers only: who may upgrade, and to what, is decided by the gateway.

use flexnet_protocol::{Secret, gateway::CONNECT_UDP_PATH};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header, request, response,
};

/// The upgrade token.
pub const TOKEN: &str = "connect-udp";
/// Says that the rest of the connection speaks capsules (RFC 9297 §3.4).
pub const CAPSULE_PROTOCOL: HeaderName = HeaderName::from_static("capsule-protocol");

/// The request of a session for its carrier.
///
/// # Errors
/// `authority` or `token` cannot stand in a header.
pub fn request(authority: &str, token: &Secret) -> Result<Request<()>, http::Error> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
    bearer.set_sensitive(true);
    Request::builder()
        .method(Method::GET)
        .uri(CONNECT_UDP_PATH)
        .header(header::HOST, authority)
        .header(header::AUTHORIZATION, bearer)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, TOKEN)
        .header(CAPSULE_PROTOCOL, "?1")
        .body(())
}

/// Whether a request asks for this upgrade.
pub fn is_asked_for(request: &request::Parts) -> bool {
    request.method == Method::GET && request.version == Version::HTTP_11 && upgrades(&request.headers)
}

/// The answer that makes the connection a carrier. It has no body.
pub fn accepted() -> response::Builder {
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, TOKEN)
        .header(CAPSULE_PROTOCOL, "?1")
}

/// Whether an answer made the connection a carrier.
pub fn is_accepted<B>(response: &Response<B>) -> bool {
    response.status() == StatusCode::SWITCHING_PROTOCOLS && upgrades(response.headers())
}

fn upgrades(headers: &HeaderMap) -> bool {
    let has = |name, wanted: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(wanted))
    };
    has(header::CONNECTION, "upgrade") && has(header::UPGRADE, TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_understand_each_other_and_the_token_is_not_shown() {
        let request = request("flexnet.example", &Secret::new("wAgen-Token")).unwrap();
        assert!(!format!("{request:?}").contains("wAgen-Token"));
        assert!(is_asked_for(&request.into_parts().0));
        assert!(is_accepted(&accepted().body(()).unwrap()));
    }

    #[test]
    fn headers_are_lists_without_regard_to_case() {
        let ask = |connection: &str, upgrade: &str, version| {
            let request =
                Request::builder().version(version).header("connection", connection).header("upgrade", upgrade);
            is_asked_for(&request.body(()).unwrap().into_parts().0)
        };
        assert!(ask("keep-alive, UPGRADE", "h2c, Connect-UDP", Version::HTTP_11));
        assert!(!ask("keep-alive", "connect-udp", Version::HTTP_11));
        assert!(!ask("upgrade", "websocket", Version::HTTP_11));
        assert!(!ask("upgrade", "connect-udp", Version::HTTP_10));
    }
}
