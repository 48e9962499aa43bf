//! A sweep that was ended: what it lacks, and whether it may be gone on with.

use std::collections::BTreeSet;
use std::path::Path;

use crate::build::BuildResult;
use crate::plan::RowKey;
use crate::results::same::{Difference, Place, Row, Setting, row_differences};
use crate::results::{
    ResultsError, RunInfo, ScenarioInfo, read_info, read_trials, require_planned,
};
use crate::system::Machine;
use crate::trial::Bench;

/// What is on disk of a sweep.
pub struct Resumed {
    /// `run.json`, which is complete again when nothing is missing any more.
    pub info: RunInfo,
    /// The numbers of the trials that are there.
    pub done: BTreeSet<u32>,
}

impl Resumed {
    /// Reads a results folder.
    ///
    /// # Errors
    ///
    /// When it can't be read or is damaged.
    pub fn read(folder: &Path) -> Result<Resumed, ResultsError> {
        let (mut info, trials) = (read_info(folder)?, read_trials(folder)?);
        require_planned(&folder.join("trials.jsonl"), &trials, &info.plan)?;
        info.complete = false;
        let done = trials.iter().map(|trial| trial.planned.trial).collect();
        Ok(Resumed { info, done })
    }

    /// The frameworks of its rows.
    pub fn frameworks(&self) -> BTreeSet<&str> {
        let rows = self.info.rows.iter();
        rows.map(|row| row.key.framework.as_str()).collect()
    }

    /// The highest level of its plan.
    pub fn highest_level(&self) -> u32 {
        let levels = self.info.plan.trials.iter();
        levels
            .map(|planned| planned.cell.level)
            .max()
            .unwrap_or_default()
    }
}

/// Refuses to go on where trials would not run as they did.
///
/// # Errors
///
/// With the first thing that differs.
pub fn require_same_setting(
    info: &RunInfo,
    bench: &Bench,
    debug_build: bool,
) -> Result<(), Difference> {
    let now = Setting {
        scenarios: ScenarioInfo::digests(&[ScenarioInfo::of(&bench.scenario)]),
        machine: Machine::with(bench.pinning.as_ref()),
        debug_build,
        place: Place {
            pinning: bench.pinning.clone(),
            network: bench.network,
        },
    };
    first(Setting::of(info).differences(&now))
}

/// Refuses to go on with rows that are not made from the same.
///
/// # Errors
///
/// With the first row that is not.
pub fn require_same_rows(info: &RunInfo, built: &[BuildResult]) -> Result<(), Difference> {
    let rows = built.iter().flat_map(|(framework, result)| {
        framework.variants.iter().map(move |variant| Row {
            key: RowKey::new(&framework.name, &variant.name),
            api: variant.api,
            sources_sha256: result.clone().ok(),
        })
    });
    let now: Vec<Row> = rows.collect();
    first(row_differences(&Row::measured(info), &now))
}

fn first(differences: Vec<Difference>) -> Result<(), Difference> {
    differences.into_iter().next().map_or(Ok(()), Err)
}
