//! Cells and trials that have what a test gives them.

use loopmark_protocol::{Api, Arrival};

use crate::analysis::{CellResult, Counts, Estimate, Mark};
use crate::measurement::{
    Conditions, Figures, Noise, Outcome, RunCounts, SeriesPoint, TrialRecord,
};
use crate::metric::Metric;
use crate::plan::{CellKey, PlannedTrial, RowKey};

pub(in crate::chart) fn with(mut cell: CellResult, figures: &[(&Metric, Estimate)]) -> CellResult {
    for (metric, estimate) in figures {
        cell.set(metric, Some(estimate.clone()));
    }
    cell
}

/// Marks by their names.
pub(in crate::chart) fn marked(names: &[&'static str]) -> Vec<Mark> {
    names.iter().map(|name| Mark::of_cell(name)).collect()
}

/// A cell that has no figure.
pub(in crate::chart) fn cell(name: &str, arrival: Arrival, level: u32) -> CellResult {
    let mut cell = CellResult::empty(key(name, arrival, level));
    cell.counts = Counts {
        trials: 3,
        runs: 150,
        verified_runs: 150,
        ..Counts::default()
    };
    cell.marks = marked(&["few-samples"]);
    cell
}

fn key(name: &str, arrival: Arrival, level: u32) -> CellKey {
    CellKey {
        row: RowKey::new(name, "default"),
        api: Api::ChatCompletions,
        scenario: "seed".to_owned(),
        case: None,
        level,
        arrival,
        aa_copy: false,
    }
}

/// A burst trial whose peak, and the last point of its series, is `peak_mib` MiB.
pub(in crate::chart) fn trial(name: &str, level: u32, peak_mib: u64) -> TrialRecord {
    let point = |at_ms, mib: u64| SeriesPoint {
        at_ms,
        rss_bytes: mib << 20,
        cpu_ms: 0,
    };
    TrialRecord {
        planned: PlannedTrial {
            trial: 0,
            repetition: 0,
            cell: key(name, Arrival::Burst, level),
            warm_up_runs: 0,
            measured_runs: level,
        },
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        conditions: Conditions::default(),
        outcome: Outcome::Completed,
        ready: None,
        figures: Some(figures(peak_mib)),
        runs: RunCounts::default(),
        noise: Noise::default(),
        series: vec![point(0, 1), point(20, peak_mib / 2), point(40, peak_mib)],
        stderr_tail: Vec::new(),
    }
}

/// The figures of a trial that cost nothing but memory.
fn figures(peak_mib: u64) -> Figures {
    Figures {
        peak_rss_bytes: peak_mib << 20,
        ..Figures::default()
    }
}
