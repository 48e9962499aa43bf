//! The phases of a trial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::PhaseName;

/// One phase of a trial, from edge to edge, of the runner's process alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// How long it took, by the harness's clock.
    pub wall_s: f64,
    /// CPU time of the runner's process in it.
    pub cpu_s: f64,
    /// Resident memory at its end.
    pub rss_bytes: u64,
    /// Peak resident memory within it; `None` where the kernel cannot reset the peak.
    pub peak_rss_bytes: Option<u64>,
    /// Threads at its end; `None` in records from before they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u64>,
    /// Open file descriptors at its end; `None` in records from before they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptors: Option<u64>,
}

/// What each phase of a completed trial took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phases {
    /// Spawn to `ready`: imports and build, and the harness's reading of counters between them.
    pub start_up: Phase,
    /// Spawn to `imported`; `None` in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imports: Option<Phase>,
    /// `imported` to `ready`; `None` in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Phase>,
    /// The process's first run, alone; `None` for a burst, which has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_run: Option<Phase>,
    /// The other runs that are set aside; `None` for a burst, which has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<Phase>,
    /// The measured batch.
    pub measured: Phase,
    /// As many runs as the warm-up had, after measured runs that were cancelled; `None` where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Phase>,
}

impl Phases {
    /// The phase of this name, if the trial had it.
    pub fn get(&self, name: PhaseName) -> Option<&Phase> {
        match name {
            PhaseName::Imports => self.imports.as_ref(),
            PhaseName::Build => self.build.as_ref(),
            PhaseName::FirstRun => self.first_run.as_ref(),
            PhaseName::WarmUp => self.warm_up.as_ref(),
            PhaseName::Measured => Some(&self.measured),
            PhaseName::Recovery => self.recovery.as_ref(),
        }
    }

    /// The phases that the trial had, one after the other.
    pub fn in_order(&self) -> impl Iterator<Item = (PhaseName, &Phase)> {
        let names = PhaseName::ALL.into_iter();
        names.filter_map(|name| Some((name, self.get(name)?)))
    }
}
