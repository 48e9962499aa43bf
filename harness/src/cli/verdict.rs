//! Asks one row to do the scenario's work, and judges whether it did.

use loopmark_protocol::Arrival;
use tokio::sync::watch;

use crate::framework::{Framework, Variant};
use crate::measurement::{Outcome, TrialRecord};
use crate::plan::{CellKey, PlannedTrial, RowKey};
use crate::trial::Bench;

/// One row in one variant.
pub(super) struct Row<'a> {
    pub bench: &'a Bench,
    pub framework: &'a Framework,
    pub variant: &'a Variant,
}

impl Row<'_> {
    /// The row's name and variant.
    pub fn key(&self) -> RowKey {
        RowKey::new(&self.framework.name, &self.variant.name)
    }

    /// Executes one trial: a burst of `runs`.
    pub async fn trial(
        &self,
        bench: &Bench,
        runs: u32,
        interrupted: &mut watch::Receiver<bool>,
    ) -> TrialRecord {
        let planned = PlannedTrial {
            trial: 0,
            repetition: 0,
            cell: CellKey {
                row: self.key(),
                api: self.variant.api,
                scenario: bench.scenario.name.clone(),
                case: None,
                level: runs,
                arrival: Arrival::Burst,
                aa_copy: false,
            },
            warm_up_runs: 0,
            measured_runs: runs,
        };
        let seed = jiff::Timestamp::now().as_millisecond() as u64;
        let trial = bench.run_trial(self.framework, self.variant, &planned, seed, interrupted);
        trial.await.0
    }
}

/// Whether a row did what it was asked to do, in words.
pub(super) struct Verdict {
    pub text: String,
    pub is_bad: bool,
    /// The last lines of the runner's standard error.
    pub log: Vec<String>,
}

impl Verdict {
    pub fn of(trial: &TrialRecord) -> Verdict {
        let runs = &trial.runs;
        let (text, is_bad) = match &trial.outcome {
            Outcome::Failed { reason, .. } => (format!("no: {reason}"), true),
            Outcome::NotOffered { .. } => (trial.outcome.not_offered().unwrap_or_default(), false),
            Outcome::Completed if runs.is_flawless() => (
                format!("yes, {} of {} runs", runs.verified, runs.asked),
                false,
            ),
            Outcome::Completed => {
                let example = runs.example.clone().unwrap_or_default();
                let counts = format!("{} of {} runs", runs.verified, runs.asked);
                (format!("no: {counts}: {example}"), true)
            }
        };
        let log = trial.stderr_tail.clone();
        Verdict { text, is_bad, log }
    }

    pub fn yes() -> Verdict {
        Verdict::neither("yes".to_owned())
    }

    pub fn no(reason: &str) -> Verdict {
        Verdict {
            is_bad: true,
            ..Verdict::neither(format!("no: {reason}"))
        }
    }

    pub fn neither(text: String) -> Verdict {
        Verdict {
            text,
            is_bad: false,
            log: Vec::new(),
        }
    }

    /// The verdict, followed by the runner's last line if the verdict is bad and lacks it: that line usually explains an
    /// exit code.
    pub fn with_the_last_line(&self) -> String {
        let last = self.log.iter().rev().find(|line| !line.trim().is_empty());
        match last {
            Some(line) if self.is_bad && !self.text.contains(line.trim()) => {
                format!("{}\n({})", self.text, line.trim())
            }
            _ => self.text.clone(),
        }
    }
}
