//! Loads that were tried.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::Load;
use super::search::Attempt;
use crate::measurement::TrialRecord;
use crate::plan::RowKey;

/// The attempts at one load of a row, in order.
pub fn attempts(probes: &[Probe], row: &RowKey, load: Load) -> Vec<Attempt> {
    let of_row = |probe: &&Probe| probe.load == load && probe.is_of(row);
    let attempt = |probe: &Probe| Attempt {
        load: probe.value,
        held: probe.held,
    };
    probes.iter().filter(of_row).map(attempt).collect()
}

/// One load tried once: a line of `capacity.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Probe {
    /// Which load was raised.
    pub load: Load,
    /// Runs in flight, or runs per second.
    pub value: u32,
    /// Whether p95 stayed within its limit and every run was verified.
    pub held: bool,
    /// Why it did not hold, in one sentence.
    pub why: Option<String>,
    /// 95th percentile of the verified runs' latency.
    pub p95_ms: Option<f64>,
    /// Whether the mock was late or near its ceiling, so that a failure says nothing about the row.
    pub mock_bound: bool,
    /// The trial, without its series.
    pub trial: TrialRecord,
}

impl Probe {
    /// Whether the probe was of this row.
    pub fn is_of(&self, row: &RowKey) -> bool {
        self.trial.planned.cell.row == *row
    }
}
