//! The figures of a cell, from its trials and their runs.

use super::{CellSummary, Context, Figure, MeasuredCell, arrival_name, marks};
use crate::measurement::{Figures, Outcome, Phase, RunColumns, TrialRecord};
use crate::plan::{Cell, PhaseName};
use crate::stats::{self, Lateness, Resamples};

/// A trial with its verified runs.
type Trial<'a> = (&'a TrialRecord, &'a RunColumns);

/// Sums a cell up. `seed` gives its resamples: that of no other cell, since cells are compared as if they had been
/// resampled each for itself.
pub(super) fn measure(
    cell: &Cell,
    trials: &[Trial<'_>],
    context: &Context,
    seed: u64,
) -> MeasuredCell {
    let mut summary = latencies(cell, trials, context.seed);
    let figures = whole_trials(trials);
    costs(&mut summary, &figures);
    let mut measured = MeasuredCell {
        summary,
        resamples: resamples(trials, &figures, seed),
    };
    intervals(&mut measured);
    let marks = marks::marks(&measured.summary, cell.arrival, trials, context);
    let names: Vec<&str> = marks.iter().map(|mark| mark.name).collect();
    let notes: Vec<String> = marks
        .iter()
        .map(|mark| mark.in_words(trials.len()))
        .collect();
    measured.summary.marks = names.join(";");
    measured.summary.mark_notes = notes.join("; ");
    measured
}

/// CPU, memory and traffic are of a whole trial: they count only where all of its runs did the work. With each, how many
/// runs those were.
fn whole_trials<'a>(trials: &[Trial<'a>]) -> Vec<(&'a Figures, f64)> {
    let whole = trials
        .iter()
        .filter(|(trial, _)| trial.runs.verified == trial.runs.asked);
    whole
        .filter_map(|(trial, _)| Some((trial.figures.as_ref()?, f64::from(trial.runs.asked))))
        .collect()
}

fn cpu_per_run_ms(figures: &Figures, runs: f64) -> f64 {
    figures.batch_cpu_s * 1000.0 / runs
}

/// The cell, its counts, and what comes from its runs.
fn latencies(cell: &Cell, trials: &[Trial<'_>], seed: u64) -> CellSummary {
    let per_trial = |figure: fn(&RunColumns) -> &Vec<f64>| -> Vec<Vec<f64>> {
        trials
            .iter()
            .map(|(_, runs)| figure(runs).clone())
            .collect()
    };
    let latency = per_trial(|runs| &runs.latency_ms);
    let latencies = latency.concat();
    let overheads = per_trial(|runs| &runs.overhead_ms).concat();
    let gaps = per_trial(|runs| &runs.gaps_ms).concat();
    let ended = trials
        .iter()
        .filter(|(trial, _)| trial.figures.is_some())
        .count();
    let failed = trials
        .iter()
        .filter(|(trial, _)| matches!(trial.outcome, Outcome::Failed { .. }))
        .count();
    let median_interval = stats::interval(&latency, 0.5, seed);
    let p95_interval = stats::interval(&latency, 0.95, seed);
    CellSummary {
        framework: cell.framework.clone(),
        variant: cell.variant.clone(),
        scenario: cell.scenario.clone(),
        level: cell.level,
        arrival: arrival_name(cell.arrival),
        aa_copy: cell.aa_copy,
        trials: ended as u32,
        failed_trials: failed as u32,
        runs: trials.iter().map(|(trial, _)| trial.runs.asked).sum(),
        verified_runs: latencies.len() as u32,
        median_ms: stats::median(latencies.clone()),
        median_low_ms: median_interval.as_ref().map(|interval| interval.start),
        median_high_ms: median_interval.as_ref().map(|interval| interval.end),
        p95_ms: stats::quantile_of(latencies.clone(), 0.95),
        p95_low_ms: p95_interval.as_ref().map(|interval| interval.start),
        p95_high_ms: p95_interval.as_ref().map(|interval| interval.end),
        p99_ms: (latencies.len() >= stats::ENOUGH_FOR_P99)
            .then(|| stats::quantile_of(latencies, 0.99))
            .flatten(),
        overhead_median_ms: stats::median(overheads.clone()),
        overhead_p95_ms: stats::quantile_of(overheads, 0.95),
        gap_median_ms: stats::median(gaps.clone()),
        gap_p95_ms: stats::quantile_of(gaps, 0.95),
        ..CellSummary::empty(cell.api)
    }
}

/// Adds what comes from whole trials.
fn costs(summary: &mut CellSummary, trials: &[(&Figures, f64)]) {
    let values = |figure: &dyn Fn(&Figures, f64) -> f64| -> Vec<f64> {
        trials
            .iter()
            .map(|(figures, runs)| figure(figures, *runs))
            .collect()
    };
    let median_of = |figure: &dyn Fn(&Figures, f64) -> f64| stats::median(values(figure));
    let cpu = values(&|figures, _| figures.cpu_s);
    let rss = values(&|figures, _| figures.peak_rss_bytes as f64);
    summary.cpu_s = stats::median(cpu.clone());
    summary.cpu_least_s = stats::quantile_of(cpu.clone(), 0.0);
    summary.cpu_most_s = stats::quantile_of(cpu, 1.0);
    summary.cpu_per_run_ms = median_of(&cpu_per_run_ms);
    summary.ready_s = median_of(&|figures, _| figures.ready_s);
    summary.ready_cpu_s = median_of(&|figures, _| figures.ready_cpu_s);
    summary.ready_rss_bytes = median_of(&|figures, _| figures.ready_rss_bytes as f64);
    summary.peak_rss_bytes = stats::median(rss.clone());
    summary.peak_rss_least_bytes = stats::quantile_of(rss.clone(), 0.0);
    summary.peak_rss_most_bytes = stats::quantile_of(rss, 1.0);
    phases(summary, trials);
    summary.connections = median_of(&|figures, _| figures.traffic.connections as f64);
    summary.most_in_flight = median_of(&|figures, _| f64::from(figures.traffic.most_in_flight));
    summary.llm_calls_per_run = median_of(&|figures, runs| figures.traffic.requests as f64 / runs);
    summary.request_body_bytes_per_run =
        median_of(&|figures, runs| figures.traffic.request_body_bytes as f64 / runs);
    let late_of = |late: fn(&Lateness) -> f64| {
        let mocks = trials.iter().map(|(figures, _)| &figures.mock);
        // A mock that answered nothing was not on time.
        stats::median(mocks.filter(|mock| mock.count > 0).map(late).collect())
    };
    summary.mock_late_p50_us = late_of(|mock| mock.p50_us);
    summary.mock_late_p99_us = late_of(|mock| mock.p99_us);
    let calls = summary.llm_calls_per_run.filter(|calls| *calls > 0.0);
    summary.overhead_per_turn_ms = summary
        .overhead_median_ms
        .zip(calls)
        .map(|(overhead, calls)| overhead / calls);
}

/// Adds what comes from the phases of whole trials.
fn phases(summary: &mut CellSummary, trials: &[(&Figures, f64)]) {
    let median_of = |figure: &dyn Fn(&Figures) -> f64| {
        stats::median(trials.iter().map(|(figures, _)| figure(figures)).collect())
    };
    let phase_median = |name: PhaseName, figure: &dyn Fn(&Phase) -> Option<f64>| {
        let phases = trials.iter().filter_map(|(figures, _)| figures.phase(name));
        stats::median(phases.filter_map(figure).collect())
    };
    let phase_wall = |name| phase_median(name, &|phase| Some(phase.wall_s));
    let phase_cpu = |name| phase_median(name, &|phase| Some(phase.cpu_s));
    let phase_rss = |name| phase_median(name, &|phase| Some(phase.rss_bytes as f64));
    summary.imports_s = phase_wall(PhaseName::Imports);
    summary.imports_cpu_s = phase_cpu(PhaseName::Imports);
    summary.imports_rss_bytes = phase_rss(PhaseName::Imports);
    summary.build_s = phase_wall(PhaseName::Build);
    summary.build_cpu_s = phase_cpu(PhaseName::Build);
    summary.first_run_s = phase_wall(PhaseName::FirstRun);
    summary.first_run_cpu_s = phase_cpu(PhaseName::FirstRun);
    summary.first_run_rss_bytes = phase_rss(PhaseName::FirstRun);
    summary.batch_s = median_of(&|figures| figures.batch_s);
    summary.batch_cpu_s = median_of(&|figures| figures.batch_cpu_s);
    let with_calls = trials
        .iter()
        .filter(|(figures, _)| figures.traffic.requests > 0);
    let per_turn = with_calls
        .map(|(figures, _)| figures.batch_cpu_s * 1000.0 / figures.traffic.requests as f64);
    summary.cpu_per_turn_ms = stats::median(per_turn.collect());
    summary.batch_peak_rss_bytes = phase_median(PhaseName::Measured, &|phase| {
        phase.peak_rss_bytes.map(|bytes| bytes as f64)
    });
    summary.end_rss_bytes = median_of(&|figures| figures.end_rss_bytes as f64);
}

/// The figures that are compared between cells, resampled: processes, and where a process has many, runs within them.
fn resamples(
    trials: &[Trial<'_>],
    whole: &[(&Figures, f64)],
    seed: u64,
) -> Vec<(Figure, Resamples)> {
    let mut seeds = fastrand::Rng::with_seed(seed);
    let overheads: Vec<Vec<f64>> = trials
        .iter()
        .map(|(_, runs)| runs.overhead_ms.clone())
        .collect();
    let overhead = Resamples::of_runs(&overheads, 0.5, seeds.u64(..), stats::FEWEST_PROCESSES);
    let mut of_trials = |figure: fn(&Figures, f64) -> f64| {
        let values: Vec<f64> = whole
            .iter()
            .map(|(figures, runs)| figure(figures, *runs))
            .collect();
        Resamples::of_processes(&values, seeds.u64(..))
    };
    [
        (Figure::Overhead, overhead),
        (Figure::Cpu, of_trials(|figures, _| figures.cpu_s)),
        (Figure::CpuPerRun, of_trials(cpu_per_run_ms)),
        (
            Figure::PeakRss,
            of_trials(|figures, _| figures.peak_rss_bytes as f64),
        ),
    ]
    .into_iter()
    .filter_map(|(figure, resamples)| Some((figure, resamples?)))
    .collect()
}

/// Fills in the intervals of the resampled figures.
fn intervals(measured: &mut MeasuredCell) {
    let interval = |figure| {
        let interval = measured
            .resamples(figure)
            .map(|resamples| resamples.interval());
        (
            interval.as_ref().map(|range| range.start),
            interval.map(|range| range.end),
        )
    };
    let overhead = interval(Figure::OverheadPerTurn);
    let (cpu, cpu_per_run) = (interval(Figure::Cpu), interval(Figure::CpuPerRun));
    let rss = interval(Figure::PeakRss);
    let summary = &mut measured.summary;
    (
        summary.overhead_per_turn_low_ms,
        summary.overhead_per_turn_high_ms,
    ) = overhead;
    (summary.cpu_low_s, summary.cpu_high_s) = cpu;
    (summary.cpu_per_run_low_ms, summary.cpu_per_run_high_ms) = cpu_per_run;
    (summary.peak_rss_low_bytes, summary.peak_rss_high_bytes) = rss;
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{measured, run, trial};
    use crate::measurement::{Outcome, RunRecord};

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
        let summary = &measured(&trials, &runs)[0].summary;
        assert_eq!(summary.median_ms, Some(35.0));
        // Position 0.95 × 5 = 4.75 between 50 and 60.
        assert_eq!(summary.p95_ms, Some(57.5));
        assert_eq!(
            (summary.cpu_s, summary.cpu_least_s, summary.cpu_most_s),
            (Some(0.7), Some(0.5), Some(1.5))
        );
        assert_eq!(summary.cpu_per_run_ms, Some(350.0));
        assert_eq!(
            (summary.cpu_low_s, summary.cpu_high_s),
            (Some(0.5), Some(1.5)),
            "of three trials the interval holds all"
        );
        assert_eq!(summary.overhead_per_turn_ms, Some(1.0));
        assert_eq!(summary.peak_rss_bytes, Some(200.0));
        assert_eq!(summary.gap_median_ms, Some(2.0));
        assert_eq!(summary.llm_calls_per_run, Some(4.0));
        assert_eq!(summary.marks, "few-samples;noisy");
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
        let summary = &measured(&trials, &runs)[0].summary;
        assert_eq!((summary.trials, summary.failed_trials), (2, 1));
        assert_eq!((summary.runs, summary.verified_runs), (6, 3));
        assert_eq!(summary.median_ms, Some(10.0));
        assert_eq!((summary.cpu_s, summary.cpu_most_s), (Some(0.5), Some(0.5)));
        assert_eq!(summary.marks, "failed-trials;unverified-runs;few-samples");
        assert!(!super::super::is_flawless(&trials));
    }

    #[test]
    fn a_cell_without_a_verified_run_has_no_latency() {
        let summary = &measured(&[trial(0, 0.5, 0)], &[run(0, 5.0, false)])[0].summary;
        assert_eq!(
            (summary.median_ms, summary.p95_ms, summary.gap_median_ms),
            (None, None, None)
        );
    }

    #[test]
    fn two_trials_tell_nothing_of_the_spread_of_what_a_process_has_one_of() {
        let trials = [trial(0, 0.5, 2), trial(1, 1.5, 2)];
        let runs = [run(0, 10.0, true), run(0, 20.0, true), run(1, 30.0, true)];
        let summary = &measured(&trials, &runs)[0].summary;
        assert_eq!(summary.cpu_s, Some(1.0));
        let ends = [
            summary.cpu_low_s,
            summary.cpu_per_run_high_ms,
            summary.peak_rss_low_bytes,
        ];
        assert_eq!(ends, [None; 3]);
        assert_eq!(summary.overhead_per_turn_low_ms, None);
        assert!(
            summary.median_low_ms.is_some(),
            "a median has one from two on"
        );
    }
}
