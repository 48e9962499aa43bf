//! How runs end where the scenario lets things go wrong.

use crate::measurement::{Faults, Figures, RunCounts, RunOutcome};
use crate::metric::{Metric, Unit, Witness};

pub static ENDED_RIGHT: Metric = Metric::of_any_trial(
    "ended_right_share",
    "Ended right",
    "The share of runs that ended with the right answer although something went wrong.",
    Unit::Count,
    Witness::Ledger,
    |_, runs| share_of(runs, runs.ended_well()),
)
.higher_is_better();

pub static ENDED_REPAIRED: Metric = Metric::of_any_trial(
    "repaired_share",
    "Told and repaired",
    "The share of runs in which the model was told of its mistake, and then gave the right answer.",
    Unit::Count,
    Witness::Ledger,
    |_, runs| share(runs, RunOutcome::Repaired),
)
.higher_is_better();

pub static ENDED_RAISED: Metric = Metric::of_any_trial(
    "raised_share",
    "Raised",
    "The share of runs that ended with an error after one try.",
    Unit::Count,
    Witness::Ledger,
    |_, runs| share(runs, RunOutcome::Raised),
);

pub static ENDED_GAVE_UP: Metric = Metric::of_any_trial(
    "gave_up_share",
    "Gave up",
    "The share of runs that ended with an error after several tries.",
    Unit::Count,
    Witness::Ledger,
    |_, runs| share(runs, RunOutcome::GaveUp),
);

pub static ENDED_WRONG: Metric = Metric::of_any_trial(
    "wrong_share",
    "Wrong",
    "The share of runs that ended with another answer than the scripted one.",
    Unit::Count,
    Witness::Ledger,
    |_, runs| share(runs, RunOutcome::Wrong),
);

pub static ENDED_SILENT: Metric = Metric::of_any_trial(
    "silent_share",
    "Silent",
    "The share of runs that ended without an error though the model had not answered or was not told of its mistake.",
    Unit::Count,
    Witness::Ledger,
    |_, runs| share(runs, RunOutcome::Silent),
);

pub static ENDED_HUNG: Metric = Metric::of_any_trial(
    "hung_share",
    "Hung",
    "The share of runs that did not end within the batch's deadline, waiting for a sink of traces that never answers.",
    Unit::Count,
    Witness::Harness,
    |_, runs| share(runs, RunOutcome::Hung),
);

pub static REQUESTS_PER_NEEDED: Metric = Metric::of_any_trial(
    "requests_per_needed",
    "Requests per needed one",
    "Requests of the runs that ended right, over those that a client needs that repeats each until the model answers.",
    Unit::Count,
    Witness::Ledger,
    |figures, _| ratio(faults(figures)?.requests, faults(figures)?.needed),
);

pub static REQUESTS_PER_FAULT: Metric = Metric::of_any_trial(
    "requests_per_faulty_turn",
    "Requests per faulty turn",
    "Requests for a turn that met a fault, per run that met one.",
    Unit::Count,
    Witness::Ledger,
    |figures, _| {
        ratio(
            faults(figures)?.requests_for_faulty_turns,
            faults(figures)?.runs,
        )
    },
)
.descriptive();

pub static RETRY_AFTER_OBEYED: Metric = Metric::of_any_trial(
    "retry_after_obeyed_share",
    "Retry-After obeyed",
    "Of the requests after a reply that said how long to wait, the share that came no earlier.",
    Unit::Count,
    Witness::Ledger,
    |figures, _| ratio(faults(figures)?.waited, faults(figures)?.asked_to_wait),
)
.higher_is_better();

pub static GIVE_UP: Metric = Metric::of_any_trial(
    "give_up_s",
    "Time to give up",
    "The median time from a run's first fault to its error.",
    Unit::S,
    Witness::Ledger,
    |figures, _| faults(figures)?.give_up_s,
);

fn faults(figures: Option<&Figures>) -> Option<&Faults> {
    figures?.faults.as_ref()
}

fn ratio(of: u64, by: u64) -> Option<f64> {
    (by > 0).then(|| of as f64 / by as f64)
}

fn share(runs: &RunCounts, outcome: RunOutcome) -> Option<f64> {
    share_of(runs, runs.ended(outcome))
}

fn share_of(runs: &RunCounts, ended: u32) -> Option<f64> {
    let is_by_outcome = !runs.outcomes.is_empty() && runs.asked > 0;
    is_by_outcome.then(|| f64::from(ended) / f64::from(runs.asked))
}
