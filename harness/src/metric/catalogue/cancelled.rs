//! What cancelling runs gives.

use crate::measurement::{Cancelled, Figures};
use crate::metric::{Metric, Unit, Witness};

pub static DISCONNECT: Metric = Metric::of_trial(
    "disconnect_ms",
    "Disconnect",
    "The median time from a run's cancel until the mock saw the client close the connection of its request.",
    Unit::Ms,
    Witness::Ledger,
    |figures, _| cancelled(figures)?.disconnect_ms,
);

pub static KEPT_OPEN: Metric = Metric::of_trial(
    "kept_open_share",
    "Requests kept open",
    "Of the requests that a cancelled run left in flight, the share whose reply was still taken to its end.",
    Unit::Count,
    Witness::Ledger,
    |figures, _| {
        let found = cancelled(figures)?;
        let left = found.disconnected + found.kept_open;
        (left > 0).then(|| found.kept_open as f64 / left as f64)
    },
);

pub static REQUESTS_AFTER_CANCEL: Metric = Metric::of_trial(
    "requests_after_cancel",
    "Requests after the cancel",
    "Requests per run that began after the run was cancelled and the runner had control again.",
    Unit::Count,
    Witness::Ledger,
    |figures, runs| Some(cancelled(figures)?.requests_after as f64 / runs),
);

pub static CANCEL_RETURN: Metric = Metric::of_trial(
    "cancel_return_ms",
    "Return after the cancel",
    "The median time from a run's cancel until the runner had control again.",
    Unit::Ms,
    Witness::Runner,
    |figures, _| cancelled(figures)?.return_ms,
);

pub static RECOVERY: Metric = Metric::of_trial(
    "recovery_ratio",
    "Next runs",
    "How long the runs after the cancelled ones took, over as many before them.",
    Unit::Count,
    Witness::Harness,
    |figures, _| {
        let before = figures.phases.warm_up?.wall_s;
        let after = figures.phases.recovery?.wall_s;
        (before > 0.0).then(|| after / before)
    },
);

fn cancelled(figures: &Figures) -> Option<&Cancelled> {
    figures.cancelled.as_ref()
}
