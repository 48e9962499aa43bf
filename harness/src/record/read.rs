//! Reading a record, line by line. What was being written when a harness was ended is at the end of a file, and is passed
//! over: half a line, and samples of a trial that has no line.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::{RecordError, RunInfo, io};
use crate::capacity::Probe;
use crate::measurement::{RunRecord, TrialRecord};

/// Reads `run.json`.
///
/// # Errors
///
/// When it is missing or does not hold what it should.
pub fn read_info(folder: &Path) -> Result<RunInfo, RecordError> {
    let path = folder.join("run.json");
    info_from(&std::fs::read(&path).map_err(io(&path))?, &path)
}

/// Reads the bytes of a `run.json`, which errors call `path`.
///
/// # Errors
///
/// When they do not hold what they should.
pub fn info_from(bytes: &[u8], path: &Path) -> Result<RunInfo, RecordError> {
    serde_json::from_slice(bytes).map_err(|error| RecordError::Content {
        path: path.to_owned(),
        line: error.line(),
        message: error.to_string(),
    })
}

/// Reads `trials.jsonl`.
///
/// # Errors
///
/// When it is missing or a line does not hold what it should.
pub fn read_trials(folder: &Path) -> Result<Vec<TrialRecord>, RecordError> {
    whole_trials(folder).map(|(trials, _)| trials)
}

/// The trials, and where the last whole line ends.
pub(super) fn whole_trials(folder: &Path) -> Result<(Vec<TrialRecord>, u64), RecordError> {
    let path = folder.join("trials.jsonl");
    let file = File::open(&path).map_err(io(&path))?;
    lines_from(BufReader::new(file), &path)
}

/// Reads `capacity.jsonl`: the loads that were tried; none where no capacity was searched.
///
/// # Errors
///
/// When a line does not hold what it should.
pub fn read_probes(folder: &Path) -> Result<Vec<Probe>, RecordError> {
    whole_probes(folder).map(|(probes, _)| probes)
}

/// The loads that were tried, and where the last whole line ends.
pub(super) fn whole_probes(folder: &Path) -> Result<(Vec<Probe>, u64), RecordError> {
    let path = folder.join("capacity.jsonl");
    match File::open(&path) {
        Ok(file) => lines_from(BufReader::new(file), &path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((Vec::new(), 0)),
        Err(error) => Err(io(&path)(error)),
    }
}

/// Reads one JSON object a line, which errors call `path`: the objects, and how many bytes their lines take.
///
/// # Errors
///
/// When a whole line does not hold what it should.
pub fn lines_from<T: DeserializeOwned>(
    mut input: impl BufRead,
    path: &Path,
) -> Result<(Vec<T>, u64), RecordError> {
    let (mut objects, mut end, mut bytes) = (Vec::new(), 0, Vec::new());
    loop {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes).map_err(io(path))?;
        // A line is whole when its end is there.
        let Some(line) = bytes.strip_suffix(b"\n") else {
            return Ok((objects, end));
        };
        let object = serde_json::from_slice(line).map_err(|error| RecordError::Content {
            path: path.to_owned(),
            line: objects.len() + 1,
            message: error.to_string(),
        })?;
        objects.push(object);
        end += read as u64;
    }
}

/// Reads `samples.csv`: the runs of those `trials`, in the file's order.
///
/// # Errors
///
/// When it can't be opened.
pub fn read_runs(folder: &Path, trials: &[TrialRecord]) -> Result<RunReader<File>, RecordError> {
    let path = folder.join("samples.csv");
    let file = File::open(&path).map_err(io(&path))?;
    Ok(RunReader::new(file, &path, trials))
}

/// Where the last run of those `trials` ends in `samples.csv`; 0 if there is none.
pub(super) fn whole_runs(folder: &Path, trials: &[TrialRecord]) -> Result<u64, RecordError> {
    let mut runs = read_runs(folder, trials)?;
    let mut end = 0;
    while let Some(run) = runs.next() {
        run?;
        end = runs.position();
    }
    Ok(end)
}

/// The runs of a `samples.csv`, one after another: a sweep of millions is not held in memory.
pub struct RunReader<R> {
    lines: csv::DeserializeRecordsIntoIter<R, RunRecord>,
    path: PathBuf,
    trials: BTreeSet<u32>,
}

impl<R: Read> RunReader<R> {
    /// Reads `input`, which errors call `path`: the runs of those `trials`.
    pub fn new(input: R, path: &Path, trials: &[TrialRecord]) -> RunReader<R> {
        RunReader {
            lines: csv::Reader::from_reader(input).into_deserialize(),
            path: path.to_owned(),
            trials: trials.iter().map(|trial| trial.planned.trial).collect(),
        }
    }

    /// How many bytes have been read: where the last run ended.
    fn position(&self) -> u64 {
        self.lines.reader().position().byte()
    }
}

impl<R: Read> Iterator for RunReader<R> {
    type Item = Result<RunRecord, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.reader().position().line();
            match self.lines.next()? {
                Ok(run) if self.trials.contains(&run.trial) => return Some(Ok(run)),
                // Of a trial without its line: the harness was ended between the two.
                Ok(_) => {}
                Err(error) if error.is_io_error() => {
                    return Some(Err(io(&self.path)(error.into())));
                }
                Err(error) => {
                    // A line that was being written then is the last one.
                    let _another = self.lines.next()?;
                    return Some(Err(RecordError::Content {
                        path: self.path.clone(),
                        line: line as usize,
                        message: error.to_string(),
                    }));
                }
            }
        }
    }
}
