//! A trial, and how it ended.

use std::collections::BTreeMap;

use loopmark_protocol::{Feature, Ready};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::series::{SeriesColumns, SeriesPoint};
use super::{Figures, Noise, RunCounts, RunOutcome};
use crate::plan::PlannedTrial;
use crate::system::CpuList;

/// One trial, as `trials.jsonl` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialRecord {
    /// What was planned.
    pub planned: PlannedTrial,
    /// When it began, UTC, RFC 3339.
    pub started_at: String,
    /// On which processors and in which network it ran, and what left that.
    pub conditions: Conditions,
    /// How it ended.
    pub outcome: Outcome,
    /// What the runner said of itself.
    pub ready: Option<Ready>,
    /// Its figures, if the trial completed.
    pub figures: Option<Figures>,
    /// How many measured runs there were, and which of them count.
    pub runs: RunCounts,
    /// What else went on.
    pub noise: Noise,
    /// RSS and CPU over time.
    #[serde(with = "SeriesColumns")]
    #[schemars(with = "SeriesColumns")]
    pub series: Vec<SeriesPoint>,
    /// The last lines of standard error, if anything went wrong.
    pub stderr_tail: Vec<String>,
}

/// On which processors and in which network a trial ran, and what left that. Records from before these were kept have
/// none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Conditions {
    /// The runner's processors, as read back from the kernel; `None` where it was not held to any.
    pub runner_cpus: Option<CpuList>,
    /// The mock's.
    pub mock_cpus: Option<CpuList>,
    /// Network access that the runner had.
    pub network: Option<Network>,
    /// Attempts to reach anything but this machine that were noticed.
    pub egress_attempts: u64,
    /// Their targets, where known: address and port.
    pub egress_addresses: Vec<String>,
}

/// Network access for a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// The mock alone, over the loopback device of a namespace made for the trial.
    Namespace,
    /// What the machine can reach.
    Shared,
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Network::Namespace => "namespace",
            Network::Shared => "shared",
        })
    }
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// The runner did all that was asked and exited with 0.
    Completed,
    /// The runner does not offer what the scenario asks for, which is no failure.
    NotOffered {
        /// What it lacks.
        features: Vec<Feature>,
    },
    /// The runner did not.
    Failed {
        /// What kind of failure.
        failure: FailureKind,
        /// In one sentence.
        reason: String,
    },
}

impl TrialRecord {
    /// Whether it failed for another reason than that its runs hung on what the scenario takes away from them.
    pub fn has_failed(&self) -> bool {
        let is_failed = matches!(self.outcome, Outcome::Failed { .. });
        is_failed && self.runs.ended(RunOutcome::Hung) == 0
    }

    /// Whether a batch, or the exit, took longer than its deadline.
    pub fn is_late(&self) -> bool {
        let hung = FailureKind::Hung;
        matches!(self.outcome, Outcome::Failed { failure, .. } if failure == hung)
    }
}

impl Outcome {
    /// In words, if the runner lacks what the scenario asks for: `not offered: streaming, synthetic-tools`.
    pub fn not_offered(&self) -> Option<String> {
        self.not_offered_because(&BTreeMap::new())
    }

    /// The same with a manifest's reasons: `not offered: tracing (the framework has none)`.
    pub fn not_offered_because(&self, reasons: &BTreeMap<Feature, String>) -> Option<String> {
        let Outcome::NotOffered { features } = self else {
            return None;
        };
        let features = features.iter().map(|feature| match reasons.get(feature) {
            Some(reason) => format!("{feature} ({reason})"),
            None => feature.to_string(),
        });
        let features: Vec<String> = features.collect();
        Some(format!("not offered: {}", features.join(", ")))
    }
}

/// What kind of failure ended a trial.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The runner could not be started.
    NotStarted,
    /// The runner was not ready in time.
    SlowStart,
    /// The runner ended before it was told to.
    Crashed,
    /// A batch, or the exit, took longer than its deadline.
    Hung,
    /// A line that is not of the protocol.
    Garbage,
    /// Lines of the protocol that do not fit what was asked.
    ProtocolError,
    /// An exit code other than 0 at the end.
    ExitCode,
    /// The mock failed.
    MockFailed,
    /// The harness was interrupted.
    Interrupted,
}
