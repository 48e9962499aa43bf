//! A runner whose behaviour is known: the harness must report it.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, text};
use loopmark::measurement::{Figures, TrialRecord};
use loopmark::record::Recorded;

fn trial_of(fake: &str) -> (Checkout, TrialRecord, Figures) {
    let checkout = Checkout::new(fake);
    let output = checkout.run_table();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{fake}: {}",
        text(&output.stderr)
    );
    let trial = checkout.trials().remove(0);
    let figures = trial.figures.clone().unwrap();
    (checkout, trial, figures)
}

#[test]
fn cpu_agrees_with_the_kernels_own_accounting_to_2_percent() {
    // A second in the main thread, 0.6 s in another thread, 0.6 s in a child, and 0.6 s in a grandchild that nobody
    // waits for. The fake and its grandchild note the kernel's accounting of themselves as the last thing they do.
    let (checkout, _, figures) = trial_of("burn");
    let own: f64 = checkout.diary("cpu-s").parse().unwrap();
    let grandchild: f64 = checkout.diary("grandchild-cpu-s").parse().unwrap();
    let truth = own + grandchild;
    assert!(truth > 2.8, "the fake burnt only {truth} s");
    let share = figures.cpu_s / truth;
    assert!(
        (0.98..1.02).contains(&share),
        "{} s reported, {truth} s burnt",
        figures.cpu_s
    );
    assert!((figures.cpu_user_s + figures.cpu_system_s - figures.cpu_s).abs() < 1e-6);
    // The batch's part is of the runner's own process: the main thread and the other one.
    assert!(
        figures.batch_cpu_s >= 1.6 && figures.batch_cpu_s < 1.9,
        "{}",
        figures.batch_cpu_s
    );
}

#[test]
fn peak_rss_is_the_kernels_high_water_mark_exactly() {
    // 64 MiB are held and given back before the batch ends: a peak that later sampling could not see.
    let (checkout, _, figures) = trial_of("memory");
    let truth: u64 = checkout.diary("peak-rss-kib").parse().unwrap();
    assert_eq!(figures.peak_rss_bytes, truth * 1024);
    // The kernel keeps resident pages in counters per CPU, which it adds up with a small error.
    assert!(
        figures.peak_rss_bytes - figures.ready_rss_bytes >= 63 << 20,
        "{figures:?}"
    );
    assert!(figures.peak_rss_bytes - figures.end_rss_bytes >= 60 << 20);
}

#[test]
fn gaps_are_what_the_runner_lets_pass_between_turns() {
    let (checkout, _, _) = trial_of("gaps");
    let recorded = Recorded::load(&checkout.results()).unwrap();
    let gaps = recorded.runs.iter().flat_map(|run| run.gaps_us.split(';'));
    let gaps: Vec<f64> = gaps.map(|gap| gap.parse().unwrap()).collect();
    assert_eq!(gaps.len(), 12);
    assert!(gaps.iter().all(|gap| *gap >= 30_000.0), "{gaps:?}");
    let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(least < 36_000.0, "even the least gap is {least} µs");
    for run in &recorded.runs {
        assert!(run.overhead_ms >= 90.0, "three pauses of 30 ms: {run:?}");
    }
}

#[test]
fn a_connection_a_call_is_seen_as_such() {
    let (_checkout, _, figures) = trial_of("new-connections");
    assert_eq!(
        (figures.traffic.requests, figures.traffic.connections),
        (16, 16)
    );
}

#[test]
fn a_runner_that_caps_itself_is_marked() {
    let (checkout, _, figures) = trial_of("serial");
    assert_eq!(figures.traffic.most_in_flight, 1);
    let summary = Recorded::load(&checkout.results())
        .unwrap()
        .summary()
        .remove(0);
    assert!(
        summary
            .marks
            .split(';')
            .any(|mark| mark == "client-limited"),
        "{}",
        summary.marks
    );
}
