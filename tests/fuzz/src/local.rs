//! What programs of a member send the privileged service, what somebody in the service's place sends them, and the deep link that any page can open.

use flexnet_ipc::{Client, ClientEnd, Connection};
use flexnet_protocol::{
    VERSION, link as deep,
    local::{MAX_FRAME, Reply, Request, ToClient, ToService},
};
use futures_util::StreamExt as _;
use tokio::io::{AsyncWriteExt as _, duplex};
use tokio_util::codec::{FramedRead, LengthDelimitedCodec};

use crate::block_on;

/// The deep link.
pub fn link(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(ticket) = deep::ticket(text) else { return false };
    assert!(deep::is_ticket(ticket.expose()), "what is taken out is a ticket");
    let again = deep::ticket(deep::link(&ticket).expose());
    assert_eq!(again.map(|again| again.expose().to_owned()), Ok(ticket.expose().to_owned()), "a link of its ticket");
    true
}

/// Bytes on the local socket, then its end. The first byte says who reads them: `s` the service and `c` a client after `Hello`, `S` and `C` before it.
pub fn ipc(bytes: &[u8]) -> bool {
    let Some((reader, rest)) = bytes.split_first() else { return false };
    match reader {
        b'S' => to_service(rest),
        b's' => {
            let hello = Request::Hello { version: VERSION.into() };
            to_service(&[&frame(&ToService { id: 0, request: hello }), rest].concat())
        }
        b'C' => to_client(rest),
        b'c' => {
            let hello = Reply::Hello { version: VERSION.into() };
            to_client(&[&frame(&ToClient::Reply { id: 0, reply: hello }), rest].concat())
        }
        _ => false,
    }
}

/// The service sees the requests that are there, up to the first thing that is none, and says so once.
fn to_service(bytes: &[u8]) -> bool {
    let seen_and_told = block_on(async {
        let (mut stranger, service) = duplex(bytes.len() + 1);
        let (mut requests, replies) = Connection::alone(service).split();
        // There is room for all of it.
        stranger.write_all(bytes).await.and(stranger.shutdown().await).ok()?;
        let mut seen = Vec::new();
        while let Some(request) = requests.next().await {
            seen.push(request.ok());
        }
        drop((requests, replies));
        let told: Vec<ToClient> = FramedRead::new(stranger, LengthDelimitedCodec::new())
            .filter_map(|frame| std::future::ready(frame.ok().and_then(|frame| serde_json::from_slice(&frame).ok())))
            .collect()
            .await;
        Some((seen, told))
    });
    let Some((seen, told)) = seen_and_told.flatten() else { return false };
    let (greeted, expected) = requests(bytes);
    assert_eq!(seen, expected, "requests that are not there, or not those that are");
    let refusals = expected.iter().filter(|request| request.is_none()).count();
    assert_eq!(told.len(), usize::from(greeted) + refusals, "{told:?}");
    greeted && (seen.is_empty() || seen.iter().any(Option::is_some))
}

/// What stands in the bytes, by the words of `flexnet_protocol::local`: whether they begin with a good `Hello`, and the requests behind it. Nothing for what is none.
fn requests(mut bytes: &[u8]) -> (bool, Vec<Option<ToService>>) {
    let (mut greeted, mut found) = (false, Vec::new());
    while !bytes.is_empty() {
        let next = match bytes.split_first_chunk() {
            Some((length, rest)) => {
                let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
                // A length with nothing behind it is an end like any other.
                if rest.is_empty() && (1..=MAX_FRAME).contains(&length) {
                    break;
                }
                rest.split_at_checked(length).filter(|_| length <= MAX_FRAME).and_then(|(json, rest)| {
                    bytes = rest;
                    serde_json::from_slice::<ToService>(json).ok()
                })
            }
            None => None,
        };
        let hello = match &next {
            Some(ToService { request: Request::Hello { version }, .. }) => Some(version == VERSION),
            Some(_) | None => None,
        };
        match (greeted, hello) {
            (false, Some(true)) => greeted = true,
            (true, None) if next.is_some() => found.push(next),
            (false | true, _) => {
                found.push(None);
                break;
            }
        }
    }
    (greeted, found)
}

/// A client comes to an end, whatever it is sent.
fn to_client(bytes: &[u8]) -> bool {
    let end = block_on(async {
        // Its own hello must fit.
        let (mut stranger, client) = duplex(bytes.len() + 4096);
        stranger.write_all(bytes).await.and(stranger.shutdown().await).ok()?;
        let (client, mut snapshots) = Client::over(ClientEnd::over(client)).await.ok()?;
        while let Some(snapshot) = snapshots.next().await {
            let written = serde_json::to_vec(&snapshot).unwrap_or_default();
            assert!(serde_json::from_slice(&written).is_ok_and(|again| snapshot == again), "not what was read");
        }
        drop(client);
        Some(())
    });
    end.flatten().is_some()
}

fn frame(message: &impl serde::Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(message).unwrap_or_default();
    let length = u32::try_from(json.len()).unwrap_or_default().to_be_bytes();
    [length.as_slice(), &json].concat()
}
