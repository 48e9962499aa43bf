//! What one trial gave. These types are also the record on disk, so every field that has a unit says it in its name.

use std::collections::BTreeMap;

use loopmark_protocol::{Feature, Ready};
use serde::{Deserialize, Serialize};

use crate::plan::{PhaseName, PlannedTrial};
use crate::stats::Lateness;
use crate::system::CpuList;

/// One trial's line in `trials.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// What was planned.
    #[serde(flatten)]
    pub planned: PlannedTrial,
    /// When it began, UTC, RFC 3339.
    pub started_at: String,
    /// On which processors and in which network it ran, and what left that.
    #[serde(flatten)]
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
    pub series: Vec<SeriesPoint>,
    /// The last lines of standard error, if anything went wrong.
    pub stderr_tail: Vec<String>,
}

/// On which processors and in which network a trial ran, and what left that. Records from before these were kept have
/// none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// The runner's processors, as read back from the kernel; `None` where it was not held to any.
    pub runner_cpus: Option<CpuList>,
    /// The mock's.
    pub mock_cpus: Option<CpuList>,
    /// Network access that the runner had.
    pub network: Option<Network>,
    /// Attempts to reach something else than this machine, as far as they were noticed.
    pub egress_attempts: u64,
    /// Where to, as far as that is known: address and port.
    pub egress_addresses: Vec<String>,
}

/// Network access for a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl Outcome {
    /// In words, if the runner lacks what the scenario asks for: `not offered: streaming, synthetic-tools`.
    pub fn not_offered(&self) -> Option<String> {
        let Outcome::NotOffered { features } = self else {
            return None;
        };
        let features: Vec<String> = features.iter().map(Feature::to_string).collect();
        Some(format!("not offered: {}", features.join(", ")))
    }
}

/// What kind of failure ended a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// The figures of a trial that completed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// User and system time of the runner's whole process tree, spawn to exit, by the kernel's accounting at its end.
    pub cpu_s: f64,
    /// The user part of `cpu_s`.
    pub cpu_user_s: f64,
    /// The system part of `cpu_s`.
    pub cpu_system_s: f64,
    /// Spawn to `ready`.
    pub ready_s: f64,
    /// CPU of the runner's process from spawn to `ready`.
    pub ready_cpu_s: f64,
    /// Wall time of the measured batch, as the harness saw it.
    pub batch_s: f64,
    /// CPU of the runner's process during the measured batch.
    pub batch_cpu_s: f64,
    /// Resident memory at `ready`.
    pub ready_rss_bytes: u64,
    /// The most resident memory of the runner's process up to the end of the last batch, by `VmHWM`.
    pub peak_rss_bytes: u64,
    /// Resident memory after the last batch.
    pub end_rss_bytes: u64,
    /// What each phase took, in order; empty in records from before they were kept.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// What went over the wire in the measured batch.
    pub traffic: Traffic,
    /// How late the mock was in the measured batch.
    pub mock: Lateness,
    /// Processes that the runner left behind, and that were ended.
    pub orphans: u32,
    /// Runs in flight in the measured closed loop; `None` for other arrivals, and in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<InFlight>,
    /// What was wrong in the batches that are set aside; `None` where nothing was, and in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<SetAside>,
}

/// Runs in flight in a closed loop: from a run's start to its end, by the runner's stamps and the mock's together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// The maximum.
    pub most_runs: u32,
    /// Starts at which more runs were in flight than workers had to be started by the ramp.
    pub before_ramp: u32,
}

/// What was wrong in the batches before the measured one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Runs that did not do the work, by reason.
    pub unverified: BTreeMap<String, u32>,
    /// The maximum number of runs in flight, where it was above the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_runs: Option<u32>,
}

/// One phase of a trial, from edge to edge, of the runner's process alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Which.
    pub name: PhaseName,
    /// How long it took, by the harness's clock.
    pub wall_s: f64,
    /// CPU time of the runner's process in it.
    pub cpu_s: f64,
    /// Resident memory at its end.
    pub rss_bytes: u64,
    /// The most resident memory within it; `None` where the kernel does not let the mark be set back.
    pub peak_rss_bytes: Option<u64>,
}

impl Figures {
    /// A phase, if the trial had it.
    pub fn phase(&self, name: PhaseName) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }
}

/// What went over the wire in the measured batch, by the ledger. All but `other_requests` is of the LLM calls of the
/// batch's runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// LLM calls.
    pub requests: u64,
    /// Connections that carried them.
    pub connections: u64,
    /// Bytes of the requests' bodies.
    pub request_body_bytes: u64,
    /// Bytes of the replies.
    pub reply_bytes: u64,
    /// Most requests in flight at once.
    pub most_in_flight: u32,
    /// Requests for a turn of a run that an earlier one had asked for: retries. `None` in records from before it was
    /// kept.
    #[serde(default)]
    pub repeated_turns: Option<u64>,
    /// Requests that are no LLM call of the batch's runs: refused ones, pings, stragglers of the warm-up. `None` in
    /// records from before they were counted apart, where they are among `requests`.
    #[serde(default)]
    pub other_requests: Option<u64>,
}

/// How many measured runs there were, and which of them count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCounts {
    /// Runs that were asked for.
    pub asked: u32,
    /// Runs that did the work: only these enter a figure.
    pub verified: u32,
    /// The others, by reason.
    pub unverified: BTreeMap<String, u32>,
    /// One of the others in words.
    pub example: Option<String>,
}

/// What else went on while the trial ran.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Load average over one minute before the trial.
    pub load_before: f64,
    /// Load average over one minute after the trial.
    pub load_after: f64,
    /// Time stolen by the hypervisor, of all CPU time, in percent.
    pub steal_percent: f64,
    /// Time in which some task waited for a CPU, of the trial's time, in percent (PSI); `None` where the kernel has none.
    pub cpu_pressure_percent: Option<f64>,
    /// Clock of the fastest core before the trial, in MHz; `None` where the system does not say.
    #[serde(default)]
    pub cpu_mhz_before: Option<f64>,
    /// The same after the trial.
    #[serde(default)]
    pub cpu_mhz_after: Option<f64>,
    /// Periods in which a control group stopped runner, mock or harness because their quota was used up; `None` where
    /// no group counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttled_periods: Option<u64>,
    /// For how long, over all processors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttled_ms: Option<f64>,
}

/// One point of the RSS and CPU series (sysinfo), summed over the runner's process tree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// Since the runner was spawned.
    pub at_ms: u32,
    /// Resident memory.
    pub rss_bytes: u64,
    /// CPU time so far.
    pub cpu_ms: u64,
}

/// One measured run: a line of `samples.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Between the last byte of a reply and the whole next request of the run, one a turn but the first, in µs,
    /// joined by `;`.
    pub gaps_us: String,
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
}

impl RunColumns {
    /// Adds a run.
    pub fn push(&mut self, run: &RunRecord) {
        self.start_ms.push(run.start_ms);
        self.latency_ms.push(run.latency_ms);
        self.overhead_ms.push(run.overhead_ms);
        let gaps = run.gaps_us.split(';');
        let gaps = gaps.filter_map(|gap| gap.parse::<f64>().ok());
        self.gaps_ms.extend(gaps.map(|gap| gap / 1000.0));
    }
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
