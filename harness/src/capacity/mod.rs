//! How much a row carries: the highest level, and the highest rate, at which p95 stays near the model's own time.

mod search;
mod summary;

use serde::{Deserialize, Serialize};

use crate::measurement::TrialRecord;
use crate::plan::RowKey;

pub use search::{Attempt, Step, next};
pub use summary::{Capacity, capacities};

/// p95 may be so much of the model's own time.
pub const P95_FACTOR: f64 = 1.25;

/// What is raised until the row no longer carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(clap::ValueEnum)]
pub enum Load {
    /// Runs in flight, in a closed loop.
    Level,
    /// Runs started a second, in an open loop.
    Rate,
}

/// What a sweep searches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityPlan {
    /// The scenario on which capacities are searched.
    pub scenario: String,
    /// The rows, in their order.
    pub rows: Vec<RowKey>,
    /// What is raised.
    pub loads: Vec<Load>,
    /// p95 may be so much of the model's own time.
    pub p95_factor: f64,
    /// No level above this one is tried: the limit of open files does not allow more.
    pub max_level: u32,
    /// No rate above this one, in runs a second, is tried: the mock would be near its ceiling.
    pub max_rate: u32,
}

impl CapacityPlan {
    /// The highest value of a load that is tried.
    pub fn most(&self, load: Load) -> u32 {
        match load {
            Load::Level => self.max_level,
            Load::Rate => self.max_rate,
        }
    }
}

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
