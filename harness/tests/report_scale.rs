//! A report of very many samples, in bounded memory.
//!
//! `LOOPMARK_SAMPLES=1000000 cargo test --release -p loopmark --test report_scale -- --nocapture` says how long it takes.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod synthetic;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loopmark::measurement::TrialRecord;
use loopmark::results::ResultsFolder;

const SAMPLES: u32 = 100_000;
const TRIALS: u32 = 20;
/// What a sample may cost the report beside what any report costs, which draws charts. Its columns are 48 bytes, in
/// lists that grow by doubling.
const BYTES_A_SAMPLE: u64 = 96;

/// A sweep of one cell with so many samples: the hardest case for an interval.
fn recorded(results: &Path, samples: u32) -> PathBuf {
    let trials = (0..TRIALS).map(|number| synthetic::trial(number, samples / TRIALS));
    let trials: Vec<TrialRecord> = trials.collect();
    let mut folder = ResultsFolder::create(results, &mut synthetic::info(&trials)).unwrap();
    for trial in &trials {
        folder.append(trial, &synthetic::runs(trial)).unwrap();
    }
    folder.path().to_owned()
}

/// Runs `loopmark report`: how long it took, and the most memory that it had.
fn report(folder: &Path) -> (Duration, u64) {
    let start = Instant::now();
    let mut report = Command::new(env!("CARGO_BIN_EXE_loopmark"))
        .arg("report")
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        if let Some(status) = report.try_wait().unwrap() {
            break status;
        }
        let memory = loopmark::probe::memory(report.id());
        peak = memory.map_or(peak, |memory| peak.max(memory.peak_rss_bytes));
        std::thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(status.code(), Some(0));
    (start.elapsed(), peak)
}

#[test]
fn the_memory_of_a_report_is_bounded_by_its_columns() {
    let samples = std::env::var("LOOPMARK_SAMPLES");
    let samples = samples.map_or(SAMPLES, |samples| samples.parse().unwrap());
    let results = tempfile::tempdir().unwrap();
    let (_, base) = report(&recorded(results.path(), TRIALS));
    let start = Instant::now();
    let folder = recorded(results.path(), samples);
    eprintln!("{samples} samples: recorded in {:?}", start.elapsed());
    let (took, peak) = report(&folder);
    eprintln!(
        "{samples} samples: report in {took:?}, {peak} bytes at the peak, {base} without samples"
    );
    let summary = std::fs::read_to_string(folder.join("summary.csv")).unwrap();
    assert!(
        summary.contains(&format!(",{samples},{samples},")),
        "{summary}"
    );
    assert!(base > 1 << 20 && peak > 1 << 20, "{base} {peak}");
    let each = peak.saturating_sub(base) / u64::from(samples);
    assert!(each <= BYTES_A_SAMPLE, "{each} bytes a sample");
}
