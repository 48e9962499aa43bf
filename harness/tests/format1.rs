//! Records of format 1: they are read as if they had been written in the newest one, and never resumed.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod synthetic;

use std::path::Path;

use loopmark::chart::Drawing;
use loopmark::measurement::{Conditions, Phase, RunRecord, TrialRecord};
use loopmark::report;
use loopmark::results::{FORMAT, Recorded, ResultsFolder, RunInfo, read_runs};
use synthetic::with_line;

const FILES: [(&str, &str); 3] = [
    ("run.json", include_str!("golden/format1-run.json")),
    ("trials.jsonl", include_str!("golden/format1-trials.jsonl")),
    ("samples.csv", include_str!("golden/format1-samples.csv")),
];

/// Writes the sweep of format 1 with one of its files changed.
fn folder(file: &str, change: impl FnOnce(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().join(file);
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, change(before)).unwrap();
    folder
}

fn unchanged() -> tempfile::TempDir {
    folder("run.json", |text| text)
}

fn runs(folder: &Path) -> Vec<RunRecord> {
    let mut runs = Vec::new();
    read_runs(folder, &mut |run| runs.push(run)).unwrap();
    runs
}

/// The same sweep, as the newest format has it.
fn newest() -> (RunInfo, Vec<TrialRecord>) {
    let info = serde_json::from_str(include_str!("golden/sweep-run.json")).unwrap();
    let lines = include_str!("golden/sweep-trials.jsonl").lines();
    let trial = |line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        serde_json::from_value(line["trial"].take()).unwrap()
    };
    (info, lines.map(trial).collect())
}

#[test]
fn it_is_read_as_the_newest_format_would_have_it() {
    let folder = unchanged();
    let read = Recorded::load(folder.path()).unwrap();
    let (mut info, mut trials) = newest();
    assert_eq!((read.info.format, info.format), (1, FORMAT));
    info.format = 1;
    assert_eq!(read.info, info);
    for trial in &mut trials {
        if let Some(figures) = &mut trial.figures {
            // Format 1 did not keep the peak of start-up as a whole.
            figures.phases.start_up.peak_rss_bytes = None;
        }
    }
    assert_eq!(read.trials, trials);
    let runs = runs(folder.path());
    let numbers = runs.iter().map(|run| (run.trial, run.run));
    assert!(numbers.eq([(0, 7), (0, 8), (2, 7), (2, 8)]));
    assert_eq!(read.runs, runs.iter().collect());
}

#[test]
fn its_summary_is_that_of_the_newest_format() {
    let folder = unchanged();
    report::write(folder.path(), None, &Drawing::default()).unwrap();
    let summary = std::fs::read_to_string(folder.path().join("summary.csv")).unwrap();
    assert_eq!(summary, include_str!("golden/sweep-summary.csv"));
}

#[test]
fn compressed_files_are_read_like_others() {
    let folder = unchanged();
    for name in ["trials.jsonl", "samples.csv"] {
        let path = folder.path().join(name);
        let packed = zstd::encode_all(std::fs::read(&path).unwrap().as_slice(), 3).unwrap();
        std::fs::write(folder.path().join(format!("{name}.zst")), packed).unwrap();
        std::fs::remove_file(path).unwrap();
    }
    let packed = Recorded::load(folder.path()).unwrap();
    assert_eq!(packed, Recorded::load(unchanged().path()).unwrap());
}

#[test]
fn a_record_from_before_phases_pinning_and_network_were_kept_is_read() {
    let folder = folder("trials.jsonl", |text| {
        let older = text.lines().map(|line| {
            let mut trial: serde_json::Value = serde_json::from_str(line).unwrap();
            let object = trial.as_object_mut().unwrap();
            let conditions = ["runner_cpus", "mock_cpus", "network", "egress_attempts"];
            for key in conditions.into_iter().chain(["egress_addresses"]) {
                assert!(object.remove(key).is_some(), "{key}");
            }
            if let Some(figures) = object["figures"].as_object_mut() {
                assert!(figures.remove("phases").is_some());
            }
            format!("{trial}\n")
        });
        older.collect()
    });
    let path = folder.path().join("run.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut info: serde_json::Value = serde_json::from_str(&text).unwrap();
    for key in ["pinning", "network"] {
        assert!(info.as_object_mut().unwrap().remove(key).is_some());
    }
    std::fs::write(&path, info.to_string()).unwrap();
    report::write(folder.path(), None, &Drawing::default()).unwrap();
    let read = Recorded::load(folder.path()).unwrap();
    assert_eq!((read.info.pinning, read.info.network), (None, None));
    assert_eq!(read.trials[0].conditions, Conditions::default());
    let phases = &read.trials[0].figures.as_ref().unwrap().phases;
    assert_eq!(
        (phases.imports, phases.build, phases.first_run),
        (None, None, None)
    );
    // What was kept beside the phases is still there.
    let whole = |wall_s, cpu_s, rss_bytes| Phase {
        wall_s,
        cpu_s,
        rss_bytes,
        peak_rss_bytes: None,
        ..Phase::default()
    };
    assert_eq!(phases.start_up, whole(0.01, 0.005, 5 << 20));
    assert_eq!(phases.measured, whole(2.01, 0.2, 9 << 20));
    let readme = std::fs::read_to_string(folder.path().join("README.md")).unwrap();
    assert!(!readme.contains("## Phases"), "{readme}");
    assert!(readme.contains("The framework shared 2 CPUs with mock and harness."));
}

#[test]
fn it_is_not_resumed() {
    let folder = unchanged();
    let error = ResultsFolder::reopen(folder.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("a record of format 1 can be read but not resumed"),
        "{error}"
    );
    for (name, text) in FILES {
        assert_eq!(
            std::fs::read_to_string(folder.path().join(name)).unwrap(),
            text
        );
    }
}

fn assert_refused(place: &str, why: &str, change: impl FnOnce(String) -> String) {
    let folder = folder("samples.csv", change);
    let read = Recorded::load(folder.path());
    let said = read
        .err()
        .unwrap_or_else(|| panic!("taken: {why}"))
        .to_string();
    assert!(said.contains(&format!("samples.csv:{place}: ")), "{said}");
    assert!(said.contains(why), "{said}");
    let helps = ["restore it from a copy", "run --resume"];
    assert!(helps.iter().any(|help| said.contains(help)), "{said}");
}

/// A line with a field changed, counted from 0.
fn with_field(line: &str, column: usize, field: &str) -> String {
    let mut fields: Vec<&str> = line.split(',').collect();
    fields[column] = field;
    format!("{}\n", fields.join(","))
}

#[test]
fn numbers_that_no_clock_gives_are_refused() {
    for column in 2..6 {
        for wrong in ["nan", "NaN", "inf", "-inf", "1e999"] {
            let change = |text: String| with_line(&text, 3, |line| with_field(line, column, wrong));
            assert_refused("3", "not a valid time", change);
        }
    }
    let negative = |text: String| with_line(&text, 3, |line| with_field(line, 3, "-2000"));
    assert_refused("3", "latency_ms is -2000", negative);
    for wrong in ["nan;1;2", "1;-2;3", "1;x;3"] {
        let gaps = |text: String| with_line(&text, 4, |line| with_field(line, 6, wrong));
        assert_refused("4", "which is not a time", gaps);
    }
    let sum = |text: String| with_line(&text, 2, |line| with_field(line, 5, "3000"));
    assert_refused("2", "not latency_ms minus hold_ms", sum);
}

#[test]
fn a_run_that_stands_twice_or_is_missing_or_belongs_to_no_trial_is_refused() {
    let twice = |text: String| with_line(&text, 3, |line| format!("{line}\n{line}\n"));
    assert_refused("4", "it is repeated or out of order", twice);
    let last_run = |text: String| with_line(&text, 5, |_| String::new());
    let missing = "trial 2 has 1 runs here, and 2 by its line";
    assert_refused("4", missing, last_run);
    let half_a_run = |text: String| text[..text.len() - 8].to_owned();
    assert_refused("5", "this line is incomplete", half_a_run);
    let of_no_trial = |text: String| {
        let run = text.lines().nth(1).unwrap();
        format!("{text}9{}\n", &run[1..])
    };
    assert_refused("6", "belongs to no trial", of_no_trial);
}
