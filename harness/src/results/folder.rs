//! Writes a results folder, trial by trial. A trial is on disk completely or not at all.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::io;
use super::read::{read_info, read_probes, whole_probes, whole_trials};
use super::{FORMAT, ResultsError, RunInfo, TrialLine, packed, replace};
use crate::capacity::Probe;
use crate::measurement::{RunRecord, Samples, TrialRecord};

/// The files that are appended to.
const FILES: [&str; 2] = ["trials.jsonl", "capacity.jsonl"];

/// A results folder that is being written.
#[derive(Debug)]
pub struct ResultsFolder {
    path: PathBuf,
    trials: File,
}

/// Checks that results can be written to `results`, without leaving a file there.
///
/// # Errors
///
/// When the folder cannot be created or written to.
pub fn require_writable(results: &Path) -> Result<(), ResultsError> {
    std::fs::create_dir_all(results).map_err(io(results))?;
    tempfile::tempfile_in(results)
        .map(drop)
        .map_err(io(results))
}

impl ResultsFolder {
    /// Creates the folder `<results>/<info.id>`. If it already exists, appends a number to `info.id`.
    ///
    /// # Errors
    ///
    /// When it cannot be created or written to.
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

    /// Opens the folder of an interrupted sweep to resume it. Cuts off an incomplete last line and keeps every byte
    /// before it.
    ///
    /// # Errors
    ///
    /// When the record cannot be read or has an older format, writing fails, or another harness is writing there.
    pub fn reopen(path: &Path) -> Result<ResultsFolder, ResultsError> {
        let format = read_info(path)?.format;
        if format != FORMAT {
            let path = path.to_owned();
            return Err(ResultsError::Older { path, format });
        }
        for name in FILES {
            packed::unpack(&path.join(name))?;
        }
        let folder = ResultsFolder::open(path.to_owned(), OpenOptions::new().append(true))?;
        let probes = path.join("capacity.jsonl");
        if probes.exists() {
            let end = whole_probes(path, format)?.end;
            cut(&append_to(&probes).map_err(io(&probes))?, end).map_err(io(&probes))?;
        }
        let end = whole_trials(path, format, &mut |_| ())?.end;
        cut(&folder.trials, end).map_err(io(&path.join("trials.jsonl")))?;
        Ok(folder)
    }

    fn open(path: PathBuf, options: &OpenOptions) -> Result<ResultsFolder, ResultsError> {
        let trials = path.join("trials.jsonl");
        let trials = options.open(&trials).map_err(io(&trials))?;
        // A file system without locks has none to respect.
        if let Err(TryLockError::WouldBlock) = trials.try_lock() {
            return Err(ResultsError::Busy { path });
        }
        Ok(ResultsFolder { path, trials })
    }

    /// Compresses the files that are complete.
    ///
    /// # Errors
    ///
    /// When writing fails; the record is complete even then.
    pub fn pack(&self) -> Result<(), ResultsError> {
        let mut files = FILES.iter();
        files.try_for_each(|name| packed::pack(&self.path.join(name)))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces `run.json` atomically.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn write_info(&self, info: &RunInfo) -> Result<(), ResultsError> {
        let path = self.path.join("run.json");
        let mut text = serde_json::to_string_pretty(info)
            .map_err(|error| io(&path)(std::io::Error::other(error)))?;
        text.push('\n');
        replace(&path, text.as_bytes())
    }

    /// The loads tried so far.
    ///
    /// # Errors
    ///
    /// When the record can't be read.
    pub fn probes(&self) -> Result<Vec<Probe>, ResultsError> {
        read_probes(&self.path)
    }

    /// Appends one tried load.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn append_probe(&self, probe: &Probe) -> Result<(), ResultsError> {
        let path = self.path.join("capacity.jsonl");
        let file = append_to(&path).map_err(io(&path))?;
        append_line(&file, probe).map_err(io(&path))
    }

    /// Appends one trial and its runs. If writing fails, the partial line is removed.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn append(&mut self, trial: &TrialRecord, runs: &[RunRecord]) -> Result<(), ResultsError> {
        let path = self.path.join("trials.jsonl");
        let samples = Samples::of(runs).map_err(std::io::Error::other);
        self.append_whole(&TrialLine {
            trial: trial.clone(),
            samples: samples.map_err(io(&path))?,
        })
    }

    /// Appends a line of another record.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub(super) fn append_whole(&self, line: &TrialLine) -> Result<(), ResultsError> {
        let path = self.path.join("trials.jsonl");
        append_line(&self.trials, line).map_err(io(&path))
    }
}

/// Appends a line completely or not at all.
fn append_line<T: Serialize>(file: &File, object: &T) -> std::io::Result<()> {
    let end = end_of(file)?;
    write_line(file, object).inspect_err(|_| {
        // A reader passes over half a line that can't be cut off.
        let _ = cut(file, end);
    })
}

fn append_to(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
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

/// Truncates a file to `end` bytes if it is longer.
fn cut(file: &File, end: u64) -> std::io::Result<()> {
    if end_of(file)? > end {
        file.set_len(end)?;
        file.sync_data()?;
    }
    Ok(())
}
