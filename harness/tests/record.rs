//! The files of a results folder, against golden ones: what is written is what readers of earlier sweeps know.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod support;

use loopmark::chart::Drawing;
use loopmark::framework::{Kind, Language};
use loopmark::measurement::{
    Conditions, FailureKind, Figures, Network, Noise, Outcome, Phase, Phases, RunCounts, RunRecord,
    SeriesPoint, Traffic, TrialRecord,
};
use loopmark::plan::{CellKey, Plan, PlannedTrial, RowKey};
use loopmark::report;
use loopmark::results::{
    FORMAT, Recorded, ResultsFolder, RowInfo, RunInfo, ScenarioInfo, read_runs,
};
use loopmark::stats::Lateness;
use loopmark::system::{Machine, Pinning};
use loopmark_protocol::{Api, Arrival, Ready};
use support::assert_golden;

fn planned(trial: u32, framework: &str, arrival: Arrival) -> PlannedTrial {
    PlannedTrial {
        trial,
        repetition: 0,
        cell: CellKey {
            row: RowKey::new(framework, "default"),
            api: Api::ChatCompletions,
            scenario: "seed".to_owned(),
            case: None,
            level: 2,
            arrival,
            aa_copy: false,
        },
        warm_up_runs: 0,
        measured_runs: 2,
    }
}

fn row(framework: &str, language: Language, skipped: Option<&str>) -> RowInfo {
    RowInfo {
        key: RowKey::new(framework, "default"),
        label: format!("{framework} (Test)"),
        language,
        kind: Kind::Framework,
        colour: None,
        api: Api::ChatCompletions,
        sources_sha256: Some("00ff".to_owned()),
        install_bytes: skipped.is_none().then_some(3 << 20),
        ready: None,
        idiom: None,
        wire: Vec::new(),
        lacks: Default::default(),
        limits: Vec::new(),
        skipped: skipped.map(str::to_owned),
    }
}

fn info() -> RunInfo {
    RunInfo {
        format: FORMAT,
        id: "2026-01-02T030405Z".to_owned(),
        loopmark: "0.1.0".to_owned(),
        git_revision: Some("0123456789ab".to_owned()),
        command: vec!["loopmark".to_owned(), "run".to_owned()],
        started_at: "2026-01-02T03:04:05Z".to_owned(),
        finished_at: Some("2026-01-02T03:05:05Z".to_owned()),
        complete: true,
        debug_build: false,
        machine: Machine {
            cpu: "Test CPU".to_owned(),
            cpus: 2,
            memory_bytes: 4 << 30,
            os: "Test OS".to_owned(),
            kernel: "6.1".to_owned(),
            arch: "x86_64".to_owned(),
            frequency_governor: None,
            cpu_quota: None,
            slower_cpus: None,
            traits: None,
        },
        pinning: Some(Pinning {
            runner_cpus: "0".parse().unwrap(),
            mock_cpus: "1".parse().unwrap(),
        }),
        network: Some(Network::Shared),
        scenarios: vec![ScenarioInfo {
            name: "seed".to_owned(),
            model_time_ms: 2000.0,
            llm_calls: 4,
            tool_calls: 3,
            cases: Vec::new(),
            report: None,
            expect: Vec::new(),
            sha256: Some("11ee".to_owned()),
        }],
        rows: vec![
            row("good", Language::Rust, None),
            row("broken", Language::Python, None),
            row(
                "absent",
                Language::Go,
                Some("needs go 1.26 or later, which is not here: install Go"),
            ),
        ],
        mock: None,
        calibration: None,
        capacity: None,
        shard: None,
        plan: Plan {
            seed: 5,
            trials: vec![
                planned(0, "good", Arrival::Burst),
                planned(1, "broken", Arrival::Burst),
                planned(2, "good", Arrival::Closed),
            ],
        },
    }
}

fn completed(planned: PlannedTrial) -> TrialRecord {
    let phases = Phases {
        start_up: Phase {
            cpu_s: 0.005,
            rss_bytes: 5 << 20,
            ..phase(0.01)
        },
        imports: Some(phase(0.008)),
        build: Some(phase(0.002)),
        first_run: (planned.cell.arrival != Arrival::Burst).then(|| phase(2.004)),
        warm_up: None,
        recovery: None,
        measured: Phase {
            cpu_s: 0.2,
            rss_bytes: 9 << 20,
            ..phase(2.01)
        },
    };
    TrialRecord {
        planned,
        started_at: "2026-01-02T03:04:06Z".to_owned(),
        conditions: Conditions {
            runner_cpus: Some("0".parse().unwrap()),
            mock_cpus: Some("1".parse().unwrap()),
            network: Some(Network::Shared),
            ..Conditions::default()
        },
        outcome: Outcome::Completed,
        ready: Some(Ready {
            framework: "good".to_owned(),
            version: "1.2.3".to_owned(),
            runtime: "rustc 1.95.0".to_owned(),
            http_client: "hyper 1.12.0".to_owned(),
            offers: Vec::new(),
        }),
        figures: Some(Figures {
            cpu_s: 0.25,
            cpu_user_s: 0.2,
            cpu_system_s: 0.05,
            peak_rss_bytes: 10 << 20,
            phases,
            traffic: Traffic {
                requests: 8,
                connections: 2,
                request_body_bytes: 16_000,
                reply_bytes: 8_000,
                max_in_flight: 2,
                repeated_turns: Some(0),
                other_requests: Some(0),
            },
            mock: Lateness::of([100_000, 200_000]),
            ..Figures::default()
        }),
        runs: RunCounts {
            asked: 2,
            verified: 2,
            ..RunCounts::default()
        },
        noise: Noise {
            load_before: 0.5,
            load_after: 0.75,
            steal_percent: 0.0,
            cpu_pressure_percent: Some(1.5),
            cpu_mhz_before: Some(2400.0),
            cpu_mhz_after: Some(2400.0),
            throttled_periods: None,
            throttled_ms: None,
        },
        series: vec![SeriesPoint {
            at_ms: 50,
            rss_bytes: 6 << 20,
            cpu_ms: 10,
        }],
        stderr_tail: Vec::new(),
    }
}

fn phase(wall_s: f64) -> Phase {
    Phase {
        wall_s,
        cpu_s: 0.01,
        rss_bytes: 4 << 20,
        peak_rss_bytes: Some(6 << 20),
        ..Phase::default()
    }
}

fn failed(planned: PlannedTrial) -> TrialRecord {
    let reason = "ended before it was told to: exit code 7".to_owned();
    let completed = completed(planned);
    TrialRecord {
        conditions: Conditions {
            egress_attempts: 1,
            egress_addresses: vec!["198.51.100.7:443".to_owned()],
            ..completed.conditions
        },
        outcome: Outcome::Failed {
            failure: FailureKind::Crashed,
            reason: reason.clone(),
        },
        ready: None,
        figures: None,
        runs: RunCounts {
            asked: 2,
            verified: 0,
            unverified: [("trial-failed".to_owned(), 2)].into(),
            example: Some(reason),
            ..RunCounts::default()
        },
        series: Vec::new(),
        stderr_tail: vec!["last words".to_owned()],
        ..completed
    }
}

fn run(trial: u32, run: u64, latency_ms: f64) -> RunRecord {
    RunRecord {
        trial,
        run,
        start_ms: 0.0,
        latency_ms,
        hold_ms: 2000.5,
        overhead_ms: latency_ms - 2000.5,
        gaps_us: "900;1100;1000".to_owned(),
        first_text_ms: None,
        llm_calls: 4,
        request_body_bytes: 8000,
        verified: true,
        reason: String::new(),
    }
}

/// Writes the sweep above to a folder.
fn recorded() -> (tempfile::TempDir, std::path::PathBuf) {
    let results = tempfile::tempdir().unwrap();
    let mut info = info();
    let mut folder = ResultsFolder::create(results.path(), &mut info).unwrap();
    let runs = |trial| [run(trial, 7, 2004.5), run(trial, 8, 2008.5)];
    folder
        .append(&completed(planned(0, "good", Arrival::Burst)), &runs(0))
        .unwrap();
    folder
        .append(&failed(planned(1, "broken", Arrival::Burst)), &[])
        .unwrap();
    folder
        .append(&completed(planned(2, "good", Arrival::Closed)), &runs(2))
        .unwrap();
    let path = folder.path().to_owned();
    (results, path)
}

#[test]
fn the_files_of_a_sweep_are_written_as_ever() {
    let (_results, folder) = recorded();
    report::write(&folder, None, &Drawing::default()).unwrap();
    for name in ["run.json", "trials.jsonl", "summary.csv", "ratios.csv"] {
        let got = std::fs::read_to_string(folder.join(name)).unwrap();
        assert_golden(&format!("sweep-{name}"), &got);
    }
}

#[test]
fn the_readme_and_its_tables_are_written_as_ever() {
    let (_results, folder) = recorded();
    let report = report::write(&folder, None, &Drawing::default()).unwrap();
    report::write_latex(&folder, &report).unwrap();
    for name in ["README.md", "tables.tex"] {
        let got = std::fs::read_to_string(folder.join(name)).unwrap();
        assert_golden(&format!("sweep-{name}"), &got);
    }
    let table = report::terminal_table(&report.recorded, &report.scenarios[0], false);
    assert_golden("sweep-table.txt", &table);
}

#[test]
fn what_was_written_is_what_is_read() {
    let (_results, folder) = recorded();
    let read = Recorded::load(&folder).unwrap();
    assert_eq!(read.info, info());
    assert_eq!(
        read.trials[0],
        completed(planned(0, "good", Arrival::Burst))
    );
    let mut runs = Vec::new();
    read_runs(&folder, &mut |run| runs.push(run)).unwrap();
    assert_eq!(runs.len(), 4);
    assert_eq!(runs[1], run(0, 8, 2008.5));
    assert_eq!(read.runs, runs.iter().collect());
}

#[test]
fn a_second_sweep_of_the_same_second_gets_a_folder_of_its_own() {
    let results = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (info(), info());
    ResultsFolder::create(results.path(), &mut first).unwrap();
    let folder = ResultsFolder::create(results.path(), &mut second).unwrap();
    assert_eq!(second.id, "2026-01-02T030405Z-2");
    assert!(folder.path().ends_with("2026-01-02T030405Z-2"));
}

#[test]
fn a_record_that_ends_in_the_middle_of_a_trial_is_read_up_to_the_last_whole_one() {
    let (_results, folder) = recorded();
    let path = folder.join("trials.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 40]).unwrap();
    let run = folder.join("run.json");
    let info = std::fs::read_to_string(&run).unwrap();
    let ended = info.replace("\"complete\": true", "\"complete\": false");
    std::fs::write(&run, ended).unwrap();
    let read = Recorded::load(&folder).unwrap();
    assert_eq!(read.trials.len(), 2);
    let latencies = |trial| read.runs.of_trial(trial).map(|runs| runs.latency_ms.len());
    assert_eq!(latencies(0), Some(2));
    assert_eq!(latencies(2), None, "samples of the torn trial are left out");
}

#[test]
fn a_record_that_is_wrong_in_the_middle_is_refused_with_its_line() {
    let (_results, folder) = recorded();
    let path = folder.join("trials.jsonl");
    let text =
        std::fs::read_to_string(&path)
            .unwrap()
            .replacen("\"trial\":1", "\"trial\":\"x\"", 1);
    std::fs::write(&path, text).unwrap();
    let error = Recorded::load(&folder).unwrap_err().to_string();
    assert!(error.contains("trials.jsonl:2: "), "{error}");
}
