//! A device's own life: its port, its threads, its TUN, and what it shows of itself.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::os::window::Window;

#[tokio::test]
async fn a_taken_port_is_told_as_such() {
    let one = End::start(1);
    let refused = start(&config(&one.key, one.port(), false)).map(drop);
    assert!(matches!(refused, Err(Error::Listen { port, .. }) if port == one.port()), "{refused:?}");
}

#[tokio::test]
async fn removed_is_gone_with_its_threads() {
    let one = End::start(1);
    let (port, engine) = (one.port(), Arc::downgrade(&one.device.system.engine));
    one.device.system.remove().await.unwrap();
    assert!(engine.upgrade().is_none(), "a thread still holds the device");
    UdpSocket::bind(("0.0.0.0", port)).expect("the port is still taken");
}

#[tokio::test]
async fn a_tun_that_is_taken_away_is_told_and_so_is_a_thread_that_panicked() {
    for end in [&[], BUG] {
        let one = End::start(1);
        one.system.send(end).await.unwrap();
        let told = async {
            while one.device.system.read().await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, told).await.expect("nobody noticed");
        assert!(matches!(one.device.system.read().await, Err(Error::Gone(_))));
    }
}

#[tokio::test]
async fn the_window_shows_the_device_without_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (key, peer) = (PrivateKey::generate().unwrap(), End::start(2).as_peer(7));
    let (device, _system) = start(&config(&key, 0, false)).unwrap();
    let _window = Window::open_in(folder.path(), "wg0", device.shown()).unwrap();
    device.change(&Changes { added: vec![peer.clone()], ..Changes::default() }).await.unwrap();

    let mut stream = tokio::net::UnixStream::connect(folder.path().join("wg0.sock")).await.unwrap();
    stream.write_all(b"get=1\n\n").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut shown = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut shown)).await.unwrap().unwrap();

    let hex = |bytes: &[u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(shown.contains(&hex(peer.public_key.bytes())) && shown.ends_with("errno=0\n\n"), "{shown}");
    assert!(!shown.contains(&hex(key.bytes())) && !shown.contains(&hex(&[7; 32])), "{shown}");
}
