//! How a scenario is measured, where it isn't as every other one.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

/// How a scenario is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Measure {
    /// Start all runs of a level at once, in a fresh process without warm-up.
    pub burst: bool,
    /// Measured runs of a closed-loop trial; `None` follows from the level.
    pub runs: Option<u32>,
    /// Runs that warm a closed-loop trial up after its first one; `None` follows from the level.
    pub warm_up_runs: Option<u32>,
    /// Warm a closed-loop trial up for at least this many seconds, and until its CPU time per run is steady.
    pub steady_s: Option<u32>,
    /// Cancel each measured run this many ms after its start; then repeat the warm-up's runs to their end.
    pub cancel_after_ms: Option<u32>,
    /// How many processors the runner has; `None` for all that the sweep gives to runners. One more than those are shared
    /// with the mock. A case is left out where there are not so many.
    pub cpus: Option<NonZeroU32>,
    /// Whether the runner's own event loop or scheduler says how late it is.
    pub heartbeat: bool,
}
