//! What a spec names: metrics and rows.

use serde::Deserialize;

use crate::metric::{Metric, catalogue};

/// Names of rows: one, or with one `*` for anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(String);

/// A metric by its name.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Named(pub &'static Metric);

impl Pattern {
    /// Whether a row of this name is meant.
    pub fn is_of(&self, name: &str) -> bool {
        match self.0.split_once('*') {
            None => self.0 == name,
            Some((start, end)) => {
                let rest = name.strip_prefix(start);
                rest.is_some_and(|rest| rest.ends_with(end))
            }
        }
    }
}

impl Default for Pattern {
    fn default() -> Pattern {
        Pattern("*".to_owned())
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Pattern, String> {
        match text.matches('*').count() {
            0 | 1 => Ok(Pattern(text)),
            _ => Err(format!("`{text}` may hold one `*` only")),
        }
    }
}

impl TryFrom<String> for Named {
    type Error = String;

    fn try_from(name: String) -> Result<Named, String> {
        let found = catalogue::ALL.iter().find(|metric| metric.name == name);
        found.map(|metric| Named(metric)).ok_or_else(|| {
            let first_word = name.split('_').next().unwrap_or_default();
            let names = || catalogue::ALL.iter().map(|metric| metric.name);
            let near: Vec<&str> = names()
                .filter(|other| other.starts_with(first_word))
                .collect();
            let offered = match near.is_empty() {
                true => names().collect(),
                false => near,
            };
            format!(
                "no metric is named `{name}`; there is {}",
                offered.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_name_or_has_one_star() {
        let pattern = |text: &str| Pattern::try_from(text.to_owned());
        assert!(pattern("toy").unwrap().is_of("toy"));
        assert!(!pattern("toy").unwrap().is_of("toys"));
        assert!(pattern("t*y").unwrap().is_of("tidy"));
        assert!(!pattern("ab*ba").unwrap().is_of("aba"));
        assert!(Pattern::default().is_of("anything"));
        assert_eq!(pattern("*a*").unwrap_err(), "`*a*` may hold one `*` only");
    }
}
