//! A scenario file's keys, before they are checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use loopmark_protocol::AgentLife;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::Value;

use super::case::Tracing;
use super::fault::WireFault;
use super::latency::WireLatency;
use super::measure::Measure;
use super::report::{Expectation, ReportSpec};
use crate::input::{Spanned, schema};

/// The JSON schema of scenario files.
pub fn scenario_schema() -> Schema {
    schema::<Wire>()
}

/// A scenario: what the model says, turn by turn, which tools there are, and how it is measured.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Scenario")]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Wire {
    /// The file's name without its ending.
    pub name: Spanned<String>,
    /// One sentence.
    pub description: String,
    pub model: String,
    /// The agent's system prompt.
    pub instructions: String,
    /// The user's prompt, with `{run}` exactly once.
    pub prompt: Spanned<String>,
    pub tools: Vec<Spanned<String>>,
    /// Of a turn: a number of ms, or `{ median = 500, p95 = 1500 }`.
    pub latency_ms: Spanned<WireLatency>,
    /// How many runs are in flight at once, in each cell of a sweep.
    pub levels: Spanned<Vec<u32>>,
    /// The level of the table's burst.
    pub table_level: Option<Spanned<u32>>,
    /// If it is not the last turn's text.
    pub answer: Option<Spanned<String>>,
    /// How many of the tools `lookup_1`, `lookup_2`, … are offered too.
    #[serde(default)]
    pub lookups: u8,
    /// How many agents are built before the first run and kept.
    pub held_agents: Option<Spanned<u32>>,
    /// Where the framework's own tracing sends to.
    #[serde(default)]
    pub tracing: Tracing,
    /// A second agent, to which the first one hands over.
    pub handoff: Option<Spanned<WireHandoff>>,
    /// What the answer must be, instead of a text.
    pub output: Option<Spanned<WireOutput>>,
    /// Whether the agent is to ask for streamed replies.
    #[serde(default)]
    pub request_stream: bool,
    #[serde(default)]
    pub agent: AgentLife,
    #[serde(default)]
    pub measure: Measure,
    pub report: Option<ReportSpec>,
    #[serde(default)]
    pub expect: Vec<Spanned<Expectation>>,
    #[serde(default)]
    pub stream: WireStream,
    /// Files for tools, such as `papers = "seed.papers.json"`.
    #[serde(default)]
    pub data: BTreeMap<String, Spanned<PathBuf>>,
    /// Lists from which run n takes entry n modulo the length.
    #[serde(default)]
    pub values: WireValues,
    /// What the model says, in order.
    pub turn: Vec<Spanned<WireTurn>>,
    #[serde(default)]
    pub fault: Vec<Spanned<WireFault>>,
    #[serde(default)]
    pub case: Vec<Spanned<WireCase>>,
}

/// Lists by name.
pub(super) type WireValues = BTreeMap<String, Spanned<Vec<Value>>>;

/// A case: what differs in it from the rest of the file.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireCase {
    pub name: Option<String>,
    pub at: Option<f64>,
    pub latency_ms: Option<Spanned<WireLatency>>,
    /// Of the turn that has a `repeat`.
    pub repeat: Option<u32>,
    pub request_stream: Option<bool>,
    pub agent: Option<AgentLife>,
    pub lookups: Option<u8>,
    pub held_agents: Option<Spanned<u32>>,
    pub tracing: Option<Tracing>,
    /// Whether there is a second agent.
    pub handoff: Option<bool>,
    /// Before the file's turns.
    #[serde(default)]
    pub turn: Vec<Spanned<WireTurn>>,
    /// Instead of the file's.
    #[serde(default)]
    pub fault: Vec<Spanned<WireFault>>,
    pub measure: Option<Measure>,
    pub stream: Option<WireStream>,
    /// Lists that take the place of the file's.
    #[serde(default)]
    pub values: WireValues,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct WireStream {
    pub chunk_chars: usize,
    pub chunk_interval_ms: u64,
}

impl Default for WireStream {
    fn default() -> WireStream {
        WireStream {
            chunk_chars: 16,
            chunk_interval_ms: 0,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireTurn {
    pub latency_ms: Option<Spanned<WireLatency>>,
    pub repeat: Option<u32>,
    /// The model hands over to the second agent.
    #[serde(default)]
    pub handoff: bool,
    pub text: Option<Spanned<String>>,
    #[serde(default)]
    pub call: Vec<Spanned<WireCall>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireCall {
    pub id: Spanned<String>,
    pub tool: Spanned<String>,
    #[serde(default = "no_arguments")]
    pub arguments: Spanned<serde_json::Map<String, Value>>,
    /// What is wrong with the call, instead of `arguments`.
    pub wrong: Option<WireWrong>,
}

fn no_arguments() -> Spanned<serde_json::Map<String, Value>> {
    Spanned::new(0..0, serde_json::Map::new())
}

/// A call that the model makes wrongly, or whose tool fails.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireWrong {
    /// The name that the model says instead of the tool's.
    pub tool: Option<String>,
    /// As the model says them: any text.
    pub arguments: String,
}

/// A second agent.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireHandoff {
    pub name: String,
    pub description: String,
    pub instructions: String,
}

/// A structure that the answer must have.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireOutput {
    pub name: String,
    /// A JSON schema.
    pub schema: serde_json::Map<String, Value>,
}
