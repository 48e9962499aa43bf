//! A recorded sweep on disk: `results/<id>/`, written trial by trial, so that what was measured survives any end.

mod check;
mod folder;
mod mock;
mod read;

use std::io::Write;
use std::path::{Path, PathBuf};

use loopmark_protocol::{Api, Ready};
use serde::{Deserialize, Serialize};

pub use mock::{MockInfo, write_mock_info};

use crate::calibration::Calibration;
use crate::capacity::{Capacity, CapacityPlan, Probe, capacities};
use crate::cpus::Pinning;
use crate::framework::{Colour, DEFAULT_VARIANT, Kind, Language};
use crate::measurement::{Network, Runs, TrialRecord};
use crate::mock::MockCheck;
use crate::plan::{Plan, RowKey};
use crate::probe::Machine;

pub use check::{Checked, require_planned};
pub use folder::{ResultsFolder, require_writable};
pub use read::{RunReader, info_from, lines_from, read_info, read_probes, read_runs, read_trials};

/// The format of the files, in `run.json`.
pub const FORMAT: u32 = 1;

/// A results folder can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// A file or folder can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}:{line}: {message}", path = path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Two harnesses must not write to one folder.
    #[error("{path}: another loopmark is writing there; wait for its end", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
}

/// `run.json`: what was measured, where, and with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// [`FORMAT`].
    pub format: u32,
    /// The folder's name.
    pub id: String,
    /// The version of Loopmark.
    pub loopmark: String,
    /// The revision of the checkout, with `-dirty` where files were changed; `None` outside git.
    pub git_revision: Option<String>,
    /// The command that made it.
    pub command: Vec<String>,
    /// UTC, RFC 3339.
    pub started_at: String,
    /// UTC, RFC 3339; `None` while it lasts, and where it was ended.
    pub finished_at: Option<String>,
    /// Whether every planned trial was executed.
    pub complete: bool,
    /// Whether a debug build of the harness measured it, which bends figures.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub debug_build: bool,
    /// The machine.
    pub machine: Machine,
    /// Who ran on which of its processors; `None` where all had all.
    #[serde(default)]
    pub pinning: Option<Pinning>,
    /// Network access that runners had; `None` in records from before it was kept.
    #[serde(default)]
    pub network: Option<Network>,
    /// The scenario.
    pub scenario: ScenarioInfo,
    /// The rows, in the table's order.
    pub rows: Vec<RowInfo>,
    /// How the mock did before the sweep; `None` where the check was left out.
    pub mock: Option<MockCheck>,
    /// How far off the harness was before the sweep; `None` where it was left out or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The trials, in their order.
    pub plan: Plan,
    /// What is searched after the trials; `None` where no capacity is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityPlan>,
}

impl RunInfo {
    /// How many processors a runner had.
    pub fn runner_cpu_count(&self) -> usize {
        let pinned = self.pinning.as_ref();
        pinned.map_or(self.machine.cpus, |pinning| pinning.runner_cpus.count())
    }
}

/// The scenario of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioInfo {
    /// Its name.
    pub name: String,
    /// The model's own time in one run.
    pub model_time_ms: f64,
    /// LLM calls a run.
    pub llm_calls: u32,
    /// Tool calls a run.
    pub tool_calls: u32,
    /// SHA-256 of the scenario's file and its data files.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A row of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowInfo {
    /// The row.
    #[serde(flatten)]
    pub key: RowKey,
    /// As the table prints it.
    pub label: String,
    /// The language.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
    /// Its colour in charts, where its manifest asked for one; also `None` in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// The API that it speaks.
    pub api: Api,
    /// SHA-256 of manifest, sources, lock file and toolchain versions.
    pub sources_sha256: Option<String>,
    /// What is installed for it, without the language's runtime; `None` in records from before it was kept.
    #[serde(default)]
    pub install_bytes: Option<u64>,
    /// What the runner said of itself; `None` before its first trial.
    pub ready: Option<Ready>,
    /// Why it was not measured.
    pub skipped: Option<String>,
}

impl RowInfo {
    /// As tables and charts name it: by its label, and by its variant if that is not the default.
    pub fn name(&self) -> String {
        match self.key.variant.as_str() {
            DEFAULT_VARIANT => self.label.clone(),
            variant => format!("{}, {variant}", self.label),
        }
    }
}

/// All that a results folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// `run.json`
    pub info: RunInfo,
    /// `trials.jsonl`
    pub trials: Vec<TrialRecord>,
    /// `samples.csv`: what the verified runs gave.
    pub runs: Runs,
    /// `capacity.jsonl`; empty where no capacity was searched.
    pub probes: Vec<Probe>,
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ResultsError {
    let path = path.to_owned();
    move |source| ResultsError::Io { path, source }
}

impl Recorded {
    /// Reads a results folder.
    ///
    /// # Errors
    ///
    /// A file that is missing or does not hold what it should, with its line.
    pub fn load(folder: &Path) -> Result<Recorded, ResultsError> {
        let info = read_info(folder)?;
        let trials = read::planned_trials(folder, &info)?;
        let probes = read::searched_probes(folder, &info)?;
        let mut runs = Runs::default();
        let mut reader = read_runs(folder, &trials)?;
        for run in reader.by_ref() {
            runs.push(&run?);
        }
        reader.require_whole(&trials, info.complete)?;
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

/// Writes a file under another name first, so that a reader never sees a half of it.
///
/// # Errors
///
/// When the disk refuses.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), ResultsError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = write_whole(&partial, content)
        .map_err(io(&partial))
        .and_then(|()| std::fs::rename(&partial, path).map_err(io(path)));
    if written.is_err() {
        // A full disk gets its room back; that it can't be had is in the error already.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// Writes a new file, and waits until the disk has it.
fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(content)?;
    file.sync_data()
}
