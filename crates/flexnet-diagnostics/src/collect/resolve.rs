//! The system's own resolver, as every program asks it. A question that it does not answer never ends: it gets a thread of its own, which dies
//! with the process.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs as _},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use crate::facts::Answer;

/// The addresses of `host`, or why there are none.
pub(crate) async fn addresses(host: &str, limit: Duration) -> Result<Vec<IpAddr>, Answer> {
    let (tell, told) = oneshot::channel();
    let asked = (host.to_owned(), 443);
    let resolve = move || {
        let found = asked.to_socket_addrs().map(|found| found.map(|end: SocketAddr| end.ip()).collect::<Vec<_>>());
        // Nobody waits any more.
        let _ = tell.send(found);
    };
    if thread::Builder::new().name("names".into()).spawn(resolve).is_err() {
        return Err(Answer::Failure);
    }
    match timeout(limit, told).await {
        Ok(Ok(Ok(found))) => Ok(found),
        Ok(Ok(Err(error))) => Err(why(&error)),
        Ok(Err(_)) => Err(Answer::Failure),
        Err(_) => Err(Answer::Silent),
    }
}

/// `getaddrinfo` has numbers of its own that the standard library turns to text (`gai_strerror(3)`; on Windows they are WSAHOST_NOT_FOUND,
/// WSATRY_AGAIN and WSANO_DATA).
fn why(error: &io::Error) -> Answer {
    let text = error.to_string();
    let says = |word: &str| text.contains(word);
    if says("not known") || error.raw_os_error() == Some(11001) {
        Answer::NoSuchName
    } else if says("No address") || error.raw_os_error() == Some(11004) {
        Answer::Blocked
    } else {
        Answer::Failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn literals_resolve_and_reserved_names_do_not() {
        let limit = Duration::from_secs(20);
        assert_eq!(addresses("192.0.2.7", limit).await, Ok(vec!["192.0.2.7".parse().unwrap()]));
        // RFC 6761 §6.4; without any name service it is a failure.
        let nothing = addresses("nobody.invalid", limit).await.unwrap_err();
        assert!(matches!(nothing, Answer::NoSuchName | Answer::Failure), "{nothing:?}");
    }

    #[test]
    fn what_the_system_says_is_understood() {
        let why = |text: &str| why(&io::Error::other(format!("failed to lookup address information: {text}")));
        assert_eq!(why("Name or service not known"), Answer::NoSuchName);
        assert_eq!(why("nodename nor servname provided, or not known"), Answer::NoSuchName);
        assert_eq!(why("No address associated with hostname"), Answer::Blocked);
        assert_eq!(why("Temporary failure in name resolution"), Answer::Failure);
    }
}
