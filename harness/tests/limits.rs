//! What a row's manifest says that its framework does not do, by its design.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, text};

const LIMIT: &str = "[[limit]]\nscenario = \"seed\"\nreason = \"rounds what a tool says\"\n";

/// The exit code of a small sweep of the fake, what it prints, and its page.
fn swept(fake: &str, limit: &str) -> (Option<i32>, String, String) {
    let checkout = Checkout::new(fake);
    checkout.extend_manifest(limit);
    let arguments = [
        "run",
        "--levels",
        "2",
        "--repetitions",
        "1",
        "--no-mock-check",
    ];
    let output = checkout.loopmark(&arguments).output().unwrap();
    let page = std::fs::read_to_string(checkout.results().join("README.md")).unwrap();
    (output.status.code(), text(&output.stdout), page)
}

#[test]
fn work_that_is_not_done_is_a_failure_unless_the_manifest_declares_it() {
    let (code, said, page) = swept("wrong-tool-result", "");
    assert_eq!(code, Some(1), "{said}");
    assert!(page.contains("## What went wrong"), "{page}");
    assert!(
        page.contains(", fake (default), seed at level 2: "),
        "{page}"
    );
    assert!(!page.contains("by design"), "{page}");

    let (code, said, page) = swept("wrong-tool-result", LIMIT);
    assert_eq!(code, Some(0), "{said}");
    assert!(!page.contains("## What went wrong"), "{page}");
    assert!(
        page.contains("* fake (Python), seed: rounds what a tool says (0 of "),
        "{page}"
    );
    assert!(
        said.contains("* fake (Python): by design: rounds what a tool says"),
        "{said}"
    );
}

#[test]
fn a_limit_that_a_row_does_not_have_is_told() {
    let (code, said, page) = swept("right", LIMIT);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        page.contains(
            "* fake (Python), seed: the manifest declares a limit that it does not have ("
        ),
        "{page}"
    );
    assert!(!said.contains("by design"), "{said}");
}
