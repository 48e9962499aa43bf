//! Sweeps that nobody measured, made from the golden one.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use loopmark::measurement::{RunRecord, TrialRecord};
use loopmark::plan::PlannedTrial;
use loopmark::results::RunInfo;

/// The golden sweep's `run.json`, with `trials` as its plan.
pub fn info(trials: &[TrialRecord]) -> RunInfo {
    let mut info: RunInfo = serde_json::from_str(include_str!("../golden/sweep-run.json")).unwrap();
    let planned = trials.iter().map(|trial| trial.planned.clone());
    info.plan.trials = planned.collect::<Vec<PlannedTrial>>();
    info
}

/// A trial of `runs` verified runs.
pub fn trial(number: u32, runs: u32) -> TrialRecord {
    let line = include_str!("../golden/sweep-trials.jsonl")
        .lines()
        .next()
        .unwrap();
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    let mut trial: TrialRecord = serde_json::from_value(line["trial"].take()).unwrap();
    trial.planned.trial = number;
    trial.planned.repetition = number;
    trial.planned.measured_runs = runs;
    trial.runs.asked = runs;
    trial.runs.verified = runs;
    trial
}

/// Its runs, with latencies that differ.
pub fn runs(trial: &TrialRecord) -> Vec<RunRecord> {
    let number = trial.planned.trial;
    let mut random = fastrand::Rng::with_seed(u64::from(number));
    let run = |run: u32| {
        let overhead_us = random.u32(1_000..50_000);
        let overhead_ms = f64::from(overhead_us) / 1000.0;
        let gap_us = overhead_us / 4;
        RunRecord {
            trial: number,
            run: u64::from(run),
            start_ms: f64::from(run),
            latency_ms: 2000.0 + overhead_ms,
            hold_ms: 2000.0,
            overhead_ms,
            gaps_us: format!("{gap_us};{};{}", gap_us + 1, gap_us / 2),
            first_text_ms: None,
            llm_calls: 4,
            request_body_bytes: 8000,
            verified: true,
            reason: String::new(),
        }
    };
    (0..trial.planned.measured_runs).map(run).collect()
}

/// The text with line `number`, counted from 1, changed.
pub fn with_line(text: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let lines = text.lines().zip(1..);
    let lines = lines.map(|(line, at)| match at == number {
        true => change(line),
        false => format!("{line}\n"),
    });
    lines.collect()
}
