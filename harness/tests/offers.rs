//! `verify --offers`: a row does what it says that it offers, or the table says what it does instead.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, text};

/// What the table says of each feature, and the exit code.
fn offers_of(fake: &str) -> (String, Option<i32>) {
    let checkout = Checkout::new(fake);
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/tools.toml");
    std::fs::copy(tools, checkout.root().join("scenarios/tools.toml")).unwrap();
    // Nobody breaks a long line of the table where no terminal is.
    let output = checkout.loopmark(&["verify", "--offers"]).output().unwrap();
    (
        text(&output.stdout) + &text(&output.stderr),
        output.status.code(),
    )
}

#[test]
fn what_a_row_does_not_offer_is_not_tried_and_is_no_failure() {
    let (table, exit) = offers_of("right");
    assert_eq!(exit, Some(0), "{table}");
    for feature in [
        "streaming",
        "agent-per-run",
        "cancellation",
        "heartbeat",
        "synthetic-tools",
    ] {
        let line = format!("{feature}: not offered");
        assert!(table.contains(&line), "{feature}: {table}");
    }
}

#[test]
fn a_row_that_offers_what_it_does_not_do_is_told_so() {
    let (table, exit) = offers_of("boaster");
    assert_eq!(exit, Some(1), "{table}");
    for said in [
        "cancellation: no: run 0 was not cancelled, but went on to its answer",
        "heartbeat: no: batch 0 is done without its heartbeat",
        "synthetic-tools: no: 0 of 1 runs: ",
        // It makes nothing for all runs, so it does make an agent for each.
        "agent-per-run: yes, 1 of 1 runs",
    ] {
        assert!(table.contains(said), "{said}: {table}");
    }
}
