//! `samples.csv` of format 1: one measured run per line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::ResultsError;
use super::error::{content, io};
use crate::measurement::{Outcome, RunRecord, TrialRecord};

/// The rounding error allowed between a run's overhead and its latency minus hold, in ms.
const ROUNDING_MS: f64 = 0.01;

/// Iterates over the runs of a `samples.csv`, since millions of them may not fit in memory.
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

    /// Checks, after the last run, that every trial had the runs it counts and that a complete sweep had no others.
    pub(super) fn require_whole(
        &self,
        trials: &[TrialRecord],
        is_complete: bool,
    ) -> Result<(), ResultsError> {
        if let Some(line) = self.passed_over.filter(|_| is_complete) {
            let fault = "run.json says that the sweep is complete, but this line is incomplete or belongs to no trial";
            return Err(content(&self.path, line as usize, fault));
        }
        let end = self.lines.reader().position().line() as usize;
        match self.tally.fault(trials) {
            Some(fault) => Err(content(&self.path, end.saturating_sub(1), &fault)),
            None => Ok(()),
        }
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

/// The runs of each trial that were read so far.
#[derive(Debug, Default)]
struct Tally(BTreeMap<u32, Seen>);

#[derive(Debug, Default)]
struct Seen {
    runs: u32,
    verified: u32,
    last: Option<u64>,
}

impl Tally {
    /// Counts a run, which must be plausible and follow its trial's previous run.
    ///
    /// # Errors
    ///
    /// One sentence.
    fn take(&mut self, run: &RunRecord) -> Result<(), String> {
        let seen = self.0.entry(run.trial).or_default();
        if let Some(last) = seen.last.filter(|last| *last >= run.run) {
            let (run, trial) = (run.run, run.trial);
            return Err(format!(
                "run {run} of trial {trial} comes after run {last}: it is repeated or out of order"
            ));
        }
        seen.last = Some(run.run);
        seen.runs += 1;
        seen.verified += u32::from(run.verified);
        run_fault(run).map_or(Ok(()), Err)
    }

    /// A trial with another number of runs than its line counts.
    fn fault(&self, trials: &[TrialRecord]) -> Option<String> {
        let none = Seen::default();
        trials.iter().find_map(|trial| {
            let number = trial.planned.trial;
            let seen = self.0.get(&number).unwrap_or(&none);
            let is_whole = trial.outcome == Outcome::Completed;
            let runs = if is_whole { trial.runs.asked } else { 0 };
            let counts = [
                (seen.runs, runs, ""),
                (seen.verified, trial.runs.verified, "verified "),
            ];
            let (is, was, what) = counts.into_iter().find(|(is, was, _)| is != was)?;
            Some(format!(
                "trial {number} has {is} {what}runs here, and {was} by its line in trials.jsonl"
            ))
        })
    }
}

fn run_fault(run: &RunRecord) -> Option<String> {
    let times = [
        ("start_ms", run.start_ms, f64::MIN),
        ("latency_ms", run.latency_ms, 0.0),
        ("hold_ms", run.hold_ms, 0.0),
        ("overhead_ms", run.overhead_ms, f64::MIN),
    ];
    let is_time = |value: f64, least: f64| value.is_finite() && value >= least;
    if let Some((name, value, _)) = times
        .iter()
        .find(|(_, value, least)| !is_time(*value, *least))
    {
        return Some(format!("{name} is {value}, which is not a valid time"));
    }
    if (run.latency_ms - run.hold_ms - run.overhead_ms).abs() > ROUNDING_MS {
        return Some("overhead_ms is not latency_ms minus hold_ms".to_owned());
    }
    let gaps = run.gaps_us.split(';').filter(|gap| !gap.is_empty());
    let is_gap = |gap: &&str| gap.parse().is_ok_and(|gap: f64| is_time(gap, 0.0));
    let gap = gaps.clone().find(|gap| !is_gap(gap))?;
    Some(format!("gaps_us has `{gap}`, which is not a time"))
}
