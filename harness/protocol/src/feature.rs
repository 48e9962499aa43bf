//! What a runner may offer beyond plain runs.

use serde::{Deserialize, Serialize};

/// What a runner may offer beyond plain runs. What it does not offer is not asked of it.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// [`Hello::stream`](crate::Hello::stream)
    Streaming,
    /// [`AgentLife::PerRun`](crate::AgentLife::PerRun)
    AgentPerRun,
    /// [`Batch::cancel_after_ms`](crate::Batch::cancel_after_ms)
    Cancellation,
    /// [`Batch::heartbeat`](crate::Batch::heartbeat)
    Heartbeat,
    /// The tools that wait, block, compute, return many bytes, count or fail (`docs/TOOLS.md`).
    SyntheticTools,
    /// The tools `lookup_1`, `lookup_2`, … (`docs/TOOLS.md`).
    ManyTools,
    /// [`Hello::agents`](crate::Hello::agents)
    HoldAgents,
    /// [`Hello::output`](crate::Hello::output)
    StructuredOutput,
    /// [`Hello::tracing`](crate::Hello::tracing)
    Tracing,
    /// [`Hello::handoff`](crate::Hello::handoff)
    Handoff,
}

impl std::fmt::Display for Feature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Feature::Streaming => "streaming",
            Feature::AgentPerRun => "agent-per-run",
            Feature::Cancellation => "cancellation",
            Feature::Heartbeat => "heartbeat",
            Feature::SyntheticTools => "synthetic-tools",
            Feature::ManyTools => "many-tools",
            Feature::HoldAgents => "hold-agents",
            Feature::StructuredOutput => "structured-output",
            Feature::Tracing => "tracing",
            Feature::Handoff => "handoff",
        })
    }
}

/// The names of the tools that [`Feature::SyntheticTools`] stands for; [`TALLY`] is one of them since version 2.
pub const SYNTHETIC_TOOLS: [&str; 6] = ["wait", "block", "compute", "payload", "fail", TALLY];

/// The tool that takes a list.
pub const TALLY: &str = "tally";

/// What the names of the tools begin with that [`Feature::ManyTools`] stands for.
pub const LOOKUP_PREFIX: &str = "lookup_";
