//! Every outcome of a trial, with a fake runner that does what it is told: the work, or one thing wrong.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use common::{Checkout, processes_with, text};
use loopmark::measurement::{FailureKind, Outcome, TrialRecord};
use loopmark::metric::catalogue;

/// The trial of a fake whose harness must end with `exit`.
fn trial_of(fake: &str, exit: i32) -> (Checkout, TrialRecord) {
    let checkout = Checkout::new(fake);
    let output = checkout.run_table();
    let said = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{fake}: {said}");
    let trial = checkout.trials().remove(0);
    (checkout, trial)
}

/// A fake whose trial comes to its end, but whose runs do not count, for `reason`.
fn assert_unverified(fake: &str, reason: &str, detail: &str) {
    let (checkout, trial) = trial_of(fake, 1);
    assert_eq!(trial.outcome, Outcome::Completed, "{fake}");
    assert_eq!(trial.runs.verified, 0, "{fake}");
    assert_eq!(
        trial.runs.unverified.get(reason),
        Some(&4),
        "{fake}: {:?}",
        trial.runs
    );
    let example = trial.runs.example.unwrap_or_default();
    assert!(example.contains(detail), "{fake}: {example}");
    let summary = checkout.first_cell();
    let numbers = [
        &catalogue::MEDIAN,
        &catalogue::P95,
        &catalogue::CPU,
        &catalogue::PEAK_RSS,
    ]
    .map(|metric| summary.value(metric));
    assert_eq!(numbers, [None; 4], "no number for {fake}");
    assert!(summary.is_marked("unverified-runs"));
}

/// A fake whose trial ends early.
fn assert_failed(fake: &str, kind: FailureKind, detail: &str) -> (Checkout, TrialRecord) {
    let (checkout, trial) = trial_of(fake, 1);
    let Outcome::Failed { failure, reason } = &trial.outcome else {
        panic!("{fake} completed")
    };
    assert_eq!(*failure, kind, "{fake}: {reason}");
    assert!(reason.contains(detail), "{fake}: {reason}");
    assert!(
        trial.figures.is_none() && trial.runs.verified == 0,
        "{fake} has figures"
    );
    (checkout, trial)
}

#[test]
fn a_right_runner_is_verified_and_measured() {
    let (checkout, trial) = trial_of("right", 0);
    assert_eq!((trial.runs.asked, trial.runs.verified), (4, 4));
    let figures = trial.figures.unwrap();
    assert_eq!(figures.traffic.requests, 16);
    assert_eq!(figures.traffic.connections, 4);
    assert_eq!(figures.orphans, 0);
    for run in &common::runs(&checkout.results()) {
        assert!(run.verified && run.llm_calls == 4, "{run:?}");
        assert!(
            run.hold_ms >= 80.0 && run.latency_ms > run.hold_ms,
            "{run:?}"
        );
        let difference = run.latency_ms - run.hold_ms - run.overhead_ms;
        assert!(difference.abs() < 0.001, "{run:?}");
        assert_eq!(run.gaps_us.split(';').count(), 3, "{run:?}");
    }
    let peak_kib: u64 = checkout.diary("peak-rss-kib").parse().unwrap();
    assert!(figures.peak_rss_bytes <= peak_kib * 1024);
}

#[test]
fn runs_that_did_not_do_the_work_are_counted_with_their_reason_and_enter_no_figure() {
    assert_unverified("wrong-answer", "wrong-answer", "another checksum");
    assert_unverified("skip-tools", "missing-call", "1 LLM calls instead of 4");
    assert_unverified("extra-call", "extra-call", "5 LLM calls instead of 4");
    assert_unverified("wrong-tool-result", "wrong-request", "word_count");
    assert_unverified("tool-not-offered", "wrong-request", "word_count");
    assert_unverified(
        "own-words",
        "wrong-request",
        "the description of the argument `id` of read_paper is \"A key\", not \"The paper's id.\"; if the framework can't do \
         otherwise, declare leaves-out = [\"argument-descriptions\"]",
    );
    assert_unverified("last-result-only", "wrong-request", "comes before its call");
    assert_unverified(
        "no-instructions",
        "wrong-request",
        "the scenario's instructions are missing",
    );
    assert_unverified("result-twice", "wrong-request", "comes twice");
    assert_unverified("clock-in-us", "clock", "the mock saw its first byte at");
    assert_unverified("clock-backwards", "clock", "the mock saw its first byte at");
    assert_unverified("clock-of-start", "clock", "the batch was asked for at");
    assert_unverified("clock-ahead", "clock", "the batch was asked for at");
    assert_unverified("error", "error", "the fake fails on purpose");
}

#[test]
fn a_run_of_a_burst_that_counts_from_its_own_start_does_not_count() {
    let (_checkout, trial) = trial_of("own-starts", 1);
    // The first one is what the others are compared with.
    assert_eq!(trial.runs.verified, 1, "{:?}", trial.runs);
    assert_eq!(trial.runs.unverified.get("off-schedule"), Some(&3));
    let example = trial.runs.example.unwrap_or_default();
    assert!(example.contains("off the first run's"), "{example}");
}

#[test]
fn a_crash_is_an_outcome_with_the_last_words() {
    let (_checkout, trial) = assert_failed("crash", FailureKind::Crashed, "exit code 7");
    assert_eq!(
        trial.stderr_tail.last().map(String::as_str),
        Some("the last words of the fake")
    );
    assert_failed("killed", FailureKind::Crashed, "killed by SIGKILL");
    assert_failed("refuse", FailureKind::Crashed, "exit code 1");
}

#[test]
fn garbage_is_an_outcome() {
    assert_failed(
        "garbage",
        FailureKind::Garbage,
        "Welcome to the fake framework!",
    );
    assert_failed(
        "last-word",
        FailureKind::Garbage,
        "Goodbye from the fake framework!",
    );
    assert_failed("not-text", FailureKind::Garbage, "is not text");
}

#[test]
fn half_a_line_is_an_outcome() {
    assert_failed("half-line", FailureKind::Hung, "was not done after 3 s");
}

#[test]
fn a_runner_that_closes_its_output_and_lives_on_is_an_outcome_and_is_ended() {
    let detail = "closed its standard output or input but did not end";
    let (checkout, _trial) = assert_failed("close-stdout", FailureKind::Crashed, detail);
    assert!(processes_with(&checkout.root().to_string_lossy()).is_empty());
}

#[test]
fn a_runner_that_stops_itself_is_an_outcome_and_is_ended() {
    let (checkout, _trial) = assert_failed("stop", FailureKind::Hung, "was not done after 3 s");
    assert!(processes_with(&checkout.root().to_string_lossy()).is_empty());
}

/// The trial of a fake whose harness must end with `exit`, and the harness's own peak of memory while it ran.
fn watched_trial_of(fake: &str, exit: i32) -> (TrialRecord, u64) {
    let checkout = Checkout::new(fake);
    let mut harness = checkout.table_command().spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        if let Some(status) = harness.try_wait().unwrap() {
            break status;
        }
        // Gone between the two: the last look counts.
        let memory = loopmark::probe::memory(harness.id());
        peak = memory.map_or(peak, |memory| peak.max(memory.peak_rss_bytes));
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert_eq!(status.code(), Some(exit), "{fake}");
    assert!(peak > 1 << 20, "the harness was never seen");
    (checkout.trials().remove(0), peak)
}

/// Nothing of what a runner wrote is kept: the harness takes no more than for a runner that writes little. (Most of what
/// it takes goes to drawing charts.)
fn assert_little_more_than_usual(peak: u64) {
    let (_, usual) = watched_trial_of("right", 0);
    let more = peak.saturating_sub(usual);
    assert!(more < 32 << 20, "{peak} bytes, usually {usual}");
}

#[test]
fn a_line_of_100_mib_is_garbage_and_is_not_kept() {
    let (trial, peak) = watched_trial_of("long-line", 1);
    let Outcome::Failed { failure, reason } = &trial.outcome else {
        panic!("completed")
    };
    assert_eq!(*failure, FailureKind::Garbage);
    assert!(reason.contains("a line of more than"), "{reason}");
    assert_little_more_than_usual(peak);
}

#[test]
fn lines_that_do_not_fit_what_was_asked_are_an_outcome() {
    assert_failed(
        "missing-sample",
        FailureKind::ProtocolError,
        "without 1 of its samples",
    );
    assert_failed("twice", FailureKind::ProtocolError, "two samples of run");
}

#[test]
fn an_exit_code_at_the_end_is_an_outcome() {
    assert_failed("exit-code", FailureKind::ExitCode, "exit code 5");
}

#[test]
fn a_slow_start_is_an_outcome() {
    assert_failed("slow-start", FailureKind::SlowStart, "not ready after 3 s");
}

#[test]
fn a_runner_that_never_reads_is_an_outcome() {
    assert_failed("deaf", FailureKind::SlowStart, "not ready after 3 s");
}

#[test]
fn a_runner_that_forks_and_exits_is_an_outcome_and_what_it_left_is_ended() {
    let (checkout, _trial) = assert_failed("fork-and-exit", FailureKind::Crashed, "exit code 0");
    assert!(processes_with(&checkout.root().to_string_lossy()).is_empty());
}

#[test]
fn a_mock_that_is_killed_in_the_middle_of_a_trial_is_an_outcome() {
    assert_failed("mock-killer", FailureKind::MockFailed, "mock");
}

#[test]
fn a_runner_that_hangs_is_ended_with_all_that_descends_from_it() {
    let (checkout, _trial) = assert_failed("hang", FailureKind::Hung, "was not done after 3 s");
    // The child, and a grandchild in a session of its own: every process that carries the diary's name is the fake's.
    let child = checkout.diary("child");
    assert!(
        !std::path::Path::new(&format!("/proc/{child}")).exists(),
        "the child lives on"
    );
    let left = processes_with(&checkout.root().to_string_lossy());
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn standard_error_may_be_flooded_with_gigabytes() {
    let (trial, peak) = watched_trial_of("flood-stderr", 0);
    assert_eq!(trial.runs.verified, 4);
    assert_little_more_than_usual(peak);
}

#[test]
fn what_a_runner_leaves_behind_is_ended_and_counted() {
    let (checkout, trial) = trial_of("orphan", 0);
    assert_eq!(trial.figures.unwrap().orphans, 1);
    assert!(processes_with(&checkout.root().to_string_lossy()).is_empty());
}

#[test]
fn a_runner_gets_a_scrubbed_environment() {
    let checkout = Checkout::new("right");
    let mut command = checkout.loopmark(&["verify"]);
    let output = command
        .env("OPENAI_API_KEY", "sk-secret")
        .env("AWS_TOKEN", "x")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let environment: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&checkout.diary("environment")).unwrap();
    let mut names: Vec<&str> = environment.keys().map(String::as_str).collect();
    // CPython sets LC_CTYPE itself where the locale is C.
    names.retain(|name| *name != "LC_CTYPE");
    let expected = [
        "DIARY",
        "FAKE",
        "HOME",
        "LANG",
        "PATH",
        "PYTHON_DOTENV_DISABLED",
    ];
    assert_eq!(names, expected);
    assert_ne!(
        environment["HOME"],
        std::env::var("HOME").unwrap_or_default()
    );
}
