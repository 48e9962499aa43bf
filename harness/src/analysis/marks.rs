//! What is questionable about a cell: which marks it has, in how many of its trials, and why.

use loopmark_protocol::Arrival;

use super::mark::Mark;
use super::{CellResult, Context, noise};
use crate::measurement::{Figures, RunColumns, RunOutcome, TrialRecord};
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
const UNRANKED: [&str; 10] = [
    "failed-trials",
    "hung",
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
    let trials = Trials(trials);
    let of_cell = |name, applies: bool| applies.then(|| Mark::of_cell(name));
    let (level, arrival) = (cell.key.level, cell.key.arrival);
    let counts = &cell.counts;
    // Where faults or cancels are injected, requests beyond the script and clients that wait are what is measured.
    let is_disturbed = trials.count_figures(is_disturbed) > 0;
    let is_flawless = trials.0.iter().all(|(trial, _)| trial.runs.is_flawless());
    let is_small = (counts.verified_runs as usize) < stats::ENOUGH_FOR_P95;
    let is_drifting = arrival == Arrival::Closed && is_drifting(trials.0, context);
    [
        trials.mark("failed-trials", counts.failed_trials as usize),
        trials.mark_trials("hung", |trial| trial.runs.ended(RunOutcome::Hung) > 0),
        of_cell("unverified-runs", !is_flawless),
        of_cell("few-samples", is_small),
        (!is_disturbed && is_limited(cell)).then(|| trials.limited(level)),
        trials.mark_figures("over-level", |figures| is_over_level(figures, level)),
        trials.mark_figures("no-ramp", |figures| {
            figures.in_flight.is_some_and(|found| found.before_ramp > 0)
        }),
        trials.mark_figures("unverified-warm-up", is_warmed_up_wrongly),
        trials.mark_figures("mock-bound", |figures| {
            is_mock_bound(figures, context.mock_ceiling)
        }),
        trials.mark_trials("throttled", is_throttled),
        of_cell("quota", context.is_limited),
        trials.mark_trials("mixed-cores", |trial| is_mixed(trial, context)),
        of_cell("debug-build", context.is_debug_build),
        trials.mark_trials("egress", |trial| trial.conditions.egress_attempts > 0),
        noise::noisy(trials.0, context),
        trials.mark_trials("retries", |trial| {
            !is_disturbed && is_retrying(trial, context)
        }),
        trials.mark_figures("other-requests", |figures| {
            figures.traffic.other_requests.is_some_and(|n| n > 0)
        }),
        of_cell("warm-up-drift", is_drifting),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A cell's trials, to be counted.
struct Trials<'a>(&'a [(&'a TrialRecord, &'a RunColumns)]);

impl Trials<'_> {
    fn count(&self, is_marked: impl Fn(&TrialRecord) -> bool) -> usize {
        let marked = self.0.iter().filter(|(trial, _)| is_marked(trial));
        marked.count()
    }

    fn count_figures(&self, is_marked: impl Fn(&Figures) -> bool) -> usize {
        self.count(|trial| trial.figures.as_ref().is_some_and(&is_marked))
    }

    fn limited(&self, level: u32) -> Mark {
        let limited = self.count_figures(|figures| figures.traffic.max_in_flight < level);
        self.mark_of("client-limited", limited)
    }

    fn mark_of(&self, name: &'static str, marked: usize) -> Mark {
        Mark {
            trials: Some(marked),
            of: self.0.len(),
            ..Mark::of_cell(name)
        }
    }

    fn mark_trials(
        &self,
        name: &'static str,
        is_marked: impl Fn(&TrialRecord) -> bool,
    ) -> Option<Mark> {
        self.mark(name, self.count(is_marked))
    }

    /// `None` if no trial is marked.
    fn mark(&self, name: &'static str, marked: usize) -> Option<Mark> {
        (marked > 0).then(|| self.mark_of(name, marked))
    }

    fn mark_figures(
        &self,
        name: &'static str,
        is_marked: impl Fn(&Figures) -> bool,
    ) -> Option<Mark> {
        self.mark(name, self.count_figures(is_marked))
    }
}

/// Whether fewer runs were in flight than the level demands. The level of an open loop is an expectation.
fn is_limited(cell: &CellResult) -> bool {
    let most = cell.value(&catalogue::MOST_IN_FLIGHT);
    !matches!(cell.key.arrival, Arrival::Rate(_))
        && most.is_some_and(|most| most < f64::from(cell.key.level))
}

/// Whether more runs were in flight than the level of the closed loop, measured or set aside.
fn is_over_level(figures: &Figures, level: u32) -> bool {
    let measured = figures.in_flight.map(|found| found.max_runs);
    let set_aside = figures.set_aside.as_ref();
    let set_aside = set_aside.and_then(|wrong| wrong.max_runs);
    measured.max(set_aside).is_some_and(|most| most > level)
}

/// Whether a run that is not measured did not do the work.
fn is_warmed_up_wrongly(figures: &Figures) -> bool {
    let set_aside = figures.set_aside.as_ref();
    set_aside.is_some_and(|wrong| !wrong.unverified.is_empty())
}

/// Whether a trial's scenario injects faults or cancels its runs.
fn is_disturbed(figures: &Figures) -> bool {
    figures.faults.is_some() || figures.cancelled.is_some()
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
    let scripted =
        u64::from(trial.runs.asked) * u64::from(context.llm_calls_of(&trial.planned.cell));
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
mod tests;
