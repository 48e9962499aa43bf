//! A sweep's figures per cell: the lines of `summary.csv`, from which tables and charts are made.

use loopmark_protocol::{Api, Arrival};
use serde::{Deserialize, Serialize};

use crate::measurement::{Figures, Outcome, RunColumns, Runs, TrialRecord};
use crate::plan::Cell;
use crate::stats;

/// The mock's median lateness in a trial, in µs, from which on its cell is marked.
const MOCK_LATE_US: f64 = 1000.0;

/// One cell's figures. Latencies are over the verified runs of all its trials, the rest are medians over those of its
/// trials in which every run was verified.
/// A figure that there is none of is empty, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellSummary {
    /// The row.
    pub framework: String,
    /// The variant.
    pub variant: String,
    /// The API that it spoke.
    pub api: Api,
    /// The scenario.
    pub scenario: String,
    /// Runs in flight at once.
    pub level: u32,
    /// `burst` or `closed`.
    pub arrival: String,
    /// Trials that came to their end.
    pub trials: u32,
    /// Trials that did not.
    pub failed_trials: u32,
    /// Measured runs that were asked for.
    pub runs: u32,
    /// Those that did the work.
    pub verified_runs: u32,
    /// Median latency.
    pub median_ms: Option<f64>,
    /// Its 95 % interval, lower end.
    pub median_low_ms: Option<f64>,
    /// Its 95 % interval, upper end.
    pub median_high_ms: Option<f64>,
    /// 95th percentile of the latency.
    pub p95_ms: Option<f64>,
    /// Its 95 % interval, lower end.
    pub p95_low_ms: Option<f64>,
    /// Its 95 % interval, upper end.
    pub p95_high_ms: Option<f64>,
    /// 99th percentile of the latency; empty with fewer than 1,000 verified runs, which can't tell it.
    pub p99_ms: Option<f64>,
    /// Median of a run's latency minus its holds.
    pub overhead_median_ms: Option<f64>,
    /// Its 95th percentile.
    pub overhead_p95_ms: Option<f64>,
    /// Median of the time between a reply and the run's next request.
    pub gap_median_ms: Option<f64>,
    /// Its 95th percentile.
    pub gap_p95_ms: Option<f64>,
    /// CPU time of the process tree, spawn to exit.
    pub cpu_s: Option<f64>,
    /// The least of the trials.
    pub cpu_least_s: Option<f64>,
    /// The most of the trials.
    pub cpu_most_s: Option<f64>,
    /// CPU time of a run in the measured batch, start-up excluded.
    pub cpu_per_run_ms: Option<f64>,
    /// Spawn to `ready`.
    pub ready_s: Option<f64>,
    /// CPU time to `ready`.
    pub ready_cpu_s: Option<f64>,
    /// Resident memory at `ready`.
    pub ready_rss_bytes: Option<f64>,
    /// Peak of the resident memory (`VmHWM`).
    pub peak_rss_bytes: Option<f64>,
    /// The least of the trials.
    pub peak_rss_least_bytes: Option<f64>,
    /// The most of the trials.
    pub peak_rss_most_bytes: Option<f64>,
    /// Connections that carried the measured batch.
    pub connections: Option<f64>,
    /// Most requests in flight at once.
    pub most_in_flight: Option<f64>,
    /// LLM calls a run.
    pub llm_calls_per_run: Option<f64>,
    /// Bytes of request bodies a run.
    pub request_body_bytes_per_run: Option<f64>,
    /// Median lateness of the mock.
    pub mock_late_p50_us: Option<f64>,
    /// 99th percentile of the mock's lateness.
    pub mock_late_p99_us: Option<f64>,
    /// What is questionable about this cell, joined by `;`.
    pub marks: String,
}

impl CellSummary {
    /// The median overhead of a run over its LLM calls.
    pub fn overhead_per_turn_ms(&self) -> Option<f64> {
        let calls = self.llm_calls_per_run.filter(|calls| *calls > 0.0)?;
        Some(self.overhead_median_ms? / calls)
    }
}

/// The word for an arrival in tables and files.
pub fn arrival_name(arrival: Arrival) -> String {
    match arrival {
        Arrival::Closed => "closed".to_owned(),
        Arrival::Burst => "burst".to_owned(),
        Arrival::Rate(rate) => format!("rate-{rate}"),
    }
}

/// Sums a sweep up, one line a cell, in the order in which cells first appear in `trials`.
///
/// `mock_ceiling` is how many requests a second the mock answered without holds before the sweep, if that was measured.
pub fn summarize(
    trials: &[TrialRecord],
    runs: &Runs,
    seed: u64,
    mock_ceiling: Option<f64>,
) -> Vec<CellSummary> {
    let mut cells: Vec<&Cell> = Vec::new();
    for trial in trials {
        if !cells.contains(&&trial.planned.cell) {
            cells.push(&trial.planned.cell);
        }
    }
    let none = RunColumns::default();
    cells
        .into_iter()
        .map(|cell| {
            let of_cell: Vec<(&TrialRecord, &RunColumns)> = trials
                .iter()
                .filter(|trial| trial.planned.cell == *cell)
                .map(|trial| {
                    let runs = runs.of_trial(trial.planned.trial);
                    (trial, runs.unwrap_or(&none))
                })
                .collect();
            let mut summary = summarize_cell(cell, &of_cell, seed);
            let figures = of_cell
                .iter()
                .filter_map(|(trial, _)| trial.figures.as_ref());
            let is_mock_bound = figures
                .into_iter()
                .any(|figures| is_mock_bound(figures, mock_ceiling));
            summary.marks = marks(&summary, is_mock_bound).join(";");
            summary
        })
        .collect()
}

fn summarize_cell(cell: &Cell, trials: &[(&TrialRecord, &RunColumns)], seed: u64) -> CellSummary {
    let pooled = |column: &dyn Fn(&RunColumns) -> &Vec<f64>| -> Vec<f64> {
        let columns: Vec<&[f64]> = trials
            .iter()
            .map(|(_, runs)| column(runs).as_slice())
            .collect();
        stats::sorted(columns.concat())
    };
    let latency: Vec<&[f64]> = trials
        .iter()
        .map(|(_, runs)| runs.latency_ms.as_slice())
        .collect();
    let latencies = pooled(&|runs| &runs.latency_ms);
    let overheads = pooled(&|runs| &runs.overhead_ms);
    let gaps = pooled(&|runs| &runs.gaps_ms);
    // CPU, memory and traffic are of a whole trial: they count only where all of its runs did the work.
    let figures: Vec<(&Figures, f64)> = trials
        .iter()
        .filter(|(trial, _)| trial.runs.verified == trial.runs.asked)
        .filter_map(|(trial, _)| Some((trial.figures.as_ref()?, f64::from(trial.runs.asked))))
        .collect();
    let ended = trials
        .iter()
        .filter(|(trial, _)| trial.figures.is_some())
        .count();
    let values = |figure: &dyn Fn(&Figures, f64) -> f64| -> Vec<f64> {
        figures
            .iter()
            .map(|(figures, asked)| figure(figures, *asked))
            .collect()
    };
    let median_of = |figure: &dyn Fn(&Figures, f64) -> f64| stats::median(values(figure));
    let median_interval = stats::interval(&latency, 0.5, seed);
    let p95_interval = stats::interval(&latency, 0.95, seed);
    let cpu = values(&|figures, _| figures.cpu_s);
    let rss = values(&|figures, _| figures.peak_rss_bytes as f64);
    CellSummary {
        framework: cell.framework.clone(),
        variant: cell.variant.clone(),
        api: cell.api,
        scenario: cell.scenario.clone(),
        level: cell.level,
        arrival: arrival_name(cell.arrival),
        trials: ended as u32,
        failed_trials: (trials.len() - ended) as u32,
        runs: trials.iter().map(|(trial, _)| trial.runs.asked).sum(),
        verified_runs: latencies.len() as u32,
        median_ms: stats::quantile(&latencies, 0.5),
        median_low_ms: median_interval.as_ref().map(|interval| interval.start),
        median_high_ms: median_interval.as_ref().map(|interval| interval.end),
        p95_ms: stats::quantile(&latencies, 0.95),
        p95_low_ms: p95_interval.as_ref().map(|interval| interval.start),
        p95_high_ms: p95_interval.as_ref().map(|interval| interval.end),
        p99_ms: (latencies.len() >= stats::ENOUGH_FOR_P99)
            .then(|| stats::quantile(&latencies, 0.99))
            .flatten(),
        overhead_median_ms: stats::quantile(&overheads, 0.5),
        overhead_p95_ms: stats::quantile(&overheads, 0.95),
        gap_median_ms: stats::quantile(&gaps, 0.5),
        gap_p95_ms: stats::quantile(&gaps, 0.95),
        cpu_s: stats::median(cpu.clone()),
        cpu_least_s: stats::quantile_of(cpu.clone(), 0.0),
        cpu_most_s: stats::quantile_of(cpu, 1.0),
        cpu_per_run_ms: median_of(&|figures, asked| figures.batch_cpu_s * 1000.0 / asked),
        ready_s: median_of(&|figures, _| figures.ready_s),
        ready_cpu_s: median_of(&|figures, _| figures.ready_cpu_s),
        ready_rss_bytes: median_of(&|figures, _| figures.ready_rss_bytes as f64),
        peak_rss_bytes: stats::median(rss.clone()),
        peak_rss_least_bytes: stats::quantile_of(rss.clone(), 0.0),
        peak_rss_most_bytes: stats::quantile_of(rss, 1.0),
        connections: median_of(&|figures, _| figures.traffic.connections as f64),
        most_in_flight: median_of(&|figures, _| f64::from(figures.traffic.most_in_flight)),
        llm_calls_per_run: median_of(&|figures, asked| figures.traffic.requests as f64 / asked),
        request_body_bytes_per_run: median_of(&|figures, asked| {
            figures.traffic.request_body_bytes as f64 / asked
        }),
        mock_late_p50_us: median_of(&|figures, _| figures.mock.p50_us),
        mock_late_p99_us: median_of(&|figures, _| figures.mock.p99_us),
        marks: String::new(),
    }
}

/// Whether the mock was late in a trial, or asked for more than half of what it can do: the figures are its own then.
pub(crate) fn is_mock_bound(figures: &Figures, mock_ceiling: Option<f64>) -> bool {
    let requests_per_s = figures.traffic.requests as f64 / figures.batch_s;
    let is_near_ceiling = mock_ceiling.is_some_and(|ceiling| requests_per_s > ceiling / 2.0);
    figures.mock.p50_us > MOCK_LATE_US || is_near_ceiling
}

fn marks(cell: &CellSummary, is_mock_bound: bool) -> Vec<&'static str> {
    // The level of an open loop is an expectation, not a demand.
    let is_limited = !cell.arrival.starts_with("rate")
        && cell
            .most_in_flight
            .is_some_and(|most| most < f64::from(cell.level));
    [
        ("failed-trials", cell.failed_trials > 0),
        ("unverified-runs", cell.verified_runs < cell.runs),
        (
            "few-samples",
            (cell.verified_runs as usize) < stats::ENOUGH_FOR_P95,
        ),
        ("client-limited", is_limited),
        ("mock-bound", is_mock_bound),
    ]
    .into_iter()
    .filter_map(|(mark, applies)| applies.then_some(mark))
    .collect()
}

/// Whether every trial came to its end and every run did the work.
pub fn is_flawless(trials: &[TrialRecord]) -> bool {
    trials
        .iter()
        .all(|trial| trial.outcome == Outcome::Completed && trial.runs.verified == trial.runs.asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::{Noise, RunCounts, RunRecord, Traffic};
    use crate::plan::PlannedTrial;
    use crate::stats::Lateness;

    fn cell() -> Cell {
        Cell {
            framework: "toy".to_owned(),
            variant: "default".to_owned(),
            api: Api::ChatCompletions,
            scenario: "seed".to_owned(),
            level: 2,
            arrival: Arrival::Burst,
        }
    }

    fn trial(number: u32, cpu_s: f64, verified: u32) -> TrialRecord {
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
            outcome: Outcome::Completed,
            ready: None,
            figures: Some(Figures {
                cpu_s,
                cpu_user_s: cpu_s,
                cpu_system_s: 0.0,
                ready_s: 0.1,
                ready_cpu_s: 0.1,
                batch_s: 1.0,
                batch_cpu_s: cpu_s,
                ready_rss_bytes: 10,
                peak_rss_bytes: 100 * u64::from(number + 1),
                end_rss_bytes: 20,
                traffic: Traffic {
                    requests: 8,
                    most_in_flight: 2,
                    ..Traffic::default()
                },
                mock: Lateness::default(),
                orphans: 0,
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

    fn run(trial: u32, latency_ms: f64, verified: bool) -> RunRecord {
        RunRecord {
            trial,
            run: 0,
            start_ms: 0.0,
            latency_ms,
            hold_ms: latency_ms - 4.0,
            overhead_ms: 4.0,
            gaps_us: "1000;3000;2000".to_owned(),
            llm_calls: 4,
            request_body_bytes: 10,
            verified,
            reason: String::new(),
        }
    }

    #[test]
    fn a_cells_figures_equal_values_worked_out_by_hand() {
        let trials = [trial(0, 0.5, 2), trial(1, 1.5, 2), trial(2, 0.7, 2)];
        let runs: Vec<RunRecord> = [
            (0, 10.0),
            (0, 20.0),
            (1, 30.0),
            (1, 40.0),
            (2, 50.0),
            (2, 60.0),
        ]
        .map(|(trial, latency)| run(trial, latency, true))
        .to_vec();
        let summary = &summarize(&trials, &runs.iter().collect(), 1, None)[0];
        assert_eq!(summary.median_ms, Some(35.0));
        // Position 0.95 × 5 = 4.75 between 50 and 60.
        assert_eq!(summary.p95_ms, Some(57.5));
        assert_eq!(
            (summary.cpu_s, summary.cpu_least_s, summary.cpu_most_s),
            (Some(0.7), Some(0.5), Some(1.5))
        );
        assert_eq!(summary.cpu_per_run_ms, Some(350.0));
        assert_eq!(summary.peak_rss_bytes, Some(200.0));
        assert_eq!(summary.gap_median_ms, Some(2.0));
        assert_eq!(summary.llm_calls_per_run, Some(4.0));
        assert_eq!(summary.marks, "few-samples");
    }

    #[test]
    fn unverified_runs_and_failed_trials_enter_no_figure_but_are_counted() {
        let mut failed = trial(1, 9.0, 0);
        failed.outcome = Outcome::Failed {
            failure: crate::measurement::FailureKind::Crashed,
            reason: String::new(),
        };
        failed.figures = None;
        // One of its two runs did the work: its CPU time is not that of the work.
        let half = trial(2, 7.0, 1);
        let trials = [trial(0, 0.5, 2), failed, half];
        let runs = [
            run(0, 10.0, true),
            run(0, 10.0, true),
            run(2, 10.0, true),
            run(2, 99.0, false),
        ];
        let summary = &summarize(&trials, &runs.iter().collect(), 1, None)[0];
        assert_eq!((summary.trials, summary.failed_trials), (2, 1));
        assert_eq!((summary.runs, summary.verified_runs), (6, 3));
        assert_eq!(summary.median_ms, Some(10.0));
        assert_eq!((summary.cpu_s, summary.cpu_most_s), (Some(0.5), Some(0.5)));
        assert_eq!(summary.marks, "failed-trials;unverified-runs;few-samples");
        assert!(!is_flawless(&trials));
    }

    #[test]
    fn a_trial_near_the_mocks_ceiling_or_with_a_late_mock_marks_its_cell() {
        // Each trial made 8 requests in 1 s.
        let marks = |trials: &[TrialRecord], ceiling| {
            summarize(trials, &Runs::default(), 1, ceiling)[0]
                .marks
                .clone()
        };
        let is_marked = |marks: String| marks.split(';').any(|mark| mark == "mock-bound");
        let calm = [trial(0, 0.5, 2), trial(1, 0.5, 2)];
        assert!(!is_marked(marks(&calm, Some(16.0))));
        assert!(is_marked(marks(&calm, Some(15.9))));
        let mut late = calm.clone();
        if let Some(figures) = &mut late[1].figures {
            figures.mock.p50_us = 1000.1;
        }
        assert!(is_marked(marks(&late, None)));
    }

    #[test]
    fn a_cell_without_a_verified_run_has_no_latency() {
        let summary = &summarize(
            &[trial(0, 0.5, 0)],
            &[&run(0, 5.0, false)].into_iter().collect(),
            1,
            None,
        )[0];
        assert_eq!(
            (summary.median_ms, summary.p95_ms, summary.gap_median_ms),
            (None, None, None)
        );
    }
}
