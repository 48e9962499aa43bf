//! What is questionable about a cell: which marks it has, in how many of its trials, and why.

use loopmark_protocol::Arrival;

use super::mark::Mark;
use super::{CellResult, Context, noise};
use crate::measurement::{Figures, RunColumns, TrialRecord};
use crate::metric::catalogue;
use crate::stats::{self, Resamples};

/// The mock's median lateness in a trial, in µs, from which on it is marked.
const MOCK_LATE_US: f64 = 1000.0;
/// The share of the mock's ceiling from which on a trial is marked.
const MOCK_SHARE: f64 = 0.5;
/// How far the second half of a batch must be from the first one, in every likely outcome.
const DRIFT: f64 = 0.25;
/// Runs that a half of a batch must have for that.
const FEWEST_RUNS_OF_A_HALF: usize = 20;

/// The only mark of a cell that asks for what its row does not offer: no figure of it is missing by mistake.
pub const NOT_OFFERED: &str = "not-offered";

/// A row is not ranked by a cell that has one of these.
const UNRANKED: [&str; 9] = [
    "failed-trials",
    "unverified-runs",
    "over-level",
    "no-ramp",
    "mock-bound",
    "noisy",
    "throttled",
    "mixed-cores",
    "debug-build",
];

/// Whether a cell's marks let its figures be ranked.
pub(super) fn allow_rank(cell: &CellResult) -> bool {
    !cell.mark_names().any(|mark| UNRANKED.contains(&mark))
}

/// The marks of a cell, in the order of the methodology's table.
pub(super) fn marks(
    cell: &CellResult,
    trials: &[(&TrialRecord, &RunColumns)],
    context: &Context,
) -> Vec<Mark> {
    let not_offered = |(trial, _): &(&TrialRecord, _)| trial.outcome.not_offered().is_some();
    if trials.iter().any(not_offered) {
        return vec![Mark::of_cell(NOT_OFFERED)];
    }
    let count = |is_marked: &dyn Fn(&TrialRecord) -> bool| {
        trials.iter().filter(|(trial, _)| is_marked(trial)).count()
    };
    let of_figures = |is_marked: &dyn Fn(&Figures) -> bool| {
        count(&|trial| trial.figures.as_ref().is_some_and(is_marked))
    };
    let of_trials = |name, marked| {
        (marked > 0).then(|| Mark {
            trials: Some(marked),
            of: trials.len(),
            ..Mark::of_cell(name)
        })
    };
    let of_cell = |name, applies: bool| applies.then(|| Mark::of_cell(name));
    let (level, arrival) = (cell.key.level, cell.key.arrival);
    let counts = &cell.counts;
    // The level of an open loop is an expectation, not a demand.
    let is_limited = !matches!(arrival, Arrival::Rate(_))
        && cell
            .value(&catalogue::MOST_IN_FLIGHT)
            .is_some_and(|most| most < f64::from(level));
    let limited = of_figures(&|figures| figures.traffic.max_in_flight < level);
    [
        of_trials("failed-trials", counts.failed_trials as usize),
        of_cell("unverified-runs", counts.verified_runs < counts.runs),
        of_cell(
            "few-samples",
            (counts.verified_runs as usize) < stats::ENOUGH_FOR_P95,
        ),
        is_limited.then(|| Mark {
            trials: Some(limited),
            of: trials.len(),
            ..Mark::of_cell("client-limited")
        }),
        of_trials(
            "over-level",
            of_figures(&|figures| is_over_level(figures, level)),
        ),
        of_trials(
            "no-ramp",
            of_figures(&|figures| figures.in_flight.is_some_and(|found| found.before_ramp > 0)),
        ),
        of_trials(
            "unverified-warm-up",
            of_figures(&|figures| {
                let set_aside = figures.set_aside.as_ref();
                set_aside.is_some_and(|wrong| !wrong.unverified.is_empty())
            }),
        ),
        of_trials(
            "mock-bound",
            of_figures(&|figures| is_mock_bound(figures, context.mock_ceiling)),
        ),
        of_trials("throttled", count(&is_throttled)),
        of_cell("quota", context.is_limited),
        of_trials("mixed-cores", count(&|trial| is_mixed(trial, context))),
        of_cell("debug-build", context.is_debug_build),
        of_trials(
            "egress",
            count(&|trial| trial.conditions.egress_attempts > 0),
        ),
        noise::noisy(trials, context),
        of_trials("retries", count(&|trial| is_retrying(trial, context))),
        of_trials(
            "other-requests",
            of_figures(&|figures| figures.traffic.other_requests.is_some_and(|n| n > 0)),
        ),
        of_cell(
            "warm-up-drift",
            arrival == Arrival::Closed && is_drifting(trials, context),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether more runs were in flight than the level of the closed loop, measured or set aside.
fn is_over_level(figures: &Figures, level: u32) -> bool {
    let measured = figures.in_flight.map(|found| found.max_runs);
    let set_aside = figures.set_aside.as_ref();
    let set_aside = set_aside.and_then(|wrong| wrong.max_runs);
    measured.max(set_aside).is_some_and(|most| most > level)
}

/// Whether a control group stopped somebody in a trial.
fn is_throttled(trial: &TrialRecord) -> bool {
    trial
        .noise
        .throttled_periods
        .is_some_and(|periods| periods > 0)
}

/// Whether a runner had processors of two kinds.
fn is_mixed(trial: &TrialRecord, context: &Context) -> bool {
    let Some(slower) = &context.slower_cpus else {
        return false;
    };
    match &trial.conditions.runner_cpus {
        Some(runner) => {
            let slow = runner.iter().filter(|cpu| slower.has(*cpu)).count();
            slow > 0 && slow < runner.count()
        }
        None => true,
    }
}

/// Whether the mock was late in a trial, or asked for more than half of what it can do: the figures are its own then.
pub(crate) fn is_mock_bound(figures: &Figures, mock_ceiling: Option<f64>) -> bool {
    let requests_per_s = figures.traffic.requests as f64 / figures.phases.measured.wall_s;
    let is_near_ceiling = mock_ceiling.is_some_and(|ceiling| requests_per_s > ceiling * MOCK_SHARE);
    figures.mock.p50_us > MOCK_LATE_US || is_near_ceiling
}

/// Whether requests came again: a turn twice, more of them than the script has, in one run or in all together, or a
/// client that gave up waiting.
fn is_retrying(trial: &TrialRecord, context: &Context) -> bool {
    let scripted = u64::from(trial.runs.asked) * u64::from(context.llm_calls);
    let is_beyond = |figures: &Figures| {
        let traffic = &figures.traffic;
        traffic.requests > scripted || traffic.repeated_turns.is_some_and(|turns| turns > 0)
    };
    let is_reason = |reason| trial.runs.unverified.contains_key(reason);
    trial.figures.as_ref().is_some_and(is_beyond) || is_reason("extra-call") || is_reason("aborted")
}

/// Whether the second half of the batches is another matter than the first: the whole interval of the ratio of their
/// median overheads, over the trials, lies further from 1 than [`DRIFT`].
fn is_drifting(trials: &[(&TrialRecord, &RunColumns)], context: &Context) -> bool {
    let drifts = trials.iter();
    let drifts: Vec<f64> = drifts.filter_map(|(_, runs)| drift(runs)).collect();
    let interval = Resamples::of_processes(&drifts, context.seed).map(|drift| drift.interval());
    interval.is_some_and(|drift| drift.end < 1.0 - DRIFT || drift.start > 1.0 + DRIFT)
}

/// The median overhead of the runs that began in the second half of a batch over that of the first half; `None` with too
/// few runs in a half.
fn drift(runs: &RunColumns) -> Option<f64> {
    let starts = runs.start_ms.iter().copied();
    let mut runs: Vec<(f64, f64)> = starts.zip(runs.overhead_ms.iter().copied()).collect();
    if runs.len() / 2 < FEWEST_RUNS_OF_A_HALF {
        return None;
    }
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (first, second) = runs.split_at(runs.len() / 2);
    let median = |half: &[(f64, f64)]| stats::median(half.iter().map(|run| run.1).collect());
    let first = median(first).filter(|overhead| *overhead > 0.0)?;
    Some(median(second)? / first)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{
        after, assert_marked, assert_unmarked, calm, context, marks_of, with_figures,
    };
    use super::*;
    use crate::measurement::{InFlight, RunRecord, SetAside};

    #[test]
    fn calm_trials_have_no_mark() {
        assert_unmarked(after(|_| {}));
    }

    #[test]
    fn a_late_mock_or_one_near_its_ceiling_is_mock_bound() {
        let late = |us| after(with_figures(move |figures| figures.mock.p50_us = us));
        assert_marked(late(1000.1), "mock-bound", "mock-bound in 2 of 4 trials");
        assert_unmarked(late(1000.0));
        // 240 requests in 8 s are 30 a second.
        let (trials, runs) = calm();
        let under = |ceiling| {
            let context = Context {
                mock_ceiling: Some(ceiling),
                ..context()
            };
            marks_of(&trials, &runs, &context)
        };
        assert_marked(under(59.9), "mock-bound", "mock-bound in 4 of 4 trials");
        assert_unmarked(under(60.0));
    }

    #[test]
    fn a_client_that_holds_requests_back_is_limited() {
        let (mut trials, runs) = calm();
        for trial in trials.iter_mut().skip(1) {
            with_figures(|figures| figures.traffic.max_in_flight = 1)(trial);
        }
        let found = marks_of(&trials, &runs, &context());
        assert_marked(found, "client-limited", "client-limited in 3 of 4 trials");
    }

    #[test]
    fn a_runner_that_ignores_level_or_ramp_is_marked_and_not_ranked() {
        let found = |max_runs, before_ramp| {
            after(with_figures(move |figures| {
                figures.in_flight = Some(InFlight {
                    max_runs,
                    before_ramp,
                });
            }))
        };
        assert_unmarked(found(2, 0));
        assert_marked(found(3, 0), "over-level", "over-level in 2 of 4 trials");
        assert_marked(found(2, 1), "no-ramp", "no-ramp in 2 of 4 trials");
        for mark in ["over-level", "no-ramp"] {
            assert!(UNRANKED.contains(&mark));
        }
    }

    #[test]
    fn what_was_wrong_in_the_warm_up_is_marked() {
        let with = |set_aside: SetAside| {
            after(with_figures(move |figures| {
                figures.set_aside = Some(set_aside.clone())
            }))
        };
        let many = with(SetAside {
            max_runs: Some(8),
            ..SetAside::default()
        });
        assert_marked(many, "over-level", "over-level in 2 of 4 trials");
        let skipped = with(SetAside {
            unverified: [("missing-call".to_owned(), 2)].into(),
            ..SetAside::default()
        });
        let note = "unverified-warm-up in 2 of 4 trials";
        assert_marked(skipped, "unverified-warm-up", note);
    }

    #[test]
    fn a_trial_that_a_control_group_stopped_is_throttled_and_a_quota_is_said_of_all() {
        let with = |periods| after(move |trial| trial.noise.throttled_periods = periods);
        assert_marked(with(Some(1)), "throttled", "throttled in 2 of 4 trials");
        assert_unmarked(with(Some(0)));
        assert_unmarked(with(None));
        let (trials, runs) = calm();
        let limited = Context {
            is_limited: true,
            ..context()
        };
        assert_marked(marks_of(&trials, &runs, &limited), "quota", "quota");
    }

    #[test]
    fn figures_of_a_debug_build_are_marked() {
        let (trials, runs) = calm();
        let debug = Context {
            is_debug_build: true,
            ..context()
        };
        assert_marked(
            marks_of(&trials, &runs, &debug),
            "debug-build",
            "debug-build",
        );
    }

    #[test]
    fn a_runner_on_fast_and_slow_processors_mixes_them() {
        let on = |list: Option<&str>, slower: Option<&str>| {
            let list = list.map(|list| list.parse().unwrap());
            let (mut trials, runs) = calm();
            for trial in &mut trials {
                trial.conditions.runner_cpus = list.clone();
            }
            let context = Context {
                slower_cpus: slower.map(|list| list.parse().unwrap()),
                ..context()
            };
            marks_of(&trials, &runs, &context)
        };
        for mixed in [Some("0-4"), None] {
            assert_marked(
                on(mixed, Some("4-7")),
                "mixed-cores",
                "mixed-cores in 4 of 4 trials",
            );
            assert_unmarked(on(mixed, None));
        }
        assert_unmarked(on(Some("0-3"), Some("4-7")));
        assert_unmarked(on(Some("4-6"), Some("4-7")));
    }

    #[test]
    fn requests_beyond_the_script_are_retries() {
        let more = after(with_figures(|figures| figures.traffic.requests += 1));
        assert_marked(more, "retries", "retries in 2 of 4 trials");
        let fewer = after(with_figures(|figures| figures.traffic.requests -= 1));
        assert_unmarked(fewer);
        for (reason, is_retry) in [("extra-call", true), ("aborted", true), ("error", false)] {
            let (marks, _) = after(|trial| {
                trial.runs.unverified.insert(reason.to_owned(), 1);
            });
            assert_eq!(marks.contains("retries"), is_retry, "{reason}");
        }
    }

    #[test]
    fn requests_that_are_no_llm_calls_are_a_mark_of_their_own() {
        let with = |other| {
            after(with_figures(move |figures| {
                figures.traffic.other_requests = other
            }))
        };
        assert_marked(
            with(Some(3)),
            "other-requests",
            "other-requests in 2 of 4 trials",
        );
        assert_unmarked(with(Some(0)));
        assert_unmarked(with(None));
    }

    #[test]
    fn a_batch_whose_second_half_is_another_matter_is_marked() {
        let drifting = |arrival, factor| {
            let (mut trials, mut runs) = calm();
            trials
                .iter_mut()
                .for_each(|trial| trial.planned.cell.arrival = arrival);
            let second = runs.iter_mut().filter(|run| run.start_ms >= 30.0);
            second.for_each(|run| run.overhead_ms *= factor);
            marks_of(&trials, &runs, &context()).0
        };
        assert_eq!(drifting(Arrival::Closed, 0.6), "warm-up-drift");
        assert_eq!(drifting(Arrival::Closed, 1.6), "warm-up-drift");
        assert_eq!(drifting(Arrival::Closed, 0.9), "");
        assert_eq!(drifting(Arrival::Burst, 0.6), "", "a burst has no warm-up");
    }

    #[test]
    fn drift_goes_by_when_runs_began() {
        let many = |early: f64, late: f64| RunColumns {
            // The late ones stand first.
            start_ms: (0..40).rev().map(f64::from).collect(),
            overhead_ms: [[late; 20], [early; 20]].concat(),
            ..RunColumns::default()
        };
        assert_eq!(drift(&many(2.0, 5.0)), Some(2.5));
        let mut few = many(2.0, 5.0);
        few.start_ms.truncate(39);
        assert_eq!(drift(&few), None);
    }

    #[test]
    fn drift_is_not_told_from_few_runs_or_from_trials_that_disagree() {
        let (trials, mut runs) = calm();
        let second = runs.iter_mut().filter(|run| run.start_ms >= 30.0);
        second.for_each(|run| run.overhead_ms *= 0.5);
        let few: Vec<RunRecord> = runs
            .iter()
            .filter(|run| (run.start_ms as u32).is_multiple_of(4))
            .cloned()
            .collect();
        assert!(!marks_of(&trials, &few, &context()).0.contains("drift"));
        let upwards = runs
            .iter_mut()
            .filter(|run| run.trial == 0 && run.start_ms >= 30.0);
        upwards.for_each(|run| run.overhead_ms *= 4.0);
        assert!(!marks_of(&trials, &runs, &context()).0.contains("drift"));
    }
}
