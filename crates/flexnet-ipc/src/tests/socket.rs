//! Over a real socket.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, net::UnixListener as StdListener},
    path::Path,
};

use flexnet_protocol::{
    FaultCode,
    local::{Reply, Request},
};

use super::serve;
use crate::{Access, Client, Error, Listener};

fn bind(socket: &Path) -> Result<Listener, Error> {
    Listener::bind(socket, Access::installed())
}

#[tokio::test]
async fn a_client_comes_in_and_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("run/service.sock");
    let listener = bind(&socket).unwrap();
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o666, "who may is decided inside");
    let service = tokio::spawn(async move {
        let (peer, connection) = listener.accept().await.unwrap();
        serve(connection).await;
        (peer, listener)
    });
    let (client, mut snapshots) = Client::connect(&socket).await.unwrap();
    assert_eq!(client.request(Request::Watch).await, Ok(Reply::Accepted));
    assert!(snapshots.next().await.is_some());
    drop((client, snapshots));
    let (peer, listener) = service.await.unwrap();
    assert_eq!(peer.uid, nix::unistd::geteuid().as_raw());
    assert_eq!(peer.pid, i32::try_from(std::process::id()).ok());
    drop(listener);
    assert!(!socket.exists());
    assert_eq!(fs::read_dir(socket.parent().unwrap()).unwrap().count(), 0, "nothing is left");
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("service.sock");
    // Closing does not unlink: this is what a killed service leaves.
    drop(StdListener::bind(&socket).unwrap());
    let listener = bind(&socket).unwrap();
    assert!(matches!(bind(&socket), Err(Error::InUse { .. })));
    drop(listener);
    assert!(bind(&socket).is_ok());
}

#[tokio::test]
async fn files_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.txt");
    fs::write(&file, "Sehr geehrte").unwrap();
    assert!(matches!(bind(&file), Err(Error::NotASocket { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), "Sehr geehrte");
}

#[tokio::test]
async fn a_folder_that_others_can_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(bind(&folder.path().join("s")), Err(Error::OpenFolder { .. })));
}

#[tokio::test]
async fn without_a_service_the_fault_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("service.sock");
    let fault = async || Client::connect(&socket).await.err().unwrap().code;
    assert_eq!(fault().await, FaultCode::ServiceDown);
    drop(StdListener::bind(&socket).unwrap());
    assert_eq!(fault().await, FaultCode::ServiceDown);
}

#[tokio::test]
async fn one_user_cannot_fill_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("service.sock");
    let listener = bind(&socket).unwrap();
    tokio::spawn(async move {
        while let Ok((_, connection)) = listener.accept().await {
            tokio::spawn(serve(connection));
        }
    });
    let mut open = Vec::new();
    let fault = loop {
        match Client::connect(&socket).await {
            Ok(connection) => open.push(connection),
            Err(fault) => break fault,
        }
        assert!(open.len() < 100);
    };
    assert_eq!(fault.code, FaultCode::Busy);
    assert_eq!(open[0].0.request(Request::Prepare).await, Ok(Reply::Accepted), "who is in stays in");
}

#[tokio::test]
async fn many_that_say_nothing_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("service.sock");
    let listener = bind(&socket).unwrap();
    tokio::spawn(async move {
        while let Ok((_, connection)) = listener.accept().await {
            tokio::spawn(serve(connection));
        }
    });
    let (early, _snapshots) = Client::connect(&socket).await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(tokio::net::UnixStream::connect(&socket).await.unwrap());
    }
    let (late, _snapshots) = Client::connect(&socket).await.unwrap();
    for client in [early, late] {
        assert_eq!(client.request(Request::Prepare).await, Ok(Reply::Accepted));
    }
    let mut first = silent.swap_remove(0);
    let mut nothing = [0; 1];
    assert_eq!(tokio::io::AsyncReadExt::read(&mut first, &mut nothing).await.unwrap(), 0, "it was sent away");
}
