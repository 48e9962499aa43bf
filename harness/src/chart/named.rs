//! What a spec names: metrics and rows.

use serde::Deserialize;

use crate::metric::{Metric, catalogue};
use crate::words;

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
        words::fits(&self.0, name)
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
        catalogue::named(&name).map(Named)
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
