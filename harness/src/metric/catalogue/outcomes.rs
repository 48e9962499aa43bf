//! How runs end where the scenario lets things go wrong.

use crate::measurement::{Faults, Figures, RunCounts, RunOutcome};
use crate::metric::{Better, Metric, Source, Spread, Unit, Witness};

/// The share of runs that ended with the right answer although something went wrong.
pub static ENDED_RIGHT: Metric = Metric {
    name: "ended_right_share",
    title: "Ended right",
    about: "The share of runs that ended with the right answer although something went wrong.",
    unit: Unit::Count,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |_, runs| share(runs, RunOutcome::Right),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The share of runs that ended with an error after one try.
pub static ENDED_RAISED: Metric = Metric {
    name: "raised_share",
    title: "Raised",
    about: "The share of runs that ended with an error after one try.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |_, runs| share(runs, RunOutcome::Raised),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The share of runs that ended with an error after several tries.
pub static ENDED_GAVE_UP: Metric = Metric {
    name: "gave_up_share",
    title: "Gave up",
    about: "The share of runs that ended with an error after several tries.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |_, runs| share(runs, RunOutcome::GaveUp),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The share of runs that ended with another answer than the scripted one.
pub static ENDED_WRONG: Metric = Metric {
    name: "wrong_share",
    title: "Wrong",
    about: "The share of runs that ended with another answer than the scripted one.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |_, runs| share(runs, RunOutcome::Wrong),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The share of runs that ended without an error though the model had not answered.
pub static ENDED_SILENT: Metric = Metric {
    name: "silent_share",
    title: "Silent",
    about: "The share of runs that ended without an error though the model had not answered.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |_, runs| share(runs, RunOutcome::Silent),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Requests of the runs that ended right, over those that a client needs that repeats each until the model answers.
pub static REQUESTS_PER_NEEDED: Metric = Metric {
    name: "requests_per_needed",
    title: "Requests per needed one",
    about: "Requests of the runs that ended right, over those that a client needs that repeats each until the model answers.",
    unit: Unit::Count,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |figures, _| ratio(faults(figures)?.requests, faults(figures)?.needed),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Requests for a turn that met a fault, per run that met one.
pub static REQUESTS_PER_FAULT: Metric = Metric {
    name: "requests_per_faulty_turn",
    title: "Requests per faulty turn",
    about: "Requests for a turn that met a fault, per run that met one.",
    unit: Unit::Count,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |figures, _| {
            ratio(
                faults(figures)?.requests_for_faulty_turns,
                faults(figures)?.runs,
            )
        },
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Of the requests after a reply that said how long to wait, the share that came no earlier.
pub static RETRY_AFTER_OBEYED: Metric = Metric {
    name: "retry_after_obeyed_share",
    title: "Retry-After obeyed",
    about: "Of the requests after a reply that said how long to wait, the share that came no earlier.",
    unit: Unit::Count,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |figures, _| ratio(faults(figures)?.waited, faults(figures)?.asked_to_wait),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The median time from a run's first fault to its error.
pub static GIVE_UP: Metric = Metric {
    name: "give_up_s",
    title: "Time to give up",
    about: "The median time from a run's first fault to its error.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::AnyTrial {
        of: |figures, _| faults(figures)?.give_up_s,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

fn faults(figures: &Figures) -> Option<&Faults> {
    figures.faults.as_ref()
}

fn ratio(of: u64, by: u64) -> Option<f64> {
    (by > 0).then(|| of as f64 / by as f64)
}

fn share(runs: &RunCounts, outcome: RunOutcome) -> Option<f64> {
    let is_by_outcome = !runs.outcomes.is_empty() && runs.asked > 0;
    is_by_outcome.then(|| f64::from(runs.ended(outcome)) / f64::from(runs.asked))
}
