//! What the scenarios say of runners that do one thing wrong, each beside its twin that does the work: the expectations of
//! the published files, in one sweep of both, with fewer and shorter runs.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::Checkout;
use common::swept::{Swept, part};
use loopmark::analysis::Verdict;
use loopmark::metric::catalogue;

#[test]
fn arguments_of_another_type_that_a_runner_passes_on_are_a_silent_mistake() {
    let checkout = Checkout::twins("swallows-types", &[]);
    let swept = Swept::of(&checkout, "malformed", &[("runs = 20", "runs = 5")]);
    let repaired = &catalogue::ENDED_REPAIRED;
    assert_eq!(swept.missed("wrong", repaired), [""]);
    assert_eq!(swept.missed("right", repaired), [""; 0]);
    assert_eq!(swept.values(repaired), [0.0, 1.0]);
    assert_eq!(swept.values(&catalogue::ENDED_SILENT), [1.0, 0.0]);
}

#[test]
fn an_error_for_the_caller_is_no_repair_of_any_wrong_call() {
    let checkout = Checkout::twins("raises", &[]);
    let swept = Swept::of(&checkout, "malformed", &[("runs = 20", "runs = 5")]);
    let repaired = &catalogue::ENDED_REPAIRED;
    let cases = ["no-json", "missing-field", "", "unknown-tool", "tool-fails"];
    assert_eq!(swept.missed("wrong", repaired), cases);
    assert_eq!(swept.missed("right", repaired), [""; 0]);
    assert_eq!(swept.values(&catalogue::ENDED_RAISED), [1.0, 0.0]);
}

#[test]
fn memory_that_a_runner_keeps_of_each_run_is_its_slope_per_1000_runs() {
    const KEPT: f64 = 65536.0;
    let checkout = Checkout::twins("leaky", &[("LEAK", "65536")]);
    let changes = [
        ("latency-ms = 10\n", "latency-ms = 20\n"),
        ("levels = [16]", "levels = [4]"),
        ("runs = 3000", "runs = 500"),
        ("[65536, 65000, 65300]", "[100, 101]"),
    ];
    let swept = Swept::of(&checkout, "soak", &changes);
    let slope = &catalogue::RSS_SLOPE;
    let [wrong, right] = swept.values(slope);
    let added = wrong - right;
    let kept = KEPT * 1000.0;
    assert!(kept / 2.0 < added && added < kept * 2.0, "{wrong} {right}");
    assert_eq!(swept.missed("wrong", slope), [""]);
    assert_eq!(
        swept.verdict_below("wrong", slope, kept / 4.0),
        Verdict::NotMet
    );
    assert_eq!(
        swept.verdict_below("right", slope, kept / 4.0),
        Verdict::Met
    );
}

#[test]
fn a_text_that_is_shown_late_is_added_to_the_time_to_the_first_token() {
    const LATE_MS: f64 = 200.0;
    let checkout = Checkout::twins("shows-late", &[]);
    // In whole replies, whose text is there at once.
    let changes = [("request-stream = true\n", ""), ("runs = 5", "runs = 3")];
    let swept = Swept::of(&checkout, "streaming", &changes);
    let [wrong, right] = swept.values(&catalogue::FIRST_TEXT);
    // Nothing wakes early, so a busy machine can only add to both.
    assert!(wrong >= LATE_MS, "{wrong}");
    assert!((0.0..wrong).contains(&right), "{right} {wrong}");
}

#[test]
fn tools_that_are_called_one_after_the_other_take_the_sum_of_their_times() {
    const WAIT_MS: f64 = 200.0;
    let checkout = Checkout::twins("serial", &[]);
    let changes = [
        ("{ ms = 10", "{ ms = 20"),
        ("latency-ms = 50", "latency-ms = 10"),
        (
            "levels = [1, 8]",
            "levels = [1]\nmeasure = { runs = 3, warm-up-runs = 0 }",
        ),
    ];
    let swept = Swept::of(&checkout, "parallel-tools", &changes);
    let gap = &catalogue::GAP;
    let [wrong, right] = swept.values(gap);
    // Nothing wakes early, so a busy machine can only add to both.
    assert!(wrong >= 8.0 * WAIT_MS, "{wrong}");
    assert!((WAIT_MS..wrong).contains(&right), "{right} {wrong}");
    // Two replies of 10 ms each, and the tools side by side, of which the longest waits 7 ms more.
    let ideal_ms = 20.0 + WAIT_MS + 7.0;
    let [wrong, right] = swept.values(&catalogue::WALL_OVER_IDEAL);
    assert!(wrong >= (20.0 + 8.0 * WAIT_MS) / ideal_ms, "{wrong}");
    assert!((1.0..wrong).contains(&right), "{right} {wrong}");
    assert_eq!(swept.missed("wrong", gap), [""]);
    assert_eq!(
        swept.verdict_below("wrong", gap, 8.0 * WAIT_MS),
        Verdict::NotMet
    );
    assert_eq!(
        swept.verdict_below("right", gap, 8.0 * WAIT_MS),
        Verdict::Met
    );
}

#[test]
fn tools_that_block_the_event_loop_are_its_heartbeats_lag() {
    // A beat is due every 10 ms, so one is late by all but 10 ms of each block.
    const LAG_MS: f64 = 1000.0;
    let checkout = Checkout::twins("on-the-loop", &[]);
    let changes = [
        ("ms = [50, 51]", "ms = [1010, 1011]"),
        ("latency-ms = 200", "latency-ms = 20"),
        ("levels = [64]", "levels = [1]"),
        ("level = 64", "level = 1"),
        (
            "heartbeat = true",
            "heartbeat = true\nruns = 4\nwarm-up-runs = 0",
        ),
    ];
    let swept = Swept::of(&checkout, "blocking-tool", &changes);
    let lag = &catalogue::HEARTBEAT_LAG_P99;
    let [wrong, right] = swept.values(lag);
    assert!(wrong >= LAG_MS && right < wrong, "{wrong} {right}");
    assert_eq!(swept.missed("wrong", lag), [""]);
}

#[test]
fn agents_that_wait_for_a_connection_are_not_in_flight() {
    let checkout = Checkout::twins("few-connections", &[]);
    let changes = [
        ("levels = [1, 100, 1000, 10000]", "levels = [8]"),
        ("level = 1000", "level = 8"),
        ("above = 990", "above = 7"),
    ];
    let swept = Swept::of(&checkout, "fan-out", &changes);
    let in_flight = &catalogue::MOST_IN_FLIGHT;
    let [wrong, right] = swept.values(in_flight);
    assert_eq!(wrong, 2.0);
    assert!(right > wrong, "{right}");
    assert_eq!(swept.missed("wrong", in_flight), [""]);
}

/// The first case of `cancel` alone, over the twins.
fn cancelled(fake: &str) -> Swept {
    let checkout = Checkout::twins(fake, &[]);
    let others = part("cancel", "[[case]]\nname = \"stream\"", "[report]");
    let changes = [
        ("levels = [8]", "levels = [2]"),
        ("latency-ms = 500", "latency-ms = 600"),
        (
            "measure = { runs = 1000, warm-up-runs = 20, cancel-after-ms = 200 }",
            "measure = { runs = 24, warm-up-runs = 2, cancel-after-ms = 100 }",
        ),
        (others.as_str(), ""),
        // Which is of the case that is not measured.
        ("case = \"tool\"\n", ""),
    ];
    Swept::of(&checkout, "cancel", &changes)
}

#[test]
fn a_connection_that_outlives_its_cancelled_run_is_a_request_kept_open() {
    let swept = cancelled("keeps-open");
    let kept = &catalogue::KEPT_OPEN;
    let [wrong, right] = swept.values(kept);
    assert_eq!(wrong, 1.0);
    assert!(right < wrong, "{right}");
    let disconnect = |row| swept.cell(row, None).value(&catalogue::DISCONNECT);
    assert_eq!(disconnect("wrong"), None, "nobody closed a connection");
    assert!(disconnect("right").is_some());
    assert_eq!(swept.missed("wrong", kept), [""]);
    assert_eq!(swept.verdict_below("wrong", kept, 0.5), Verdict::NotMet);
    assert_eq!(swept.verdict_below("right", kept, 0.5), Verdict::Met);
}

#[test]
fn a_run_that_goes_on_after_its_cancel_sends_requests() {
    let swept = cancelled("goes-on");
    let requests = &catalogue::REQUESTS_AFTER_CANCEL;
    let [wrong, right] = swept.values(requests);
    assert!(wrong > 0.5, "{wrong}");
    assert_eq!(right, 0.0);
    assert_eq!(swept.missed("wrong", requests), ["", ""]);
    assert_eq!(swept.missed("right", requests), [""; 0]);
}
