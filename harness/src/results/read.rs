//! Reads a record line by line. A harness that is killed while writing leaves an incomplete last line, which is
//! ignored.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::check::{Checked, known_format, require_all, require_planned, require_searched};
use super::error::{incomplete, io};
use super::samples_csv::RunReader;
use super::{ResultsError, RunInfo, TrialLine, format1, line, packed};
use crate::capacity::Probe;
use crate::measurement::{RunRecord, TrialRecord};

/// Reads `run.json`.
///
/// # Errors
///
/// When it is missing or its content is invalid.
pub fn read_info(folder: &Path) -> Result<RunInfo, ResultsError> {
    let path = folder.join("run.json");
    info_from(&std::fs::read(&path).map_err(io(&path))?, &path)
}

/// Reads the bytes of a `run.json`, which errors call `path`.
///
/// # Errors
///
/// When their content is invalid.
pub fn info_from(bytes: &[u8], path: &Path) -> Result<RunInfo, ResultsError> {
    let parsed = known_format(bytes).and_then(|format| RunInfo::parse(bytes, format));
    parsed.map_err(|(line, message)| ResultsError::Content {
        path: path.to_owned(),
        line,
        message,
    })
}

/// The values of a file's lines.
pub(super) struct Lines<T> {
    /// The file, as errors name it.
    path: PathBuf,
    pub objects: Vec<T>,
    /// The length of the complete lines in bytes.
    pub end: u64,
    /// Whether the file ends with a complete line.
    is_whole: bool,
}

impl<T> Lines<T> {
    fn read(
        mut input: impl BufRead,
        path: &Path,
        mut take: impl FnMut(&[u8]) -> Result<T, String>,
    ) -> Result<Lines<T>, ResultsError> {
        let (mut objects, mut end, mut bytes) = (Vec::new(), 0, Vec::new());
        loop {
            bytes.clear();
            let read = input.read_until(b'\n', &mut bytes).map_err(io(path))?;
            // A line is whole when its end is there.
            let Some(line) = bytes.strip_suffix(b"\n") else {
                return Ok(Lines {
                    path: path.to_owned(),
                    objects,
                    end,
                    is_whole: bytes.is_empty(),
                });
            };
            let object = take(line).map_err(|message| ResultsError::Content {
                path: path.to_owned(),
                line: objects.len() + 1,
                message,
            })?;
            objects.push(object);
            end += read as u64;
        }
    }

    /// An incomplete last line is expected of an interrupted sweep and an error in a complete one.
    fn require_end(&self, info: &RunInfo) -> Result<(), ResultsError> {
        if info.complete && !self.is_whole {
            let what = "the end of this line";
            return Err(incomplete(&self.path, self.objects.len(), what));
        }
        Ok(())
    }
}

/// Reads the lines of a `trials.jsonl` of this format, which errors call `path`: the trials, and how many bytes their
/// lines take. Each measured run that stands there goes to `take`.
///
/// # Errors
///
/// When the content of a complete line is invalid.
pub fn trials_from(
    input: impl BufRead,
    path: &Path,
    format: u32,
    take: &mut dyn FnMut(RunRecord),
) -> Result<(Vec<TrialRecord>, u64), ResultsError> {
    trial_lines(input, path, format, take).map(|lines| (lines.objects, lines.end))
}

fn trial_lines(
    input: impl BufRead,
    path: &Path,
    format: u32,
    take: &mut dyn FnMut(RunRecord),
) -> Result<Lines<TrialRecord>, ResultsError> {
    Lines::read(input, path, |bytes| {
        let line = line::parse(bytes, format)?;
        line.each_run(take)?;
        Ok(line.trial)
    })
}

/// The lines of a record's trials, as they stand there.
///
/// # Errors
///
/// When `trials.jsonl` is missing, a line is invalid, or the trials are not those that were planned.
pub(super) fn each_line(folder: &Path, info: &RunInfo) -> Result<Vec<TrialLine>, ResultsError> {
    let (input, path) = required(&folder.join("trials.jsonl"))?;
    let lines = Lines::read(input, &path, |bytes| line::parse(bytes, info.format))?;
    let trials: Vec<TrialRecord> = lines
        .objects
        .iter()
        .map(|line| line.trial.clone())
        .collect();
    require_planned(&path, &trials, &info.plan)?;
    require_all(&path, &trials, info)?;
    Ok(lines.objects)
}

/// Reads the trials of `trials.jsonl`.
///
/// # Errors
///
/// When `run.json` or `trials.jsonl` is missing, or a line is invalid.
pub fn read_trials(folder: &Path) -> Result<Vec<TrialRecord>, ResultsError> {
    let format = read_info(folder)?.format;
    whole_trials(folder, format, &mut |_| ()).map(|lines| lines.objects)
}

/// A required file of a record.
fn required(path: &Path) -> Result<packed::Opened, ResultsError> {
    let missing = || io(path)(std::io::ErrorKind::NotFound.into());
    packed::open(path)?.ok_or_else(missing)
}

pub(super) fn whole_trials(
    folder: &Path,
    format: u32,
    take: &mut dyn FnMut(RunRecord),
) -> Result<Lines<TrialRecord>, ResultsError> {
    let (input, path) = required(&folder.join("trials.jsonl"))?;
    trial_lines(input, &path, format, take)
}

/// Reads the tried loads of `capacity.jsonl`; empty without a capacity search.
///
/// # Errors
///
/// When `run.json` is missing, or a line is invalid.
pub fn read_probes(folder: &Path) -> Result<Vec<Probe>, ResultsError> {
    whole_probes(folder, read_info(folder)?.format).map(|lines| lines.objects)
}

pub(super) fn whole_probes(folder: &Path, format: u32) -> Result<Lines<Probe>, ResultsError> {
    let path = folder.join("capacity.jsonl");
    let take = |bytes: &[u8]| Probe::parse(bytes, format).map_err(|(_, message)| message);
    match packed::open(&path)? {
        Some((input, path)) => Lines::read(input, &path, take),
        None => Lines::read(std::io::empty(), &path, take),
    }
}

/// The trials of a sweep that planned them. Each measured run goes to `take`, in the order of the trials.
///
/// # Errors
///
/// When a trial is recorded twice, differs from the plan or has another number of runs than it counts, or when a complete
/// sweep lacks one.
pub(super) fn planned_trials(
    folder: &Path,
    info: &RunInfo,
    take: &mut dyn FnMut(RunRecord),
) -> Result<Vec<TrialRecord>, ResultsError> {
    let lines = whole_trials(folder, info.format, take)?;
    require_planned(&lines.path, &lines.objects, &info.plan)?;
    require_all(&lines.path, &lines.objects, info)?;
    lines.require_end(info)?;
    if info.format == format1::FORMAT_1 {
        let (input, path) = required(&folder.join("samples.csv"))?;
        let mut reader = RunReader::new(input, &path, &lines.objects);
        for run in reader.by_ref() {
            take(run?);
        }
        reader.require_whole(&lines.objects, info.complete)?;
    }
    Ok(lines.objects)
}

/// The tried loads of a sweep.
///
/// # Errors
///
/// When one is recorded twice, or a complete sweep lacks one.
pub(super) fn searched_probes(folder: &Path, info: &RunInfo) -> Result<Vec<Probe>, ResultsError> {
    let lines = whole_probes(folder, info.format)?;
    require_searched(&lines.path, &lines.objects, info)?;
    lines.require_end(info)?;
    Ok(lines.objects)
}

/// Reads the measured runs of a sweep, in the order of its trials, each of which goes to `take`.
///
/// # Errors
///
/// When the record can't be read.
pub fn read_runs(folder: &Path, take: &mut dyn FnMut(RunRecord)) -> Result<(), ResultsError> {
    let info = read_info(folder)?;
    planned_trials(folder, &info, take).map(drop)
}
