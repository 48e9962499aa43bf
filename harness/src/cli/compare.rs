//! `loopmark compare`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::exit::{Exit, UsageError};
use super::report::require_sweep;
use super::{junit, words};
use crate::compare::{
    ALPHA, Change, Judged, MOVED, Outcome, Question, Rule, Scope, changes, judge, missing, moved,
    of_row,
};
use crate::framework::DEFAULT_VARIANT;
use crate::metric::Metric;
use crate::plan::RowKey;
use crate::results::Recorded;
use crate::results::same::{Difference, Setting};
use crate::stats::{holm, least_chance};
use crate::words::counted;

/// Which sweeps, and what must hold.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The results folder to compare with
    before: PathBuf,
    /// The results folder that is compared
    #[arg(required_unless_present = "rows")]
    after: Option<PathBuf>,
    /// Compare two rows or builds of one sweep instead: the second one with the first. A variant follows a colon, as in
    /// rig,rig:chat-completions; a release a sign, as in rig@0.43.0,rig
    #[arg(long, value_name = "ROW,ROW", value_delimiter = ',', conflicts_with_all = ["after", "frameworks", "anyway"])]
    rows: Vec<String>,
    /// Only these rows, by name; `*` matches any text
    #[arg(short, long = "framework", value_name = "NAME", value_delimiter = ',')]
    frameworks: Vec<String>,
    /// Only these scenarios, by name; `*` matches any text
    #[arg(short, long = "scenario", value_name = "NAME", value_delimiter = ',')]
    scenarios: Vec<String>,
    /// Fail if a metric is worse by more than this, such as `cpu_per_run_ms > 10%` or `p95_ms > 10% & 20 ms`
    #[arg(long = "gate", value_name = "RULE")]
    rules: Vec<Rule>,
    /// Fail too where the trials can't decide a rule
    #[arg(long, requires = "rules")]
    strict: bool,
    /// Compare in spite of another machine, network or build, whose figures don't compare
    #[arg(long)]
    anyway: bool,
    /// Say what was not told apart too
    #[arg(long)]
    all: bool,
    /// Write the gate's verdicts to FILE as JUnit XML, which every CI shows
    #[arg(long, value_name = "FILE", requires = "rules")]
    junit: Option<PathBuf>,
}

pub(super) fn compare(options: &Options) -> anyhow::Result<Exit> {
    let is_within = options.after.is_none();
    let [before, after] = match &options.after {
        Some(after) => [load(&options.before)?, load(after)?],
        None => two_rows(&load(&options.before)?, &options.rows)?,
    };
    let differences = differences(&before, &after);
    if !differences.is_empty() && !options.anyway {
        let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let message = format!(
            "these sweeps don't compare: {}; --anyway compares them in spite of it",
            all.join("; ")
        );
        return Err(UsageError(message).into());
    }
    let scope = Scope {
        rows: options.frameworks.clone(),
        scenarios: options.scenarios.clone(),
    };
    let mut asked_for: Vec<&'static Metric> =
        options.rules.iter().map(|rule| rule.metric).collect();
    asked_for.sort_by_key(|metric| metric.name);
    asked_for.dedup_by_key(|metric| metric.name);
    let meant = changes(&before, &after, &scope, &asked_for);
    let gone = missing(&before, &after, &scope, &asked_for);
    let (control, is_still) = match is_within {
        true => (
            "Both were measured in the same blocks, so no floor is needed as a control.".to_owned(),
            true,
        ),
        false => control(&changes(&before, &after, &Scope::default(), &[])),
    };
    let head = match options.rows.as_slice() {
        [before, after] => format!("{after} against {before}, of one sweep"),
        _ => format!("{} against {}", after.info.id, before.info.id),
    };
    let mut lines = vec![head];
    lines.extend(
        differences
            .iter()
            .map(|difference| format!("In spite of this: {difference}")),
    );
    lines.push(control);
    lines.extend(versions(&meant));
    lines.extend(told_apart(&meant, options.all));
    let is_whole = gone.is_empty() && is_still && !meant.is_empty();
    lines.extend(
        gone.iter()
            .map(|cell| format!("missing     {}", words::cell(cell))),
    );
    let exit = match options.rules.is_empty() {
        true if meant.is_empty() => Exit::Undecided,
        true => Exit::Good,
        false => {
            let asked = asked(&options.rules, &meant);
            let changes: Vec<(&Change, Rule)> =
                asked.iter().flat_map(|(_, of)| of).copied().collect();
            let judged = judge(&changes);
            let rules: Vec<Rule> = changes.iter().map(|(_, rule)| *rule).collect();
            let unasked = asked.iter().filter(|(_, of)| of.is_empty());
            let unasked: Vec<Rule> = unasked.map(|(rule, _)| *rule).collect();
            lines.extend(gate(&judged, &rules, &unasked, options.all));
            if let Some(path) = &options.junit {
                let text = junit::verdicts(&judged, &rules, &unasked, &gone)?;
                std::fs::write(path, text).with_context(|| path.display().to_string())?;
            }
            let worst = judged.iter().map(|one| one.outcome).min();
            let worst = worst.filter(|worst| unasked.is_empty() || *worst == Outcome::Fail);
            exit_of(worst, is_whole, options.strict)
        }
    };
    put!("{}\n", lines.join("\n"))?;
    Ok(exit)
}

/// A rule that is broken is so whatever else is unknown; what is missing is never a pass.
fn exit_of(outcome: Option<Outcome>, is_whole: bool, is_strict: bool) -> Exit {
    match outcome {
        Some(Outcome::Fail) => Exit::RuleBroken,
        None => Exit::Undecided,
        Some(Outcome::Undecided) if is_strict => Exit::Undecided,
        Some(_) if is_whole => Exit::Good,
        Some(_) => Exit::Undecided,
    }
}

fn load(folder: &Path) -> anyhow::Result<Recorded> {
    require_sweep(folder)?;
    Ok(Recorded::load(folder)?)
}

/// Two rows of one sweep, each alone, under the name of the second one.
fn two_rows(sweep: &Recorded, names: &[String]) -> anyhow::Result<[Recorded; 2]> {
    let key = |name: &str| match name.split_once(':') {
        Some((framework, variant)) => RowKey::new(framework, variant),
        None => RowKey::new(name, DEFAULT_VARIANT),
    };
    let [before, after] = names else {
        return Err(UsageError("--rows names two rows".to_owned()).into());
    };
    let named = key(after);
    let alone = |name: &str| {
        of_row(sweep, &key(name), &named).ok_or_else(|| {
            let rows = sweep.info.rows.iter();
            let rows = rows.map(|row| format!("{}:{}", row.key.framework, row.key.variant));
            let rows = rows.collect::<Vec<_>>().join(", ");
            UsageError(format!(
                "the sweep has no row `{name}` beside `{after}`; it has {rows}"
            ))
        })
    };
    Ok([alone(before)?, alone(after)?])
}

/// What makes the two another experiment; scenarios that only one of them has are no difference.
fn differences(before: &Recorded, after: &Recorded) -> Vec<Difference> {
    let [mut old, mut new] = [before, after].map(|sweep| Setting::of(&sweep.info));
    let (then, now) = (old.scenarios.clone(), new.scenarios.clone());
    old.scenarios.retain(|name, _| now.contains_key(name));
    new.scenarios.retain(|name, _| then.contains_key(name));
    old.differences(&new)
}

/// What the floors say of the machine, and whether it is the same.
fn control(changes: &[Change]) -> (String, bool) {
    match moved(changes) {
        Err(_) => (
            "No floor was measured in both sweeps: nothing says that the machine did not change."
                .to_owned(),
            false,
        ),
        Ok(None) => (
            format!(
                "The floors did not move: their CPU per run is within {} %.",
                MOVED * 100.0
            ),
            true,
        ),
        Ok(Some(ratio)) => (
            format!(
                "The floors moved: their CPU per run is {ratio:.2} times what it was. So the machine changed, and what \
                 follows says little of the rows."
            ),
            false,
        ),
    }
}

/// The rows of which another version was measured, each once.
fn versions(changes: &[Change]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for Change { cell, versions, .. } in changes {
        if let [Some(then), Some(now)] = versions
            && then != now
        {
            let line = format!("version     {}: {then}, now {now}", cell.row.framework);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// What is worse or better than chance makes it, all comparisons together; what was not told apart too, if asked for.
fn told_apart(changes: &[Change], has_all: bool) -> Vec<String> {
    // What a margin of 0 asks in both directions.
    let directions = [("worse", Question::Worse), ("better", Question::NotWorse)];
    let mut asked = Vec::new();
    for change in changes {
        for (word, question) in directions {
            if let Some(chance) = change
                .chance(question, 0.0)
                .filter(|_| change.slack().is_none())
            {
                asked.push((change, word, chance));
            }
        }
    }
    let chances: Vec<f64> = asked.iter().map(|(.., chance)| *chance).collect();
    let mut lines = Vec::new();
    for ((change, word, _), chance) in asked.iter().zip(holm(&chances)) {
        if chance <= ALPHA {
            lines.push(format!(
                "{word:<11} {}, p {chance:.2}",
                words::change(change)
            ));
        }
    }
    let apart = lines.len();
    for change in changes {
        let is_other = |slack: f64| {
            change
                .ratio()
                .is_some_and(|ratio| (ratio - 1.0).abs() > slack)
        };
        if change.slack().is_some_and(is_other) {
            lines.push(format!("counted     {}", words::change(change)));
        }
    }
    if has_all {
        let known = |change: &Change| {
            lines
                .iter()
                .any(|line| line.contains(&words::change(change)))
        };
        let others = changes
            .iter()
            .filter(|change| change.slack().is_none() && !known(change));
        let others: Vec<String> = others
            .map(|change| format!("not apart   {}", words::change(change)))
            .collect();
        lines.extend(others);
    }
    let compared = chances.len() / 2;
    lines.push(format!(
        "{} of measured figures, {apart} of them more than chance (at 5 %, all together)",
        counted(compared as u64, "comparison"),
    ));
    lines
}

/// Each rule with the changes that it is about.
fn asked<'a>(rules: &[Rule], changes: &'a [Change]) -> Vec<(Rule, Vec<(&'a Change, Rule)>)> {
    let of = |rule: &Rule| {
        let meant = changes
            .iter()
            .filter(|change| change.metric.name == rule.metric.name);
        (*rule, meant.map(|change| (change, *rule)).collect())
    };
    rules.iter().map(of).collect()
}

/// What was found of each rule; those that are kept only if asked for.
fn gate(judged: &[Judged<'_>], rules: &[Rule], unasked: &[Rule], has_all: bool) -> Vec<String> {
    let mut lines: Vec<String> = unasked
        .iter()
        .map(|rule| format!("missing     {rule}: the sweeps say nothing of it"))
        .collect();
    let tests = judged.iter().filter(|one| one.chance.is_some()).count();
    for (one, rule) in judged.iter().zip(rules) {
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
    let count = |outcome: Outcome| judged.iter().filter(|one| one.outcome == outcome).count();
    lines.push(format!(
        "gate: {} passed, {} failed, {} undecided",
        count(Outcome::Pass),
        count(Outcome::Fail),
        count(Outcome::Undecided)
    ));
    lines
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
