//! What cancelling runs gives.

use crate::measurement::{Cancelled, Figures};
use crate::metric::{Better, Metric, Source, Spread, Unit, Witness};

/// The median time from a run's cancel until the mock saw the client close the connection of its request.
pub static DISCONNECT: Metric = Metric {
    name: "disconnect_ms",
    title: "Disconnect",
    about: "The median time from a run's cancel until the mock saw the client close the connection of its request.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, _| cancelled(figures)?.disconnect_ms,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Of the requests that a cancelled run left in flight, the share whose reply was still taken to its end.
pub static KEPT_OPEN: Metric = Metric {
    name: "kept_open_share",
    title: "Requests kept open",
    about: "Of the requests that a cancelled run left in flight, the share whose reply was still taken to its end.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, _| {
            let found = cancelled(figures)?;
            let left = found.disconnected + found.kept_open;
            (left > 0).then(|| found.kept_open as f64 / left as f64)
        },
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Requests per run that began after the run was cancelled and the runner had control again.
pub static REQUESTS_AFTER_CANCEL: Metric = Metric {
    name: "requests_after_cancel",
    title: "Requests after the cancel",
    about: "Requests per run that began after the run was cancelled and the runner had control again.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, runs| Some(cancelled(figures)?.requests_after as f64 / runs),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The median time from a run's cancel until the runner had control again.
pub static CANCEL_RETURN: Metric = Metric {
    name: "cancel_return_ms",
    title: "Return after the cancel",
    about: "The median time from a run's cancel until the runner had control again.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Trial {
        of: |figures, _| cancelled(figures)?.return_ms,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// How long the runs after the cancelled ones took, over as many before them.
pub static RECOVERY: Metric = Metric {
    name: "recovery_ratio",
    title: "Next runs",
    about: "How long the runs after the cancelled ones took, over as many before them.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Harness,
    source: Source::Trial {
        of: |figures, _| {
            let before = figures.phases.warm_up?.wall_s;
            let after = figures.phases.recovery?.wall_s;
            (before > 0.0).then(|| after / before)
        },
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

fn cancelled(figures: &Figures) -> Option<&Cancelled> {
    figures.cancelled.as_ref()
}
