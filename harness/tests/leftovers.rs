//! What a killed harness leaves is cleared away by the next one.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Checkout, text};

fn homes(temporary: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(temporary).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("loopmark-")).collect()
}

#[test]
fn the_home_of_a_runner_whose_harness_was_killed_is_cleared_away_by_the_next_start() {
    let temporary = tempfile::tempdir().unwrap();
    let checkout = Checkout::new("hang");
    let mut sweep = checkout.table_command();
    sweep.env("TMPDIR", temporary.path());
    let mut harness = sweep
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while homes(temporary.path()).is_empty() {
        assert!(Instant::now() < patience, "no runner was started");
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.kill().unwrap();
    harness.wait().unwrap();
    assert!(
        !homes(temporary.path()).is_empty(),
        "killed, it clears nothing"
    );

    let checkout = Checkout::quick();
    let mut next = checkout.loopmark(&["verify", "--scenario", "short"]);
    let output = next.env("TMPDIR", temporary.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(homes(temporary.path()), Vec::<String>::new());
}
