//! What went over the wire in the measured batch.

use crate::measurement::Figures;
use crate::metric::{Better, Metric, Source, Spread, Unit, Witness};
use crate::stats::Lateness;

/// Connections that carried the measured batch.
pub static CONNECTIONS: Metric = Metric {
    name: "connections",
    title: "Connections",
    about: "Connections that carried the measured batch.",
    unit: Unit::Count,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, _| Some(figures.traffic.connections as f64),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The maximum of requests in flight at once.
pub static MOST_IN_FLIGHT: Metric = Metric {
    name: "most_in_flight",
    title: "Most in flight",
    about: "The maximum of requests in flight at once.",
    unit: Unit::Count,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, _| Some(f64::from(figures.traffic.max_in_flight)),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// LLM calls over the runs.
pub static LLM_CALLS_PER_RUN: Metric = Metric {
    name: "llm_calls_per_run",
    title: "LLM calls per run",
    about: "LLM calls over the runs.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, runs| Some(figures.traffic.requests as f64 / runs),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Bytes of request bodies over the runs.
pub static REQUEST_BODY_BYTES_PER_RUN: Metric = Metric {
    name: "request_body_bytes_per_run",
    title: "Request bytes per run",
    about: "Bytes of request bodies over the runs.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, runs| Some(figures.traffic.request_body_bytes as f64 / runs),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Bytes of replies over the runs.
pub static REPLY_BYTES_PER_RUN: Metric = Metric {
    name: "reply_bytes_per_run",
    title: "Reply bytes per run",
    about: "Bytes of replies over the runs.",
    unit: Unit::Count,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, runs| Some(figures.traffic.reply_bytes as f64 / runs),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The median lateness of the mock.
pub static MOCK_LATE_P50: Metric = Metric {
    name: "mock_late_p50_us",
    title: "Mock late",
    about: "The median lateness of the mock.",
    unit: Unit::Us,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, _| late(figures, |mock| mock.p50_us),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The 99th percentile of the mock's lateness.
pub static MOCK_LATE_P99: Metric = Metric {
    name: "mock_late_p99_us",
    title: "Mock late, p99",
    about: "The 99th percentile of the mock's lateness.",
    unit: Unit::Us,
    better: Better::Neither,
    witness: Witness::Ledger,
    source: Source::Trial {
        of: |figures, _| late(figures, |mock| mock.p99_us),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// A mock that answered nothing was not on time.
fn late(figures: &Figures, late: fn(&Lateness) -> f64) -> Option<f64> {
    (figures.mock.count > 0).then(|| late(&figures.mock))
}
