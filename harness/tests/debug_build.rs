//! A debug build of the harness measures only where that is meant, says so, and is not mixed with a release build.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::process::Command;

use common::{Checkout, text};
use loopmark::results::Recorded;

const IS_DEBUG: bool = cfg!(debug_assertions);

fn sweep(checkout: &Checkout) -> Command {
    checkout.loopmark(&[
        "run",
        "--scenario",
        "short",
        "--table-only",
        "--table-repetitions",
        "1",
        "--no-mock-check",
    ])
}

#[test]
fn a_debug_build_measures_only_where_that_is_meant() {
    let checkout = Checkout::quick();
    let meant = sweep(&checkout);
    let not_meant = meant
        .get_args()
        .filter(|word| *word != "--allow-debug-build");
    let output = Command::new(meant.get_program())
        .args(not_meant)
        .output()
        .unwrap();
    let said = text(&output.stderr);
    let expected = if IS_DEBUG { Some(2) } else { Some(0) };
    assert_eq!(output.status.code(), expected, "{said}");
    assert_eq!(said.contains("--allow-debug-build"), IS_DEBUG, "{said}");
    assert_eq!(checkout.root().join("results").exists(), !IS_DEBUG);
}

#[test]
fn a_debug_build_is_recorded_and_marked_and_not_mixed_with_a_release_build() {
    let checkout = Checkout::quick();
    let output = sweep(&checkout).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let folder = checkout.results();
    let recorded = Recorded::load(&folder).unwrap();
    assert_eq!(recorded.info.debug_build, IS_DEBUG);
    let cell = checkout.first_cell();
    assert_eq!(cell.is_marked("debug-build"), IS_DEBUG);

    // As the other kind of build would have left it.
    let path = folder.join("run.json");
    let record = std::fs::read_to_string(&path).unwrap();
    let other = match IS_DEBUG {
        true => record.replace("  \"debug_build\": true,\n", ""),
        false => record.replacen("{\n", "{\n  \"debug_build\": true,\n", 1),
    };
    assert_ne!(record, other);
    std::fs::write(&path, other).unwrap();
    let resume = checkout
        .loopmark(&["run", "--resume", folder.to_str().unwrap()])
        .output()
        .unwrap();
    let said = text(&resume.stderr);
    assert_eq!(resume.status.code(), Some(2), "{said}");
    assert!(
        said.contains("can't be resumed: it was measured by a"),
        "{said}"
    );
}
