//! What a gate needs before it can decide.

use super::super::exit::Exit;
use super::super::words;
use crate::compare::{ALPHA, MOST, Needed, POWER, Rule, Scope, changes, fewest, needed};
use crate::results::Recorded;
use crate::words::counted;

/// Prints how many trials the rules need, by the spread of a sweep's trials.
pub(super) fn plan(pilot: &Recorded, rules: &[Rule], scope: &Scope) -> anyhow::Result<Exit> {
    let asked: Vec<_> = rules.iter().map(|rule| rule.metric).collect();
    let figures = changes(pilot, pilot, scope, &asked);
    let measured = |rule: &Rule| {
        let of = figures.iter();
        let of = of.filter(|figure| figure.slack().is_none());
        of.filter(|figure| figure.metric.name == rule.metric.name)
            .count()
    };
    let comparisons: usize = rules.iter().map(measured).sum();
    let mut lines = vec![format!(
        "By the spread of {}: {} of measured figures, {} % of wrong verdicts among all of them together",
        pilot.info.id,
        counted(comparisons as u64, "comparison"),
        ALPHA * 100.0
    )];
    if comparisons > 0 {
        lines.push(match fewest(comparisons) {
            Some(fewest) => format!("Fewer than {fewest} trials a side decide nothing."),
            None => format!("Not even {MOST} trials a side decide anything."),
        });
    }
    let needed = needed(rules, &figures);
    lines.extend(needed.iter().map(line));
    let is_known = |rule: &Rule| {
        let mut of = figures.iter();
        of.any(|figure| figure.metric.name == rule.metric.name)
    };
    let all: Option<Vec<usize>> = needed.iter().map(|one| one.trials).collect();
    let most = all.and_then(|all| all.into_iter().max());
    if let Some(most) = most.filter(|_| comparisons > 0) {
        lines.push(format!(
            "So {most} trials a side decide {} times in 10: --repetitions {most}, or --table-repetitions {most} of a burst",
            POWER * 10.0
        ));
    }
    put!("{}\n", lines.join("\n"))?;
    Ok(match rules.iter().all(is_known) {
        true => Exit::Good,
        false => Exit::Undecided,
    })
}

fn line(one: &Needed<'_>) -> String {
    let trials = match one.trials {
        Some(trials) => format!("{trials} trials a side"),
        None => format!("more than {MOST} trials a side"),
    };
    match one.widest {
        Some(widest) => format!(
            "{}: {trials}; what varies most beside the margin is {}, by {:.1} % in {}",
            one.rule,
            words::cell(&widest.figure.cell),
            widest.spread * 100.0,
            counted(widest.figure.before.len() as u64, "trial")
        ),
        None => format!(
            "{}: the sweep has no measured figure of which two trials tell a spread",
            one.rule
        ),
    }
}
