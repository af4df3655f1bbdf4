//! What anybody can send the gateway: bodies of the API, the form of the sign-in page, headers; and what a member sends the desk. With them what a gateway
//! answers.

use flexnet_gateway::fuzz::{api as door, desk, pages};
use flexnet_protocol::{
    FaultCode,
    gateway::{Grant, Handoff, Info, MAX_PASSWORD, MAX_USERNAME, Problem, SessionState, SignIn},
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::{Serialize, de::DeserializeOwned};

use crate::block_on;

/// Bodies of the gateway's API.
pub fn api(bytes: &[u8]) -> bool {
    let sign_in = door::sign_in(bytes).is_some_and(|request| {
        has_its_shape(&request);
        same_again(bytes, &request)
    });
    let redeem = door::redeem(bytes).is_some_and(|request| {
        assert_eq!(request.ticket.expose().len(), 22, "{request:?}");
        same_again(bytes, &request)
    });
    let resume = door::resume(bytes).is_some_and(|request| {
        assert_ne!(request.client_public_key.bytes(), &[0; 32], "no key");
        same_again(bytes, &request)
    });
    let resync = door::resync(bytes).is_some_and(|request| {
        assert!([&request.first, &request.second].into_iter().all(|tan| is_tan(tan.expose())), "{request:?}");
        same_again(bytes, &request)
    });
    let report = door::report(bytes).is_some();
    sign_in || redeem || resume || resync || report
}

/// What a gateway answers, which a stolen one can choose.
pub fn answers(bytes: &[u8]) -> bool {
    let taken = [answer::<Info>, answer::<Grant>, answer::<Handoff>, answer::<SessionState>, answer::<Problem>];
    // Each of them, not the first alone.
    taken.into_iter().filter(|answer| answer(bytes)).count() > 0
}

/// The form of the sign-in page. What it lets through, the API lets through as well: there are not two ideas of an entry.
pub fn form(bytes: &[u8]) -> bool {
    let Some(request) = block_on(pages::form(bytes.to_vec())).flatten() else { return false };
    has_its_shape(&request);
    let body = serde_json::to_vec(&request).unwrap_or_default();
    assert!(door::sign_in(&body).is_some_and(|taken| taken == request), "the page takes what the API refuses");
    true
}

/// The first line is the path of a request, each other one a header.
pub fn headers(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    if let Some(path) = lines.next().and_then(|line| Uri::try_from(line).ok()) {
        let to = pages::after_switch(path.path());
        assert!(to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\"), "{to} is another host");
        assert!(HeaderValue::try_from(&to).is_ok(), "{to:?} is no header");
    }
    let pair = |line: &[u8]| {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at_checked(at)?;
        let value = value.get(1..)?.trim_ascii();
        Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
    };
    let headers: HeaderMap = lines.take(64).filter_map(pair).collect();
    assert!(pages::headers(&headers), "a note means something else when it is read again");
    let (_, wait, _) = door::headers(&headers, 30);
    assert!(wait.is_none_or(|seconds| (1..=30).contains(&seconds)), "a wait of {wait:?} s");
    !headers.is_empty()
}

/// A diagnosis report, posted as a form with the boundary `x`, and as a text by itself.
pub fn report(bytes: &[u8]) -> bool {
    let posted = block_on(desk::report(bytes.to_vec())).flatten();
    let pasted = std::str::from_utf8(bytes).ok().map(desk::codes);
    let mut taken = false;
    for (known, unknown) in posted.into_iter().chain(pasted) {
        assert!(known.is_sorted() && unknown.is_sorted(), "in the order of the catalogue");
        assert!(known.iter().all(|code| code.to_string().parse() == Ok(*code)), "{known:?}");
        assert!(unknown.iter().all(|text| text.parse::<FaultCode>().is_err()), "{unknown:?} is known");
        taken |= !known.is_empty() || !unknown.is_empty();
    }
    // A file that holds a sealed report is shown as one, not searched.
    taken || std::str::from_utf8(bytes).is_ok_and(desk::is_sealed)
}

/// What the databases, Argon2id, RADIUS and LDAP rely on.
fn has_its_shape(request: &SignIn) {
    let name = request.username.trim();
    assert!((1..=MAX_USERNAME).contains(&name.len()) && !name.chars().any(char::is_control), "{request:?}");
    assert!((1..=MAX_PASSWORD).contains(&request.password.expose().len()), "{request:?}");
    assert!(is_tan(request.tan.expose()), "{request:?}");
    assert_ne!(request.client_public_key.bytes(), &[0; 32], "no key");
}

fn is_tan(tan: &str) -> bool {
    (6..=8).contains(&tan.len()) && tan.bytes().all(|byte| byte.is_ascii_digit())
}

fn answer<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    serde_json::from_slice::<T>(bytes).is_ok_and(|taken| same_again(bytes, &taken))
}

/// What is taken means the same when it is written and read again.
fn same_again<T: Serialize + DeserializeOwned>(bytes: &[u8], taken: &T) -> bool {
    let written = serde_json::to_vec(taken).unwrap_or_default();
    let again = serde_json::from_slice::<T>(&written).ok().and_then(|again| serde_json::to_vec(&again).ok());
    assert_eq!(again.as_ref(), Some(&written), "not what was read: {:?}", String::from_utf8_lossy(bytes));
    true
}
