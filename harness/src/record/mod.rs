//! A recorded sweep on disk: `results/<id>/`, written trial by trial, so that what was measured survives any end.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use loopmark_protocol::{Api, Ready};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::capacity::{Capacity, CapacityPlan, Probe, capacities};
use crate::framework::{Kind, Language};
use crate::measurement::{RunRecord, TrialRecord};
use crate::mock::MockCheck;
use crate::plan::Plan;
use crate::probe::Machine;
use crate::summary::{CellSummary, summarize};

/// The format of the files, in `run.json`.
pub const FORMAT: u32 = 1;

/// A results folder can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
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
    /// The machine.
    pub machine: Machine,
    /// The scenario.
    pub scenario: ScenarioInfo,
    /// The rows, in the table's order.
    pub rows: Vec<RowInfo>,
    /// How the mock did before the sweep; `None` where the check was left out.
    pub mock: Option<MockCheck>,
    /// The trials, in their order.
    pub plan: Plan,
    /// What is searched after the trials; `None` where no capacity is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityPlan>,
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
    pub framework: String,
    /// As the table prints it.
    pub label: String,
    /// The language.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
    /// The variant.
    pub variant: String,
    /// The API that it speaks.
    pub api: Api,
    /// SHA-256 of manifest, sources, lock file and toolchain versions.
    pub sources_sha256: Option<String>,
    /// What the runner said of itself; `None` before its first trial.
    pub ready: Option<Ready>,
    /// Why it was not measured.
    pub skipped: Option<String>,
}

/// A results folder that is being written.
#[derive(Debug)]
pub struct ResultsFolder {
    path: PathBuf,
    trials: File,
    samples: csv::Writer<File>,
}

/// All that a results folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// `run.json`
    pub info: RunInfo,
    /// `trials.jsonl`
    pub trials: Vec<TrialRecord>,
    /// `samples.csv`
    pub runs: Vec<RunRecord>,
    /// `capacity.jsonl`; empty where no capacity was searched.
    pub probes: Vec<Probe>,
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::Io { path, source }
}

/// Makes sure that results can be written to `results`, and leaves nothing there.
///
/// # Errors
///
/// When the folder can't be made or written to.
pub fn require_writable(results: &Path) -> Result<(), RecordError> {
    std::fs::create_dir_all(results).map_err(io(results))?;
    tempfile::tempfile_in(results)
        .map(drop)
        .map_err(io(results))
}

impl ResultsFolder {
    /// Makes the folder `<results>/<info.id>`; where that exists already, `info.id` gets a number.
    ///
    /// # Errors
    ///
    /// When it can't be made or written to.
    pub fn create(results: &Path, info: &mut RunInfo) -> Result<ResultsFolder, RecordError> {
        require_writable(results)?;
        let id = info.id.clone();
        let mut path = results.join(&id);
        let mut number = 1;
        while let Err(error) = std::fs::create_dir(&path) {
            if error.kind() != std::io::ErrorKind::AlreadyExists {
                return Err(io(&path)(error));
            }
            number += 1;
            info.id = format!("{id}-{number}");
            path = results.join(&info.id);
        }
        let new = |name: &str| {
            let path = path.join(name);
            OpenOptions::new()
                .append(true)
                .create_new(true)
                .open(&path)
                .map_err(io(&path))
        };
        let trials = new("trials.jsonl")?;
        let samples = csv::Writer::from_writer(new("samples.csv")?);
        let folder = ResultsFolder {
            path,
            trials,
            samples,
        };
        folder.write_info(info)?;
        Ok(folder)
    }

    /// Opens the folder of a sweep that was ended, to go on with it. What was being written at its end, the samples of
    /// a trial that has no line or half a line, is cut off first.
    ///
    /// # Errors
    ///
    /// When the record can't be read or the disk refuses.
    pub fn reopen(path: &Path) -> Result<ResultsFolder, RecordError> {
        let recorded = Recorded::load(path)?;
        let trials_path = path.join("trials.jsonl");
        let mut lines = String::new();
        for trial in &recorded.trials {
            let line = serde_json::to_string(trial)
                .map_err(|error| io(&trials_path)(std::io::Error::other(error)))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        replace(&trials_path, lines.as_bytes())?;
        if path.join("capacity.jsonl").exists() {
            cut_off_half_a_line(&path.join("capacity.jsonl"))?;
        }
        write_csv(&path.join("samples.csv"), &recorded.runs)?;
        let append = |name: &str| {
            let path = path.join(name);
            OpenOptions::new()
                .append(true)
                .open(&path)
                .map_err(io(&path))
        };
        let samples = csv::WriterBuilder::new()
            .has_headers(recorded.runs.is_empty())
            .from_writer(append("samples.csv")?);
        Ok(ResultsFolder {
            path: path.to_owned(),
            trials: append("trials.jsonl")?,
            samples,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `run.json`, whole or not at all.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn write_info(&self, info: &RunInfo) -> Result<(), RecordError> {
        let path = self.path.join("run.json");
        let mut text = serde_json::to_string_pretty(info)
            .map_err(|error| io(&path)(std::io::Error::other(error)))?;
        text.push('\n');
        replace(&path, text.as_bytes())
    }

    /// The loads that were tried so far.
    ///
    /// # Errors
    ///
    /// When the record can't be read.
    pub fn probes(&self) -> Result<Vec<Probe>, RecordError> {
        read_probes(&self.path)
    }

    /// Puts one tried load on disk.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn append_probe(&self, probe: &Probe) -> Result<(), RecordError> {
        let path = self.path.join("capacity.jsonl");
        let file = OpenOptions::new().append(true).create(true).open(&path);
        append_line(&mut file.map_err(io(&path))?, probe, &path)
    }

    /// Puts one trial on disk, its runs first: a line in `trials.jsonl` means that the trial is whole.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn append(&mut self, trial: &TrialRecord, runs: &[RunRecord]) -> Result<(), RecordError> {
        let samples_path = self.path.join("samples.csv");
        let samples_io = |error: csv::Error| io(&samples_path)(std::io::Error::other(error));
        for run in runs {
            self.samples.serialize(run).map_err(samples_io)?;
        }
        self.samples.flush().map_err(io(&samples_path))?;
        self.samples
            .get_ref()
            .sync_data()
            .map_err(io(&samples_path))?;
        let trials_path = self.path.join("trials.jsonl");
        append_line(&mut self.trials, trial, &trials_path)
    }
}

impl Recorded {
    /// Reads a results folder.
    ///
    /// # Errors
    ///
    /// A file that is missing or does not hold what it should, with its line.
    pub fn load(folder: &Path) -> Result<Recorded, RecordError> {
        let path = folder.join("run.json");
        let text = std::fs::read_to_string(&path).map_err(io(&path))?;
        let info: RunInfo = serde_json::from_str(&text).map_err(|error| RecordError::Content {
            path,
            line: error.line(),
            message: error.to_string(),
        })?;
        let trials: Vec<TrialRecord> = read_lines(&folder.join("trials.jsonl"))?;
        let probes = read_probes(folder)?;
        let path = folder.join("samples.csv");
        let known: std::collections::BTreeSet<u32> =
            trials.iter().map(|trial| trial.planned.trial).collect();
        let mut reader = csv::Reader::from_reader(File::open(&path).map_err(io(&path))?);
        let mut runs = Vec::new();
        let mut lines = reader.deserialize::<RunRecord>().enumerate().peekable();
        while let Some((index, run)) = lines.next() {
            match run {
                // Samples of a trial without its line: the sweep was ended between the two.
                Ok(run) if known.contains(&run.trial) => runs.push(run),
                Ok(_) => {}
                // A line that was being written then.
                Err(_) if lines.peek().is_none() => {}
                Err(error) => {
                    let message = error.to_string();
                    return Err(RecordError::Content {
                        path,
                        line: index + 2,
                        message,
                    });
                }
            }
        }
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
        plan.map(|plan| capacities(plan, &self.probes, self.info.machine.cpus as u32))
            .unwrap_or_default()
    }

    /// The sweep's figures per cell, in the table's order: rows, then burst before closed, then levels.
    pub fn summary(&self) -> Vec<CellSummary> {
        let ceiling = self
            .info
            .mock
            .as_ref()
            .map(|mock| mock.ceiling.requests_per_s);
        let mut cells = summarize(&self.trials, &self.runs, self.info.plan.seed, ceiling);
        let place = |cell: &CellSummary| {
            let is_row =
                |row: &RowInfo| row.framework == cell.framework && row.variant == cell.variant;
            self.info.rows.iter().position(is_row)
        };
        let kind = |cell: &CellSummary| cell.arrival.split('-').next().map(str::to_owned);
        cells.sort_by_key(|cell| (place(cell), kind(cell), cell.level, cell.arrival.clone()));
        cells
    }
}

/// Cuts off what was being written when the harness was ended.
fn cut_off_half_a_line(path: &Path) -> Result<(), RecordError> {
    let content = std::fs::read(path).map_err(io(path))?;
    let whole = memchr::memrchr(b'\n', &content).map_or(0, |end| end + 1);
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(io(path))?;
    file.set_len(whole as u64).map_err(io(path))
}

/// Writes one JSON object and its line's end, and waits until the disk has them.
fn append_line<T: Serialize>(file: &mut File, object: &T, path: &Path) -> Result<(), RecordError> {
    let mut line =
        serde_json::to_string(object).map_err(|error| io(path)(std::io::Error::other(error)))?;
    line.push('\n');
    file.write_all(line.as_bytes()).map_err(io(path))?;
    file.sync_data().map_err(io(path))
}

/// Writes `summary.csv`.
///
/// # Errors
///
/// When the disk refuses.
pub fn write_summary(folder: &Path, cells: &[CellSummary]) -> Result<(), RecordError> {
    write_csv(&folder.join("summary.csv"), cells)
}

/// Writes `capacity.csv`.
///
/// # Errors
///
/// When the disk refuses.
pub fn write_capacities(folder: &Path, capacities: &[Capacity]) -> Result<(), RecordError> {
    write_csv(&folder.join("capacity.csv"), capacities)
}

fn write_csv<T: Serialize>(path: &Path, lines: &[T]) -> Result<(), RecordError> {
    let csv_io = |error: csv::Error| io(path)(std::io::Error::other(error));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.serialize(line).map_err(csv_io)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| io(path)(error.into_error()))?;
    replace(path, &bytes)
}

/// Writes a file under another name first, so that a reader never sees a half of it.
///
/// # Errors
///
/// When the disk refuses.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), RecordError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    std::fs::write(&partial, content).map_err(io(&partial))?;
    std::fs::rename(&partial, path).map_err(io(path))
}

fn read_probes(folder: &Path) -> Result<Vec<Probe>, RecordError> {
    let path = folder.join("capacity.jsonl");
    if path.exists() {
        read_lines(&path)
    } else {
        Ok(Vec::new())
    }
}

/// A file with one JSON object a line, of which the last may be cut off.
fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, RecordError> {
    let reader = BufReader::new(File::open(path).map_err(io(path))?);
    let lines: Vec<String> = reader.lines().collect::<Result<_, _>>().map_err(io(path))?;
    let last = lines.len().saturating_sub(1);
    let mut objects = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match serde_json::from_str(line) {
            Ok(object) => objects.push(object),
            // The end of a line that was being written when the harness was ended.
            Err(error) if index == last && error.is_eof() => {}
            Err(error) => {
                let message = error.to_string();
                return Err(RecordError::Content {
                    path: path.to_owned(),
                    line: index + 1,
                    message,
                });
            }
        }
    }
    Ok(objects)
}
