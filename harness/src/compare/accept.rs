//! Regressions that a person has accepted, until a day: a gate's rule stays as strict as it is for everything else.

use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::change::Change;
use super::rule::{Rule, share};
use crate::words::fits;

/// A file of accepted regressions: its `[[accept]]` entries.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptances {
    /// In the file's order; the first that is about a change counts.
    #[serde(default, rename = "accept")]
    entries: Vec<Acceptance>,
}

/// A change that may be worse than a rule allows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The row, by its framework's name; `*` matches any text.
    pub row: String,
    /// The scenario, by its name; `*` matches any text.
    #[serde(default = "any")]
    pub scenario: String,
    /// The metric's name.
    pub metric: String,
    /// How much worse it may be, such as `25%`: what comes on top of that is a failure still.
    #[serde(rename = "up-to")]
    pub up_to: String,
    /// The last day on which it counts.
    #[serde(deserialize_with = "day")]
    pub until: Date,
    /// Why it is accepted.
    pub why: String,
}

/// A file of accepted regressions can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// It is not TOML, or not of this form.
    #[error("{0}")]
    Form(String),
    /// An entry's share can't be read.
    #[error("the entry of {row}, {metric}: `{up_to}` is no share, such as 25%")]
    Share {
        /// The entry's row.
        row: String,
        /// Its metric.
        metric: String,
        /// What it has for a share.
        up_to: String,
    },
}

fn any() -> String {
    "*".to_owned()
}

/// TOML's own kind of date, which is written without quotes.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let at = toml::value::Datetime::deserialize(deserializer)?;
    let day = at.date.ok_or_else(|| D::Error::custom("it names no day"))?;
    // A year that is too large for the type is no day either.
    let year = i16::try_from(day.year).map_err(D::Error::custom)?;
    Date::new(year, day.month as i8, day.day as i8).map_err(D::Error::custom)
}

impl Acceptances {
    /// Reads a file's text.
    ///
    /// # Errors
    ///
    /// When it is not of the form, names a metric that there is not, or a share that is none.
    pub fn read(text: &str) -> Result<Acceptances, AcceptError> {
        let read: Acceptances =
            toml::from_str(text).map_err(|error| AcceptError::Form(error.to_string()))?;
        for entry in &read.entries {
            crate::metric::catalogue::named(&entry.metric).map_err(AcceptError::Form)?;
            if share(&entry.up_to).is_none() {
                return Err(AcceptError::Share {
                    row: entry.row.clone(),
                    metric: entry.metric.clone(),
                    up_to: entry.up_to.clone(),
                });
            }
        }
        Ok(read)
    }

    /// The entry that counts for a change on a day.
    pub fn of(&self, change: &Change, today: Date) -> Option<&Acceptance> {
        let mut entries = self.entries.iter();
        entries.find(|entry| today <= entry.until && entry.is_about(change))
    }

    /// The rule as it is for a change on a day.
    pub fn rule(&self, rule: Rule, change: &Change, today: Date) -> Rule {
        let accepted = self.of(change, today);
        let accepted = accepted.and_then(|entry| share(&entry.up_to));
        Rule {
            share: rule.share.max(accepted.unwrap_or_default()),
            ..rule
        }
    }

    /// The entries whose last day is over.
    pub fn over(&self, today: Date) -> impl Iterator<Item = &Acceptance> {
        self.entries.iter().filter(move |entry| entry.until < today)
    }
}

impl Acceptance {
    fn is_about(&self, change: &Change) -> bool {
        self.metric == change.metric.name
            && fits(&self.row, &change.cell.row.framework)
            && fits(&self.scenario, &change.cell.scenario)
    }
}

impl std::fmt::Display for Acceptance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "accepted up to {} until {}: {}",
            self.up_to, self.until, self.why
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::change::tests::change;
    use super::super::verdict::{Outcome, judge};
    use super::*;
    use crate::metric::catalogue;

    const FILE: &str = r#"
        [[accept]]
        row = "to*"
        metric = "llm_calls_per_run"
        up-to = "25%"
        until = 2026-12-31
        why = "its planner asks once more"
    "#;

    #[test]
    fn what_is_accepted_passes_up_to_its_share_and_its_day() {
        let accepted = Acceptances::read(FILE).unwrap();
        let rule: Rule = "llm_calls_per_run > 0%".parse().unwrap();
        let outcome = |after: f64, today: Date| {
            let calls = change(&catalogue::LLM_CALLS_PER_RUN, &[4.0; 3], &[after; 3]);
            judge(&[(&calls, accepted.rule(rule, &calls, today))])[0].outcome
        };
        let before = date(2026, 12, 31);
        let after = date(2027, 1, 1);
        assert_eq!(outcome(5.0, before), Outcome::Pass);
        assert_eq!(outcome(5.0, after), Outcome::Fail, "the day is over");
        assert_eq!(outcome(6.0, before), Outcome::Fail, "more than accepted");
        assert_eq!(accepted.over(before).count(), 0);
        assert_eq!(accepted.over(after).count(), 1);
        // Another metric of the row is nobody's exception.
        let cpu = change(&catalogue::CPU_PER_RUN, &[1.0; 3], &[2.0; 3]);
        assert_eq!(accepted.of(&cpu, before), None);
    }

    #[test]
    fn a_stricter_entry_does_not_tighten_a_rule() {
        let accepted = Acceptances::read(FILE).unwrap();
        let rule: Rule = "llm_calls_per_run > 50%".parse().unwrap();
        let calls = change(&catalogue::LLM_CALLS_PER_RUN, &[4.0], &[5.0]);
        let day = date(2026, 11, 27);
        assert_eq!(accepted.rule(rule, &calls, day).share, 0.5);
    }

    #[test]
    fn what_is_no_entry_is_told() {
        let wrong = [
            (FILE.replace("25%", "25"), "`25` is no share"),
            (FILE.replace("llm_calls_per_run", "call"), "`call`"),
            (FILE.replace("why", "because"), "because"),
            (FILE.replace("2026-12-31", "\"soon\""), "until"),
        ];
        for (text, why) in wrong {
            let error = Acceptances::read(&text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
