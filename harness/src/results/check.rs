//! Checks what a record says: objects where objects belong, plausible numbers, no trial or run twice, and nothing missing
//! from a complete sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{REMEDY, content, incomplete};
use super::{FORMAT, ResultsError, RunInfo, format1};
use crate::capacity::{CapacityPlan, Probe, Step, attempts, next};
use crate::measurement::{Outcome, TrialRecord};
use crate::plan::Plan;

/// An object of a record.
pub trait Checked: Serialize + DeserializeOwned {
    /// What is impossible about its content, in one sentence; `None` when nothing is.
    fn fault(&self) -> Option<String>;

    /// Converts the object from format 1 to the newest format.
    fn upgrade(object: Value) -> Value;

    /// Reads an object from the bytes of a file or of one line in this format. An error names the line within them.
    ///
    /// # Errors
    ///
    /// When the bytes are not such an object, or its content is impossible.
    fn parse(bytes: &[u8], format: u32) -> Result<Self, (usize, String)> {
        parse(bytes, format)
    }
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
            return Some(format!("the plan has trial {trial} instead of {number}"));
        }
        let factor = self.capacity.as_ref().map(|plan| plan.p95_factor);
        let factor = factor
            .filter(|factor| *factor < 1.0)
            .map(|factor| format!("a p95_factor of {factor} is below the model's own time"));
        factor.or_else(|| scenarios_fault(self))
    }

    fn upgrade(info: Value) -> Value {
        format1::info(info)
    }
}

/// A scenario that is listed twice, or that trials name and the list lacks.
fn scenarios_fault(info: &RunInfo) -> Option<String> {
    let names: Vec<&str> = info
        .scenarios
        .iter()
        .map(|scenario| scenario.name.as_str())
        .collect();
    let twice = names
        .iter()
        .zip(0..)
        .find(|(name, index)| names[..*index].contains(name));
    if let Some((name, _)) = twice {
        return Some(format!("the scenario `{name}` is listed twice"));
    }
    let mut planned = info
        .plan
        .trials
        .iter()
        .map(|trial| trial.cell.scenario.as_str());
    let searched = info.capacity.iter().map(|plan| plan.scenario.as_str());
    let unknown = planned
        .by_ref()
        .chain(searched)
        .find(|name| !names.contains(name))?;
    Some(format!(
        "a trial is planned for `{unknown}`, which is not among the scenarios"
    ))
}

impl Checked for TrialRecord {
    fn fault(&self) -> Option<String> {
        let (asked, verified) = (u64::from(self.runs.asked), u64::from(self.runs.verified));
        let unverified: u64 = self.runs.unverified.values().copied().map(u64::from).sum();
        let planned = u64::from(self.planned.measured_runs);
        if verified + unverified != asked {
            return Some(format!(
                "{verified} verified and {unverified} unverified runs do not add up to the {asked} requested"
            ));
        }
        let is_asked = !matches!(self.outcome, Outcome::NotOffered { .. });
        (is_asked && asked != planned)
            .then(|| format!("{asked} runs were requested, but {planned} were planned"))
    }

    fn upgrade(trial: Value) -> Value {
        format1::trial(trial)
    }
}

impl Checked for Probe {
    fn fault(&self) -> Option<String> {
        if self.held && self.p95_ms.is_none() {
            return Some("a load is held without a p95".to_owned());
        }
        self.trial.fault()
    }

    fn upgrade(mut probe: Value) -> Value {
        if let Some(trial) = probe.get_mut("trial") {
            *trial = format1::trial(trial.take());
        }
        probe
    }
}

fn parse<T: Checked>(bytes: &[u8], format: u32) -> Result<T, (usize, String)> {
    let mut read: Value = serde_json::from_slice(bytes).map_err(unread)?;
    let object: T = if format == format1::FORMAT_1 {
        read = T::upgrade(read);
        serde_json::from_value(read.clone()).map_err(unread)?
    } else {
        serde_json::from_slice(bytes).map_err(unread)?
    };
    let written = serde_json::to_value(&object).map_err(unread)?;
    let fault = shape_fault("", &read, &written).or_else(|| object.fault());
    match fault {
        Some(fault) => Err((1, format!("{fault}; {REMEDY}"))),
        None => Ok(object),
    }
}

/// Invalid JSON, with its line.
pub(super) fn unread(error: serde_json::Error) -> (usize, String) {
    (error.line().max(1), format!("{error}; {REMEDY}"))
}

/// Derived readers accept an array in place of an object, which no writer of a record produces. And no count or
/// measurement of a record is negative.
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
            Some(format!("{path} is negative: {number}"))
        }
        _ => None,
    }
}

/// Whether a number is a difference, which may be negative.
fn is_difference(path: &str) -> bool {
    let differences = [
        "/calibration/figures/off/",
        "/calibration/figures/beside/",
        "/series/",
        "/trial/series/",
    ];
    differences.iter().any(|place| path.starts_with(place)) || path.ends_with("/rss_slope_bytes")
}

/// The format that a `run.json` declares. A missing field is left to the reader of the whole file.
///
/// # Errors
///
/// When the format is unknown: its fields may have other meanings.
pub(super) fn known_format(bytes: &[u8]) -> Result<u32, (usize, String)> {
    let format = serde_json::from_slice::<Value>(bytes)
        .ok()
        .and_then(|info| info.get("format")?.as_u64());
    let known = [format1::FORMAT_1, FORMAT];
    match format {
        None => Ok(FORMAT),
        Some(format) => known
            .into_iter()
            .find(|known| u64::from(*known) == format)
            .ok_or_else(|| {
                let message = format!(
                    "format {format} is unknown to this version, which reads 1 and {FORMAT}: use the Loopmark version that wrote it"
                );
                (1, message)
            }),
    }
}

/// Refuses a trial that is recorded twice or differs from the plan.
///
/// # Errors
///
/// The error names the line in `path`, the file of trials.
pub fn require_planned(
    path: &Path,
    trials: &[TrialRecord],
    plan: &Plan,
) -> Result<(), ResultsError> {
    let mut lines = BTreeMap::new();
    for (trial, line) in trials.iter().zip(1..) {
        let number = trial.planned.trial;
        let fault = if let Some(first) = lines.insert(number, line) {
            format!("trial {number} is already in line {first}")
        } else if plan.trials.get(number as usize) != Some(&trial.planned) {
            format!("trial {number} is not what run.json planned under this number")
        } else {
            continue;
        };
        return Err(content(path, line, &fault));
    }
    Ok(())
}

/// Refuses a complete sweep that lacks a trial.
///
/// # Errors
///
/// The error names the line of `path`, the file of trials, where the missing one should be.
pub(super) fn require_all(
    path: &Path,
    trials: &[TrialRecord],
    info: &RunInfo,
) -> Result<(), ResultsError> {
    let there: BTreeSet<u32> = trials.iter().map(|trial| trial.planned.trial).collect();
    let is_there = |number: u32| there.contains(&number);
    let mut planned = info.trials().map(|planned| planned.trial);
    match planned.find(|number| info.complete && !is_there(*number)) {
        Some(missing) => {
            let what = format!("trial {missing}");
            Err(incomplete(path, there.len(), &what))
        }
        None => Ok(()),
    }
}

/// Refuses loads that are recorded twice or out of order and, in a complete sweep, an unfinished search.
///
/// # Errors
///
/// The error names the line in `capacity.jsonl`.
pub(super) fn require_searched(
    path: &Path,
    probes: &[Probe],
    info: &RunInfo,
) -> Result<(), ResultsError> {
    let first = info.plan.trials.len();
    for (index, probe) in probes.iter().enumerate() {
        let number = probe.trial.planned.trial as usize;
        if number != first + index {
            let fault = format!("trial {number} instead of {}", first + index);
            return Err(content(path, index + 1, &fault));
        }
    }
    let plan = info.capacity.as_ref().filter(|_| info.complete);
    match plan.and_then(|plan| unfinished(plan, probes)) {
        Some(what) => Err(incomplete(path, probes.len(), &what)),
        None => Ok(()),
    }
}

/// An unfinished search.
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
        assert_eq!(fault(json!({"figures": {"rss_slope_bytes": -3.0}})), None);
        let truth = "/calibration/figures/truth is negative: -1.0";
        assert_eq!(fault(calibrated(-1.0)).as_deref(), Some(truth));
    }
}
