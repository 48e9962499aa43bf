//! A whole record in memory.

use std::path::Path;

use super::read::read_info;
use super::{ResultsError, RunInfo, read};
use crate::capacity::{Capacity, Probe, capacities};
use crate::measurement::{Runs, TrialRecord};

/// The content of a results folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// `run.json`
    pub info: RunInfo,
    /// `trials.jsonl`
    pub trials: Vec<TrialRecord>,
    /// The verified runs.
    pub runs: Runs,
    /// `capacity.jsonl`; empty without a capacity search.
    pub probes: Vec<Probe>,
}

impl Recorded {
    /// Reads a results folder.
    ///
    /// # Errors
    ///
    /// When a file is missing or invalid; the error names the line.
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

    /// The capacity of each row; empty without a capacity search.
    pub fn capacities(&self) -> Vec<Capacity> {
        let plan = self.info.capacity.as_ref();
        plan.map(|plan| capacities(plan, &self.probes, self.info.runner_cpu_count() as u32))
            .unwrap_or_default()
    }
}
