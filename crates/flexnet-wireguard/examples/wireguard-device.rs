//! A device of ours as a program, so that the lab can set it beside another make's. It never sets addresses or links.
//! Ten times a second it makes the device what a file says, as the gateway does once a second, and prints what that took.
//!
//! ```text
//! wireguard-device NAME PORT PRIVATE_KEY_FILE WANTED_FILE      each line of the wanted file is one of
//!     peer PUBLIC_KEY PRESHARED_KEY|- ENDPOINT|- NETWORK[,NETWORK] KEEPALIVE
//!     handshake NUMBER        asked for once for each number
//!     end                     remove the device and leave
//! wireguard-device remove-leftover NAME
//! ```

use std::{env, fs, time::Duration};

use anyhow::{Context as _, Result, bail};
use flexnet_protocol::Key;
use flexnet_wireguard::{Device, DeviceConfig, Peer, PrivateKey, remove_leftover};

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["remove-leftover", name] => println!("removed {}", remove_leftover(name)?),
        [name, port, key, wanted] => serve(name, port.parse()?, key, wanted).await?,
        _ => bail!("see the head of examples/wireguard-device.rs"),
    }
    Ok(())
}

async fn serve(name: &str, listen_port: u16, key: &str, wanted: &str) -> Result<()> {
    let private_key = PrivateKey::from_base64(fs::read_to_string(key)?.trim())?;
    let config = DeviceConfig { name: name.to_owned(), private_key, listen_port, mtu: 1420, serves: true };
    let device = Device::create(config).await?;
    println!("created {} {:?}", device.name(), device.backend());
    let mut agreed = None;
    let mut beat = tokio::time::interval(Duration::from_millis(100));
    loop {
        beat.tick().await;
        let wanted = Wanted::parse(&fs::read_to_string(wanted)?)?;
        if wanted.end {
            device.remove().await?;
            println!("removed");
            return Ok(());
        }
        let changes = device.set_peers(&wanted.peers).await?;
        if changes.is_empty() {
            println!("unchanged");
        } else {
            let (added, modified, removed) = (changes.added.len(), changes.modified.len(), changes.removed.len());
            println!("added {added} modified {modified} removed {removed}");
        }
        if wanted.handshake != agreed {
            device.handshake().await?;
            agreed = wanted.handshake;
            println!("handshake {agreed:?}");
        }
    }
}

#[derive(Debug, Default)]
struct Wanted {
    peers: Vec<Peer>,
    handshake: Option<u32>,
    end: bool,
}

impl Wanted {
    fn parse(text: &str) -> Result<Self> {
        let mut wanted = Self::default();
        for line in text.lines() {
            match *line.split(' ').collect::<Vec<_>>().as_slice() {
                ["peer", public_key, preshared_key, endpoint, networks, keepalive] => wanted.peers.push(Peer {
                    public_key: Key::from_base64(public_key)?,
                    preshared_key: given(preshared_key).map(Key::from_base64).transpose()?,
                    endpoint: given(endpoint).map(str::parse).transpose()?,
                    allowed_ips: networks.split(',').map(str::parse).collect::<Result<_, _>>()?,
                    keepalive_seconds: keepalive.parse()?,
                }),
                ["handshake", number] => wanted.handshake = Some(number.parse().context("number of a handshake")?),
                ["end"] => wanted.end = true,
                _ => bail!("not understood: {line}"),
            }
        }
        Ok(wanted)
    }
}

fn given(word: &str) -> Option<&str> {
    (word != "-").then_some(word)
}
