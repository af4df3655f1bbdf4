//! Random bytes and random frames: an answer, an end, never a panic and never a wait.

use std::time::Duration;

use flexnet_protocol::{
    FaultCode, VERSION,
    local::{Reply, Request, ToClient, ToService},
};
use futures_util::StreamExt as _;
use proptest::prelude::*;
use tokio::{io::AsyncWriteExt as _, time::timeout};

use crate::{Connection, frame};

/// What the service saw and what the client got, for these bytes and then the end of the stream.
fn feed(bytes: &[u8]) -> (Vec<Result<ToService, FaultCode>>, Vec<ToClient>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut client, service) = tokio::io::duplex(bytes.len() + 1);
        client.write_all(bytes).await.unwrap();
        client.shutdown().await.unwrap();
        let (mut requests, replies) = Connection::alone(service).split();
        let both = async {
            let mut seen = Vec::new();
            while let Some(request) = requests.next().await {
                seen.push(request.map_err(|fault| fault.code));
            }
            drop((requests, replies));
            let told = frame::frames(client).map(|f| frame::decode(f.unwrap()).unwrap()).collect().await;
            (seen, told)
        };
        timeout(Duration::from_secs(20), both).await.expect("it hangs")
    })
}

fn hello() -> Vec<u8> {
    frame::encode(&ToService { id: 0, request: Request::Hello { version: VERSION.into() } }).unwrap().to_vec()
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    frame.extend(body);
    frame
}

#[derive(Debug, Clone)]
enum Piece {
    Good(u32),
    Framed(Vec<u8>),
    Bytes(Vec<u8>),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => any::<u32>().prop_map(Piece::Good),
        1 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Piece::Framed),
        1 => "\\{\"id\":[0-9]{1,12},\"request\":(\"[a-z_]{1,12}\"|\\{\"sign_in\":\\{\\}\\}|null)\\}"
            .prop_map(|json| Piece::Framed(json.into_bytes())),
        1 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Piece::Bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_become_a_request(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let (seen, told) = feed(&bytes);
        prop_assert!(seen.iter().all(|s| *s == Err(FaultCode::BadRequest)), "{seen:?}");
        prop_assert!(seen.len() <= 1 && told.len() == seen.len(), "one refusal, then the end");
    }

    #[test]
    fn good_requests_pass_until_the_first_bad_frame(pieces in proptest::collection::vec(piece(), 0..12)) {
        let mut bytes = hello();
        let mut good = Vec::new();
        let mut still_good = true;
        for piece in &pieces {
            match piece {
                Piece::Good(id) => {
                    let asked = ToService { id: *id, request: Request::Watch };
                    bytes.extend_from_slice(&frame::encode(&asked).unwrap());
                    if still_good {
                        good.push(asked);
                    }
                }
                Piece::Framed(body) => {
                    bytes.extend(framed(body));
                    match serde_json::from_slice::<ToService>(body) {
                        Ok(asked) if still_good => good.push(asked),
                        Ok(_) | Err(_) => still_good = false,
                    }
                }
                Piece::Bytes(raw) => {
                    bytes.extend(raw);
                    still_good &= raw.is_empty();
                }
            }
        }
        let (seen, told) = feed(&bytes);
        let requests: Vec<_> = seen.iter().filter_map(|s| s.as_ref().ok()).collect();
        // Raw bytes in between may by chance begin a frame that is never finished: then what follows them is lost, never made up.
        prop_assert!(requests.len() >= good.len() && requests.iter().zip(&good).all(|(a, b)| *a == b), "{seen:?}");
        prop_assert!(still_good || seen.len() - requests.len() <= 1);
        let greeted = ToClient::Reply { id: 0, reply: Reply::Hello { version: VERSION.into() } };
        prop_assert_eq!(told.first(), Some(&greeted));
    }
}

#[test]
fn a_frame_too_large_or_cut_short_ends_the_connection() {
    let too_large = [hello(), vec![0, 1, 0, 1], vec![b' '; 70_000]].concat();
    assert_eq!(feed(&too_large).0, [Err(FaultCode::BadRequest)]);
    let cut_short = [hello(), vec![0, 0, 0, 9, b'{']].concat();
    assert!(feed(&cut_short).0.iter().all(Result::is_err));
    assert_eq!(feed(&hello()).0, []);
    assert_eq!(feed(&[]).0, []);
}

#[test]
fn deep_nesting_is_no_stack_overflow() {
    let deep = [hello(), framed(&[b'['; 60_000])].concat();
    assert_eq!(feed(&deep).0, [Err(FaultCode::BadRequest)]);
}
