//! Open loop and capacity, with fakes whose limits are known.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::path::Path;

use common::{Checkout, text};
use loopmark::capacity::Probe;
use loopmark::measurement::Figures;
use loopmark::results::Recorded;
use loopmark_protocol::Arrival;

/// A sweep without the table's burst and without levels, and what it left.
fn sweep_of(checkout: &Checkout, more: &[&str], exit: i32) -> Recorded {
    let no_burst = ["run", "--table-only", "--table-repetitions", "0"];
    let once = ["--repetitions", "1", "--seed", "7", "--no-mock-check"];
    let mut command = checkout.loopmark(&no_burst);
    let output = command.args(once).args(more).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{said}");
    Recorded::load(&checkout.results()).unwrap()
}

const OPEN_LOOP: [&str; 4] = ["--rates", "20", "--rate-seconds", "1"];

#[test]
fn an_open_loop_counts_from_the_intended_start_so_that_a_stall_shows() {
    let checkout = Checkout::new("stalled");
    sweep_of(&checkout, &OPEN_LOOP, 0);
    let mut runs = common::runs(&checkout.results());
    runs.sort_by_key(|run| run.run);
    assert_eq!(runs.len(), 20);
    for pair in runs.windows(2) {
        let between = pair[1].start_ms - pair[0].start_ms;
        assert!((between - 50.0).abs() < 0.01, "{between} ms apart");
    }
    // The second run was to start at 50 ms and was come to half a second after the first.
    assert!(runs[1].latency_ms >= 450.0 + 80.0, "{:?}", runs[1]);
    assert!(runs[1].overhead_ms >= 450.0, "{:?}", runs[1]);
    assert!(runs.iter().all(|run| run.verified));
    let summary = checkout.first_cell();
    // 20 runs a second of 80 ms each.
    let key = &summary.key;
    assert_eq!((key.arrival, key.level), (Arrival::Rate(20.0), 2));
}

#[test]
fn a_stall_that_a_runner_does_not_own_up_to_is_found() {
    let checkout = Checkout::new("stalled-and-silent");
    let recorded = sweep_of(&checkout, &OPEN_LOOP, 1);
    let unverified = &recorded.trials[0].runs.unverified;
    assert!(
        unverified.get("off-schedule").is_some_and(|runs| *runs > 0),
        "{unverified:?}"
    );
}

/// The figures and the marks of a closed loop with two workers, of four runs each.
fn two_workers(fake: &str) -> (Figures, Vec<&'static str>) {
    let checkout = Checkout::new(fake);
    checkout.run_levels(&["--levels", "2", "--repetitions", "1"]);
    let recorded = Recorded::load(&checkout.results()).unwrap();
    let cell = checkout.first_cell();
    let figures = recorded.trials[0].figures.clone().unwrap();
    (figures, cell.mark_names().collect())
}

#[test]
fn a_runner_that_keeps_to_its_level_and_ramp_has_no_mark_for_them() {
    let (figures, marks) = two_workers("right");
    let in_flight = figures.in_flight.unwrap();
    assert!(in_flight.max_runs <= 2, "{in_flight:?}");
    assert_eq!((in_flight.before_ramp, figures.set_aside), (0, None));
    for mark in ["over-level", "no-ramp", "unverified-warm-up"] {
        assert!(!marks.contains(&mark), "{marks:?}");
    }
}

#[test]
fn a_runner_that_has_more_runs_in_flight_than_the_level_is_marked() {
    let (figures, marks) = two_workers("over-level");
    assert_eq!(figures.in_flight.unwrap().max_runs, 4);
    assert!(marks.contains(&"over-level"), "{marks:?}");
}

#[test]
fn a_runner_that_makes_its_warm_up_up_is_marked() {
    let (figures, marks) = two_workers("skips-warm-up");
    // The first run, and one a worker.
    let unverified = figures.set_aside.unwrap().unverified;
    assert_eq!(unverified, [("missing-call".to_owned(), 3)].into());
    assert!(marks.contains(&"unverified-warm-up"), "{marks:?}");
}

/// The lines of `capacity.jsonl`.
fn lines(folder: &Path) -> Vec<String> {
    let bytes = common::record_file(folder, "capacity.jsonl");
    text(&bytes).lines().map(str::to_owned).collect()
}

#[test]
fn the_capacity_of_a_row_that_carries_5_is_5_and_its_search_goes_on_where_it_was_ended() {
    // Only the fake's own limit ends the search: no machine is so busy that p95 does.
    let checkout = Checkout::new("at-most-5");
    let once = ["--rates", "5", "--rate-seconds", "1"];
    let search = ["--capacity", "level", "--p95-factor", "100"];
    let recorded = sweep_of(&checkout, &[once, search].concat(), 0);
    let capacity = recorded.capacities().remove(0);
    assert_eq!(capacity.level, Some(5));
    // On a busy machine the mock may have been late when the row failed, which the record owns up to.
    let ended = recorded.probes.iter().filter(|probe| probe.value == 6);
    let was_mock_bound = ended.clone().any(|probe| probe.mock_bound);
    assert!(ended.count() > 0);
    assert_eq!(capacity.level_is_least, was_mock_bound);
    let why = capacity.level_ended_by.clone().unwrap();
    assert!(why.contains("more than 5 runs at once"), "{why}");
    let peak_bytes = |probe: &Probe| probe.trial.figures.as_ref().map(|f| f.peak_rss_bytes);
    let peaks: Vec<u64> = recorded.probes.iter().filter_map(peak_bytes).collect();
    let least = 5.0 / (*peaks.iter().max().unwrap() as f64 / f64::from(1 << 30));
    assert!(
        capacity
            .agents_per_gib
            .is_some_and(|agents| agents >= least)
    );

    // The search was ended three loads earlier, in the middle of a line.
    let folder = checkout.results();
    let before = lines(&folder);
    let kept = before.len() - 3;
    let cut = format!("{}\n{}", before[..kept].join("\n"), &before[kept][..50]);
    std::fs::write(folder.join("capacity.jsonl"), cut).unwrap();
    std::fs::remove_file(folder.join("capacity.jsonl.zst")).unwrap();
    let output = checkout
        .loopmark(&["run", "--resume", folder.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        lines(&folder)[..kept] == before[..kept],
        "what was there stays"
    );
    let resumed = Recorded::load(&folder).unwrap().capacities().remove(0);
    assert_eq!(resumed.level, Some(5));
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(readme.contains("## Capacity"), "{readme}");
    assert_eq!(
        readme.contains("≥ 5 |"),
        resumed.level_is_least,
        "a lower bound is shown as one: {readme}"
    );
}
