//! `verify --offers`: a row does what it says that it offers, or the table says what it does instead.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, text};

/// What `verify` says of each feature, and the exit code.
fn offers_of(fake: &str) -> (String, Option<i32>) {
    offers_in(&Checkout::new(fake))
}

fn offers_in(checkout: &Checkout) -> (String, Option<i32>) {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/tools.toml");
    std::fs::copy(tools, checkout.root().join("scenarios/tools.toml")).unwrap();
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
        "many-tools",
        "hold-agents",
        "structured-output",
        "tracing",
        "handoff",
    ] {
        let line = format!("{feature}: not offered");
        assert!(table.contains(&line), "{feature}: {table}");
    }
}

const LACK: &str = "[[lack]]\nfeature = \"streaming\"\nreason = \"its answers come as a whole\"\n";

fn with_a_reason(fake: &str) -> Checkout {
    let checkout = Checkout::new(fake);
    checkout.extend_manifest(LACK);
    checkout
}

#[test]
fn why_a_feature_is_not_offered_is_told_by_verify_and_by_a_sweeps_tables() {
    let checkout = with_a_reason("right");
    let (said, exit) = offers_in(&checkout);
    assert_eq!(exit, Some(0), "{said}");
    let reason = "streaming: not offered: its answers come as a whole";
    assert!(said.contains(reason), "{said}");
    let without = "tracing: not offered: framework.toml does not say why";
    assert!(said.contains(without), "{said}");

    let scenario = checkout.root().join("scenarios/seed.toml");
    let seed = std::fs::read_to_string(&scenario).unwrap();
    let streamed = seed.replacen("latency-ms", "request-stream = true\nlatency-ms", 1);
    std::fs::write(&scenario, streamed).unwrap();
    let said = text(&checkout.run_table().stdout);
    let reason = "fake (Python): not offered: streaming (its answers come as a whole)";
    assert!(said.contains(reason), "{said}");
}

#[test]
fn a_reason_for_what_a_runner_offers_after_all_is_contradicted() {
    let (said, exit) = offers_in(&with_a_reason("boaster"));
    assert_eq!(exit, Some(1), "{said}");
    let contradicted = "framework.toml says why streaming is not offered, but the runner offers it";
    assert!(said.contains(contradicted), "{said}");
}

/// The fake says no version in its `imported`, so it reads the first one: a newer hello would end it with an error.
#[test]
fn a_runner_of_the_first_version_is_not_asked_for_more() {
    let checkout = Checkout::new("right");
    let scenario = checkout.root().join("scenarios/seed.toml");
    let seed = std::fs::read_to_string(&scenario).unwrap();
    let held = seed.replacen("latency-ms = 20", "latency-ms = 1\nheld-agents = 3", 1);
    assert_ne!(seed, held);
    std::fs::write(&scenario, held).unwrap();
    let output = checkout.run_table();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let trial = checkout.trials().remove(0);
    let not_offered = trial.outcome.not_offered();
    assert_eq!(not_offered.as_deref(), Some("not offered: hold-agents"));
    assert!(said.contains("not offered: hold-agents"), "{said}");
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
