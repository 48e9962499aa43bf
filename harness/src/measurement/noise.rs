//! What else went on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What else went on while the trial ran.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
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
