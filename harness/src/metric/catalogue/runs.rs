//! What verified runs give: latencies, overheads and gaps.

use super::LLM_CALLS_PER_RUN;
use crate::metric::{Metric, Spread, Unit, Witness};
use crate::stats;

pub static MEDIAN: Metric = Metric::of_runs(
    "median_ms",
    "Median latency",
    "The median latency of a run: from its start to its answer, by the runner's clock.",
    Witness::Runner,
    |runs| &runs.latency_ms,
    0.5,
)
.spread(Spread::Interval);

pub static P95: Metric = Metric::of_runs(
    "p95_ms",
    "p95 latency",
    "The 95th percentile of the latency.",
    Witness::Runner,
    |runs| &runs.latency_ms,
    0.95,
)
.spread(Spread::Interval);

pub static P99: Metric = Metric::of_runs(
    "p99_ms",
    "p99 latency",
    "The 99th percentile of the latency; none with fewer than 1,000 verified runs, which can't tell it.",
    Witness::Runner,
    |runs| &runs.latency_ms,
    0.99,
)
.at_least(stats::ENOUGH_FOR_P99);

pub static OVERHEAD: Metric = Metric::of_runs(
    "overhead_median_ms",
    "Overhead",
    "The median of a run's latency minus the mock's holds.",
    Witness::Runner,
    |runs| &runs.overhead_ms,
    0.5,
)
.compared()
.noisy_above(0.5);

pub static OVERHEAD_P95: Metric = Metric::of_runs(
    "overhead_p95_ms",
    "Overhead, p95",
    "The 95th percentile of a run's latency minus the mock's holds.",
    Witness::Runner,
    |runs| &runs.overhead_ms,
    0.95,
);

pub static OVERHEAD_PER_TURN: Metric = Metric::quotient(
    "overhead_per_turn_ms",
    "Overhead per turn",
    "The median overhead of a run over its LLM calls.",
    &OVERHEAD,
    &LLM_CALLS_PER_RUN,
)
.spread(Spread::Interval);

pub static FIRST_TEXT: Metric = Metric::of_runs(
    "first_text_ms",
    "First text",
    "The median time from a run's start to the first text that its caller saw, less what the mock held until the first byte of \
     that reply: what is added to the time to the first token.",
    Witness::Runner,
    |runs| &runs.first_text_ms,
    0.5,
);

pub static GAP: Metric = Metric::of_runs(
    "gap_median_ms",
    "Gap",
    "The median time between a reply's last byte and the whole next request of its run.",
    Witness::Ledger,
    |runs| &runs.gaps_ms,
    0.5,
);

pub static GAP_P95: Metric = Metric::of_runs(
    "gap_p95_ms",
    "Gap, p95",
    "The 95th percentile of the time between a reply's last byte and the whole next request of its run.",
    Witness::Ledger,
    |runs| &runs.gaps_ms,
    0.95,
);

pub static GAP_LATE_OVER_EARLY: Metric = Metric::of_runs(
    "gap_late_over_early",
    "Gap, late over early",
    "The median of a run's last ten gaps over that of its gaps around turn 10 (6 to 15), at the median of the runs; none for \
     runs of fewer than 40 gaps.",
    Witness::Ledger,
    |runs| &runs.late_over_early,
    0.5,
)
.in_unit(Unit::Count);
