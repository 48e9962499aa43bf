//! Work that a framework does not do, by its design.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Cells of a scenario that the framework can't do, by its design. Their runs have no figures, and are no failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The scenario's name.
    pub scenario: String,
    /// The names of its cases; all of them if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
    /// The levels; all of them if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<u32>,
    /// The names of the row's variants; all of them if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
    /// What the framework does instead.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::framework::Framework;
    use crate::layout::Layout;
    use crate::scenario::Scenario;

    #[test]
    fn every_limit_of_the_project_names_what_there_is() {
        let layout = Layout::find(Path::new(".")).unwrap();
        for row in Framework::load_all(&layout).unwrap() {
            for limit in &row.limits {
                let scenario = Scenario::load(&layout.scenario(&limit.scenario)).unwrap();
                let cases = scenario.cases().iter();
                let names: Vec<_> = cases.filter_map(|case| case.name.as_ref()).collect();
                let unknown = limit.cases.iter().find(|case| !names.contains(case));
                assert_eq!(unknown, None, "{} has a limit for it", row.name);
                let unknown = limit
                    .variants
                    .iter()
                    .find(|name| row.variant(name).is_none());
                assert_eq!(unknown, None, "{} has a limit for it", row.name);
                let unknown = limit
                    .levels
                    .iter()
                    .find(|level| !scenario.levels.contains(level));
                assert_eq!(unknown, None, "{} has a limit for it", row.name);
                assert!(!limit.reason.is_empty(), "{}", row.name);
            }
        }
    }
}
