//! Reading a record, line by line. What was being written when a harness was ended is at the end of a file, and is passed
//! over: half a line, and samples of a trial that has no line.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::check::{
    Checked, Tally, content, incomplete, parse, require_all, require_format, require_planned,
    require_searched,
};
use super::{ResultsError, RunInfo, io};
use crate::capacity::Probe;
use crate::measurement::{RunRecord, TrialRecord};

/// Reads `run.json`.
///
/// # Errors
///
/// When it is missing or does not hold what it should.
pub fn read_info(folder: &Path) -> Result<RunInfo, ResultsError> {
    let path = folder.join("run.json");
    info_from(&std::fs::read(&path).map_err(io(&path))?, &path)
}

/// Reads the bytes of a `run.json`, which errors call `path`.
///
/// # Errors
///
/// When they do not hold what they should.
pub fn info_from(bytes: &[u8], path: &Path) -> Result<RunInfo, ResultsError> {
    let parsed = require_format(bytes).and_then(|()| parse(bytes));
    parsed.map_err(|(line, message)| ResultsError::Content {
        path: path.to_owned(),
        line,
        message,
    })
}

/// Reads `trials.jsonl`.
///
/// # Errors
///
/// When it is missing or a line does not hold what it should.
pub fn read_trials(folder: &Path) -> Result<Vec<TrialRecord>, ResultsError> {
    whole_trials(folder).map(|(trials, _)| trials)
}

/// The trials, and where the last whole line ends.
pub(super) fn whole_trials(folder: &Path) -> Result<(Vec<TrialRecord>, u64), ResultsError> {
    let path = folder.join("trials.jsonl");
    let file = File::open(&path).map_err(io(&path))?;
    lines_from(BufReader::new(file), &path)
}

/// Reads `capacity.jsonl`: the loads that were tried; none where no capacity was searched.
///
/// # Errors
///
/// When a line does not hold what it should.
pub fn read_probes(folder: &Path) -> Result<Vec<Probe>, ResultsError> {
    whole_probes(folder).map(|(probes, _)| probes)
}

/// The loads that were tried, and where the last whole line ends.
pub(super) fn whole_probes(folder: &Path) -> Result<(Vec<Probe>, u64), ResultsError> {
    let path = folder.join("capacity.jsonl");
    match File::open(&path) {
        Ok(file) => lines_from(BufReader::new(file), &path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((Vec::new(), 0)),
        Err(error) => Err(io(&path)(error)),
    }
}

/// The trials of a sweep that planned them.
///
/// # Errors
///
/// When one stands twice or is another than planned; of a complete sweep, when one is missing.
pub(super) fn planned_trials(
    folder: &Path,
    info: &RunInfo,
) -> Result<Vec<TrialRecord>, ResultsError> {
    let (trials, end) = whole_trials(folder)?;
    require_planned(folder, &trials, &info.plan)?;
    require_all(folder, &trials, info)?;
    require_end(&folder.join("trials.jsonl"), trials.len(), end, info)?;
    Ok(trials)
}

/// The loads that a sweep tried.
///
/// # Errors
///
/// When one stands twice; of a complete sweep, when one is missing.
pub(super) fn searched_probes(folder: &Path, info: &RunInfo) -> Result<Vec<Probe>, ResultsError> {
    let (probes, end) = whole_probes(folder)?;
    require_searched(folder, &probes, info)?;
    require_end(&folder.join("capacity.jsonl"), probes.len(), end, info)?;
    Ok(probes)
}

/// Half a line at the end is what an ended harness leaves, not a complete sweep.
fn require_end(path: &Path, lines: usize, end: u64, info: &RunInfo) -> Result<(), ResultsError> {
    let length = std::fs::metadata(path).map_or(end, |metadata| metadata.len());
    if info.complete && length > end {
        return Err(incomplete(path, lines, "the end of this line"));
    }
    Ok(())
}

/// Reads one JSON object a line, which errors call `path`: the objects, and how many bytes their lines take.
///
/// # Errors
///
/// When a whole line does not hold what it should.
pub fn lines_from<T: Checked>(
    mut input: impl BufRead,
    path: &Path,
) -> Result<(Vec<T>, u64), ResultsError> {
    let (mut objects, mut end, mut bytes) = (Vec::new(), 0, Vec::new());
    loop {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes).map_err(io(path))?;
        // A line is whole when its end is there.
        let Some(line) = bytes.strip_suffix(b"\n") else {
            return Ok((objects, end));
        };
        let object = parse(line).map_err(|(_, message)| ResultsError::Content {
            path: path.to_owned(),
            line: objects.len() + 1,
            message,
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
pub fn read_runs(folder: &Path, trials: &[TrialRecord]) -> Result<RunReader<File>, ResultsError> {
    let path = folder.join("samples.csv");
    let file = File::open(&path).map_err(io(&path))?;
    Ok(RunReader::new(file, &path, trials))
}

/// Where the last run of those `trials` ends in `samples.csv`; 0 if there is none.
pub(super) fn whole_runs(folder: &Path, trials: &[TrialRecord]) -> Result<u64, ResultsError> {
    let mut runs = read_runs(folder, trials)?;
    let mut end = 0;
    while let Some(run) = runs.next() {
        run?;
        end = runs.position();
    }
    runs.require_whole(trials, false)?;
    Ok(end)
}

/// The runs of a `samples.csv`, one after another: a sweep of millions is not held in memory.
pub struct RunReader<R> {
    lines: csv::DeserializeRecordsIntoIter<R, RunRecord>,
    path: PathBuf,
    trials: BTreeSet<u32>,
    tally: Tally,
    passed_over: Option<u64>,
}

impl<R: Read> RunReader<R> {
    /// Reads `input`, which errors call `path`: the runs of those `trials`.
    pub fn new(input: R, path: &Path, trials: &[TrialRecord]) -> RunReader<R> {
        RunReader {
            lines: csv::Reader::from_reader(input).into_deserialize(),
            path: path.to_owned(),
            trials: trials.iter().map(|trial| trial.planned.trial).collect(),
            tally: Tally::default(),
            passed_over: None,
        }
    }

    /// Once every run was read: what the lines of `trials` count must have been there; of a complete sweep, nothing else.
    pub(super) fn require_whole(
        &self,
        trials: &[TrialRecord],
        is_complete: bool,
    ) -> Result<(), ResultsError> {
        if let Some(line) = self.passed_over.filter(|_| is_complete) {
            let fault =
                "run.json calls the sweep complete, and this is a run of no trial, or half of one";
            return Err(content(&self.path, line as usize, fault));
        }
        let end = self.lines.reader().position().line() as usize;
        match self.tally.fault(trials) {
            Some(fault) => Err(content(&self.path, end.saturating_sub(1), &fault)),
            None => Ok(()),
        }
    }

    /// How many bytes have been read: where the last run ended.
    fn position(&self) -> u64 {
        self.lines.reader().position().byte()
    }
}

impl<R: Read> Iterator for RunReader<R> {
    type Item = Result<RunRecord, ResultsError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.reader().position().line();
            match self.lines.next()? {
                Ok(run) if self.trials.contains(&run.trial) => {
                    let taken = self.tally.take(&run).map(|()| run);
                    let wrong = |fault: String| content(&self.path, line as usize, &fault);
                    return Some(taken.map_err(wrong));
                }
                // Of a trial without its line: the harness was ended between the two.
                Ok(_) => self.passed_over = Some(line),
                Err(error) if error.is_io_error() => {
                    return Some(Err(io(&self.path)(error.into())));
                }
                Err(error) => {
                    // A line that was being written then is the last one.
                    if self.lines.next().is_none() {
                        self.passed_over = Some(line);
                        return None;
                    }
                    return Some(Err(content(&self.path, line as usize, &error.to_string())));
                }
            }
        }
    }
}
