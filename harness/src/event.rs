//! The events that a command reports while it works, for a terminal, for CI and for programs.
//!
//! In JSON, an event is an object on a line of its own, whose `event` names it; docs/FORMAT.md lists the fields.

use loopmark_protocol::Feature;
use serde::Serialize;

use crate::capacity::{Load, Probe};
use crate::measurement::{Outcome, RunRecord, TrialRecord};
use crate::plan::{CellKey, PlannedTrial, RowKey};
use crate::stats;

/// Takes each event as it happens, from any thread.
pub type Sink<'a> = &'a (dyn Fn(&Event) + Sync);

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The builds begin.
    BuildsBegin {
        /// How many rows will be built.
        rows: usize,
    },
    /// A step of a row's build begins.
    BuildStep {
        /// The row.
        framework: String,
        /// The step's command.
        command: String,
    },
    /// A row's build has ended.
    BuildEnded(BuildEnded),
    /// A case of a scenario is left out of the sweep: it wants more processors than there are.
    CaseLeftOut {
        /// The scenario.
        scenario: String,
        /// The case; `None` in a scenario without cases.
        case: Option<String>,
    },
    /// A sweep is resumed.
    Resumed {
        /// How many trials are on disk.
        there: usize,
        /// How many trials were planned.
        trials: usize,
    },
    /// The mock check begins.
    MockCheckBegins,
    /// The calibration begins.
    CalibrationBegins,
    /// The calibration failed; the sweep goes on without one.
    CalibrationFailed {
        /// Why, in one sentence.
        reason: String,
    },
    /// The trials of a sweep begin.
    TrialsBegin {
        /// How many trials will be executed.
        trials: usize,
        /// How long they are expected to take.
        expected_s: f64,
    },
    /// A trial begins.
    TrialBegins {
        /// Its number in the plan.
        trial: u32,
        /// What it measures.
        #[serde(flatten)]
        cell: CellKey,
    },
    /// A trial has ended and is on disk.
    TrialEnded(Box<TrialEnded>),
    /// The search for capacities begins.
    SearchBegins,
    /// A load has been tried and is on disk.
    LoadTried(LoadTried),
    /// The verification begins.
    VerifyBegins {
        /// How many rows will be verified, counting each variant.
        rows: usize,
        /// In how many scenarios each of them.
        scenarios: usize,
    },
    /// A row is being verified, or one of the features that it offers.
    VerifyStep {
        /// The row.
        #[serde(flatten)]
        row: RowKey,
        /// The scenario that is played.
        scenario: String,
        /// The feature; `None` for plain runs.
        #[serde(skip_serializing_if = "Option::is_none")]
        feature: Option<Feature>,
    },
    /// One verdict on a row.
    Verified(Verified),
    /// The record and its report are on disk.
    Recorded {
        /// The results folder.
        folder: String,
        /// Whether every planned trial was executed.
        complete: bool,
    },
}

/// The end of a row's build.
#[derive(Debug, Clone, Serialize)]
pub struct BuildEnded {
    /// The row.
    pub framework: String,
    /// How it ended.
    #[serde(flatten)]
    pub how: HowBuilt,
}

/// How a build ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum HowBuilt {
    /// Nothing had changed.
    UpToDate,
    /// The build's steps were run.
    Built {
        /// How long they took.
        took_s: f64,
    },
    /// The row can't be measured here.
    Skipped {
        /// Why, in one sentence.
        reason: String,
    },
}

/// A trial that is on disk.
#[derive(Debug, Clone, Serialize)]
pub struct TrialEnded {
    /// Its number in the plan.
    pub trial: u32,
    /// What it measured.
    #[serde(flatten)]
    pub cell: CellKey,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it was expected to take.
    pub expected_s: f64,
    /// Runs that were asked for.
    pub asked: u32,
    /// Runs that did the work.
    pub verified: u32,
    /// What was wrong with one run that did not; `None` if all did.
    pub example: Option<String>,
    /// Median latency of the verified runs.
    pub median_ms: Option<f64>,
    /// CPU time of the runner's whole process tree.
    pub cpu_s: Option<f64>,
    /// Peak resident memory of the runner's process.
    pub peak_rss_bytes: Option<u64>,
}

/// A load that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct LoadTried {
    /// The row.
    #[serde(flatten)]
    pub row: RowKey,
    /// What was raised.
    pub load: Load,
    /// The value: runs in flight, or runs per second.
    pub value: u32,
    /// Whether the row carried it.
    pub held: bool,
    /// 95th percentile of the verified runs' latency.
    pub p95_ms: Option<f64>,
    /// Why it did not carry it.
    pub why: Option<String>,
}

/// One verdict on a row.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// The row.
    #[serde(flatten)]
    pub row: RowKey,
    /// The scenario that was played.
    pub scenario: String,
    /// What was verified.
    #[serde(flatten)]
    pub what: WhatVerified,
    /// Whether the row passed.
    pub is_good: bool,
    /// The verdict in one sentence.
    pub said: String,
    /// The framework's installed version, where runs were started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed: Option<String>,
    /// The last lines of the runner's standard error if it did not pass, else empty.
    pub log: Vec<String>,
}

/// What is verified of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum WhatVerified {
    /// Plain runs.
    Runs,
    /// What its manifest claims.
    Claim,
    /// A feature that it offers.
    Feature {
        /// Which feature.
        feature: Feature,
    },
}

impl WhatVerified {
    /// The feature, where it is one.
    pub fn feature(self) -> Option<Feature> {
        match self {
            WhatVerified::Feature { feature } => Some(feature),
            WhatVerified::Runs | WhatVerified::Claim => None,
        }
    }
}

impl TrialEnded {
    /// The event of a trial that was expected to take `expected_s`.
    pub fn of(trial: &TrialRecord, runs: &[RunRecord], expected_s: f64) -> TrialEnded {
        let PlannedTrial {
            trial: number,
            cell,
            ..
        } = &trial.planned;
        let verified = runs.iter().filter(|run| run.verified);
        let figures = trial.figures.as_ref();
        TrialEnded {
            trial: *number,
            cell: cell.clone(),
            outcome: trial.outcome.clone(),
            expected_s,
            asked: trial.runs.asked,
            verified: trial.runs.verified,
            example: trial.runs.example.clone(),
            median_ms: stats::median(verified.map(|run| run.latency_ms).collect()),
            cpu_s: figures.map(|figures| figures.cpu_s),
            peak_rss_bytes: figures.map(|figures| figures.peak_rss_bytes),
        }
    }
}

impl LoadTried {
    /// The event of a load.
    pub fn of(probe: &Probe) -> LoadTried {
        LoadTried {
            row: probe.trial.planned.cell.row.clone(),
            load: probe.load,
            value: probe.value,
            held: probe.why.is_none(),
            p95_ms: probe.p95_ms,
            why: probe.why.clone(),
        }
    }
}
