//! What a gate says.

use std::path::Path;

use anyhow::Context;
use jiff::civil::Date;

use super::super::exit::Exit;
use super::super::{junit, words};
use crate::compare::{ALPHA, Acceptances, Change, Judged, Outcome, Rule, judge};
use crate::plan::CellKey;
use crate::stats::least_chance;
use crate::words::counted;

/// The rules, and what is excepted from them today.
pub(super) struct Gate<'a> {
    pub rules: &'a [Rule],
    pub accepted: &'a Acceptances,
    pub today: Date,
}

/// What was found of each rule.
pub(super) struct Judgement<'a> {
    /// Each change beside the rule as it is for it.
    judged: Vec<(Judged<'a>, Rule)>,
    /// The rules of which the sweeps have no figure.
    unasked: Vec<Rule>,
}

impl Gate<'_> {
    /// Holds each change against the rules of its metric.
    pub fn judge<'a>(&self, changes: impl IntoIterator<Item = &'a Change>) -> Judgement<'a> {
        let changes: Vec<&Change> = changes.into_iter().collect();
        let mut asked: Vec<(&Change, Rule)> = Vec::new();
        let mut unasked = Vec::new();
        for rule in self.rules {
            let meant = changes.iter();
            let meant = meant.filter(|change| change.metric.name == rule.metric.name);
            let of = meant.map(|change| (*change, self.accepted.rule(*rule, change, self.today)));
            let before = asked.len();
            asked.extend(of);
            if asked.len() == before {
                unasked.push(*rule);
            }
        }
        let judged = judge(&asked).into_iter();
        let rules = asked.iter().map(|(_, rule)| *rule);
        Judgement {
            judged: judged.zip(rules).collect(),
            unasked,
        }
    }

    /// What is excepted: each entry that a change met, and those whose day is over.
    pub fn accepted(&self, judgement: &Judgement<'_>) -> Vec<String> {
        let met = judgement.judged.iter().filter_map(|(one, _)| {
            let entry = self.accepted.of(one.change, self.today)?;
            Some(format!(
                "accepted    {}: {}, {entry}",
                words::cell(&one.change.cell),
                entry.metric
            ))
        });
        let over = self.accepted.over(self.today).map(|entry| {
            format!(
                "no longer   {}, {}: {entry}; take it out of the file",
                entry.row, entry.metric
            )
        });
        met.chain(over).collect()
    }
}

impl<'a> Judgement<'a> {
    /// The changes that broke a rule.
    pub fn suspects(&self) -> Vec<&'a Change> {
        let broken = self.judged.iter();
        let broken = broken.filter(|(one, _)| one.outcome == Outcome::Fail);
        let mut suspects: Vec<&Change> = Vec::new();
        for (one, _) in broken {
            if !suspects
                .iter()
                .any(|known| std::ptr::eq(*known, one.change))
            {
                suspects.push(one.change);
            }
        }
        suspects
    }

    /// With what was found of these changes by other trials, in place of what was found before.
    pub fn with(mut self, decided: Judgement<'a>, changes: &[&Change]) -> Judgement<'a> {
        let is_known = |change: &Change| changes.iter().any(|known| std::ptr::eq(*known, change));
        self.judged.retain(|(one, _)| !is_known(one.change));
        self.judged.extend(decided.judged);
        self
    }

    /// Without the rules that are about none of the changes: somebody else asks them.
    pub fn of_asked(mut self) -> Judgement<'a> {
        self.unasked.clear();
        self
    }

    /// What was found of each rule; those that are kept only if asked for.
    pub fn lines(&self, has_all: bool) -> Vec<String> {
        let unasked = self.unasked.iter();
        let mut lines: Vec<String> = unasked
            .map(|rule| format!("missing     {rule}: the sweeps say nothing of it"))
            .collect();
        let tests = self.judged.iter().filter(|(one, _)| one.chance.is_some());
        let tests = tests.count();
        for (one, rule) in &self.judged {
            let word = match one.outcome {
                Outcome::Fail => "FAIL",
                Outcome::Undecided => "undecided",
                Outcome::Pass => "pass",
            };
            if one.outcome != Outcome::Pass || has_all {
                lines.push(format!(
                    "{word:<11} {rule}: {}{}",
                    words::change(one.change),
                    why(one, tests)
                ));
            }
        }
        let count = |outcome: Outcome| {
            let all = self.judged.iter();
            all.filter(|(one, _)| one.outcome == outcome).count()
        };
        lines.push(format!(
            "gate: {} passed, {} failed, {} undecided",
            count(Outcome::Pass),
            count(Outcome::Fail),
            count(Outcome::Undecided)
        ));
        lines
    }

    /// Writes it as JUnit XML.
    pub fn write_junit(&self, path: &Path, gone: &[&CellKey]) -> anyhow::Result<()> {
        let text = junit::verdicts(&self.judged, &self.unasked, gone)?;
        std::fs::write(path, text).with_context(|| path.display().to_string())
    }

    /// A rule that is broken is so whatever else is unknown; what is missing is never a pass.
    pub fn exit(&self, is_whole: bool, is_strict: bool) -> Exit {
        let worst = self.judged.iter().map(|(one, _)| one.outcome).min();
        let is_asked = self.unasked.is_empty();
        exit_of(
            worst.filter(|worst| is_asked || *worst == Outcome::Fail),
            is_whole,
            is_strict,
        )
    }
}

fn exit_of(outcome: Option<Outcome>, is_whole: bool, is_strict: bool) -> Exit {
    match outcome {
        Some(Outcome::Fail) => Exit::RuleBroken,
        None => Exit::Undecided,
        Some(Outcome::Undecided) if is_strict => Exit::Undecided,
        Some(_) if is_whole => Exit::Good,
        Some(_) => Exit::Undecided,
    }
}

/// Why nothing could be decided: where even the clearest difference could not be, more trials are needed.
fn why(one: &Judged<'_>, tests: usize) -> String {
    let Change { before, after, .. } = one.change;
    let least = least_chance(before.len(), after.len()) * tests as f64;
    match one.outcome {
        Outcome::Undecided if least > ALPHA => format!(
            " ({} and {} trials can't decide {})",
            before.len(),
            after.len(),
            counted(tests as u64, "comparison")
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_never_a_pass() {
        let of = |outcome, is_whole| exit_of(outcome, is_whole, false);
        assert_eq!(of(Some(Outcome::Pass), true), Exit::Good);
        assert_eq!(of(Some(Outcome::Pass), false), Exit::Undecided);
        assert_eq!(of(Some(Outcome::Undecided), true), Exit::Good);
        assert_eq!(of(Some(Outcome::Fail), false), Exit::RuleBroken);
        assert_eq!(of(None, true), Exit::Undecided);
        assert_eq!(
            exit_of(Some(Outcome::Undecided), true, true),
            Exit::Undecided
        );
    }
}
