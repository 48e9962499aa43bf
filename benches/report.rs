//! The report of a sweep with a million samples: reading it, and all of its files.
#![allow(clippy::expect_used, reason = "a bench that can't be set up must end")]

use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loopmark::chart::Drawing;
use loopmark::measurement::{Outcome, RunRecord, TrialRecord};
use loopmark::report;
use loopmark::results::{FORMAT, Recorded, ResultsFolder};

const TRIALS: u32 = 100;
const RUNS: u32 = 10_000;
/// What a report of a million samples may need of memory, in MiB.
const MAX_MIB: u64 = 500;

/// A sweep whose trials are made after those of a committed one.
fn write_sweep(results: &Path) -> PathBuf {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results/2026-11-22T220449Z");
    let model = Recorded::load(&model).expect("a committed sweep");
    let mut info = model.info.clone();
    info.format = FORMAT;
    let whole = model.trials.iter();
    let whole = whole.filter(|trial| trial.outcome == Outcome::Completed);
    let trials = whole.cycle().zip(0..TRIALS).map(|(trial, number)| {
        let mut trial = trial.clone();
        trial.planned.trial = number;
        trial.planned.measured_runs = RUNS;
        trial.runs.asked = RUNS;
        trial.runs.verified = RUNS;
        trial.runs.unverified.clear();
        trial
    });
    let trials: Vec<TrialRecord> = trials.collect();
    info.plan.trials = trials.iter().map(|trial| trial.planned.clone()).collect();
    info.capacity = None;
    let mut folder = ResultsFolder::create(results, &mut info).expect("a folder");
    for trial in &trials {
        let runs: Vec<RunRecord> = (0..RUNS)
            .map(|run| sample(trial.planned.trial, run))
            .collect();
        folder.append(trial, &runs).expect("room on the disk");
    }
    folder.path().to_owned()
}

/// Overheads from 1 to 11 ms, in no order.
fn sample(trial: u32, run: u32) -> RunRecord {
    let overhead_ms = 1.0 + f64::from(run * 7919 % 10_007) / 1000.0;
    RunRecord {
        trial,
        run: u64::from(run),
        start_ms: f64::from(run),
        latency_ms: 2000.0 + overhead_ms,
        hold_ms: 2000.0,
        overhead_ms,
        gaps_us: "900;1100;1000".to_owned(),
        first_text_ms: None,
        llm_calls: 4,
        request_body_bytes: 8000,
        verified: true,
        reason: String::new(),
    }
}

/// The peak of this process's resident memory so far, by the kernel.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).expect("a peak") / 1024
}

fn reports(criterion: &mut Criterion) {
    let results = tempfile::tempdir().expect("a folder");
    let folder = write_sweep(results.path());
    let mut group = criterion.benchmark_group("report of 1,000,000 samples");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(TRIALS * RUNS)));
    group.bench_function("read", |bencher| {
        bencher.iter(|| Recorded::load(&folder).expect("a record"))
    });
    group.bench_function("read and write all files", |bencher| {
        bencher.iter(|| report::write(&folder, None, &Drawing::default()).expect("a report"));
    });
    group.finish();
    let peak = peak_mib();
    println!("peak memory: {peak} MiB");
    assert!(peak < MAX_MIB, "{peak} MiB");
}

criterion_group!(benches, reports);
criterion_main!(benches);
