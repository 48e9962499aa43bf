//! Work that a framework does not do, by its design.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Cases of a scenario that the framework can't do, by its design. Their runs have no figures, and are no failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The scenario's name.
    pub scenario: String,
    /// The names of its cases; all of them if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
    /// What the framework does instead.
    pub reason: String,
}

impl Limit {
    /// Whether it is about a case of a scenario, or about a scenario without cases.
    pub fn covers(&self, scenario: &str, case: Option<&str>) -> bool {
        let has_case = || case.is_some_and(|case| self.cases.iter().any(|own| own == case));
        self.scenario == scenario && (self.cases.is_empty() || has_case())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::framework::Framework;
    use crate::layout::Layout;
    use crate::scenario::Scenario;

    #[test]
    fn a_limit_is_about_the_cases_that_it_names_or_about_all() {
        let limit = |cases: &[&str]| Limit {
            scenario: "large".to_owned(),
            cases: cases.iter().map(|case| (*case).to_owned()).collect(),
            reason: "splits it".to_owned(),
        };
        assert!(limit(&["10-mb"]).covers("large", Some("10-mb")));
        assert!(!limit(&["10-mb"]).covers("large", Some("1-mb")));
        assert!(!limit(&["10-mb"]).covers("large", None));
        assert!(!limit(&["10-mb"]).covers("small", Some("10-mb")));
        assert!(limit(&[]).covers("large", Some("1-mb")));
        assert!(limit(&[]).covers("large", None));
        assert!(!limit(&[]).covers("small", None));
    }

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
                assert!(!limit.reason.is_empty(), "{}", row.name);
            }
        }
    }
}
