//! What a command tells while it works: one list for a terminal, for CI and for programs.
//!
//! As JSON an event is an object on a line of its own, whose `event` names it; docs/FORMAT.md has the fields.

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
    /// Rows are going to be built.
    BuildsBegin {
        /// How many.
        rows: usize,
    },
    /// A step of a row's build begins.
    BuildStep {
        /// The row.
        framework: String,
        /// The step's command.
        command: String,
    },
    /// A row is built, or can't be.
    BuildEnded(BuildEnded),
    /// A resumed sweep has these trials already.
    Resumed {
        /// How many are on disk.
        there: usize,
        /// Of how many.
        trials: usize,
    },
    /// The mock is going to be checked.
    MockCheckBegins,
    /// The machine is going to be calibrated.
    CalibrationBegins,
    /// The machine could not be calibrated; the sweep goes on without.
    CalibrationFailed {
        /// In one sentence.
        reason: String,
    },
    /// The trials of a sweep begin.
    TrialsBegin {
        /// How many are to be done.
        trials: usize,
        /// How long they should take.
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
    /// Rows are going to be verified.
    VerifyBegins {
        /// How many, each variant by itself.
        rows: usize,
    },
    /// A row is being verified, or one of the features that it offers.
    VerifyStep {
        /// The row.
        #[serde(flatten)]
        row: RowKey,
        /// The feature; `None` for plain runs.
        #[serde(skip_serializing_if = "Option::is_none")]
        feature: Option<Feature>,
    },
    /// Something has been verified of a row.
    Verified(Verified),
    /// The record and its report are on disk.
    Recorded {
        /// The results folder.
        folder: String,
        /// Whether every planned trial was executed.
        complete: bool,
    },
}

/// A row that is built, or can't be.
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
    /// Its steps were run.
    Built {
        /// How long that took.
        took_s: f64,
    },
    /// The row can't be measured here.
    Skipped {
        /// In one sentence.
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
    /// How long it should have taken.
    pub expected_s: f64,
    /// Runs that were asked for.
    pub asked: u32,
    /// Runs that did the work.
    pub verified: u32,
    /// What was wrong with one of the others.
    pub example: Option<String>,
    /// Median latency of the verified runs.
    pub median_ms: Option<f64>,
    /// CPU time of the runner's whole process tree.
    pub cpu_s: Option<f64>,
    /// The most resident memory that the runner's process had.
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
    /// To which value: runs in flight, or runs per second.
    pub value: u32,
    /// Whether the row carried it.
    pub held: bool,
    /// 95th percentile of the verified runs' latency.
    pub p95_ms: Option<f64>,
    /// Why it did not carry it.
    pub why: Option<String>,
}

/// What was verified of a row, and whether it is as it should be.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// The row.
    #[serde(flatten)]
    pub row: RowKey,
    /// What was verified.
    #[serde(flatten)]
    pub what: WhatVerified,
    /// Whether it is as it should be.
    pub is_good: bool,
    /// In one sentence.
    pub said: String,
    /// What the runner said last, if it is not.
    pub log: Vec<String>,
}

/// What is verified of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum WhatVerified {
    /// Plain runs.
    Runs,
    /// What its manifest says of it.
    Claim,
    /// A feature that it offers.
    Feature {
        /// Which.
        feature: Feature,
    },
}

impl TrialEnded {
    /// The event of a trial; `expected_s` is how long it should have taken.
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
