//! What else than the row made a cell's figures: for which reasons its trials are noisy.

use super::Context;
use super::mark::Mark;
use crate::measurement::{RunColumns, TrialRecord};
use crate::metric::{Source, catalogue};
use crate::stats;

/// Stolen time, in percent of all CPU time, from which on a trial is noisy.
const STEAL_PERCENT: f64 = 1.0;
/// Time in which a task waited for a CPU, beyond what the runner can have caused, from which on a trial is noisy.
const PRESSURE_PERCENT: f64 = 10.0;
/// Change of the fastest core's clock over a trial from which on it is noisy.
const FREQUENCY_CHANGE: f64 = 0.1;
/// Whether a trial is noisy for one reason.
type Test = fn(&TrialRecord, &Context) -> bool;

pub(super) fn noisy(trials: &[(&TrialRecord, &RunColumns)], context: &Context) -> Option<Mark> {
    let tests: [(&str, Test); 4] = [
        ("steal", |trial, _| {
            trial.noise.steal_percent > STEAL_PERCENT
        }),
        ("load", |trial, context| {
            trial.noise.load_before > context.cpus as f64
        }),
        ("pressure", is_under_pressure),
        ("frequency", |trial, _| has_changed_frequency(trial)),
    ];
    let is_noisy = |trial: &TrialRecord| tests.iter().any(|(_, test)| test(trial, context));
    let noisy = trials.iter().filter(|(trial, _)| is_noisy(trial)).count();
    let mut reasons: Vec<(&'static str, Option<usize>)> = Vec::new();
    for (reason, test) in tests {
        let count = trials
            .iter()
            .filter(|(trial, _)| test(trial, context))
            .count();
        if count > 0 {
            reasons.push((reason, Some(count)));
        }
    }
    if is_spread(trials) {
        reasons.push(("spread", None));
    }
    let mark = Mark {
        name: "noisy",
        trials: (noisy > 0).then_some(noisy),
        of: trials.len(),
        reasons,
    };
    (!mark.reasons.is_empty()).then_some(mark)
}

/// Whether tasks waited for a CPU more than the runner itself explains.
///
/// Its own tasks wait only while all CPUs are busy, which takes its CPU time, and about as much of the mock's, on all of
/// them at once: a runner that keeps the CPUs busy by itself so explains all the waiting that there can be.
fn is_under_pressure(trial: &TrialRecord, context: &Context) -> bool {
    let (Some(pressure), Some(figures)) = (trial.noise.cpu_pressure_percent, &trial.figures) else {
        return false;
    };
    let time_s =
        (figures.phases.start_up.wall_s + figures.phases.measured.wall_s) * context.cpus as f64;
    let own_percent = 100.0 * 2.0 * figures.cpu_s / time_s;
    pressure - own_percent > PRESSURE_PERCENT
}

fn has_changed_frequency(trial: &TrialRecord) -> bool {
    let (Some(before), Some(after)) = (trial.noise.cpu_mhz_before, trial.noise.cpu_mhz_after)
    else {
        return false;
    };
    (after / before - 1.0).abs() > FREQUENCY_CHANGE
}

/// Whether repetitions differ too much for their median to mean much.
fn is_spread(trials: &[(&TrialRecord, &RunColumns)]) -> bool {
    let limits = catalogue::ALL.iter();
    let mut limits = limits.filter_map(|metric| Some((metric, metric.noisy_above?)));
    limits.any(|(metric, most)| {
        let values = of_trials(&metric.source, trials);
        let is_enough = values.len() >= stats::FEWEST_PROCESSES;
        let spread = stats::relative_spread(values).filter(|_| is_enough);
        spread.is_some_and(|spread| spread > most)
    })
}

/// The value of each trial that has one.
fn of_trials(source: &Source, trials: &[(&TrialRecord, &RunColumns)]) -> Vec<f64> {
    let trials = trials.iter();
    match source {
        Source::Runs { of, quantile, .. } => trials
            .filter_map(|(_, runs)| stats::quantile_of(of(runs).clone(), *quantile))
            .collect(),
        Source::Trial { of } => trials
            .filter(|(trial, _)| trial.runs.verified == trial.runs.asked)
            .filter_map(|(trial, _)| of(trial.figures.as_ref()?, f64::from(trial.runs.asked)))
            .collect(),
        Source::AnyTrial { of } => trials
            .filter_map(|(trial, _)| of(trial.figures.as_ref(), &trial.runs))
            .collect(),
        Source::Quotient { .. } | Source::Across { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{
        after, assert_marked, assert_unmarked, cell, context, marks_of, trials_of,
    };

    #[test]
    fn stolen_time_and_load_before_a_trial_are_noise() {
        let steal = |percent| after(move |trial| trial.noise.steal_percent = percent);
        assert_marked(
            steal(1.1),
            "noisy",
            "noisy in 2 of 4 trials (steal in 2 of 4 trials)",
        );
        assert_unmarked(steal(1.0));
        let load = |load| after(move |trial| trial.noise.load_before = load);
        assert_marked(
            load(2.1),
            "noisy",
            "noisy in 2 of 4 trials (load in 2 of 4 trials)",
        );
        assert_unmarked(load(2.0));
    }

    #[test]
    fn waiting_for_a_cpu_is_noise_only_where_the_runner_does_not_explain_it() {
        let pressure = |percent, cpu_s| {
            after(move |trial| {
                trial.noise.cpu_pressure_percent = Some(percent);
                let figures = trial.figures.as_mut().unwrap();
                // Its share of two CPUs in 10 s.
                figures.phases.start_up.wall_s = 2.0;
                figures.phases.measured.wall_s = 8.0;
                figures.cpu_s = cpu_s;
            })
        };
        // 1 s of CPU, and as much of the mock's, is 10 % of the two CPUs.
        let note = "noisy in 2 of 4 trials (pressure in 2 of 4 trials)";
        assert_marked(pressure(20.1, 1.0), "noisy", note);
        assert_unmarked(pressure(19.9, 1.0));
        let (marks, notes) = pressure(90.0, 10.0);
        assert!(marks == "noisy" && !notes.contains("pressure"), "{notes}");
    }

    #[test]
    fn a_clock_that_changes_is_noise_and_one_that_nobody_tells_is_not() {
        let clock = |before, after_mhz| {
            after(move |trial| {
                (trial.noise.cpu_mhz_before, trial.noise.cpu_mhz_after) = (before, after_mhz);
            })
        };
        let note = "noisy in 2 of 4 trials (frequency in 2 of 4 trials)";
        assert_marked(clock(Some(3000.0), Some(2690.0)), "noisy", note);
        assert_unmarked(clock(Some(3000.0), Some(2710.0)));
        assert_unmarked(clock(None, Some(2000.0)));
    }

    #[test]
    fn repetitions_that_lie_apart_are_noise() {
        let of_cpu = |cpu: &[f64]| {
            let (trials, runs) = trials_of(&cell(), 0, 60, cpu);
            marks_of(&trials, &runs, &context())
        };
        assert_marked(
            of_cpu(&[1.0, 1.0, 1.3, 1.4, 1.6]),
            "noisy",
            "noisy (spread)",
        );
        assert_unmarked(of_cpu(&[1.0, 1.0, 1.1, 1.1, 9.0]));
        assert!(
            !of_cpu(&[1.0, 9.0]).0.contains("noisy"),
            "two tell nothing of a spread"
        );
    }
}
