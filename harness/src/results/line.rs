//! One line of `trials.jsonl`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use serde_json::value::RawValue;

use super::check::{Checked, unread};
use super::error::REMEDY;
use super::format1;
use crate::measurement::{Outcome, RunRecord, Samples, TrialRecord};

/// A trial and its runs: one line, so that either both are on disk or neither is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TrialLine {
    /// The trial.
    pub trial: TrialRecord,
    /// Its measured runs; `None` where it has none, and in records of format 1, which have them in `samples.csv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<Samples>,
}

/// A line whose two parts are read apart: of a trial every key is looked at, of a million samples no copy is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts<'a> {
    #[serde(borrow)]
    trial: &'a RawValue,
    #[serde(borrow, default)]
    samples: Option<&'a RawValue>,
}

impl TrialLine {
    /// Gives the measured runs to `take`.
    ///
    /// # Errors
    ///
    /// In a sentence, when they say what can't be.
    pub fn each_run(&self, take: &mut dyn FnMut(RunRecord)) -> Result<(), String> {
        let number = self.trial.planned.trial;
        let samples = self.samples.as_ref();
        samples.map_or(Ok(()), |samples| samples.each(number, take))
    }

    /// Runs that are not those that the trial counts.
    fn samples_fault(&self) -> Option<String> {
        let (mut runs, mut verified) = (0, 0);
        let counted = self.each_run(&mut |run| {
            runs += 1;
            verified += u32::from(run.verified);
        });
        if let Err(fault) = counted {
            return Some(format!("samples: {fault}"));
        }
        let trial = &self.trial;
        let is_whole = trial.outcome == Outcome::Completed;
        let asked = if is_whole { trial.runs.asked } else { 0 };
        let counts = &trial.runs;
        ((runs, verified) != (asked, counts.verified)).then(|| {
            format!(
                "trial {} has {runs} runs here, {verified} of them verified, where it counts {asked} and {}",
                trial.planned.trial, counts.verified
            )
        })
    }
}

/// Reads a line of `trials.jsonl`.
///
/// # Errors
///
/// In a sentence, when it does not hold what it should.
pub(super) fn parse(bytes: &[u8], format: u32) -> Result<TrialLine, String> {
    let said = |(_, message): (usize, String)| message;
    if format == format1::FORMAT_1 {
        let trial = TrialRecord::parse(bytes, format).map_err(said)?;
        return Ok(TrialLine {
            trial,
            samples: None,
        });
    }
    let is_object = |json: &[u8]| json.first() == Some(&b'{');
    let parts: Parts<'_> = serde_json::from_slice(bytes).map_err(|error| said(unread(error)))?;
    let samples = parts.samples.map(RawValue::get);
    if !is_object(bytes) || samples.is_some_and(|samples| !is_object(samples.as_bytes())) {
        return Err(format!("a line and its samples must be objects; {REMEDY}"));
    }
    let samples = samples.map(serde_json::from_str).transpose();
    let line = TrialLine {
        trial: TrialRecord::parse(parts.trial.get().as_bytes(), format).map_err(said)?,
        samples: samples.map_err(|error| said(unread(error)))?,
    };
    let fault = line
        .samples_fault()
        .map(|fault| format!("{fault}; {REMEDY}"));
    fault.map_or(Ok(line), Err)
}
