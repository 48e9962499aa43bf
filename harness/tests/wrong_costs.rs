//! What the scenarios say of runners that spend too much, each beside its twin that does not: the expectations of the
//! published files, in one sweep of both, with fewer and shorter runs.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::Checkout;
use common::swept::{Swept, part};
use loopmark::metric::{Metric, catalogue};

/// The twins have the synthetic tools alone.
const OTHER_TOOL: [(&str, &str); 4] = [
    ("\"word_count\"]", "\"payload\"]"),
    ("tool = \"word_count\"", "tool = \"payload\""),
    ("text = \"Note {run} has these words.\"", "bytes = 100"),
    ("has {count} words", "is long"),
];

/// The wrong row has more of a metric, and it alone more than the published scenario expects.
fn assert_only_wrong_misses(swept: &Swept, metric: &Metric) {
    let [wrong, right] = swept.values(metric);
    assert!(right < wrong, "{right} {wrong}");
    assert_eq!(swept.missed("wrong", metric), [""]);
    assert_eq!(swept.missed("right", metric), [""; 0]);
}

#[test]
fn a_connection_for_each_call_is_counted() {
    let checkout = Checkout::twins("connects-anew", &[]);
    let swept = Swept::of(&checkout, "cold", &OTHER_TOOL);
    let connections = &catalogue::CONNECTIONS;
    // One for each of a run's two calls, and one for both.
    assert_eq!(swept.values(connections), [2.0, 1.0]);
    assert_only_wrong_misses(&swept, connections);
}

#[test]
fn work_that_grows_with_the_square_of_a_payload_has_an_exponent_above_1() {
    let checkout = Checkout::twins("quadratic", &[("STEPS", "100")]);
    let changes = [
        ("runs = 5", "runs = 1"),
        ("warm-up-runs = 1", "warm-up-runs = 0"),
    ];
    let swept = Swept::of(&checkout, "large-payload", &changes);
    assert_only_wrong_misses(&swept, &catalogue::CPU_PER_RUN_EXPONENT);
}

#[test]
fn a_runner_that_computes_on_one_thread_gains_nothing_from_a_second_processor() {
    if std::thread::available_parallelism().unwrap().get() < 2 {
        return;
    }
    let growth = &catalogue::RUNS_PER_SECOND_GROWTH;
    // Another program may slow the batch on one processor; hardly three of three.
    let is_missed = |_| {
        let checkout = Checkout::twins("on-the-loop", &[]);
        let swept = Swept::of(&checkout, "cpu-tool", &[]);
        swept.missed("wrong", growth) == [""]
    };
    assert!((0..3).any(is_missed));
}

#[test]
fn work_that_grows_with_the_square_of_a_conversation_has_an_exponent_above_1() {
    let checkout = Checkout::twins("quadratic", &[("STEPS", "50000")]);
    let others = part("deep-loop", "[[case]]\nname = \"100-turns\"", "[report]");
    let swept = Swept::of(&checkout, "deep-loop", &[(others.as_str(), "")]);
    assert_only_wrong_misses(&swept, &catalogue::CPU_PER_TURN_EXPONENT);
}

#[test]
fn work_that_grows_with_the_square_of_deltas_has_an_exponent_above_1() {
    let checkout = Checkout::twins("rescans", &[]);
    let changes = [
        ("\"word_count\"]", "\"tally\"]"),
        ("tool = \"word_count\"", "tool = \"tally\""),
        (
            "text = \"Text {run}: {words.10900}\"",
            "items = [1], unit = \"{words.1000}\"",
        ),
        ("at = 64", "at = 6"),
        ("at = 2000", "at = 180"),
        ("{count} words", "counted"),
        ("runs = 10\nwarm-up-runs = 2", "runs = 1\nwarm-up-runs = 0"),
    ];
    let swept = Swept::of(&checkout, "fragments", &changes);
    assert_only_wrong_misses(&swept, &catalogue::CPU_PER_RUN_EXPONENT);
}

#[test]
fn work_for_each_tool_that_is_offered_is_growth_per_turn() {
    let checkout = Checkout::twins("per-tool", &[]);
    let changes = [
        ("runs = 200", "runs = 10"),
        ("warm-up-runs = 50", "warm-up-runs = 0"),
    ];
    let swept = Swept::of(&checkout, "many-tools", &changes);
    let growth = &catalogue::CPU_PER_TURN_GROWTH;
    let [wrong, right] = swept.values(growth);
    assert!(right < wrong, "{right} {wrong}");
    assert_eq!(swept.missed("wrong", growth), [""]);
}

#[test]
fn memory_that_each_agent_holds_is_counted_per_agent() {
    const HELD: f64 = 200_000.0;
    let checkout = Checkout::twins("heavy", &[]);
    let swept = Swept::of(&checkout, "alive", &OTHER_TOOL);
    let per_agent = &catalogue::READY_RSS_PER_UNIT;
    let [wrong, right] = swept.values(per_agent);
    let added = wrong - right;
    assert!(HELD * 0.9 < added && added < HELD * 1.5, "{wrong} {right}");
    assert_only_wrong_misses(&swept, per_agent);
}

#[test]
fn connections_and_threads_that_runs_leave_behind_are_counted() {
    const RUNS: f64 = 40.0;
    let checkout = Checkout::twins("forgets", &[]);
    let changes = [
        ("runs = 3000", "runs = 40"),
        ("runs = 2000", "runs = 40"),
        ("levels = [16]", "levels = [4]"),
        ("[65536, 65000, 65300]", "[100, 101]"),
    ];
    let swept = Swept::of(&checkout, "soak", &changes);
    for added in [&catalogue::DESCRIPTORS_ADDED, &catalogue::THREADS_ADDED] {
        let [wrong, right] = swept.values(added);
        assert!(wrong >= RUNS && right < wrong, "{wrong} {right}");
        assert_eq!(swept.missed("wrong", added), [""], "{}", added.name);
    }
    assert_eq!(
        swept.missed("right", &catalogue::DESCRIPTORS_ADDED),
        [""; 0]
    );
}
