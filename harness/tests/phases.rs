//! The phases of a trial: what a runner does in one shows in that one and in no other.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, Edges, text};
use loopmark::measurement::{Figures, Outcome};
use loopmark::metric::catalogue;
use loopmark::plan::PhaseName::{self, Build, FirstRun, Imports, Measured, WarmUp};
use loopmark::results::Recorded;
use loopmark_protocol::{Feature, monotonic_ns};

const MIB: u64 = 1 << 20;

/// A closed loop of two workers, once.
fn closed_loop(checkout: &Checkout) -> Figures {
    let arguments = [
        "run",
        "--levels",
        "2",
        "--repetitions",
        "1",
        "--runs-per-worker",
        "2",
        "--table-repetitions",
        "0",
        "--no-mock-check",
    ];
    let output = checkout.loopmark(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let mut trials = checkout.trials();
    assert_eq!(trials.len(), 1);
    trials.remove(0).figures.unwrap()
}

fn names(figures: &Figures) -> Vec<PhaseName> {
    figures.phases.in_order().map(|(name, _)| name).collect()
}

/// A fake that burns 0.5 s and holds 64 MiB in one phase: that one shows both. No other does: each phase took what the
/// fake noted of it, and the memory it gave back is in the peak of that one alone.
fn assert_only(fake: &str, slow: PhaseName) {
    let checkout = Checkout::new(fake);
    let before = monotonic_ns();
    let figures = closed_loop(&checkout);
    assert_eq!(
        names(&figures),
        [Imports, Build, FirstRun, WarmUp, Measured]
    );
    Edges::of(&checkout).assert_around(&figures.phases, before);
    let highest = figures
        .phases
        .in_order()
        .filter_map(|(_, phase)| phase.peak_rss_bytes)
        .max();
    for (name, phase) in figures.phases.in_order() {
        let held = phase
            .peak_rss_bytes
            .map(|peak| peak - phase.rss_bytes.min(peak));
        if name == slow {
            assert!(
                phase.cpu_s >= 0.5 && phase.wall_s >= 0.5,
                "{fake}: {phase:?}"
            );
            assert!(
                held.is_none_or(|held| held >= 60 * MIB),
                "{fake}: {phase:?}"
            );
        } else {
            assert!(held.is_none_or(|held| held < 32 * MIB), "{fake}: {phase:?}");
        }
    }
    let marks_are_set_back = figures
        .phases
        .in_order()
        .all(|(_, phase)| phase.peak_rss_bytes.is_some());
    if marks_are_set_back {
        assert_eq!(Some(figures.peak_rss_bytes), highest);
    }
    // Start-up has a peak on every kernel: no lower than that of a part, no higher than the trial's.
    let start_up = figures.phases.start_up.peak_rss_bytes.unwrap();
    for part in [Imports, Build] {
        let part = figures.phase(part).unwrap();
        assert!(start_up >= part.peak_rss_bytes.unwrap_or(part.rss_bytes));
    }
    assert!(start_up <= figures.peak_rss_bytes, "{figures:?}");
    let is_slow_before_ready = [Imports, Build].contains(&slow);
    assert_eq!(
        start_up == figures.peak_rss_bytes,
        is_slow_before_ready,
        "{fake}: {start_up} of {}",
        figures.peak_rss_bytes
    );
    let cpu_s = |name| figures.phase(name).unwrap().cpu_s;
    assert!((figures.phases.start_up.cpu_s - cpu_s(Imports) - cpu_s(Build)).abs() < 1e-9);
    assert!((figures.phases.measured.cpu_s - cpu_s(Measured)).abs() < 1e-9);
    // The whole is the parts, and what the runner does between them and at its end.
    let phases = figures.phases.in_order();
    let sum: f64 = phases.map(|(_, phase)| phase.cpu_s).sum();
    assert!(
        // The kernel's sums are in whole µs.
        sum <= figures.cpu_s + 1e-5,
        "{sum} s in the phases of {} s",
        figures.cpu_s
    );
}

#[test]
fn a_slow_import_shows_in_the_imports() {
    assert_only("slow-import", Imports);
}

#[test]
fn a_slow_build_shows_in_the_build() {
    assert_only("slow-build", Build);
}

#[test]
fn a_slow_first_run_shows_in_the_first_run() {
    assert_only("slow-first-run", FirstRun);
}

#[test]
fn a_burst_has_no_first_run_and_no_warm_up() {
    let checkout = Checkout::new("right");
    let output = checkout.run_table();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let trial = checkout.trials().remove(0);
    assert_eq!(names(&trial.figures.unwrap()), [Imports, Build, Measured]);
}

#[test]
fn the_first_run_is_one_run_and_the_summary_has_every_phase() {
    let checkout = Checkout::new("right");
    closed_loop(&checkout);
    let recorded = Recorded::load(&checkout.results()).unwrap();
    assert_eq!(recorded.info.plan.trials[0].warm_up_runs, 3);
    let summary = checkout.first_cell();
    // Four turns of 20 ms each.
    let value = |metric| summary.value(metric).unwrap();
    assert!(value(&catalogue::FIRST_RUN) >= 0.08);
    assert!(value(&catalogue::IMPORTS_CPU) > 0.0 && value(&catalogue::BUILD) > 0.0);
    let (a_run, a_turn) = (
        value(&catalogue::CPU_PER_RUN),
        value(&catalogue::CPU_PER_TURN),
    );
    assert!(
        (a_run - 4.0 * a_turn).abs() < 1e-6,
        "{a_run} a run, {a_turn} a turn"
    );
    let readme = std::fs::read_to_string(checkout.results().join("README.md")).unwrap();
    assert!(readme.contains("## Phases"), "{readme}");
}

/// A scenario of the checkout with one more line.
fn with_key(checkout: &Checkout, key: &str) {
    let path = checkout.root().join("scenarios/seed.toml");
    let scenario = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        path,
        scenario.replacen("latency-ms", &format!("{key}\nlatency-ms"), 1),
    )
    .unwrap();
}

#[test]
fn what_a_runner_does_not_offer_is_no_failure() {
    let checkout = Checkout::new("right");
    with_key(&checkout, "request-stream = true");
    let output = checkout.run_table();
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        table.contains("fake (Python): not offered: streaming"),
        "{table}"
    );
    let trial = checkout.trials().remove(0);
    let features = vec![Feature::Streaming];
    assert_eq!(trial.outcome, Outcome::NotOffered { features });
    assert!(trial.figures.is_none() && trial.ready.is_some());
    assert_eq!(trial.runs.asked, 0);
    let summary = checkout.first_cell();
    let marks: Vec<&str> = summary.mark_names().collect();
    assert_eq!(
        (marks, summary.counts.failed_trials),
        (vec!["not-offered"], 0)
    );
    let runs_done = checkout.root().join("diary/runs-done");
    assert!(!runs_done.exists(), "it was asked for runs all the same");
}

#[test]
fn verify_says_what_a_row_does_not_offer() {
    let checkout = Checkout::new("right");
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/tools.toml");
    std::fs::copy(tools, checkout.root().join("scenarios/tools.toml")).unwrap();
    let output = checkout
        .loopmark(&["verify", "--scenario", "tools"])
        .output()
        .unwrap();
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.contains("not offered: synthetic-tools"), "{table}");
    with_key(&checkout, "agent = \"per-run\"");
    let output = checkout.loopmark(&["verify"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("not offered: agent-per-run"));
}
