//! A sample of `./dev soak`, and the control: without the packet filter the judge of the wire sees leaks under both policies.
//! Every run has worlds of its own; picture: ../src/world.rs.

use std::{path::Path, process::Command};

use anyhow::{Result, ensure};

#[test]
fn random_sequences_leak_nothing() -> Result<()> {
    let (told, passed) = soak("leaks", &["--count", "4", "--seed", "3"])?;
    ensure!(passed, "{told}");
    Ok(())
}

#[test]
fn random_kills_leave_nothing() -> Result<()> {
    let (told, passed) = soak("leftovers", &["--count", "8", "--seed", "3"])?;
    ensure!(passed, "{told}");
    Ok(())
}

#[test]
fn without_a_mending_the_picture_shows_what_is_left() -> Result<()> {
    let (told, passed) = soak("leftovers", &["--count", "4", "--seed", "3", "--control"])?;
    ensure!(!passed && told.contains("4 kills, 4 with something left"), "the picture is blind:\n{told}");
    Ok(())
}

#[test]
fn without_the_filter_the_judge_sees_leaks() -> Result<()> {
    let (told, passed) = soak("leaks", &["--count", "2", "--seed", "3", "--control"])?;
    ensure!(!passed && told.contains("2 sequences, 2 with a leak"), "the judge is blind:\n{told}");
    for rule in ["PortalAddress: ", "PortalName: ", "Other: "] {
        ensure!(told.contains(rule), "the rule {rule} is blind:\n{told}");
    }
    Ok(())
}

/// What it told, and whether it was content.
fn soak(question: &str, how: &[&str]) -> Result<(String, bool)> {
    let logs = tempfile::tempdir()?;
    let program = flexnet_lab::world::binaries()?.join("kv-flexnet-soak");
    let mut command = Command::new(program);
    command.arg(question).args(how).arg("--logs").arg(logs.path()).env("RUST_BACKTRACE", "0");
    let output = command.output()?;
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{told}");
    if !output.status.success() {
        show_worlds(logs.path())?;
    }
    Ok((told, output.status.success()))
}

/// How far each world came.
fn show_worlds(logs: &Path) -> Result<()> {
    for entry in std::fs::read_dir(logs)? {
        let path = entry?.path();
        if path.is_file() {
            println!("{}:\n{}", path.display(), flexnet_lab::command::tail(&std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
