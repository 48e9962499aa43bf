//! Measures what broke a rule a second time.

use std::collections::BTreeSet;

use anyhow::Context;
use loopmark_protocol::Arrival;

use super::super::command::run_options;
use super::super::exit::UsageError;
use super::super::report::newest;
use super::super::run;
use super::key;
use crate::build::release::split_version;
use crate::compare::{Change, Scope, beside_floors, changes, of_row, over_floors};
use crate::framework::{Framework, Kind};
use crate::layout::Layout;
use crate::metric::Metric;
use crate::plan::{CellKey, RowKey};
use crate::results::{Recorded, RunInfo};

/// What was compared.
pub(super) struct Sides<'a> {
    pub before: &'a Recorded,
    pub after: &'a Recorded,
    /// The two rows, if they are of one sweep.
    pub rows: &'a [String],
}

impl Sides<'_> {
    /// The same figures of new trials, of those that could be measured again.
    pub fn measure_again(
        &self,
        suspects: &[&Change],
        blocks: u32,
        layout: &Layout,
        command: &[String],
    ) -> anyhow::Result<Vec<Change>> {
        let frameworks: BTreeSet<&str> = suspects
            .iter()
            .map(|change| change.cell.row.framework.as_str())
            .collect();
        let mut found = Vec::new();
        for framework in frameworks {
            let of_row: Vec<&Change> = suspects
                .iter()
                .filter(|change| change.cell.row.framework == framework)
                .copied()
                .collect();
            tell!(
                "{framework}: {} broke a rule; both builds are measured again, in {blocks} blocks",
                of_row.len()
            );
            let again = self.sweep(&of_row, framework, blocks, layout, command)?;
            for suspect in of_row {
                found.extend(self.again(suspect, &again)?);
            }
        }
        Ok(found)
    }

    /// A new sweep of a row's two builds and its floors.
    fn sweep(
        &self,
        suspects: &[&Change],
        framework: &str,
        blocks: u32,
        layout: &Layout,
        command: &[String],
    ) -> anyhow::Result<Recorded> {
        let info = &self.after.info;
        let mut options = recorded(info)?;
        let cells: Vec<&CellKey> = suspects.iter().map(|change| &change.cell).collect();
        narrow(&mut options, &cells, blocks);
        if self.rows.is_empty() {
            options.against = Some(committed(&self.before.info)?);
        }
        let mut names: Vec<String> = match options.against {
            Some(_) => vec![framework.to_owned()],
            None => self.rows.iter().map(|row| key(row).framework).collect(),
        };
        names.retain(|name| is_in_checkout(name, layout));
        names.extend(floors(info, framework));
        options.selection.rows.frameworks = names;
        let results = options.results.clone();
        let results = results.unwrap_or_else(|| layout.results());
        run::run(&options, layout.clone(), command.to_vec())?;
        let again = Recorded::load(&newest(&results)?)?;
        let sources = |info: &RunInfo| {
            let of = info.rows.iter().find(|row| row.key.framework == framework);
            of.and_then(|row| row.sources_sha256.clone())
        };
        if sources(&again.info) != sources(info) {
            let message = format!(
                "{framework} is not what it was in {}, so the new trials say nothing of it: they are in {}",
                info.id, again.info.id
            );
            return Err(UsageError(message).into());
        }
        Ok(again)
    }

    /// A suspect's figure in the new sweep; `None` where it could not be measured.
    fn again(&self, suspect: &Change, sweep: &Recorded) -> anyhow::Result<Option<Change>> {
        let after = &suspect.cell.row;
        let before = match self.rows.first() {
            Some(before) => key(before),
            None => other_build(sweep, after)
                .with_context(|| format!("{}: it has no other build", sweep.info.id))?,
        };
        let of = match suspect.is_over_floor {
            true => beside_floors,
            false => of_row,
        };
        let sides = [&before, after].map(|row| of(sweep, row, after));
        let [Some(before), Some(after)] = sides else {
            return Ok(None);
        };
        let asked: [&'static Metric; 1] = [suspect.metric];
        let scope = Scope::default();
        let changes = match suspect.is_over_floor {
            true => over_floors(&before, &after, &scope),
            false => changes(&before, &after, &scope, &asked),
        };
        let found = changes.into_iter().find(|change| {
            change.cell == suspect.cell && change.metric.name == suspect.metric.name
        });
        Ok(found)
    }
}

/// The options that a sweep was measured with.
fn recorded(info: &RunInfo) -> anyhow::Result<run::Options> {
    run_options(&info.command).ok_or_else(|| {
        let command = info.command.join(" ");
        UsageError(format!(
            "only what `loopmark run` measured can be measured again, and {} was made by `{command}`",
            info.id
        ))
        .into()
    })
}

/// Leaves of a sweep's options what these cells need.
fn narrow(options: &mut run::Options, cells: &[&CellKey], blocks: u32) {
    let rows = &mut options.selection.rows;
    (rows.language, rows.kind, rows.sets) = Default::default();
    let is = |arrival: fn(Arrival) -> bool| cells.iter().any(move |cell| arrival(cell.arrival));
    let levels: BTreeSet<u32> = cells
        .iter()
        .filter(|cell| cell.arrival == Arrival::Closed)
        .map(|cell| cell.level)
        .collect();
    let scenarios: BTreeSet<&str> = cells.iter().map(|cell| cell.scenario.as_str()).collect();
    options.drive.scenarios = scenarios.into_iter().map(str::to_owned).collect();
    options.table_only = levels.is_empty();
    options.levels = levels.into_iter().collect();
    options.repetitions = Some(blocks);
    let has_bursts = is(|arrival| arrival == Arrival::Burst);
    options.table_repetitions = Some(if has_bursts { blocks } else { 0 });
    if !is(|arrival| matches!(arrival, Arrival::Rate(_))) {
        options.rates.clear();
    }
    options.aa = false;
    options.no_calibration = true;
    (
        options.seed,
        options.shard,
        options.capacity,
        options.baseline,
    ) = Default::default();
}

/// The commit that a sweep was measured at.
fn committed(info: &RunInfo) -> anyhow::Result<String> {
    let revision = info.git_revision.clone();
    let clean = revision.filter(|revision| !revision.ends_with("-dirty"));
    clean.ok_or_else(|| {
        UsageError(format!(
            "{} was not measured at a commit, so its builds can't be made again",
            info.id
        ))
        .into()
    })
}

/// Whether a row, or the one whose other release it is, is the checkout's; others are named by --runner.
fn is_in_checkout(name: &str, layout: &Layout) -> bool {
    let plain = split_version(name).map_or(name, |(row, _)| row);
    let rows = Framework::load_all(layout).unwrap_or_default();
    rows.iter().any(|row| row.name == plain)
}

/// The floors of a row's language that a sweep has.
fn floors(info: &RunInfo, framework: &str) -> Vec<String> {
    let of = info.rows.iter().find(|row| row.key.framework == framework);
    let language = of.map(|row| row.language);
    let floors = info.rows.iter();
    let floors = floors.filter(|row| row.kind == Kind::Floor && Some(row.language) == language);
    let names: BTreeSet<String> = floors.map(|row| row.key.framework.clone()).collect();
    names.into_iter().filter(|name| name != framework).collect()
}

/// The row of the same variant that another build of it has.
fn other_build(sweep: &Recorded, row: &RowKey) -> Option<RowKey> {
    let keys = sweep.info.rows.iter().map(|row| &row.key);
    let mut others = keys.filter(|key| {
        let plain = split_version(&key.framework).map(|(row, _)| row);
        plain == Some(row.framework.as_str()) && key.variant == row.variant
    });
    others.next().cloned()
}
