//! Traces: what a runner sends is counted to the byte, one that sends nothing has failed, and one whose runs wait for a sink
//! that never answers shows that as its figure.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::process::Output;

use common::{Checkout, text};
use loopmark::analysis::{CellResult, cells};
use loopmark::measurement::Outcome;
use loopmark::metric::catalogue;
use loopmark::results::Recorded;

const SCENARIO: &str = r#"
name = "traced"
description = "a payload, with tracing off, on, and on with a dead sink"
model = "gpt-4o-mini"
instructions = "You exercise tools."
prompt = "Exercise {run}: fetch a payload."
tools = ["payload"]
latency-ms = 1
levels = [2]

[measure]
runs = 4
warm-up-runs = 3

[[turn]]
[[turn.call]]
id = "much"
tool = "payload"
arguments = { bytes = 10 }

[[turn]]
text = "Exercise {run}: done."

[[case]]
name = "off"
[[case]]
name = "sink"
tracing = "sink"
[[case]]
name = "dead-sink"
tracing = "dead-sink"
"#;

/// What no batch takes that comes to its end, on any machine; the one that hangs takes it.
const DEADLINE_S: &str = "30";

fn swept(fake: &str) -> (Checkout, Output) {
    let checkout = Checkout::twins(fake, &[]);
    std::fs::write(checkout.root().join("scenarios/traced.toml"), SCENARIO).unwrap();
    let arguments = [
        "run",
        "--scenario",
        "traced",
        "--repetitions",
        "1",
        "--no-mock-check",
        "--batch-deadline",
        DEADLINE_S,
    ];
    let output = checkout.loopmark(&arguments).output().unwrap();
    (checkout, output)
}

fn cell(checkout: &Checkout, row: &str, case: &str) -> CellResult {
    let recorded = Recorded::load(&checkout.results()).unwrap();
    let cells = cells(&recorded, &recorded.info.scenarios[0]).into_iter();
    let mut of_row = cells.filter(|cell| cell.key.row.framework == row);
    let found = of_row.find(|cell| cell.key.case.as_deref() == Some(case));
    found.unwrap()
}

#[test]
fn traces_are_counted_to_the_byte_and_runs_that_wait_for_a_dead_sink_are_hung() {
    let (checkout, output) = swept("waits-for-sink");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let bytes = |row, case| cell(&checkout, row, case).value(&catalogue::TRACE_BYTES_PER_RUN);
    for row in ["wrong", "right"] {
        assert_eq!(bytes(row, "off"), None, "{row}");
        assert_eq!(bytes(row, "sink"), Some(200.0), "{row}");
    }
    let right = cell(&checkout, "right", "dead-sink");
    assert_eq!(right.counts.verified_runs, 4);
    let wrong = cell(&checkout, "wrong", "dead-sink");
    assert_eq!(wrong.value(&catalogue::ENDED_HUNG), Some(1.0));
    assert_eq!(
        (wrong.counts.verified_runs, wrong.counts.failed_trials),
        (0, 0)
    );
    assert!(wrong.is_marked("hung") && !right.is_marked("hung"));
}

#[test]
fn a_runner_that_offers_tracing_and_sends_nothing_has_failed() {
    let (checkout, output) = swept("mute");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    for trial in checkout.trials() {
        let cell = &trial.planned.cell;
        let is_mute = cell.row.framework == "wrong" && cell.case.as_deref() != Some("off");
        match &trial.outcome {
            Outcome::Failed { reason, .. } => {
                assert!(
                    is_mute && reason.contains("nothing arrived at the sink"),
                    "{reason}"
                );
            }
            _ => assert!(!is_mute),
        }
    }
}
