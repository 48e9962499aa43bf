//! What a search for capacities raises, of which rows, and how far.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::RowKey;

/// p95 may be so much of the model's own time.
pub const P95_FACTOR: f64 = 1.25;

/// What is raised until the row no longer carries it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[derive(clap::ValueEnum)]
pub enum Load {
    /// Runs in flight, in a closed loop.
    Level,
    /// Runs started a second, in an open loop.
    Rate,
}

/// What a sweep searches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
