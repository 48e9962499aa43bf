//! A whole record in memory.

use std::path::Path;

use super::read::read_info;
use super::{ResultsError, RunInfo, read};
use crate::capacity::{Capacity, Probe, capacities};
use crate::measurement::{Runs, TrialRecord};

/// All that a results folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// `run.json`
    pub info: RunInfo,
    /// `trials.jsonl`
    pub trials: Vec<TrialRecord>,
    /// What the verified runs gave.
    pub runs: Runs,
    /// `capacity.jsonl`; empty where no capacity was searched.
    pub probes: Vec<Probe>,
}

impl Recorded {
    /// Reads a results folder.
    ///
    /// # Errors
    ///
    /// A file that is missing or does not hold what it should, with its line.
    pub fn load(folder: &Path) -> Result<Recorded, ResultsError> {
        let info = read_info(folder)?;
        let mut runs = Runs::default();
        let trials = read::planned_trials(folder, &info, &mut |run| runs.push(&run))?;
        let probes = read::searched_probes(folder, &info)?;
        Ok(Recorded {
            info,
            trials,
            runs,
            probes,
        })
    }

    /// What each row carries, if that was searched.
    pub fn capacities(&self) -> Vec<Capacity> {
        let plan = self.info.capacity.as_ref();
        plan.map(|plan| capacities(plan, &self.probes, self.info.runner_cpu_count() as u32))
            .unwrap_or_default()
    }
}
