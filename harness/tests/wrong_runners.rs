//! What the scenarios say of runners that do one thing wrong, each beside its twin that does the work: the expectations of
//! the published files, in one sweep of both, with fewer and shorter runs.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, text};
use loopmark::analysis::{CellResult, Focus, Verdict, cells, verdict};
use loopmark::metric::{Metric, catalogue};
use loopmark::results::{Recorded, ScenarioInfo};
use loopmark::scenario::Expectation;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");

/// A sweep of the two rows over a scenario.
struct Swept {
    scenario: ScenarioInfo,
    cells: Vec<CellResult>,
}

impl Swept {
    /// Of a published scenario after some changes, each of which must change something.
    fn of(checkout: &Checkout, scenario: &str, changes: &[(&str, &str)]) -> Swept {
        let published = format!("{SCENARIOS}/{scenario}.toml");
        let mut file = std::fs::read_to_string(published).unwrap();
        for (from, to) in changes {
            assert!(file.contains(from), "{scenario} has no {from}");
            file = file.replace(from, to);
        }
        let path = checkout.root().join(format!("scenarios/{scenario}.toml"));
        std::fs::write(path, file).unwrap();
        let arguments = [
            "run",
            "--scenario",
            scenario,
            "--repetitions",
            "1",
            "--no-mock-check",
            "--seed",
            "7",
        ];
        let output = checkout.loopmark(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let recorded = Recorded::load(&checkout.results()).unwrap();
        let scenario = recorded.info.scenarios[0].clone();
        let cells = cells(&recorded, &scenario);
        Swept { scenario, cells }
    }

    fn cell(&self, row: &str, case: Option<&str>) -> &CellResult {
        let focus = Focus::of(&self.scenario).unwrap().unwrap();
        let mut cells = self.cells.iter();
        let found = cells.find(|cell| cell.key.row.framework == row).unwrap();
        focus.cell(&self.cells, &found.key.row, case).unwrap()
    }

    /// Of the wrong row and of the right one.
    fn values(&self, metric: &Metric) -> [f64; 2] {
        ["wrong", "right"].map(|row| {
            let value = self.cell(row, None).value(metric);
            value.unwrap_or_else(|| panic!("{row} has no {}", metric.name))
        })
    }

    /// The cases of the scenario's own expectations of a metric that a row does not meet; empty for the report's own.
    fn missed(&self, row: &str, metric: &Metric) -> Vec<&str> {
        let expectations = self.scenario.expect.iter();
        let of_metric = expectations.filter(|expectation| expectation.metric == metric.name);
        let missed = of_metric.filter(|of| self.judge(row, of) == Verdict::NotMet);
        missed
            .map(|of| of.case.as_deref().unwrap_or_default())
            .collect()
    }

    /// What an expectation with another limit says of a row: a machine that is busy with other tests is no fault of the right row.
    fn verdict_below(&self, row: &str, metric: &Metric, below: f64) -> Verdict {
        let expectation = Expectation {
            metric: metric.name.to_owned(),
            rows: "*".to_owned(),
            case: None,
            below: Some(below),
            above: None,
        };
        self.judge(row, &expectation)
    }

    fn judge(&self, row: &str, expectation: &Expectation) -> Verdict {
        let cell = self.cell(row, expectation.case.as_deref());
        verdict(expectation, Some(cell)).unwrap()
    }
}

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
    // The twins read whole replies.
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
    const LAG_MS: f64 = 250.0;
    let checkout = Checkout::twins("on-the-loop", &[]);
    let changes = [
        ("ms = [50, 51]", "ms = [260, 261]"),
        ("latency-ms = 200", "latency-ms = 20"),
        ("levels = [64]", "levels = [1]"),
        ("level = 64", "level = 1"),
        (
            "heartbeat = true",
            "heartbeat = true\nruns = 8\nwarm-up-runs = 0",
        ),
    ];
    let swept = Swept::of(&checkout, "blocking-tool", &changes);
    let lag = &catalogue::HEARTBEAT_LAG_P99;
    let [wrong, right] = swept.values(lag);
    assert!(wrong >= LAG_MS && right < wrong, "{wrong} {right}");
    assert_eq!(swept.missed("wrong", lag), [""]);
    assert_eq!(swept.verdict_below("wrong", lag, LAG_MS), Verdict::NotMet);
    assert_eq!(swept.verdict_below("right", lag, LAG_MS), Verdict::Met);
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

#[test]
fn a_connection_for_each_call_is_counted() {
    let checkout = Checkout::twins("connects-anew", &[]);
    // The twins have the synthetic tools alone.
    let changes = [
        ("\"word_count\"]", "\"payload\"]"),
        ("tool = \"word_count\"", "tool = \"payload\""),
        ("text = \"Note {run} has these words.\"", "bytes = 100"),
        ("has {count} words", "is long"),
    ];
    let swept = Swept::of(&checkout, "cold", &changes);
    let connections = &catalogue::CONNECTIONS;
    // One for each of a run's two calls, and one for both.
    assert_eq!(swept.values(connections), [2.0, 1.0]);
    assert_eq!(swept.missed("wrong", connections), [""]);
    assert_eq!(swept.missed("right", connections), [""; 0]);
}

#[test]
fn work_that_grows_with_the_square_of_a_payload_has_an_exponent_above_1() {
    let checkout = Checkout::twins("quadratic", &[]);
    let changes = [
        ("runs = 5", "runs = 1"),
        ("warm-up-runs = 1", "warm-up-runs = 0"),
    ];
    let swept = Swept::of(&checkout, "large-payload", &changes);
    let exponent = &catalogue::CPU_PER_RUN_EXPONENT;
    let [wrong, right] = swept.values(exponent);
    assert!(right < wrong, "{right} {wrong}");
    assert_eq!(swept.missed("wrong", exponent), [""]);
    assert_eq!(swept.missed("right", exponent), [""; 0]);
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
fn a_connection_that_outlives_its_cancelled_run_is_a_request_kept_open() {
    let checkout = Checkout::twins("keeps-open", &[]);
    let changes = [
        ("levels = [8]", "levels = [2]"),
        ("latency-ms = 500", "latency-ms = 600"),
        (
            "measure = { runs = 1000, warm-up-runs = 20, cancel-after-ms = 200 }",
            "measure = { runs = 24, warm-up-runs = 2, cancel-after-ms = 100 }",
        ),
    ];
    let published = format!("{SCENARIOS}/cancel.toml");
    let published = std::fs::read_to_string(published).unwrap();
    // The first case alone.
    let (from, _) = published.split_once("[[case]]\nname = \"stream\"").unwrap();
    let others = published.strip_prefix(from).unwrap();
    let (others, _) = others.split_once("[report]").unwrap();
    let changes: Vec<(&str, &str)> = changes.into_iter().chain([(others, "")]).collect();
    let swept = Swept::of(&checkout, "cancel", &changes);
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
