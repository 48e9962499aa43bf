//! Trials and runs that were never measured, for tests.

use loopmark_protocol::{Api, Arrival};

use super::{CellResult, Context, Row, summarize};
use crate::framework::{Kind, Language};
use crate::measurement::{
    Conditions, Figures, Noise, Outcome, Phase, Phases, RunCounts, RunRecord, Traffic, TrialRecord,
};
use crate::plan::{CellKey, PlannedTrial, RowKey};

pub(super) fn context() -> Context {
    Context {
        seed: 1,
        cpus: 2,
        llm_calls: 4,
        llm_calls_of_cases: std::collections::BTreeMap::new(),
        mock_ceiling: None,
        is_debug_build: false,
        is_limited: false,
        slower_cpus: None,
    }
}

pub(super) fn measured(trials: &[TrialRecord], runs: &[RunRecord]) -> Vec<CellResult> {
    summarize(trials.iter(), &runs.iter().collect(), &context())
}

pub(super) fn cell() -> CellKey {
    CellKey {
        row: RowKey::new("toy", "default"),
        api: Api::ChatCompletions,
        scenario: "seed".to_owned(),
        case: None,
        level: 2,
        arrival: Arrival::Burst,
        aa_copy: false,
    }
}

pub(super) fn trial(number: u32, cpu_s: f64, verified: u32) -> TrialRecord {
    let planned = PlannedTrial {
        trial: number,
        repetition: number,
        cell: cell(),
        warm_up_runs: 0,
        measured_runs: 2,
    };
    TrialRecord {
        planned,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        conditions: Conditions::default(),
        outcome: Outcome::Completed,
        ready: None,
        figures: Some(Figures {
            cpu_s,
            cpu_user_s: cpu_s,
            peak_rss_bytes: 100 * u64::from(number + 1),
            phases: phases(number, cpu_s),
            traffic: Traffic {
                requests: 8,
                max_in_flight: 2,
                ..Traffic::default()
            },
            ..Figures::default()
        }),
        runs: RunCounts {
            asked: 2,
            verified,
            ..RunCounts::default()
        },
        noise: Noise::default(),
        series: Vec::new(),
        stderr_tail: Vec::new(),
    }
}

fn phases(number: u32, cpu_s: f64) -> Phases {
    let phase = |wall_s: f64, peak_rss_bytes| Phase {
        threads: None,
        descriptors: None,
        wall_s: wall_s + f64::from(number),
        cpu_s: wall_s / 2.0,
        rss_bytes: 15,
        peak_rss_bytes,
    };
    Phases {
        start_up: Phase {
            wall_s: 0.1,
            cpu_s: 0.1,
            rss_bytes: 10,
            peak_rss_bytes: None,
            ..Phase::default()
        },
        imports: Some(phase(0.1, Some(30))),
        build: Some(phase(0.2, None)),
        measured: Phase {
            wall_s: 1.0,
            cpu_s,
            rss_bytes: 20,
            peak_rss_bytes: Some(40),
            ..Phase::default()
        },
        ..Phases::default()
    }
}

pub(super) fn run(trial: u32, latency_ms: f64, verified: bool) -> RunRecord {
    RunRecord {
        trial,
        run: 0,
        start_ms: 0.0,
        latency_ms,
        hold_ms: latency_ms - 4.0,
        overhead_ms: 4.0,
        gaps_us: "1000;3000;2000".to_owned(),
        first_text_ms: None,
        llm_calls: 4,
        request_body_bytes: 10,
        verified,
        reason: String::new(),
    }
}

/// Trials of a cell with `runs` runs each: the trials' CPU times, with all other figures in proportion to them.
///
/// Overheads of a trial lie evenly within 10 % around its CPU time in ms.
pub(super) fn trials_of(
    cell: &CellKey,
    first: u32,
    runs_each: u32,
    cpu_s: &[f64],
) -> (Vec<TrialRecord>, Vec<RunRecord>) {
    let mut trials = Vec::new();
    let mut runs = Vec::new();
    for (number, cpu_s) in (first..).zip(cpu_s) {
        let mut trial = trial(number, *cpu_s, runs_each);
        trial.planned.cell = cell.clone();
        trial.runs.asked = runs_each;
        if let Some(figures) = &mut trial.figures {
            figures.peak_rss_bytes = (cpu_s * 1e6) as u64;
            figures.traffic.requests = u64::from(runs_each) * 4;
            figures.phases.measured.wall_s = 8.0;
        }
        trials.push(trial);
        // Interleaved, so that overheads do not grow over the batch.
        runs.extend((0..runs_each).map(|index| RunRecord {
            start_ms: f64::from(index),
            overhead_ms: cpu_s
                * (0.9 + 0.2 * f64::from(index * 37 % runs_each) / f64::from(runs_each)),
            ..run(number, 2000.0, true)
        }));
    }
    (trials, runs)
}

const CALM: [f64; 4] = [1.0, 1.01, 0.99, 1.0];

pub(super) fn calm() -> (Vec<TrialRecord>, Vec<RunRecord>) {
    let cell = CellKey {
        arrival: Arrival::Closed,
        ..cell()
    };
    trials_of(&cell, 0, 60, &CALM)
}

/// Marks and notes of four calm trials after a change to the last two of them.
pub(super) fn after(change: impl Fn(&mut TrialRecord)) -> (String, String) {
    let (mut trials, runs) = calm();
    trials.iter_mut().skip(2).for_each(change);
    marks_of(&trials, &runs, &context())
}

pub(super) fn marks_of(
    trials: &[TrialRecord],
    runs: &[RunRecord],
    context: &Context,
) -> (String, String) {
    let cell = summarize(trials.iter(), &runs.iter().collect(), context).remove(0);
    let names: Vec<&str> = cell.mark_names().collect();
    (names.join(";"), cell.mark_notes())
}

pub(super) fn with_figures(change: impl Fn(&mut Figures)) -> impl Fn(&mut TrialRecord) {
    move |trial| change(trial.figures.as_mut().unwrap())
}

pub(super) fn assert_marked((marks, notes): (String, String), mark: &str, note: &str) {
    assert_eq!((marks.as_str(), notes.as_str()), (mark, note));
}

pub(super) fn assert_unmarked((marks, notes): (String, String)) {
    assert_eq!((marks.as_str(), notes.as_str()), ("", ""));
}

pub(super) fn row(framework: &str, kind: Kind, language: Language) -> Row {
    Row {
        key: RowKey::new(framework, "default"),
        api: Api::ChatCompletions,
        language,
        kind,
    }
}
