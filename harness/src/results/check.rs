//! What a record can say at all: objects where objects belong, numbers that a clock or a counter gives, no trial and no run
//! twice, and of a complete sweep nothing missing.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{FORMAT, ResultsError, RunInfo};
use crate::capacity::{CapacityPlan, Probe, Step, attempts, next};
use crate::measurement::{Outcome, RunRecord, TrialRecord};
use crate::plan::Plan;

/// What helps against all that is found here.
const REMEDY: &str = "the record is damaged: take it from a copy, or measure again";
/// What helps where only the end is missing.
const RESUME: &str = "`loopmark run --resume` measures what is missing";

/// How far a run's overhead may be from latency minus hold, in ms: nobody writes it with fewer digits.
const ROUNDING_MS: f64 = 0.01;

/// An object that stands in a record.
pub trait Checked: Serialize + DeserializeOwned {
    /// What it says that can't be, in a sentence.
    fn fault(&self) -> Option<String>;
}

impl Checked for RunInfo {
    fn fault(&self) -> Option<String> {
        let plan = &self.plan.trials;
        let out_of_order = plan
            .iter()
            .zip(0..)
            .find(|(planned, number)| planned.trial != *number);
        if let Some((planned, number)) = out_of_order {
            let trial = planned.trial;
            return Some(format!("the plan has trial {trial} where {number} belongs"));
        }
        let factor = self.capacity.as_ref().map(|plan| plan.p95_factor);
        factor
            .filter(|factor| *factor < 1.0)
            .map(|factor| format!("a p95_factor of {factor} is below the model's own time"))
    }
}

impl Checked for TrialRecord {
    fn fault(&self) -> Option<String> {
        let (asked, verified) = (u64::from(self.runs.asked), u64::from(self.runs.verified));
        let unverified: u64 = self.runs.unverified.values().copied().map(u64::from).sum();
        let planned = u64::from(self.planned.measured_runs);
        if verified + unverified != asked {
            return Some(format!(
                "{verified} verified and {unverified} unverified runs are not the {asked} asked for"
            ));
        }
        let is_asked = !matches!(self.outcome, Outcome::NotOffered { .. });
        (is_asked && asked != planned)
            .then(|| format!("{asked} runs are said to be asked for, where {planned} were planned"))
    }
}

impl Checked for Probe {
    fn fault(&self) -> Option<String> {
        if self.held && self.p95_ms.is_none() {
            return Some("a load is held without a p95".to_owned());
        }
        self.trial.fault()
    }
}

/// Reads an object from the bytes of a file or a line; an error says the line within them, and why.
///
/// # Errors
///
/// When they are no such object, or it says what can't be.
pub(super) fn parse<T: Checked>(bytes: &[u8]) -> Result<T, (usize, String)> {
    let unread = |error: serde_json::Error| (error.line(), format!("{error}; {REMEDY}"));
    let object: T = serde_json::from_slice(bytes).map_err(unread)?;
    let read: Value = serde_json::from_slice(bytes).map_err(unread)?;
    let written = serde_json::to_value(&object).map_err(unread)?;
    let fault = shape_fault("", &read, &written).or_else(|| object.fault());
    match fault {
        Some(fault) => Err((1, format!("{fault}; {REMEDY}"))),
        None => Ok(object),
    }
}

/// Derived readers take an array for an object, its fields in their order, which no writer of a record does. And nothing
/// that a record counts or measures is less than nothing.
fn shape_fault(path: &str, read: &Value, written: &Value) -> Option<String> {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => read.iter().find_map(|(key, value)| {
            let path = format!("{path}/{key}");
            shape_fault(&path, value, written.get(key)?)
        }),
        (_, Value::Object(_)) => Some(format!("{path} must be an object")),
        (Value::Array(read), Value::Array(written)) => read
            .iter()
            .zip(written)
            .find_map(|(read, written)| shape_fault(path, read, written)),
        (Value::Number(number), _)
            if number.as_f64().is_some_and(|number| number < 0.0) && !is_difference(path) =>
        {
            Some(format!("{path} is {number}, less than nothing"))
        }
        _ => None,
    }
}

/// Whether a number of `run.json` says how far two others are apart, in either direction.
fn is_difference(path: &str) -> bool {
    let differences = ["/calibration/figures/off/", "/calibration/figures/beside/"];
    differences.iter().any(|place| path.starts_with(place))
}

/// Refuses another format before anything else of the file is looked at: the rest may mean something else there.
pub(super) fn require_format(bytes: &[u8]) -> Result<(), (usize, String)> {
    let format = serde_json::from_slice::<Value>(bytes)
        .ok()
        .and_then(|info| info.get("format")?.as_u64());
    match format {
        Some(format) if format != u64::from(FORMAT) => Err((
            1,
            format!(
                "format {format} is not known here, only {FORMAT}: read it with the Loopmark that wrote it"
            ),
        )),
        // What is missing or no object is said by the reader of the whole.
        _ => Ok(()),
    }
}

/// Refuses a trial that stands twice, or is not the one that was planned.
///
/// # Errors
///
/// With the line in `trials.jsonl`.
pub fn require_planned(
    folder: &Path,
    trials: &[TrialRecord],
    plan: &Plan,
) -> Result<(), ResultsError> {
    let mut lines = BTreeMap::new();
    for (trial, line) in trials.iter().zip(1..) {
        let number = trial.planned.trial;
        let fault = if let Some(first) = lines.insert(number, line) {
            format!("trial {number} stands in line {first} already")
        } else if plan.trials.get(number as usize) != Some(&trial.planned) {
            format!("trial {number} is not what run.json planned under this number")
        } else {
            continue;
        };
        return Err(content(&folder.join("trials.jsonl"), line, &fault));
    }
    Ok(())
}

/// Refuses a complete sweep that lacks a trial.
///
/// # Errors
///
/// With the line of `trials.jsonl` that should follow its last one.
pub(super) fn require_all(
    folder: &Path,
    trials: &[TrialRecord],
    info: &RunInfo,
) -> Result<(), ResultsError> {
    let is_there = |number: u32| trials.iter().any(|trial| trial.planned.trial == number);
    let mut planned = info.plan.trials.iter().map(|planned| planned.trial);
    match planned.find(|number| info.complete && !is_there(*number)) {
        Some(missing) => {
            let what = format!("trial {missing}");
            Err(incomplete(
                &folder.join("trials.jsonl"),
                trials.len(),
                &what,
            ))
        }
        None => Ok(()),
    }
}

/// Refuses loads that stand twice or out of order; of a complete sweep, a search without its end.
///
/// # Errors
///
/// With the line in `capacity.jsonl`.
pub(super) fn require_searched(
    folder: &Path,
    probes: &[Probe],
    info: &RunInfo,
) -> Result<(), ResultsError> {
    let path = folder.join("capacity.jsonl");
    let first = info.plan.trials.len();
    for (index, probe) in probes.iter().enumerate() {
        let number = probe.trial.planned.trial as usize;
        if number != first + index {
            let fault = format!("trial {number} where {} belongs", first + index);
            return Err(content(&path, index + 1, &fault));
        }
    }
    let plan = info.capacity.as_ref().filter(|_| info.complete);
    match plan.and_then(|plan| unfinished(plan, probes)) {
        Some(what) => Err(incomplete(&path, probes.len(), &what)),
        None => Ok(()),
    }
}

/// A search that is not at its end.
fn unfinished(plan: &CapacityPlan, probes: &[Probe]) -> Option<String> {
    let rows = plan.rows.iter();
    let searches = rows.flat_map(|row| plan.loads.iter().map(move |load| (row, *load)));
    let mut open = searches.filter(|(row, load)| {
        let step = next(&attempts(probes, row, *load), plan.most(*load));
        matches!(step, Step::Try(_))
    });
    let (row, load) = open.next()?;
    let load = format!("{load:?}").to_lowercase();
    Some(format!("the end of {}'s search by {load}", row.framework))
}

/// What `samples.csv` has given so far of each trial.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<u32, Seen>);

#[derive(Debug, Default)]
struct Seen {
    runs: u32,
    verified: u32,
    last: Option<u64>,
}

impl Tally {
    /// Counts a run in, which must say what can be, and follow the run before it of its trial.
    ///
    /// # Errors
    ///
    /// In a sentence.
    pub fn take(&mut self, run: &RunRecord) -> Result<(), String> {
        let seen = self.0.entry(run.trial).or_default();
        if let Some(last) = seen.last.filter(|last| *last >= run.run) {
            let (run, trial) = (run.run, run.trial);
            return Err(format!(
                "run {run} of trial {trial} stands after run {last}: twice, or out of order"
            ));
        }
        seen.last = Some(run.run);
        seen.runs += 1;
        seen.verified += u32::from(run.verified);
        run_fault(run).map_or(Ok(()), Err)
    }

    /// A trial whose runs are not those that its line counts.
    pub fn fault(&self, trials: &[TrialRecord]) -> Option<String> {
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
        return Some(format!("{name} is {value}, which no clock gives"));
    }
    if (run.latency_ms - run.hold_ms - run.overhead_ms).abs() > ROUNDING_MS {
        return Some("overhead_ms is not latency_ms minus hold_ms".to_owned());
    }
    let gaps = run.gaps_us.split(';').filter(|gap| !gap.is_empty());
    let is_gap = |gap: &&str| gap.parse().is_ok_and(|gap: f64| is_time(gap, 0.0));
    let gap = gaps.clone().find(|gap| !is_gap(gap))?;
    Some(format!("gaps_us holds `{gap}`, which is no time"))
}

/// An error of a record at a line, with what to do.
pub(super) fn content(path: &Path, line: usize, fault: &str) -> ResultsError {
    ResultsError::Content {
        path: path.to_owned(),
        line,
        message: format!("{fault}; {REMEDY}"),
    }
}

/// A complete sweep that lacks something behind `lines` lines.
pub(super) fn incomplete(path: &Path, lines: usize, what: &str) -> ResultsError {
    ResultsError::Content {
        path: path.to_owned(),
        line: lines + 1,
        message: format!("run.json calls the sweep complete, and {what} is missing; {RESUME}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_difference_may_be_less_than_nothing() {
        let calibrated = |truth: f64| {
            let spread = json!({"p5": -92.0, "p50": -1.5, "p95": 3.0});
            let figure = json!({"truth": truth, "off": spread, "beside": spread});
            json!({"calibration": {"figures": [figure]}})
        };
        let fault = |record: Value| shape_fault("", &record, &record);
        assert_eq!(fault(calibrated(1.0)), None);
        let truth = "/calibration/figures/truth is -1.0, less than nothing";
        assert_eq!(fault(calibrated(-1.0)).as_deref(), Some(truth));
    }
}
