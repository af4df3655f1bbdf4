//! The limit of what a program between two TUN devices can do: packets are copied as the system hands them out, and nothing else.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    thread,
};

use anyhow::Result;

use crate::{
    ground::End,
    os::{Kind, create},
};

/// A virtio header and the largest IP packet.
const LARGEST: usize = 10 + 65_535;

/// Makes both devices and copies between them until it is killed.
///
/// # Errors
/// A device cannot be made or is gone.
pub fn copy() -> Result<()> {
    let [near, far] = End::BOTH.map(|end| create(&end.namespace(), end.device(), Kind::OffloadedTun));
    let (near, far) = (near?, far?);
    let (near_again, far_again) = (near.try_clone()?, far.try_clone()?);
    thread::spawn(move || pump(near, far));
    pump(far_again, near_again)
}

fn pump(mut from: File, mut to: File) -> Result<()> {
    let mut buffer = vec![0; LARGEST];
    loop {
        // A device that is not up yet refuses, which ends with its being set up.
        match from.read(&mut buffer) {
            Ok(length) => drop(to.write(buffer.get(..length).unwrap_or_default())),
            Err(_) => thread::yield_now(),
        }
    }
}
