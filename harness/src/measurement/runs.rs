//! The runs of a trial.

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::framework::Deviation;
use crate::stats;

/// How many measured runs there were, and which of them count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunCounts {
    /// Runs that were asked for.
    pub asked: u32,
    /// Runs that did the work: only these enter a figure.
    pub verified: u32,
    /// The others, by reason.
    pub unverified: BTreeMap<String, u32>,
    /// One of the others in words.
    pub example: Option<String>,
    /// How runs ended, by outcome, where the scenario lets things go wrong; then no run is a failure of the trial.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<String, u32>,
    /// Deviations from the scenario's words that occurred in any run, each once, declared or not; `None` where no run
    /// was judged, and in records from before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviations: Option<Vec<Deviation>>,
}

/// How a run ended in which the model or its server did something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// With the right answer.
    Right,
    /// With the right answer, after the model was told of its mistake.
    Repaired,
    /// With another answer.
    Wrong,
    /// With an error, after one try.
    Raised,
    /// With an error, after several tries.
    GaveUp,
    /// Without an error, though the model has not answered, or nobody told it of its mistake.
    Silent,
    /// Not at all: it waits for a sink of traces that never answers.
    Hung,
}

impl RunOutcome {
    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            RunOutcome::Right => "right",
            RunOutcome::Repaired => "repaired",
            RunOutcome::Wrong => "wrong",
            RunOutcome::Raised => "raised",
            RunOutcome::GaveUp => "gave-up",
            RunOutcome::Silent => "silent",
            RunOutcome::Hung => "hung",
        }
    }
}

impl std::fmt::Display for RunOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl RunCounts {
    /// Whether every run did the work, or ended in an outcome that is a figure and no failure.
    pub fn is_flawless(&self) -> bool {
        let is_outcome = |reason: &String| self.outcomes.contains_key(reason);
        let by_outcome = !self.outcomes.is_empty() && self.unverified.keys().all(is_outcome);
        self.verified == self.asked || by_outcome
    }

    /// How many runs ended with the right answer, and nothing hidden.
    pub fn ended_well(&self) -> u32 {
        self.ended(RunOutcome::Right) + self.ended(RunOutcome::Repaired)
    }

    /// How many runs ended so.
    pub fn ended(&self, outcome: RunOutcome) -> u32 {
        self.outcomes.get(outcome.as_str()).copied().unwrap_or(0)
    }
}

/// One measured run: a line of what `loopmark export samples` writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// The trial.
    pub trial: u32,
    /// The run's number.
    pub run: u64,
    /// Its start, since the batch's first: 0 in a burst.
    pub start_ms: f64,
    /// Start to answer, by the runner's clock; the start is what the batch's arrival says.
    pub latency_ms: f64,
    /// The sum of the mock's holds.
    pub hold_ms: f64,
    /// `latency_ms` minus `hold_ms`.
    pub overhead_ms: f64,
    /// Between the last byte of a reply and the whole next request of the run, one per turn after the first, in µs,
    /// joined by `;`.
    pub gaps_us: String,
    /// From the start to the first text that the agent's caller saw, less what the mock held until the first byte of that
    /// reply; `None` where the caller saw no text before the answer, and in records from before it was kept.
    #[serde(default)]
    pub first_text_ms: Option<f64>,
    /// LLM calls.
    pub llm_calls: u32,
    /// Bytes of the requests' bodies.
    pub request_body_bytes: u64,
    /// Whether the run did the work.
    pub verified: bool,
    /// Why not.
    pub reason: String,
}

/// The verified runs of one trial, a column a figure: what a summary is made from, at 8 bytes a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunColumns {
    /// Starts, since the batch's first.
    pub start_ms: Vec<f64>,
    /// Latencies.
    pub latency_ms: Vec<f64>,
    /// Latencies minus holds.
    pub overhead_ms: Vec<f64>,
    /// The gaps of all runs, run by run.
    pub gaps_ms: Vec<f64>,
    /// How many of `gaps_ms` a run has, and how many runs in turn have so many: nearly always all.
    pub gap_counts: Vec<(usize, usize)>,
    /// From the start to the first text, less the mock's holds, of the runs whose callers saw text.
    pub first_text_ms: Vec<f64>,
    /// Of each long run: its last gaps over those around turn 10.
    pub late_over_early: Vec<f64>,
}

/// The gaps around turn 10, counted from 0.
const EARLY_GAPS: Range<usize> = 5..15;
/// How many of a run's last gaps are its late ones.
const LATE_GAPS: usize = 10;
/// A run of fewer gaps is not long enough to compare late ones with early ones.
const MIN_GAPS: usize = 40;

impl RunColumns {
    /// Adds a run.
    pub fn push(&mut self, run: &RunRecord) {
        self.start_ms.push(run.start_ms);
        self.latency_ms.push(run.latency_ms);
        self.overhead_ms.push(run.overhead_ms);
        self.first_text_ms.extend(run.first_text_ms);
        let gaps = run.gaps_us.split(';');
        let gaps = gaps.filter_map(|gap| gap.parse::<f64>().ok());
        let before = self.gaps_ms.len();
        self.gaps_ms.extend(gaps.map(|gap| gap / 1000.0));
        let count = self.gaps_ms.len() - before;
        match self.gap_counts.last_mut() {
            Some((same, runs)) if *same == count => *runs += 1,
            _ => self.gap_counts.push((count, 1)),
        }
        let of_run = self.gaps_ms.get(before..).unwrap_or_default();
        self.late_over_early.extend(late_over_early(of_run));
    }

    /// The gaps of one run, by its place among the verified ones.
    pub fn gaps_of(&self, run: usize) -> &[f64] {
        let (mut begin, mut left) = (0, run);
        for (count, runs) in &self.gap_counts {
            if left < *runs {
                begin += count * left;
                return self.gaps_ms.get(begin..begin + count).unwrap_or_default();
            }
            begin += count * runs;
            left -= runs;
        }
        &[]
    }
}

/// The median of a run's last gaps over that of the gaps around turn 10; `None` for a short run.
fn late_over_early(gaps: &[f64]) -> Option<f64> {
    let late = gaps.len().checked_sub(LATE_GAPS)?;
    let median = |gaps: &[f64]| stats::median(gaps.to_vec());
    let early = median(gaps.get(EARLY_GAPS)?).filter(|early| *early > 0.0)?;
    let late = median(gaps.get(late..)?)?;
    (gaps.len() >= MIN_GAPS).then_some(late / early)
}

/// The verified runs of each trial that has any.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Runs(BTreeMap<u32, RunColumns>);

impl Runs {
    /// Adds a run, if it is verified: others enter no figure.
    pub fn push(&mut self, run: &RunRecord) {
        if run.verified {
            self.0.entry(run.trial).or_default().push(run);
        }
    }

    /// Of the trial of this number.
    pub fn of_trial(&self, trial: u32) -> Option<&RunColumns> {
        self.0.get(&trial)
    }
}

impl<'a> FromIterator<&'a RunRecord> for Runs {
    fn from_iter<I: IntoIterator<Item = &'a RunRecord>>(records: I) -> Runs {
        let mut runs = Runs::default();
        records.into_iter().for_each(|run| runs.push(run));
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_own_gaps_among_those_of_all() {
        let mut columns = RunColumns::default();
        for gaps in ["1000;2000", "", "3000;4000;5000"] {
            columns.push(&RunRecord {
                trial: 0,
                run: 0,
                start_ms: 0.0,
                latency_ms: 20.0,
                hold_ms: 5.0,
                overhead_ms: 15.0,
                gaps_us: gaps.to_owned(),
                first_text_ms: None,
                llm_calls: 4,
                request_body_bytes: 10,
                verified: true,
                reason: String::new(),
            });
        }
        let of_runs: Vec<&[f64]> = (0..4).map(|run| columns.gaps_of(run)).collect();
        assert_eq!(of_runs, [&[1.0, 2.0][..], &[], &[3.0, 4.0, 5.0], &[]]);
    }

    #[test]
    fn late_gaps_are_compared_with_those_around_turn_10() {
        // Gap n takes n + 1: gaps 6 to 15 have the median 10.5, the last ten of 100 have 95.5.
        let gaps = |count: u32| (1..=count).map(f64::from).collect::<Vec<f64>>();
        assert_eq!(late_over_early(&gaps(100)), Some(95.5 / 10.5));
        assert_eq!(late_over_early(&[2.0; 40]), Some(1.0));
        for short in [0, 10, 39] {
            assert_eq!(late_over_early(&gaps(short)), None, "{short}");
        }
        assert_eq!(late_over_early(&[0.0; 50]), None, "nothing to divide by");
    }
}
