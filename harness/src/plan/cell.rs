//! Which row, and which cell of it.

use std::cmp::Ordering;

use loopmark_protocol::{Api, Arrival};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A row of the tables: a framework in one of its variants.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct RowKey {
    /// The framework, by its folder's name.
    pub framework: String,
    /// The variant.
    pub variant: String,
}

impl RowKey {
    /// A variant of a framework.
    pub fn new(framework: impl Into<String>, variant: impl Into<String>) -> RowKey {
        RowKey {
            framework: framework.into(),
            variant: variant.into(),
        }
    }
}

/// One thing to measure: a cell of the tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellKey {
    /// The row.
    pub row: RowKey,
    /// The API that the row's variant speaks.
    pub api: Api,
    /// The scenario.
    pub scenario: String,
    /// A named point of the scenario's own parameter; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Runs in flight at once.
    pub level: u32,
    /// When runs start.
    pub arrival: Arrival,
    /// Whether this is a row's second entry in the sweep, there to show how far two equal rows come apart (A/A).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aa_copy: bool,
}

impl CellKey {
    /// The order of a row's cells: burst, closed loop, open loop; by level, then by rate; the A/A copy last.
    pub fn order_within_row(&self, other: &CellKey) -> Ordering {
        let place = |key: &CellKey| match key.arrival {
            Arrival::Burst => (0, 0.0),
            Arrival::Closed => (1, 0.0),
            Arrival::Rate(rate) => (2, rate),
        };
        let ((kind, rate), (other_kind, other_rate)) = (place(self), place(other));
        kind.cmp(&other_kind)
            .then(self.level.cmp(&other.level))
            .then(rate.total_cmp(&other_rate))
            .then(self.aa_copy.cmp(&other.aa_copy))
    }

    /// Whether rows are compared with each other in two cells: all but the row is the same.
    pub fn is_beside(&self, other: &CellKey) -> bool {
        (&self.scenario, &self.case, self.level) == (&other.scenario, &other.case, other.level)
            && self.arrival == other.arrival
    }
}
