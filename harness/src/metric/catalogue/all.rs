//! Every metric, in the order of its columns.

use super::across::*;
use super::cancelled::*;
use super::held::*;
use super::ledger::*;
use super::outcomes::*;
use super::phases::*;
use super::runs::*;
use super::trial::*;
use crate::metric::Metric;

/// In the order of the columns of `summary.csv`.
pub static ALL: &[&Metric] = &[
    &MEDIAN,
    &P95,
    &P99,
    &OVERHEAD,
    &OVERHEAD_P95,
    &OVERHEAD_PER_TURN,
    &FIRST_TEXT,
    &GAP,
    &GAP_P95,
    &GAP_LATE_OVER_EARLY,
    &CPU,
    &CPU_PER_RUN,
    &RUNS_PER_CPU_SECOND,
    &READY,
    &READY_CPU,
    &READY_RSS,
    &PEAK_RSS,
    &IMPORTS,
    &IMPORTS_CPU,
    &IMPORTS_RSS,
    &BUILD,
    &BUILD_CPU,
    &FIRST_RUN,
    &FIRST_RUN_CPU,
    &FIRST_RUN_RSS,
    &BATCH,
    &RUNS_PER_SECOND,
    &WALL_OVER_IDEAL,
    &BATCH_CPU,
    &CPU_PER_TURN,
    &BATCH_PEAK_RSS,
    &END_RSS,
    &CONNECTIONS,
    &MOST_IN_FLIGHT,
    &LLM_CALLS_PER_RUN,
    &REQUEST_BODY_BYTES_PER_RUN,
    &REPLY_BYTES_PER_RUN,
    &MOCK_LATE_P50,
    &MOCK_LATE_P99,
    &HEARTBEAT_LAG_P50,
    &HEARTBEAT_LAG_P99,
    &HEARTBEAT_LAG_MAX,
    &MAX_THREADS,
    &THREADS_ADDED,
    &DESCRIPTORS_ADDED,
    &RSS_PER_AGENT,
    &RSS_SLOPE,
    &WARM_UP_CPU_PER_RUN,
    &TRACE_BYTES_PER_RUN,
    &DISCONNECT,
    &KEPT_OPEN,
    &REQUESTS_AFTER_CANCEL,
    &CANCEL_RETURN,
    &RECOVERY,
    &ENDED_RIGHT,
    &ENDED_REPAIRED,
    &ENDED_RAISED,
    &ENDED_GAVE_UP,
    &ENDED_WRONG,
    &ENDED_SILENT,
    &ENDED_HUNG,
    &REQUESTS_PER_NEEDED,
    &REQUESTS_PER_FAULT,
    &RETRY_AFTER_OBEYED,
    &GIVE_UP,
    &CPU_PER_TURN_GROWTH,
    &CPU_PER_TURN_EXPONENT,
    &CPU_PER_RUN_GROWTH,
    &CPU_PER_RUN_EXPONENT,
    &GAP_GROWTH,
    &REQUEST_BYTES_GROWTH,
    &RUNS_PER_SECOND_GROWTH,
    &READY_RSS_PER_UNIT,
    &BUILD_CPU_PER_1000_UNITS,
];

/// Those that rows are compared and ranked by.
pub fn compared() -> impl Iterator<Item = &'static Metric> {
    ALL.iter().copied().filter(|metric| metric.is_compared)
}

/// The metric of this name.
///
/// # Errors
///
/// Names that are like it, or all.
pub fn named(name: &str) -> Result<&'static Metric, String> {
    let names = || ALL.iter().map(|metric| metric.name);
    let found = ALL.iter().find(|metric| metric.name == name);
    found.copied().ok_or_else(|| {
        let first_word = name.split('_').next().unwrap_or_default();
        let near = names().filter(|other| other.starts_with(first_word));
        let mut offered: Vec<&str> = near.collect();
        if offered.is_empty() {
            offered = names().collect();
        }
        let offered = offered.join(", ");
        format!("no metric is named `{name}`; there is {offered}")
    })
}

/// The place of a metric in [`ALL`].
pub(crate) fn place(metric: &Metric) -> Option<usize> {
    ALL.iter().position(|other| std::ptr::eq(*other, metric))
}

#[cfg(test)]
mod tests;
