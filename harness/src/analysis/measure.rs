//! The figures of a cell, from its trials and their runs, as the catalogue says.

use super::{CellResult, Context, Counts, Estimate, arrival_name, marks};
use crate::digest::Digest;
use crate::measurement::{Figures, RunColumns, TrialRecord};
use crate::metric::{Metric, Source, Spread, catalogue};
use crate::plan::CellKey;
use crate::stats::{self, Resamples};

/// A trial with its verified runs.
type Trial<'a> = (&'a TrialRecord, &'a RunColumns);

/// What a cell's figures are made from.
struct Measured<'a> {
    trials: &'a [Trial<'a>],
    /// CPU, memory and traffic are of a whole trial: they count only where all of its runs did the work. With each, how
    /// many runs those were.
    whole: Vec<(&'a Figures, f64)>,
    key: &'a CellKey,
    seed: u64,
}

/// Sums a cell up.
pub(super) fn measure(key: &CellKey, trials: &[Trial<'_>], context: &Context) -> CellResult {
    let mut cell = CellResult::empty(key.clone());
    cell.counts = counts(trials);
    let whole = trials
        .iter()
        .filter(|(trial, _)| trial.runs.verified == trial.runs.asked);
    let measured = Measured {
        trials,
        whole: whole
            .filter_map(|(trial, _)| Some((trial.figures.as_ref()?, f64::from(trial.runs.asked))))
            .collect(),
        key,
        seed: context.seed,
    };
    for metric in catalogue::ALL {
        cell.set(metric, measured.estimate(metric));
    }
    // What is made from other metrics, when those are there.
    for metric in catalogue::ALL {
        if let Source::Quotient { of, by } = metric.source {
            let quotient = cell.get(of).zip(cell.value(by)).and_then(quotient);
            cell.set(metric, quotient);
        }
    }
    cell.marks = marks::marks(&cell, trials, context);
    cell
}

fn counts(trials: &[Trial<'_>]) -> Counts {
    let count = |is_meant: &dyn Fn(&TrialRecord) -> bool| {
        trials.iter().filter(|(trial, _)| is_meant(trial)).count() as u32
    };
    Counts {
        trials: count(&|trial| trial.figures.is_some()),
        failed_trials: count(&TrialRecord::has_failed),
        runs: trials.iter().map(|(trial, _)| trial.runs.asked).sum(),
        verified_runs: trials
            .iter()
            .map(|(_, runs)| runs.latency_ms.len() as u32)
            .sum(),
    }
}

impl Measured<'_> {
    /// Gives the resamples of a metric: of no other one and of no other cell, since cells are compared as if they had
    /// been resampled each for itself; and the same whatever else is measured.
    fn seed(&self, metric: &Metric) -> u64 {
        let key = self.key;
        let (level, arrival) = (key.level.to_string(), arrival_name(key.arrival));
        let mut digest = Digest::default();
        for text in [
            self.seed.to_string().as_str(),
            &key.row.framework,
            &key.row.variant,
            &key.scenario,
            key.case.as_deref().unwrap_or_default(),
            &level,
            &arrival,
            if key.aa_copy { "A/A" } else { "" },
            metric.name,
        ] {
            digest.text(text);
        }
        digest.number()
    }

    /// What is made from trials and runs; quotients are made from other metrics.
    fn estimate(&self, metric: &Metric) -> Option<Estimate> {
        match metric.source {
            Source::Runs {
                of,
                quantile,
                at_least,
            } => {
                let runs = self.trials.iter().map(|(_, runs)| of(runs).as_slice());
                let processes: Vec<&[f64]> = runs.collect();
                let count: usize = processes.iter().map(|values| values.len()).sum();
                let is_enough = count >= at_least;
                let estimate = || self.of_runs(metric, &processes, quantile);
                is_enough.then(estimate).flatten()
            }
            Source::Trial { of } => {
                let values = self.whole.iter();
                let values = values.filter_map(|(figures, runs)| of(figures, *runs));
                self.of_trials(metric, values.collect())
            }
            Source::AnyTrial { of } => {
                let trials = self.trials.iter();
                let values =
                    trials.filter_map(|(trial, _)| of(trial.figures.as_ref(), &trial.runs));
                self.of_trials(metric, values.collect())
            }
            Source::Quotient { .. } | Source::Across { .. } => None,
        }
    }

    fn of_runs(&self, metric: &Metric, processes: &[&[f64]], quantile: f64) -> Option<Estimate> {
        let value = stats::quantile_of(processes.concat(), quantile)?;
        let fewest = stats::FEWEST_PROCESSES;
        let seed = self.seed(metric);
        let is_compared = metric.is_compared;
        let resamples = is_compared
            .then(|| Resamples::of_runs(processes, quantile, seed, fewest))
            .flatten();
        let interval = match (&resamples, metric.spread) {
            (_, Spread::None) => None,
            (Some(resamples), _) => Some(resamples.interval()),
            (None, _) => stats::interval(processes, quantile, seed),
        };
        Some(Estimate {
            value,
            interval,
            extent: None,
            resamples,
        })
    }

    fn of_trials(&self, metric: &Metric, values: Vec<f64>) -> Option<Estimate> {
        let value = stats::median(values.clone())?;
        let is_resampled = metric.is_resampled();
        let resamples = is_resampled
            .then(|| Resamples::of_processes(&values, self.seed(metric)))
            .flatten();
        let interval = resamples.as_ref().map(Resamples::interval);
        let sorted = stats::sorted(values);
        let extent = sorted.first().zip(sorted.last());
        Some(Estimate {
            value,
            interval: interval.filter(|_| metric.spread != Spread::None),
            extent: extent.map(|(least, most)| *least..*most),
            resamples,
        })
    }
}

/// A metric of one trial alone, in the metric's unit; `None` where the trial has none, or where the metric is made from
/// several ones.
pub fn of_one_trial(metric: &Metric, trial: &TrialRecord, runs: &RunColumns) -> Option<f64> {
    match metric.source {
        Source::Runs { of, quantile, .. } => stats::quantile_of(of(runs).clone(), quantile),
        Source::Trial { of } => {
            let is_whole = trial.runs.verified == trial.runs.asked;
            let figures = trial.figures.as_ref().filter(|_| is_whole)?;
            of(figures, f64::from(trial.runs.asked))
        }
        Source::AnyTrial { of } => of(trial.figures.as_ref(), &trial.runs),
        Source::Quotient { .. } | Source::Across { .. } => None,
    }
}

/// A figure over a number that is taken as it is.
fn quotient((of, by): (&Estimate, f64)) -> Option<Estimate> {
    (by > 0.0).then(|| {
        let resamples = of.resamples.as_ref().map(|of| of.times(1.0 / by));
        Estimate {
            value: of.value / by,
            interval: resamples.as_ref().map(Resamples::interval),
            extent: None,
            resamples,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use loopmark_protocol::Arrival;

    use super::super::synthetic::{cell, measured, run, trial};
    use super::{Measured, of_one_trial};
    use crate::analysis::{CellResult, Estimate, is_flawless};
    use crate::measurement::{Outcome, RunRecord, Runs};
    use crate::metric::catalogue as metric;
    use crate::plan::{CellKey, RowKey};

    fn marks(cell: &CellResult) -> Vec<&str> {
        cell.mark_names().collect()
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
        let cell = &measured(&trials, &runs)[0];
        let truths = [
            (&metric::MEDIAN, 35.0),
            // Position 0.95 × 5 = 4.75 between 50 and 60.
            (&metric::P95, 57.5),
            (&metric::CPU, 0.7),
            (&metric::CPU_PER_RUN, 350.0),
            (&metric::OVERHEAD_PER_TURN, 1.0),
            (&metric::PEAK_RSS, 200.0),
            (&metric::GAP, 2.0),
            (&metric::LLM_CALLS_PER_RUN, 4.0),
        ];
        for (metric, truth) in truths {
            assert_eq!(cell.value(metric), Some(truth), "{}", metric.name);
        }
        let cpu = cell.get(&metric::CPU).unwrap();
        assert_eq!(cpu.extent, Some(0.5..1.5));
        assert_eq!(cpu.interval, Some(0.5..1.5), "of three trials it holds all");
        assert_eq!(marks(cell), ["few-samples", "noisy"]);
    }

    #[test]
    fn a_trial_alone_has_the_figures_of_its_own_runs() {
        let trials = [trial(0, 0.5, 2), trial(1, 1.5, 2)];
        let records = [(0, 10.0), (0, 20.0), (1, 30.0), (1, 50.0)];
        let records = records.map(|(trial, latency)| run(trial, latency, true));
        let runs: Runs = records.iter().collect();
        let of = |metric, place: usize| {
            let trial = &trials[place];
            of_one_trial(metric, trial, runs.of_trial(trial.planned.trial).unwrap())
        };
        assert_eq!(of(&metric::MEDIAN, 0), Some(15.0));
        assert_eq!(of(&metric::MEDIAN, 1), Some(40.0));
        assert_eq!(of(&metric::CPU, 1), Some(1.5));
        let mut half = trials[1].clone();
        half.runs.verified = 1;
        let columns = runs.of_trial(1).unwrap();
        assert_eq!(of_one_trial(&metric::CPU, &half, columns), None);
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
        let cell = &measured(&trials, &runs)[0];
        let counts = &cell.counts;
        assert_eq!((counts.trials, counts.failed_trials), (2, 1));
        assert_eq!((counts.runs, counts.verified_runs), (6, 3));
        assert_eq!(cell.value(&metric::MEDIAN), Some(10.0));
        let cpu = cell.get(&metric::CPU).unwrap();
        assert_eq!((cpu.value, cpu.extent.clone()), (0.5, Some(0.5..0.5)));
        assert_eq!(
            marks(cell),
            ["failed-trials", "unverified-runs", "few-samples"]
        );
        assert!(!is_flawless(&trials, |_| false));
        assert!(!is_flawless(&trials, |_| true), "one has failed");
        let [whole, mut failed, half] = trials;
        failed.outcome = Outcome::Failed {
            failure: crate::measurement::FailureKind::Hung,
            reason: String::new(),
        };
        assert!(!is_flawless(std::slice::from_ref(&failed), |_| false));
        assert!(is_flawless(&[failed], |_| true), "it took too long");
        assert!(!is_flawless(std::slice::from_ref(&half), |_| false));
        assert!(is_flawless(&[half], |_| true));
        assert!(is_flawless(&[whole], |_| false));
    }

    #[test]
    fn a_cell_without_a_verified_run_has_no_latency() {
        let cell = &measured(&[trial(0, 0.5, 0)], &[run(0, 5.0, false)])[0];
        for metric in [&metric::MEDIAN, &metric::P95, &metric::GAP] {
            assert_eq!(cell.get(metric), None, "{}", metric.name);
        }
    }

    #[test]
    fn every_metric_of_every_cell_has_a_seed_of_its_own() {
        let toy = cell();
        let row = |framework, variant| RowKey::new(framework, variant);
        let cells = [
            toy.clone(),
            CellKey {
                row: row("other", "default"),
                ..toy.clone()
            },
            CellKey {
                row: row("toy", "tuned"),
                ..toy.clone()
            },
            CellKey {
                scenario: "tools".to_owned(),
                ..toy.clone()
            },
            CellKey {
                case: Some("one".to_owned()),
                ..toy.clone()
            },
            CellKey {
                level: 3,
                ..toy.clone()
            },
            CellKey {
                arrival: Arrival::Closed,
                ..toy.clone()
            },
            CellKey {
                arrival: Arrival::Rate(2.0),
                ..toy.clone()
            },
            CellKey {
                aa_copy: true,
                ..toy.clone()
            },
        ];
        let mut seeds = BTreeSet::new();
        for sweep in [1, 2] {
            for key in &cells {
                for metric in metric::ALL {
                    let (trials, whole) = (&[][..], Vec::new());
                    let seed = sweep;
                    let of_cell = Measured {
                        trials,
                        whole,
                        key,
                        seed,
                    };
                    seeds.insert(of_cell.seed(metric));
                }
            }
        }
        assert_eq!(seeds.len(), 2 * cells.len() * metric::ALL.len());
    }

    #[test]
    fn two_trials_tell_nothing_of_the_spread_of_what_a_process_has_one_of() {
        let trials = [trial(0, 0.5, 2), trial(1, 1.5, 2)];
        let runs = [run(0, 10.0, true), run(0, 20.0, true), run(1, 30.0, true)];
        let cell = &measured(&trials, &runs)[0];
        assert_eq!(cell.value(&metric::CPU), Some(1.0));
        let interval = |metric| {
            let estimate: &Estimate = cell.get(metric).unwrap();
            estimate.interval.clone()
        };
        let of_processes = [
            &metric::CPU,
            &metric::CPU_PER_RUN,
            &metric::PEAK_RSS,
            &metric::OVERHEAD_PER_TURN,
        ];
        for metric in of_processes {
            assert_eq!(interval(metric), None, "{}", metric.name);
        }
        let median = interval(&metric::MEDIAN);
        assert!(median.is_some(), "a median has one from two on");
    }
}
