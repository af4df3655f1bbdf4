//! A wire that takes its time: two Ethernet devices, and every frame comes out of the other one after the delay, in its order.
//! It carries whatever a wire carries, drops nothing, and has no limit of speed of its own.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::os::{Kind, create};

/// An Ethernet frame with a VLAN tag and some room.
const LARGEST: usize = 2048;

/// Makes both devices, each given as `NAMESPACE/NAME`, and carries between them until it is killed.
///
/// # Errors
/// A device cannot be made or is gone.
pub fn carry(one_way: Duration, ends: [&str; 2]) -> Result<()> {
    let [near, far] = ends.map(|end| -> Result<File> {
        let (namespace, name) = end.split_once('/').context("NAMESPACE/NAME")?;
        create(&Path::new("/run/netns").join(namespace), name, Kind::Tap).with_context(|| end.to_owned())
    });
    let (near, far) = (near?, far?);
    let (near_again, far_again) = (near.try_clone()?, far.try_clone()?);
    thread::spawn(move || one_direction(near, far, one_way));
    one_direction(far_again, near_again, one_way)
}

fn one_direction(mut from: File, mut to: File, delay: Duration) -> Result<()> {
    let (queue, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        for (at, frame) in due {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            // A device that is down drops it, as a wire would.
            let _ = to.write(&frame);
        }
    });
    let mut buffer = [0; LARGEST];
    loop {
        // A device that is not up yet refuses, which ends with its being set up.
        match from.read(&mut buffer) {
            Ok(length) => queue.send((Instant::now() + delay, buffer.get(..length).unwrap_or_default().to_vec()))?,
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
    }
}
