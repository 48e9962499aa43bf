//! A model's server that does wrong things: what clients see of it, and what is told of runners that take it each in
//! their own way.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, text};
use loopmark::analysis::{CellResult, cells};
use loopmark::metric::{Metric, catalogue};
use loopmark::results::Recorded;

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
        let arguments = [
            "run",
            "--repetitions",
            "1",
            "--no-mock-check",
            "--seed",
            "7",
        ];
        let output = checkout.loopmark(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let recorded = Recorded::load(&checkout.results()).unwrap();
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
