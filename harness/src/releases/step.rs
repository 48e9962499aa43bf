//! One judgement of a search: a release against the first one, measured in the same blocks.

use super::bisect::Measured;
use crate::compare::{Change, Outcome, Rule, Scope, changes, judge_at, of_row};
use crate::plan::{CellKey, RowKey};
use crate::results::Recorded;
use crate::stats::least_chance;

/// What a sweep of two releases says of a rule.
#[derive(Debug, Clone)]
pub struct Step {
    /// All cells together: broken if it is in one of them, kept if it is in all.
    pub measured: Measured,
    /// Each cell.
    pub judged: Vec<(Change, Outcome)>,
    /// Whether so few trials could not decide even the clearest difference.
    pub is_too_small: bool,
}

impl Step {
    /// The cells in which the rule is broken.
    pub fn broken(&self) -> Vec<CellKey> {
        let broken = self.judged.iter();
        let broken = broken.filter(|(_, outcome)| *outcome == Outcome::Fail);
        broken.map(|(change, _)| change.cell.clone()).collect()
    }
}

/// Judges `other` against `first`, both by the names of their rows, where a wrong judgement may be as likely as `alpha`
/// says. With `cells`, which have the first one's row, only these are judged.
pub fn judge_step(
    recorded: &Recorded,
    [first, other]: [&str; 2],
    rule: Rule,
    cells: Option<&[CellKey]>,
    alpha: f64,
) -> Step {
    let changes = changes_of(recorded, first, other, rule, cells);
    let asked: Vec<(&Change, Rule)> = changes.iter().map(|change| (change, rule)).collect();
    let judged: Vec<Outcome> = judge_at(&asked, alpha)
        .into_iter()
        .map(|judged| judged.outcome)
        .collect();
    let tests = changes.iter().filter(|change| change.slack().is_none());
    let least = tests.clone().map(|change| {
        let least = least_chance(change.before.len(), change.after.len());
        least * tests.clone().count() as f64
    });
    Step {
        measured: match judged.iter().min() {
            None => Measured::LeftOut,
            Some(Outcome::Fail) => Measured::Broken,
            Some(Outcome::Undecided) => Measured::Undecided,
            Some(Outcome::Pass) => Measured::Kept,
        },
        is_too_small: least.reduce(f64::min).is_some_and(|least| least > alpha),
        judged: changes.iter().cloned().zip(judged).collect(),
    }
}

fn changes_of(
    recorded: &Recorded,
    first: &str,
    other: &str,
    rule: Rule,
    cells: Option<&[CellKey]>,
) -> Vec<Change> {
    let [Some(before), Some(after)] = [first, other].map(|name| row(recorded, name)) else {
        return Vec::new();
    };
    let alone = [&before, &after].map(|row| of_row(recorded, row, &before));
    let [Some(old), Some(new)] = alone else {
        return Vec::new();
    };
    let changes = changes(&old, &new, &Scope::default(), &[rule.metric]).into_iter();
    let is_meant = |change: &Change| {
        change.metric.name == rule.metric.name
            && cells.is_none_or(|cells| cells.contains(&change.cell))
    };
    changes.filter(is_meant).collect()
}

fn row(recorded: &Recorded, name: &str) -> Option<RowKey> {
    let mut rows = recorded.info.rows.iter();
    let row = rows.find(|row| row.key.framework == name && row.skipped.is_none())?;
    Some(row.key.clone())
}
