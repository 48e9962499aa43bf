//! A load that was tried.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::Load;
use super::search::Attempt;
use crate::measurement::TrialRecord;
use crate::plan::RowKey;

/// What was tried of a row so far, in order.
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
    /// What was raised.
    pub load: Load,
    /// Runs in flight, or runs a second.
    pub value: u32,
    /// Whether p95 stayed within its limit and every run was verified.
    pub held: bool,
    /// Why not, in one sentence.
    pub why: Option<String>,
    /// 95th percentile of the verified runs' latency.
    pub p95_ms: Option<f64>,
    /// Whether the mock was late, or near its ceiling: then it is not the row that could not carry the load.
    pub mock_bound: bool,
    /// The trial; its series is left out.
    pub trial: TrialRecord,
}

impl Probe {
    /// Whether it was of this row.
    pub fn is_of(&self, row: &RowKey) -> bool {
        self.trial.planned.cell.row == *row
    }
}
