//! What went over the wire in the measured batch.

use crate::measurement::Figures;
use crate::metric::{Metric, Unit, Witness};
use crate::stats::Lateness;

pub static CONNECTIONS: Metric = Metric::of_trial(
    "connections",
    "Connections",
    "Connections that carried the measured batch.",
    Unit::Count,
    Witness::Ledger,
    |figures, _| Some(figures.traffic.connections as f64),
)
.descriptive();

pub static MOST_IN_FLIGHT: Metric = Metric::of_trial(
    "most_in_flight",
    "Most in flight",
    "The maximum of requests in flight at once.",
    Unit::Count,
    Witness::Ledger,
    |figures, _| Some(f64::from(figures.traffic.max_in_flight)),
)
.descriptive();

pub static LLM_CALLS_PER_RUN: Metric = Metric::of_trial(
    "llm_calls_per_run",
    "LLM calls per run",
    "LLM calls over the runs.",
    Unit::Count,
    Witness::Ledger,
    |figures, runs| Some(figures.traffic.requests as f64 / runs),
);

pub static REQUEST_BODY_BYTES_PER_RUN: Metric = Metric::of_trial(
    "request_body_bytes_per_run",
    "Request bytes per run",
    "Bytes of request bodies over the runs.",
    Unit::Count,
    Witness::Ledger,
    |figures, runs| Some(figures.traffic.request_body_bytes as f64 / runs),
);

pub static REPLY_BYTES_PER_RUN: Metric = Metric::of_trial(
    "reply_bytes_per_run",
    "Reply bytes per run",
    "Bytes of replies over the runs.",
    Unit::Count,
    Witness::Ledger,
    |figures, runs| Some(figures.traffic.reply_bytes as f64 / runs),
)
.descriptive();

pub static MOCK_LATE_P50: Metric = Metric::of_trial(
    "mock_late_p50_us",
    "Mock late",
    "The median lateness of the mock.",
    Unit::Us,
    Witness::Ledger,
    |figures, _| late(figures, |mock| mock.p50_us),
)
.descriptive();

pub static MOCK_LATE_P99: Metric = Metric::of_trial(
    "mock_late_p99_us",
    "Mock late, p99",
    "The 99th percentile of the mock's lateness.",
    Unit::Us,
    Witness::Ledger,
    |figures, _| late(figures, |mock| mock.p99_us),
)
.descriptive();

/// A mock that answered nothing was not on time.
fn late(figures: &Figures, late: fn(&Lateness) -> f64) -> Option<f64> {
    (figures.mock.count > 0).then(|| late(&figures.mock))
}
