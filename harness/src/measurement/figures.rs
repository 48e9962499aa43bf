//! What a trial gave besides its runs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Phase, Phases};
use crate::plan::PhaseName;
use crate::stats::Lateness;

/// The figures of a trial that completed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// User and system time of the runner's whole process tree, spawn to exit, by the kernel's accounting at its end.
    pub cpu_s: f64,
    /// The user part of `cpu_s`.
    pub cpu_user_s: f64,
    /// The system part of `cpu_s`.
    pub cpu_system_s: f64,
    /// The most resident memory of the runner's process up to the end of the last batch, by `VmHWM`.
    pub peak_rss_bytes: u64,
    /// What each phase took.
    pub phases: Phases,
    /// How long the measured batch takes if nothing but the model and the tools takes time; `None` where the script does not
    /// say it, and in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ideal_s: Option<f64>,
    /// What went over the wire in the measured batch.
    pub traffic: Traffic,
    /// How late the mock was in the measured batch.
    pub mock: Lateness,
    /// Processes that the runner left behind, and that were ended.
    pub orphans: u32,
    /// The maximum number of threads of the process tree, looked at every 50 ms; `None` in records from before it was
    /// kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_threads: Option<u64>,
    /// How late the runner's own event loop or scheduler was in the measured batch; `None` where it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Lateness>,
    /// The slope of the resident memory over the second half of the measured batch, per run; `None` from fewer than 20
    /// points, and in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_slope_bytes: Option<f64>,
    /// Runs of the warm-up after the first one; `None` in records from before they were kept here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up_runs: Option<u32>,
    /// What became of the measured runs where they were cancelled; `None` where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancelled>,
    /// What requests met faults and what clients did then; `None` where the scenario has no faults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// What the framework's own tracing sent; `None` where it was off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces: Option<Traces>,
    /// Runs in flight in the measured closed loop; `None` for other arrivals, and in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<InFlight>,
    /// What was wrong in the batches that are set aside; `None` where nothing was, and in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<SetAside>,
}

/// What the framework's own tracing sent, from the process's start to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Traces {
    /// Requests that the sink took.
    pub requests: u64,
    /// The bytes of their bodies, packed if the client packs them.
    pub bytes: u64,
    /// Runs of all batches.
    pub runs: u64,
}

/// Runs in flight in a closed loop: from a run's start to its end, by the runner's stamps and the mock's together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InFlight {
    /// The maximum.
    pub max_runs: u32,
    /// Starts at which more runs were in flight than workers had to be started by the ramp.
    pub before_ramp: u32,
}

/// What became of runs that were cancelled, from the ledger and the runner's samples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cancelled {
    /// Requests whose client closed the connection before the reply was out.
    pub disconnected: u64,
    /// Requests that were in flight when the runner had control again and whose reply was still taken to its end.
    pub kept_open: u64,
    /// Requests that began after the runner had control again.
    pub requests_after: u64,
    /// The median time from the cancel until the mock saw the client's end; `None` where no client ended.
    pub disconnect_ms: Option<f64>,
    /// The median time from the cancel until the runner had control again; `None` without a cancelled run.
    pub return_ms: Option<f64>,
}

/// What requests met faults and what clients did then, from the ledger.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Faults {
    /// Runs of which a request met a fault.
    pub runs: u64,
    /// Requests of the runs that ended right.
    pub requests: u64,
    /// Requests that these runs need when each is repeated until the model answers, and no more.
    pub needed: u64,
    /// Requests for turns that met a fault.
    pub requests_for_faulty_turns: u64,
    /// Requests after a reply that said how long to wait.
    pub asked_to_wait: u64,
    /// Those of them that came no earlier.
    pub waited: u64,
    /// The median time from a run's first fault to its error; `None` where no run ended with one.
    pub give_up_s: Option<f64>,
}

/// What was wrong in the batches before the measured one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetAside {
    /// Runs that did not do the work, by reason.
    pub unverified: BTreeMap<String, u32>,
    /// The maximum number of runs in flight, where it was above the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_runs: Option<u32>,
}

/// What went over the wire in the measured batch, by the ledger. All but `other_requests` is of the LLM calls of the
/// batch's runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    pub max_in_flight: u32,
    /// Requests for a turn of a run that an earlier one had asked for: retries. `None` in records from before it was
    /// kept.
    #[serde(default)]
    pub repeated_turns: Option<u64>,
    /// Requests that are no LLM call of the batch's runs: refused ones, pings, stragglers of the warm-up. `None` in
    /// records from before they were counted apart, where they are among `requests`.
    #[serde(default)]
    pub other_requests: Option<u64>,
}

impl Figures {
    /// A phase, if the trial had it.
    pub fn phase(&self, name: PhaseName) -> Option<&Phase> {
        self.phases.get(name)
    }
}
