//! Client and service in memory.

use std::time::Duration;

use flexnet_protocol::{
    FaultCode, Secret, VERSION,
    local::{Credentials, Reply, Request, ToClient, ToService},
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncWriteExt as _, DuplexStream},
    join,
};

use super::{accept, serve, snapshot};
use crate::{Client, ClientEnd, Connection, client::Patience, frame, memory};

/// A service's connection and the raw other end.
fn raw() -> (DuplexStream, Connection) {
    let (client, service) = tokio::io::duplex(64 * 1024);
    (client, Connection::alone(service))
}

async fn answer(client: &mut frame::Frames<DuplexStream>) -> Option<ToClient> {
    Some(frame::decode(client.next().await?.ok()?).unwrap())
}

async fn first_answer(asked: &ToService) -> (Option<ToClient>, Option<ToClient>) {
    let (mut client, connection) = raw();
    client.write_all(&frame::encode(asked).unwrap()).await.unwrap();
    let (mut requests, _replies) = connection.split();
    assert!(requests.next().await.unwrap().is_err());
    assert_eq!(requests.next().await, None);
    let mut client = frame::frames(client);
    (answer(&mut client).await, answer(&mut client).await)
}

fn refused(id: u32, code: FaultCode, answer: Option<ToClient>) {
    let Some(ToClient::Reply { id: told, reply: Reply::Refused(fault) }) = answer else { panic!("{answer:?}") };
    assert_eq!((told, fault.code), (id, code));
}

#[tokio::test]
async fn requests_are_answered_by_number_and_snapshots_come() {
    let (end, connection) = memory();
    let service = tokio::spawn(serve(connection));
    let (client, mut snapshots) = Client::over(end).await.unwrap();
    assert_eq!(client.request(Request::Watch).await, Ok(Reply::Accepted));
    assert_eq!(snapshots.next().await.map(|s| s.revision), Some(1));
    let (a, b) = join!(client.request(Request::Prepare), client.request(Request::Cancel));
    assert_eq!((a, b), (Ok(Reply::Accepted), Ok(Reply::Accepted)));
    drop((client, snapshots));
    service.await.unwrap();
}

#[tokio::test]
async fn snapshots_go_on_without_the_client_and_end_with_the_service() {
    let (end, connection) = memory();
    let (mut requests, replies) = connection.split();
    let service = tokio::spawn(async move {
        let asked = requests.next().await.unwrap().unwrap();
        accept(&replies, asked.id);
        (requests, replies)
    });
    let (client, mut snapshots) = Client::over(end).await.unwrap();
    client.request(Request::Watch).await.unwrap();
    drop(client);
    let (requests, replies) = service.await.unwrap();
    replies.send(snapshot(7));
    assert_eq!(snapshots.next().await.map(|s| s.revision), Some(7));
    drop(requests);
    assert!(snapshots.next().await.is_none());
}

#[tokio::test]
async fn other_versions_are_refused() {
    let hello = ToService { id: 4, request: Request::Hello { version: "0.0.1".into() } };
    let (told, then) = first_answer(&hello).await;
    refused(4, FaultCode::VersionsDiffer, told);
    assert_eq!(then, None, "the connection is closed");
}

#[tokio::test]
async fn nothing_goes_before_hello() {
    let (told, then) = first_answer(&ToService { id: 9, request: Request::SignOut }).await;
    refused(9, FaultCode::BadRequest, told);
    assert_eq!(then, None);
}

#[tokio::test]
async fn hello_comes_once() {
    let (mut client, connection) = raw();
    let hello = frame::encode(&ToService { id: 1, request: Request::Hello { version: VERSION.into() } }).unwrap();
    client.write_all(&hello).await.unwrap();
    client.write_all(&hello).await.unwrap();
    let (mut requests, _replies) = connection.split();
    assert_eq!(requests.next().await.unwrap().unwrap_err().code, FaultCode::BadRequest);
}

#[tokio::test]
async fn who_never_says_hello_is_let_go() {
    let (client, connection) = raw();
    let (mut requests, _replies) = connection.hello_within(Duration::from_millis(10)).split();
    assert_eq!(requests.next().await, None);
    assert!(answer(&mut frame::frames(client)).await.is_none(), "the connection is closed");
}

#[tokio::test]
async fn a_service_of_another_version_is_named() {
    let (end, service) = tokio::io::duplex(1024);
    let answer = ToClient::Reply { id: 0, reply: Reply::Hello { version: "9.9.9".into() } };
    let mut service = service;
    service.write_all(&frame::encode(&answer).unwrap()).await.unwrap();
    let fault = Client::over(ClientEnd::over(end)).await.err().unwrap();
    assert_eq!(fault.code, FaultCode::VersionsDiffer);
}

#[tokio::test]
async fn what_does_not_answer_like_a_service_is_no_service() {
    for bytes in [b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), b"\0\0\0\x02{}", b""] {
        let (end, mut service) = tokio::io::duplex(1024);
        service.write_all(bytes).await.unwrap();
        drop(service);
        let fault = Client::over(ClientEnd::over(end)).await.err().unwrap();
        let expected = if bytes.is_empty() { FaultCode::ServiceDown } else { FaultCode::ServiceImpostor };
        assert_eq!(fault.code, expected, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_request_fails_when_the_service_goes() {
    let (end, connection) = memory();
    let service = tokio::spawn(async move {
        let (mut requests, _replies) = connection.split();
        requests.next().await
    });
    let (client, mut snapshots) = Client::over(end).await.unwrap();
    assert_eq!(client.request(Request::Repair).await.unwrap_err().code, FaultCode::ServiceDown);
    assert_eq!(client.request(Request::Repair).await.unwrap_err().code, FaultCode::ServiceDown);
    assert!(snapshots.next().await.is_none());
    assert_eq!(service.await.unwrap().unwrap().unwrap().request, Request::Repair);
}

#[tokio::test]
async fn a_service_that_does_not_answer_hangs() {
    let patience = Patience { hello: Duration::from_millis(10), reply: Duration::from_millis(100) };
    let (end, _kept) = tokio::io::duplex(1024);
    let fault = Client::over_within(ClientEnd::over(end), patience).await.err().unwrap();
    assert_eq!(fault.code, FaultCode::ServiceHangs, "at hello");

    let patience = Patience { hello: Duration::from_secs(5), ..patience };
    let (end, connection) = memory();
    let service = tokio::spawn(async move {
        let (mut requests, replies) = connection.split();
        let first = requests.next().await.unwrap().unwrap();
        let second = requests.next().await.unwrap().unwrap();
        accept(&replies, first.id);
        accept(&replies, second.id);
        requests.next().await
    });
    let (client, snapshots) = Client::over_within(end, patience).await.unwrap();
    assert_eq!(client.request(Request::Watch).await.unwrap_err().code, FaultCode::ServiceHangs);
    // The late reply to the first request is not taken for the second's.
    assert_eq!(client.request(Request::Prepare).await, Ok(Reply::Accepted));
    drop((client, snapshots));
    assert_eq!(service.await.unwrap(), None);
}

#[tokio::test]
async fn an_entry_that_fits_no_frame_is_not_sent() {
    let (end, connection) = memory();
    tokio::spawn(serve(connection));
    let (client, _snapshots) = Client::over(end).await.unwrap();
    let password = Secret::new("x".repeat(100_000));
    let entry = Credentials { username: "m.muster".into(), password, tan: Secret::new("123456") };
    assert_eq!(client.request(Request::SignIn(entry)).await.unwrap_err().code, FaultCode::EntryShape);
}

/// The pair in memory holds 64 KiB; a hundred thousand snapshots are far more, and none of them may wait for the reader.
#[tokio::test]
async fn a_client_that_does_not_read_holds_nobody_up() {
    let (end, connection) = memory();
    let (mut requests, replies) = connection.split();
    let service = tokio::spawn(async move {
        let asked = requests.next().await.unwrap().unwrap();
        // No await in this loop: the client's task cannot run on this thread in between.
        for revision in 1..=100_000 {
            replies.send(snapshot(revision));
        }
        accept(&replies, asked.id);
        requests.next().await
    });
    let (client, mut snapshots) = Client::over(end).await.unwrap();
    assert_eq!(client.request(Request::Watch).await, Ok(Reply::Accepted));
    assert_eq!(snapshots.next().await.map(|s| s.revision), Some(100_000), "the latest is what comes");
    drop((client, snapshots));
    assert_eq!(service.await.unwrap(), None);
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_is_closed() {
    let (mut client, connection) = raw();
    let (mut requests, replies) = connection.split();
    let service = tokio::spawn(async move {
        while let Some(Ok(asked)) = requests.next().await {
            for _ in 0..10 {
                replies.send(snapshot(u64::from(asked.id)));
                accept(&replies, asked.id);
            }
        }
        replies.is_closed()
    });
    let frame = |id, request| frame::encode(&ToService { id, request }).unwrap();
    client.write_all(&frame(0, Request::Hello { version: VERSION.into() })).await.unwrap();
    for id in 1..100_000 {
        if client.write_all(&frame(id, Request::Watch)).await.is_err() {
            break;
        }
    }
    assert!(service.await.unwrap());
}
