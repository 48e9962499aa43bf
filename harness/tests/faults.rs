//! A model's server that does wrong things: what clients see of it, and what is told of runners that take it each in
//! their own way.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, text};
use loopmark::analysis::{CellResult, Focus, Verdict, cells, verdict};
use loopmark::metric::{Metric, catalogue};
use loopmark::results::Recorded;
use loopmark::scenario::Expectation;

const CASES: &str = "
[[case]]
name = \"limit\"
fault = [{ turn = 1, kind = \"status\", status = 429, retry-after-s = 1 }]
[[case]]
name = \"reset\"
fault = [{ turn = 0, kind = \"reset\" }]
[[case]]
name = \"truncate\"
fault = [{ turn = 2, kind = \"truncate\" }]
[[case]]
name = \"stall\"
fault = [{ turn = 0, kind = \"stall\", stall-s = 1 }]
[[case]]
name = \"outage\"
fault = [{ turn = 1, kind = \"status\", status = 503, attempts = 100 }]
";

/// A sweep of a fake over all cases, four runs each; its exit code is 0 however runs end.
struct Swept(Vec<CellResult>);

impl Swept {
    fn of(fake: &str) -> Swept {
        let checkout = Checkout::new(fake);
        let path = checkout.root().join("scenarios/seed.toml");
        let seed = std::fs::read_to_string(&path).unwrap();
        let seed = seed
            .replace("levels = [1, 10, 50, 100]", "levels = [2]")
            .replace(
                "table-level = 4",
                "measure = { runs = 4, warm-up-runs = 0 }",
            );
        std::fs::write(&path, format!("{seed}{CASES}")).unwrap();
        let recorded = checkout.swept_once("seed");
        let found = cells(&recorded, &recorded.info.scenarios[0]);
        let page = std::fs::read_to_string(checkout.results().join("README.md")).unwrap();
        assert!(!page.contains("What went wrong"), "{page}");
        Swept(found)
    }

    fn value(&self, case: &str, metric: &Metric) -> Option<f64> {
        let mut cells = self.0.iter();
        let cell = cells.find(|cell| cell.key.case.as_deref() == Some(case));
        cell.unwrap().value(metric)
    }

    /// The shares of runs that ended right, raised and gave up.
    fn ends(&self, case: &str) -> [f64; 3] {
        [
            &catalogue::ENDED_RIGHT,
            &catalogue::ENDED_RAISED,
            &catalogue::ENDED_GAVE_UP,
        ]
        .map(|metric| self.value(case, metric).unwrap())
    }
}

const RIGHT: [f64; 3] = [1.0, 0.0, 0.0];
const RAISED: [f64; 3] = [0.0, 1.0, 0.0];
const GAVE_UP: [f64; 3] = [0.0, 0.0, 1.0];

#[test]
fn a_runner_that_repeats_its_requests_ends_right_and_gives_up_in_an_outage() {
    let swept = Swept::of("retries");
    for case in ["limit", "reset", "truncate", "stall"] {
        assert_eq!(swept.ends(case), RIGHT, "{case}");
        let requests = swept.value(case, &catalogue::REQUESTS_PER_NEEDED);
        assert_eq!(requests, Some(1.0), "{case}");
        assert_eq!(swept.value(case, &catalogue::GIVE_UP), None, "{case}");
    }
    let obeyed = swept.value("limit", &catalogue::RETRY_AFTER_OBEYED);
    assert_eq!(obeyed, Some(1.0));
    assert_eq!(swept.value("reset", &catalogue::RETRY_AFTER_OBEYED), None);
    assert_eq!(swept.ends("outage"), GAVE_UP);
    let tries = swept.value("outage", &catalogue::REQUESTS_PER_FAULT);
    assert_eq!(tries, Some(4.0));
    assert!(swept.value("outage", &catalogue::GIVE_UP).is_some());
}

#[test]
fn a_runner_that_takes_no_notice_of_retry_after_is_told_from_one_that_waits() {
    let swept = Swept::of("retries-at-once");
    assert_eq!(swept.ends("limit"), RIGHT);
    let obeyed = swept.value("limit", &catalogue::RETRY_AFTER_OBEYED);
    assert_eq!(obeyed, Some(0.0));
}

#[test]
fn a_runner_that_asks_twice_as_often_as_it_has_to_is_told_from_one_that_does_not() {
    let swept = Swept::of("retries-twice");
    assert_eq!(swept.ends("limit"), RIGHT);
    // Four turns and one fault need five requests.
    let requests = swept.value("limit", &catalogue::REQUESTS_PER_NEEDED);
    assert_eq!(requests, Some(6.0 / 5.0));
}

#[test]
fn a_runner_that_never_repeats_a_request_raises_whatever_the_fault_is() {
    let swept = Swept::of("right");
    for case in ["limit", "reset", "truncate", "stall", "outage"] {
        assert_eq!(swept.ends(case), RAISED, "{case}");
    }
    let tries = swept.value("outage", &catalogue::REQUESTS_PER_FAULT);
    assert_eq!(tries, Some(1.0));
}

/// The published scenario's expectations that a fake does not meet, whichever rows they are of: those, the metric and the
/// case.
fn missed(fake: &str) -> Vec<[String; 3]> {
    let checkout = Checkout::new(fake);
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/flaky-llm.toml");
    let mut scenario = std::fs::read_to_string(published).unwrap();
    for (from, to) in [
        ("runs = 20", "runs = 4"),
        ("levels = [20]", "levels = [4]"),
        ("stall-s = 5", "stall-s = 1"),
        ("attempts = 1000", "attempts = 100"),
    ] {
        assert!(scenario.contains(from), "the scenario has no {from}");
        scenario = scenario.replace(from, to);
    }
    std::fs::write(checkout.root().join("scenarios/flaky-llm.toml"), scenario).unwrap();
    let once = ["run", "--scenario", "flaky-llm", "--repetitions", "1"];
    let mut sweep = checkout.loopmark(&once);
    let output = sweep.args(["--no-mock-check", "--seed", "7"]).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let recorded = Recorded::load(&checkout.results()).unwrap();
    let scenario = &recorded.info.scenarios[0];
    let cells = cells(&recorded, scenario);
    let focus = Focus::of(scenario).unwrap().unwrap();
    let row = &recorded.info.rows[0].key;
    let not_met = scenario.expect.iter().filter(|expectation| {
        let cell = focus.cell(&cells, row, expectation.case.as_deref());
        verdict(expectation, cell) != Ok(Verdict::Met)
    });
    let named = |expectation: &Expectation| {
        let Expectation {
            rows, metric, case, ..
        } = expectation.clone();
        [rows, metric, case.unwrap_or_default()]
    };
    not_met.map(named).collect()
}

/// The cases of one metric among those of `ours` or of the floors, and that nothing else of them is missed.
fn assert_missed(missed: &[[String; 3]], of: &str, expected: &[(&str, &str)]) {
    let of_rows = missed.iter().filter(|[rows, ..]| rows == of);
    let found: Vec<(&str, &str)> = of_rows
        .map(|[_, metric, case]| (metric.as_str(), case.as_str()))
        .collect();
    assert_eq!(found, expected, "{of}");
}

const FIRST_TRIES: [&str; 5] = ["rate-limit", "server-error", "reset", "stall", "truncate"];
/// The fakes that repeat ask four times in an outage, where the expectation of `ours` is below four.
const FOUR_TRIES: (&str, &str) = ("requests_per_faulty_turn", "outage");

#[test]
fn a_patient_runner_misses_no_expectation_but_the_one_of_the_tries_in_an_outage() {
    let missed = missed("retries");
    assert_missed(&missed, "ours", &[FOUR_TRIES]);
    assert_missed(&missed, "*", &[]);
}

#[test]
fn a_runner_that_takes_no_notice_of_retry_after_misses_the_expectation_of_it() {
    let obeyed = ("retry_after_obeyed_share", "rate-limit");
    assert_missed(&missed("retries-at-once"), "ours", &[obeyed, FOUR_TRIES]);
}

#[test]
fn a_runner_that_asks_twice_as_often_misses_the_expectations_of_requests() {
    let mut expected = FIRST_TRIES
        .map(|case| ("requests_per_needed", case))
        .to_vec();
    expected.push(FOUR_TRIES);
    assert_missed(&missed("retries-twice"), "ours", &expected);
}

#[test]
fn a_runner_that_never_repeats_a_request_is_what_is_expected_of_a_floor() {
    let missed = missed("right");
    assert_missed(&missed, "floor-*", &[]);
    assert_missed(&missed, "*", &[]);
    for case in FIRST_TRIES {
        let is_it = |of: &&[String; 3]| of[1] == "ended_right_share" && of[2] == case;
        assert!(missed.iter().any(|of| is_it(&of)), "{case}: {missed:?}");
    }
}

#[test]
fn a_runner_that_swallows_an_error_misses_the_expectation_that_nobody_does() {
    let silent = ["stall", "truncate"].map(|case| ("silent_share", case));
    assert_missed(&missed("swallows"), "*", &silent);
}
