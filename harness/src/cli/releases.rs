//! `loopmark releases`: one framework's releases, measured in the same shuffled blocks.

use std::collections::BTreeSet;
use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};

use clap::Args;
use comfy_table::presets::{NOTHING, UTF8_HORIZONTAL_ONLY};
use comfy_table::{ContentArrangement, Table};
use loopmark_protocol::Answers;

use super::exit::{Exit, UsageError};
use super::report::require_sweep;
use super::{number, run, words};
use crate::build::release::{Choice, Every, Published, at_version, choose, published};
use crate::chart::{Drawing, Formats};
use crate::compare::{ALPHA, Outcome, Rule};
use crate::console;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::plan::CellKey;
use crate::releases::{
    Ended, Grid, LeftOut, Measure, Measured, Step, Written, bisect, grid, judge_step, max_steps,
    row_name, sentences, write,
};
use crate::results::Recorded;
use crate::trial::Bench;
use crate::words::one_line;

/// How many releases are chosen unless that is said.
const LAST: u32 = 10;
/// What the table may take up.
const COLUMNS: u16 = 120;

/// Which releases, and how they are measured.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Options {
    /// The row whose framework's releases are measured; rows that `-f` and the like select are measured beside them
    #[arg(value_name = "ROW", required_unless_present = "of", conflicts_with_all = ["of", "against", "resume", "shard"])]
    row: Option<String>,
    /// Choose the newest N releases [default: 10; with --from, all since then]
    #[arg(long, value_name = "N", value_parser = number::count())]
    last: Option<u32>,
    /// Choose only the newest release of each of these, where patches appear daily
    #[arg(long, value_name = "WHICH", default_value = "release")]
    every: Every,
    /// Choose no release before VERSION
    #[arg(long, value_name = "VERSION")]
    from: Option<String>,
    /// Choose no release after VERSION
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// List the chosen releases and do nothing else
    #[arg(long, conflicts_with_all = ["of", "bisect"])]
    list: bool,
    /// Write the table and charts of the results folder FOLDER again from its record, and measure nothing
    #[arg(long, value_name = "FOLDER")]
    of: Option<PathBuf>,
    /// Find the release that breaks RULE, such as `cpu_per_run_ms > 10%`: measure the first and the last of the chosen
    /// ones, and if the last breaks the rule, halve what is between, each time on new data alone. Each step has a results
    /// folder of its own
    #[arg(long, value_name = "RULE", conflicts_with = "of")]
    bisect: Option<Rule>,
    #[command(flatten)]
    run: run::Options,
}

pub(super) fn releases(
    options: Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
    command: Vec<String>,
) -> anyhow::Result<Exit> {
    if let Some(folder) = &options.of {
        require_sweep(folder)?;
        let rows = layout()
            .ok()
            .and_then(|layout| Framework::load_all(&layout).ok());
        print(&tell_of(folder, &rows.unwrap_or_default())?)?;
        return Ok(Exit::Good);
    }
    console::outlive_the_terminal()?;
    let layout = layout()?;
    let name = options.row.clone().unwrap_or_default();
    let row = options.run.selection.rows.private.row(&name, &layout)?;
    if options.list {
        put!("{}\n", listed(&chosen(&row, &options, &layout)?))?;
        return Ok(Exit::Good);
    }
    // Report a person's mistakes before a registry is asked or anything is built.
    options.require_sense()?;
    let benches = options.run.drive.benches(&layout, None, Answers::Digest)?;
    let chosen = chosen(&row, &options, &layout)?;
    let releases = Releases {
        row,
        chosen,
        benches,
        layout,
        command,
        run: options.run,
    };
    match options.bisect {
        None => releases.measure(),
        Some(rule) => releases.bisect(rule),
    }
}

impl Options {
    fn require_sense(&self) -> Result<(), UsageError> {
        self.run.require_sense()?;
        self.run.debug_build.require_meant()?;
        let refused = |message: &str| Err(UsageError(message.to_owned()));
        if self.run.selection.variants == "all" {
            return refused("releases are compared in one variant: name it with --variants");
        }
        if self.bisect.is_some() && !self.run.messages.is_human() {
            return refused("--bisect measures several sweeps, whose messages can't be told apart");
        }
        Ok(())
    }

    fn choice(&self) -> Choice {
        let last = match (self.last, &self.from) {
            (None, Some(_)) => None,
            (last, _) => Some(last.unwrap_or(LAST) as usize),
        };
        Choice {
            last,
            every: self.every,
            from: self.from.clone(),
            to: self.to.clone(),
        }
    }
}

/// The chosen releases, which are at least one, the newest last.
fn chosen(row: &Framework, options: &Options, layout: &Layout) -> anyhow::Result<Vec<Published>> {
    tell!("{}: asking its registry for releases", row.name);
    let Some(published) = published(row, layout)? else {
        let message = format!("{} has no package that could have releases", row.name);
        return Err(UsageError(message).into());
    };
    let chosen = choose(&published, &options.choice());
    if chosen.is_empty() {
        let message = format!(
            "none of the {} stable releases of {} is chosen",
            published.len(),
            row.name
        );
        return Err(UsageError(message).into());
    }
    Ok(chosen)
}

fn listed(releases: &[Published]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["Release", "Published"]);
    for release in releases {
        let date = release.date.clone().unwrap_or_else(|| "–".to_owned());
        table.add_row([release.version.clone(), date]);
    }
    table
}

/// The releases of a row, and how they are measured.
struct Releases {
    row: Framework,
    chosen: Vec<Published>,
    benches: Vec<Bench>,
    layout: Layout,
    command: Vec<String>,
    run: run::Options,
}

impl Releases {
    fn measure(&self) -> anyhow::Result<Exit> {
        let (rows, left_out) = self.locked(&self.chosen)?;
        if rows.is_empty() {
            anyhow::bail!("none of the chosen releases can be locked here");
        }
        let any_left_out = !left_out.is_empty();
        let measure = Measure {
            row: self.row.name.clone(),
            releases: self.chosen.clone(),
            left_out,
        };
        let ran = self.run(rows, self.run.seed)?;
        if let Some(folder) = &ran.folder {
            measure.write(folder)?;
            let written = tell_of(folder, std::slice::from_ref(&self.row))?;
            if self.run.messages.is_human() {
                print(&written)?;
            }
        }
        Ok(match ran.exit {
            Exit::Good if any_left_out => Exit::Environment,
            exit => exit,
        })
    }

    /// The rows of these releases, and those that can't be locked here.
    fn locked(&self, releases: &[Published]) -> anyhow::Result<(Vec<Framework>, Vec<LeftOut>)> {
        let (mut rows, mut left_out) = (Vec::new(), Vec::new());
        for Published { version, .. } in releases {
            tell!("{}: locking {version}, unless it was before", self.row.name);
            match at_version(&self.row, version, &self.layout) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    tell!("{}: {version} is left out: {error}", self.row.name);
                    left_out.push(LeftOut {
                        version: version.clone(),
                        reason: error.to_string(),
                    });
                }
            }
        }
        Ok((rows, left_out))
    }

    /// Measures these rows, and the others that the options select, in the same blocks.
    fn run(&self, mut rows: Vec<Framework>, seed: Option<u64>) -> anyhow::Result<run::Ran> {
        if !self.run.selection.rows.chooses_all() {
            let names: BTreeSet<String> = rows.iter().map(|row| row.name.clone()).collect();
            let others = self.run.selection.frameworks(&self.layout)?.into_iter();
            rows.extend(others.filter(|row| !names.contains(&row.name)));
        }
        Framework::sort(&mut rows);
        run::run_rows(
            &self.run,
            seed,
            &self.layout,
            &self.benches,
            self.command.clone(),
            rows,
        )
    }

    fn bisect(&self, rule: Rule) -> anyhow::Result<Exit> {
        let count = self.chosen.len();
        if count < 2 {
            let message =
                "--bisect needs two releases or more: choose with --last, --from and --to";
            return Err(UsageError(message.to_owned()).into());
        }
        let mut search = Search {
            releases: self,
            rule,
            // All judgements together may be wrong as often as one comparison of a call.
            alpha: ALPHA / f64::from(max_steps(count)),
            cells: None,
            exit: Exit::Good,
            number: 0,
            said: Vec::new(),
        };
        let ended = bisect(count, |place| search.step(place))?;
        let Search { said, exit, .. } = search;
        put!("{}\n", said.join("\n"))?;
        if exit == Exit::Interrupted {
            return Ok(exit);
        }
        put!("{}\n", self.said(&ended, rule))?;
        Ok(exit_of(&ended))
    }

    /// How a search ended, in a sentence.
    fn said(&self, ended: &Ended, rule: Rule) -> String {
        let name = |place: usize| {
            let release = self.chosen.get(place);
            let release = release.map(|Published { version, date }| match date {
                Some(date) => format!("{version} ({date})"),
                None => version.clone(),
            });
            release.unwrap_or_default()
        };
        let newest = self.chosen.len() - 1;
        match ended {
            Ended::Kept => format!("{rule}: kept from {} to {}", name(0), name(newest)),
            Ended::LeftOut => format!("{rule}: {} or {} can't be measured", name(0), name(newest)),
            Ended::Undecided { before, after, at } => format!(
                "{rule}: undecided at {}: the trials can't tell; if there is a change, it came after {} and not after {}",
                name(*at),
                name(*before),
                name(*after)
            ),
            Ended::Between {
                before,
                after,
                left_out,
            } => {
                let hidden = left_out.iter().map(|place| name(*place));
                let hidden = hidden.collect::<Vec<String>>().join(", ");
                let hidden = match hidden.is_empty() {
                    true => String::new(),
                    false => format!("; between them, {hidden} can't be measured"),
                };
                format!(
                    "{rule}: BROKEN between {} and {}{hidden}",
                    name(*before),
                    name(*after)
                )
            }
        }
    }
}

/// What is known of the rule is what counts; what could not be measured is never a pass.
fn exit_of(ended: &Ended) -> Exit {
    match ended {
        Ended::Kept => Exit::Good,
        Ended::Between { .. } => Exit::RuleBroken,
        Ended::Undecided { .. } => Exit::Undecided,
        Ended::LeftOut => Exit::Environment,
    }
}

/// A search for the release that broke a rule.
struct Search<'a> {
    releases: &'a Releases,
    rule: Rule,
    alpha: f64,
    /// Where the first step found the rule broken: the cells that the search is about.
    cells: Option<Vec<CellKey>>,
    exit: Exit,
    number: u64,
    said: Vec<String>,
}

impl Search<'_> {
    /// Measures the release at `place` beside the first one, in a results folder of its own.
    fn step(&mut self, place: usize) -> anyhow::Result<Measured> {
        let releases = self.releases;
        let pair: Vec<Published> = [0, place]
            .into_iter()
            .filter_map(|place| releases.chosen.get(place).cloned())
            .collect();
        let [first, other] = pair.as_slice() else {
            return Ok(Measured::LeftOut);
        };
        let (rows, left_out) = releases.locked(&pair)?;
        for LeftOut { version, reason } in &left_out {
            let reason = one_line(reason);
            self.said.push(format!("left out    {version}: {reason}"));
        }
        if !left_out.is_empty() {
            return Ok(Measured::LeftOut);
        }
        let seed = releases.run.seed.map(|seed| seed.wrapping_add(self.number));
        self.number += 1;
        let ran = releases.run(rows, seed)?;
        let Some(folder) = &ran.folder else {
            self.exit = Exit::Interrupted;
            return Ok(Measured::Undecided);
        };
        let measure = Measure {
            row: releases.row.name.clone(),
            releases: pair.clone(),
            left_out: Vec::new(),
        };
        measure.write(folder)?;
        tell_of(folder, std::slice::from_ref(&releases.row))?;
        if ran.exit == Exit::Interrupted {
            self.exit = Exit::Interrupted;
            return Ok(Measured::Undecided);
        }
        let names = [first, other].map(|release| row_name(&releases.row.name, &release.version));
        let [first, other] = names.each_ref().map(String::as_str);
        let recorded = Recorded::load(folder)?;
        let cells = self.cells.as_deref();
        let step = judge_step(&recorded, [first, other], self.rule, cells, self.alpha);
        self.tell(&step, [first, other], folder);
        if self.cells.is_none() && step.measured == Measured::Broken {
            self.cells = Some(step.broken());
        }
        Ok(step.measured)
    }

    fn tell(&mut self, step: &Step, [first, other]: [&str; 2], folder: &Path) {
        let folder = folder.display();
        self.said
            .push(format!("{other} against {first}, in {folder}"));
        for (change, outcome) in &step.judged {
            let word = match outcome {
                Outcome::Fail => "BROKEN",
                Outcome::Undecided => "undecided",
                Outcome::Pass => "kept",
            };
            self.said
                .push(format!("{word:<11} {}", words::change(change)));
        }
        if step.judged.is_empty() {
            let metric = self.rule.metric.name;
            self.said
                .push(format!("left out    there is no {metric} of both"));
        }
        if step.is_too_small {
            let few = "so few trials decide nothing in a search of this length: measure with more repetitions";
            self.said.push(format!("            {few}"));
        }
    }
}

/// Writes the files of a folder's releases.
fn tell_of(folder: &Path, rows: &[Framework]) -> anyhow::Result<Written> {
    Ok(write(folder, &Drawing::new(Formats::Svg, rows))?)
}

fn print(written: &Written) -> anyhow::Result<()> {
    for table in &written.tables {
        let Grid {
            title,
            header,
            lines,
        } = grid(table, &written.measure);
        let mut drawn = Table::new();
        let style = match stdout().is_terminal() {
            true => UTF8_HORIZONTAL_ONLY,
            false => NOTHING,
        };
        drawn
            .load_style(style)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(COLUMNS)
            .set_header(header);
        for line in lines {
            drawn.add_row(line);
        }
        put!("\n{title}\n\n{drawn}\n\n")?;
        for sentence in sentences(table) {
            put!("* {sentence}\n")?;
        }
    }
    tell!("\n{}", written.path.display());
    Ok(())
}
