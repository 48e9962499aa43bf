//! Which row, and which cell of it.

use std::cmp::Ordering;

use loopmark_protocol::{Api, Arrival};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::framework::Limit;

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

    /// Whether a limit of its row is about it.
    pub fn is_within(&self, limit: &Limit) -> bool {
        let has_case = || {
            self.case
                .as_ref()
                .is_some_and(|case| limit.cases.contains(case))
        };
        limit.scenario == self.scenario
            && (limit.cases.is_empty() || has_case())
            && (limit.levels.is_empty() || limit.levels.contains(&self.level))
            && (limit.variants.is_empty() || limit.variants.contains(&self.row.variant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(variant: &str, scenario: &str, case: Option<&str>, level: u32) -> CellKey {
        CellKey {
            row: RowKey::new("toy", variant),
            api: Api::Responses,
            scenario: scenario.to_owned(),
            case: case.map(str::to_owned),
            level,
            arrival: Arrival::Closed,
            aa_copy: false,
        }
    }

    #[test]
    fn a_limit_is_about_the_cells_that_it_names_or_about_all_of_a_scenario() {
        let limit: Limit = toml::from_str("scenario = \"large\"\nreason = \"splits it\"").unwrap();
        assert!(cell("default", "large", Some("1-mb"), 1).is_within(&limit));
        assert!(cell("tuned", "large", None, 9).is_within(&limit));
        assert!(!cell("default", "small", None, 1).is_within(&limit));
        let limit = Limit {
            cases: vec!["10-mb".to_owned()],
            levels: vec![50, 100],
            variants: vec!["default".to_owned()],
            ..limit
        };
        assert!(cell("default", "large", Some("10-mb"), 50).is_within(&limit));
        assert!(!cell("default", "large", Some("1-mb"), 50).is_within(&limit));
        assert!(!cell("default", "large", None, 50).is_within(&limit));
        assert!(!cell("default", "large", Some("10-mb"), 10).is_within(&limit));
        assert!(!cell("tuned", "large", Some("10-mb"), 50).is_within(&limit));
    }
}
