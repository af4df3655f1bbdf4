//! The run as a whole: progress, an absent profile, time.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use super::*;

fn nowhere() -> Input {
    Input {
        profile: "/no/such/profile.toml".into(),
        socket: "/no/such/socket".into(),
        ring: "/nonexistent/events.ring".into(),
        anchors: Vec::new(),
        version: "0.1.0".into(),
    }
}

#[tokio::test]
async fn each_check_is_told_exactly_once_before_the_end() {
    let (progress, mut told) = mpsc::unbounded_channel();
    let facts = collect(&nowhere(), progress).await;
    let mut seen = Vec::new();
    while let Ok(Progress { check }) = told.try_recv() {
        seen.push(check);
    }
    assert_eq!(seen.iter().collect::<BTreeSet<_>>(), Check::ALL.iter().collect());
    assert_eq!(seen.len(), Check::ALL.len());
    assert_eq!(facts.profile, ProfileFacts::Missing);
    assert!(facts.at > 1_700_000_000 && facts.pc.spare_handles.is_some());
}

#[tokio::test]
async fn nobody_needs_to_watch() {
    let (progress, told) = mpsc::unbounded_channel();
    drop(told);
    collect(&nowhere(), progress).await;
}

#[tokio::test]
async fn a_profile_is_missing_broken_or_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.toml");
    assert_eq!(profile(&path).await.0, ProfileFacts::Missing);
    std::fs::write(&path, "organisation = \"KV\"\n").unwrap();
    assert!(matches!(profile(&path).await, (ProfileFacts::Broken(why), None) if why.contains("gateway")));
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(matches!(profile(&path).await, (ProfileFacts::Broken(_), None)));
}
