//! `loopmark compare`.

mod gate;
mod planned;
mod recheck;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use jiff::Zoned;

use super::exit::{Exit, UsageError};
use super::report::require_sweep;
use super::{number, words};
use crate::compare::{
    ALPHA, Acceptances, Change, MOVED, Question, Rule, Scope, beside_floors, changes, missing,
    moved, of_row, over_floors,
};
use crate::framework::{DEFAULT_VARIANT, Kind};
use crate::layout::Layout;
use crate::metric::{Metric, catalogue};
use crate::plan::{CellKey, RowKey};
use crate::results::Recorded;
use crate::results::same::{Difference, Setting};
use crate::stats::holm;
use crate::words::counted;
use gate::Gate;
use recheck::Sides;

/// Which sweeps, and what must hold.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The results folder to compare with
    before: PathBuf,
    /// The results folder that is compared
    #[arg(required_unless_present_any = ["rows", "plan"])]
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
    /// Say how many trials the gate needs, by the spread of the one sweep that is named, and compare nothing
    #[arg(long, requires = "rules", conflicts_with_all = ["after", "rows", "recheck", "junit"])]
    plan: bool,
    /// Measure what broke a rule again, both builds in N new blocks, and decide by the new trials alone. The second sweep
    /// has to be of the checkout as it is
    #[arg(long, value_name = "N", value_parser = number::count(), requires = "rules")]
    recheck: Option<u32>,
    /// Regressions that are accepted until a day: a TOML file of [[accept]] with row, scenario, metric, up-to, until, why
    #[arg(long, value_name = "FILE", requires = "rules")]
    accepted: Option<PathBuf>,
    /// Compare CPU per run as a multiple of the floor's in the same block. Two machines are compared by that and by what is
    /// counted, and by nothing else
    #[arg(long, conflicts_with = "plan")]
    over_floor: bool,
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

pub(super) fn compare(
    options: &Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
    command: Vec<String>,
) -> anyhow::Result<Exit> {
    if options.plan {
        let pilot = load(&options.before)?;
        return planned::plan(&pilot, &options.rules, &options.scope());
    }
    let accepted = options.acceptances()?;
    let is_within = options.after.is_none();
    let first = load(&options.before)?;
    let (sweep, [before, after]) = match &options.after {
        Some(after) => (None, [first, load(after)?]),
        None => {
            let both = two_rows(&first, &options.rows, of_row)?;
            (Some(first), both)
        }
    };
    let mut differences = differences(&before, &after);
    if options.over_floor {
        // That is what the floors are for.
        differences.retain(|difference| !matches!(difference, Difference::Machine { .. }));
    }
    if !differences.is_empty() && !options.anyway {
        let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let message = format!(
            "these sweeps don't compare: {}; --anyway compares them in spite of it",
            all.join("; ")
        );
        return Err(UsageError(message).into());
    }
    let scope = options.scope();
    let mut asked_for: Vec<&'static Metric> =
        options.rules.iter().map(|rule| rule.metric).collect();
    asked_for.sort_by_key(|metric| metric.name);
    asked_for.dedup_by_key(|metric| metric.name);
    let mut meant = changes(&before, &after, &scope, &asked_for);
    let mut without_floor: Vec<CellKey> = Vec::new();
    if options.over_floor {
        let multiples = match &sweep {
            None => over_floors(&before, &after, &scope),
            Some(sweep) => {
                let [before, after] = two_rows(sweep, &options.rows, beside_floors)?;
                over_floors(&before, &after, &scope)
            }
        };
        let has_multiple =
            |change: &Change| multiples.iter().any(|other| other.cell == change.cell);
        let is_cpu = |change: &Change| change.metric.name == catalogue::CPU_PER_RUN.name;
        let lost = meant
            .iter()
            .filter(|change| is_cpu(change) && change.kind != Kind::Floor && !has_multiple(change));
        without_floor.extend(lost.map(|change| change.cell.clone()));
        // Of one sweep, all else compares as ever; of two machines, only what is counted.
        meant.retain(|change| match is_within {
            true => !is_cpu(change),
            false => change.slack().is_some(),
        });
        meant.extend(multiples);
    }
    let mut gone = missing(&before, &after, &scope, &asked_for);
    gone.extend(&without_floor);
    let (control, is_still) = match is_within {
        true => (
            "Both were measured in the same blocks, so no floor is needed as a control.".to_owned(),
            true,
        ),
        false if options.over_floor => (
            "CPU per run is a multiple of the floor's on its own machine.".to_owned(),
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
            let gate = Gate {
                rules: &options.rules,
                accepted: &accepted,
                today: Zoned::now().date(),
            };
            let judgement = gate.judge(&meant);
            lines.extend(gate.accepted(&judgement));
            lines.extend(judgement.lines(options.all));
            let suspects = judgement.suspects();
            let again = match options.recheck {
                Some(blocks) if !suspects.is_empty() => {
                    let sides = Sides {
                        before: &before,
                        after: &after,
                        rows: &options.rows,
                    };
                    Some(sides.measure_again(&suspects, blocks, &layout()?, &command)?)
                }
                _ => None,
            };
            let (judgement, is_whole) = match &again {
                None => (judgement, is_whole),
                Some(again) => {
                    let decided = gate.judge(again).of_asked();
                    lines.push(format!(
                        "Measured again, and decided by the new trials alone: {}",
                        counted(suspects.len() as u64, "comparison")
                    ));
                    lines.extend(decided.lines(true));
                    let is_whole = is_whole && again.len() == suspects.len();
                    (judgement.with(decided, &suspects), is_whole)
                }
            };
            if let Some(path) = &options.junit {
                judgement.write_junit(path, &gone)?;
            }
            judgement.exit(is_whole, options.strict)
        }
    };
    put!("{}\n", lines.join("\n"))?;
    Ok(exit)
}

impl Options {
    fn scope(&self) -> Scope {
        Scope {
            rows: self.frameworks.clone(),
            scenarios: self.scenarios.clone(),
        }
    }

    /// What is accepted; nothing without a file.
    fn acceptances(&self) -> anyhow::Result<Acceptances> {
        let Some(path) = &self.accepted else {
            return Ok(Acceptances::default());
        };
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let read = Acceptances::read(&text);
        read.map_err(|error| UsageError(format!("{}: {error}", path.display())).into())
    }
}

fn load(folder: &Path) -> anyhow::Result<Recorded> {
    require_sweep(folder)?;
    Ok(Recorded::load(folder)?)
}

/// A row as `--rows` names it.
fn key(name: &str) -> RowKey {
    match name.split_once(':') {
        Some((framework, variant)) => RowKey::new(framework, variant),
        None => RowKey::new(name, DEFAULT_VARIANT),
    }
}

/// Two rows of one sweep, each alone, under the name of the second one.
fn two_rows(
    sweep: &Recorded,
    names: &[String],
    of: impl Fn(&Recorded, &RowKey, &RowKey) -> Option<Recorded>,
) -> anyhow::Result<[Recorded; 2]> {
    let [before, after] = names else {
        return Err(UsageError("--rows names two rows".to_owned()).into());
    };
    let named = key(after);
    let alone = |name: &str| {
        of(sweep, &key(name), &named).ok_or_else(|| {
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
