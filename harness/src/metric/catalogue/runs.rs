//! What verified runs give: latencies, overheads and gaps.

use super::LLM_CALLS_PER_RUN;
use crate::metric::{Better, Metric, Source, Spread, Unit, Witness};
use crate::stats;

/// The median latency of a run: from its start to its answer, by the runner's clock.
pub static MEDIAN: Metric = Metric {
    name: "median_ms",
    title: "Median latency",
    about: "The median latency of a run: from its start to its answer, by the runner's clock.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Runs {
        of: |runs| &runs.latency_ms,
        quantile: 0.5,
        at_least: 1,
    },
    spread: Spread::Interval,
    is_compared: false,
    noisy_above: None,
};

/// The 95th percentile of the latency.
pub static P95: Metric = Metric {
    name: "p95_ms",
    title: "p95 latency",
    about: "The 95th percentile of the latency.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Runs {
        of: |runs| &runs.latency_ms,
        quantile: 0.95,
        at_least: 1,
    },
    spread: Spread::Interval,
    is_compared: false,
    noisy_above: None,
};

/// The 99th percentile of the latency; none with fewer than 1,000 verified runs, which can't tell it.
pub static P99: Metric = Metric {
    name: "p99_ms",
    title: "p99 latency",
    about: "The 99th percentile of the latency; none with fewer than 1,000 verified runs, which can't tell it.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Runs {
        of: |runs| &runs.latency_ms,
        quantile: 0.99,
        at_least: stats::ENOUGH_FOR_P99,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The median of a run's latency minus the mock's holds.
pub static OVERHEAD: Metric = Metric {
    name: "overhead_median_ms",
    title: "Overhead",
    about: "The median of a run's latency minus the mock's holds.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Runs {
        of: |runs| &runs.overhead_ms,
        quantile: 0.5,
        at_least: 1,
    },
    spread: Spread::None,
    is_compared: true,
    noisy_above: Some(0.5),
};

/// The 95th percentile of a run's latency minus the mock's holds.
pub static OVERHEAD_P95: Metric = Metric {
    name: "overhead_p95_ms",
    title: "Overhead, p95",
    about: "The 95th percentile of a run's latency minus the mock's holds.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Runs {
        of: |runs| &runs.overhead_ms,
        quantile: 0.95,
        at_least: 1,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The median overhead of a run over its LLM calls.
pub static OVERHEAD_PER_TURN: Metric = Metric {
    name: "overhead_per_turn_ms",
    title: "Overhead per turn",
    about: "The median overhead of a run over its LLM calls.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Quotient {
        of: &OVERHEAD,
        by: &LLM_CALLS_PER_RUN,
    },
    spread: Spread::Interval,
    is_compared: false,
    noisy_above: None,
};

/// The median time between a reply's last byte and the whole next request of its run.
pub static GAP: Metric = Metric {
    name: "gap_median_ms",
    title: "Gap",
    about: "The median time between a reply's last byte and the whole next request of its run.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Runs {
        of: |runs| &runs.gaps_ms,
        quantile: 0.5,
        at_least: 1,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The 95th percentile of the time between a reply's last byte and the whole next request of its run.
pub static GAP_P95: Metric = Metric {
    name: "gap_p95_ms",
    title: "Gap, p95",
    about: "The 95th percentile of the time between a reply's last byte and the whole next request of its run.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Runs {
        of: |runs| &runs.gaps_ms,
        quantile: 0.95,
        at_least: 1,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};
