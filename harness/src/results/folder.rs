//! Writing a results folder, trial by trial: a trial is on disk as a whole, or it is as if it had never been.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::read::{read_probes, whole_probes, whole_runs, whole_trials};
use serde::Serialize;

use super::{ResultsError, RunInfo, io, replace};
use crate::capacity::Probe;
use crate::measurement::{RunRecord, TrialRecord};

/// A results folder that is being written.
#[derive(Debug)]
pub struct ResultsFolder {
    path: PathBuf,
    trials: File,
    samples: File,
}

/// Makes sure that results can be written to `results`, and leaves nothing there.
///
/// # Errors
///
/// When the folder can't be made or written to.
pub fn require_writable(results: &Path) -> Result<(), ResultsError> {
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
    pub fn create(results: &Path, info: &mut RunInfo) -> Result<ResultsFolder, ResultsError> {
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
        let folder = ResultsFolder::open(path, OpenOptions::new().append(true).create_new(true))?;
        folder.write_info(info)?;
        Ok(folder)
    }

    /// Opens the folder of a sweep that was ended, to go on with it. What was being written at its end, half a line or
    /// the samples of a trial that has no line, is cut off; every byte before it stays.
    ///
    /// # Errors
    ///
    /// When the record can't be read, the disk refuses, or another harness writes there.
    pub fn reopen(path: &Path) -> Result<ResultsFolder, ResultsError> {
        let folder = ResultsFolder::open(path.to_owned(), OpenOptions::new().append(true))?;
        let probes = path.join("capacity.jsonl");
        if probes.exists() {
            let (_, end) = whole_probes(path)?;
            cut(&append_to(&probes).map_err(io(&probes))?, end).map_err(io(&probes))?;
        }
        let (trials, end) = whole_trials(path)?;
        cut(&folder.trials, end).map_err(io(&path.join("trials.jsonl")))?;
        let end = whole_runs(path, &trials)?;
        cut(&folder.samples, end).map_err(io(&path.join("samples.csv")))?;
        Ok(folder)
    }

    fn open(path: PathBuf, options: &OpenOptions) -> Result<ResultsFolder, ResultsError> {
        let open = |name: &str| {
            let path = path.join(name);
            options.open(&path).map_err(io(&path))
        };
        let (trials, samples) = (open("trials.jsonl")?, open("samples.csv")?);
        // A file system without locks has none to respect.
        if let Err(TryLockError::WouldBlock) = trials.try_lock() {
            return Err(ResultsError::Busy { path });
        }
        Ok(ResultsFolder {
            path,
            trials,
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
    pub fn write_info(&self, info: &RunInfo) -> Result<(), ResultsError> {
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
    pub fn probes(&self) -> Result<Vec<Probe>, ResultsError> {
        read_probes(&self.path)
    }

    /// Puts one tried load on disk.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn append_probe(&self, probe: &Probe) -> Result<(), ResultsError> {
        let path = self.path.join("capacity.jsonl");
        let file = append_to(&path).map_err(io(&path))?;
        let end = end_of(&file).map_err(io(&path))?;
        write_line(&file, probe).map_err(|error| {
            take_back(&file, end);
            io(&path)(error)
        })
    }

    /// Puts one trial on disk, its runs first: a line in `trials.jsonl` means that the trial is whole. Where the disk
    /// refuses, what was written of the trial is taken back.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn append(&mut self, trial: &TrialRecord, runs: &[RunRecord]) -> Result<(), ResultsError> {
        let samples_path = self.path.join("samples.csv");
        let trials_path = self.path.join("trials.jsonl");
        let samples_end = end_of(&self.samples).map_err(io(&samples_path))?;
        if let Err(error) = write_runs(&self.samples, runs, samples_end == 0) {
            take_back(&self.samples, samples_end);
            return Err(io(&samples_path)(error));
        }
        let trials_end = end_of(&self.trials).map_err(io(&trials_path))?;
        if let Err(error) = write_line(&self.trials, trial) {
            take_back(&self.trials, trials_end);
            take_back(&self.samples, samples_end);
            return Err(io(&trials_path)(error));
        }
        Ok(())
    }
}

fn write_runs(file: &File, runs: &[RunRecord], with_header: bool) -> std::io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(with_header)
        .from_writer(file);
    for run in runs {
        writer.serialize(run).map_err(std::io::Error::other)?;
    }
    writer.flush()?;
    file.sync_data()
}

fn append_to(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Cuts off what the disk took of something before it refused. A reader passes over what can't be cut off.
fn take_back(file: &File, end: u64) {
    let _ = cut(file, end);
}

fn write_line<T: Serialize>(mut file: &File, object: &T) -> std::io::Result<()> {
    let mut line = serde_json::to_string(object)?;
    line.push('\n');
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

fn end_of(file: &File) -> std::io::Result<u64> {
    Ok(file.metadata()?.len())
}

/// Cuts a file off at `end`, if it is longer.
fn cut(file: &File, end: u64) -> std::io::Result<()> {
    if end_of(file)? > end {
        file.set_len(end)?;
        file.sync_data()?;
    }
    Ok(())
}
