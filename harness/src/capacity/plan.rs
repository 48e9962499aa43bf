//! The plan of a search for capacities: which loads it raises, for which rows, and how far.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::RowKey;

/// The default of [`CapacityPlan::p95_factor`].
pub const P95_FACTOR: f64 = 1.25;

/// What the search raises until the row can't carry it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[derive(clap::ValueEnum)]
pub enum Load {
    /// Runs in flight, in a closed loop.
    Level,
    /// Runs started per second, in an open loop.
    Rate,
}

/// The capacities that a sweep searches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityPlan {
    /// The scenario that is used.
    pub scenario: String,
    /// The rows, in the order of the search.
    pub rows: Vec<RowKey>,
    /// The loads that are raised.
    pub loads: Vec<Load>,
    /// The limit of p95, as a multiple of the model time.
    pub p95_factor: f64,
    /// The highest level that is tried; the limit on open files allows no more.
    pub max_level: u32,
    /// The highest rate that is tried, in runs per second; above it, the mock would be near its ceiling.
    pub max_rate: u32,
}

impl CapacityPlan {
    /// The highest value of `load` that is tried.
    pub fn most(&self, load: Load) -> u32 {
        match load {
            Load::Level => self.max_level,
            Load::Rate => self.max_rate,
        }
    }
}
