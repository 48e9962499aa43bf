//! The first line: where the model is and what the agent is to do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Api;
use crate::absent::{is_false, is_one, one};
use crate::feature::{Feature, LOOKUP_PREFIX, SYNTHETIC_TOOLS, TALLY};

/// The place in a scenario's prompt that a runner replaces by the run's number, in decimal.
pub const RUN_PLACEHOLDER: &str = "{run}";

/// Where the model is and what the agent is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`Hello::version`]; a runner refuses one that it does not know.
    pub protocol: u32,
    /// The OpenAI base URL, with `/v1` and without a trailing slash.
    pub base_url: String,
    /// The API that the runner is to speak.
    pub api: Api,
    /// The model's name, as it goes into every request.
    pub model: String,
    /// Whether the agent is to ask for streamed replies; `false` leaves it as the framework ships.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stream: bool,
    /// How long an agent lives.
    #[serde(default, skip_serializing_if = "AgentLife::is_shared")]
    pub agent: AgentLife,
    /// How many agents are built before `ready` and kept; run *i* has agent *i* modulo this. Since version 2.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub agents: u32,
    /// What the answer must be, instead of a text. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// Where the framework's own tracing sends to, a URL without a trailing slash; without it, tracing is off. Since
    /// version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracing: Option<String>,
    /// A second agent, to which the first one hands over. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Handoff>,
    /// The agent's task.
    pub scenario: Task,
}

/// A second agent: it has the first one's model and tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handoff {
    /// Its name, of lower-case letters.
    pub name: String,
    /// What it is for, in a sentence, for the first agent's model.
    pub description: String,
    /// Its instructions.
    pub instructions: String,
}

/// An answer of a given structure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The structure's name.
    pub name: String,
    /// Its JSON schema: an object whose properties are all required.
    pub schema: serde_json::Value,
}

/// How long an agent lives.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentLife {
    /// One agent does all runs.
    #[default]
    Shared,
    /// Each run builds its own, on the same HTTP client; building is part of the run.
    PerRun,
}

impl AgentLife {
    fn is_shared(&self) -> bool {
        *self == AgentLife::Shared
    }
}

/// What a runner needs of a scenario: no script, no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The scenario's name.
    pub name: String,
    /// The agent's instructions (its system prompt).
    pub instructions: String,
    /// The user's prompt, in which [`RUN_PLACEHOLDER`] stands for the run's number.
    pub prompt: String,
    /// The tools that the agent must offer to the model.
    pub tools: Vec<Tool>,
    /// The tools' data: a name and the absolute path of a file.
    pub data: BTreeMap<String, PathBuf>,
    /// A turn limit that the script stays well below.
    pub max_turns: u32,
}

impl Task {
    /// The prompt of one run.
    pub fn prompt_for(&self, run: u64) -> String {
        self.prompt.replace(RUN_PLACEHOLDER, &run.to_string())
    }
}

/// A tool as the model is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// The function's name.
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
    /// The JSON schema of its arguments.
    pub parameters: serde_json::Value,
}

impl Tool {
    fn is_lookup(&self) -> bool {
        self.name.starts_with(LOOKUP_PREFIX)
    }
}

impl Hello {
    /// The oldest version of the protocol that has all fields and tools of this hello.
    pub fn version(&self) -> u32 {
        let is_new = |tool: &Tool| tool.is_lookup() || tool.name == TALLY;
        let is_second = self.agents > 1
            || self.output.is_some()
            || self.tracing.is_some()
            || self.handoff.is_some()
            || self.scenario.tools.iter().any(is_new);
        if is_second { 2 } else { 1 }
    }

    /// What this hello needs that a runner of an older protocol `version` can't offer: empty if it can serve it.
    pub fn needs_beyond(&self, version: u32) -> Vec<Feature> {
        if version >= self.version() {
            return Vec::new();
        }
        let has_tally = self.scenario.tools.iter().any(|tool| tool.name == TALLY);
        let is_beyond = |feature: &Feature| match feature {
            Feature::Streaming
            | Feature::AgentPerRun
            | Feature::Cancellation
            | Feature::Heartbeat => false,
            Feature::SyntheticTools => has_tally,
            Feature::ManyTools
            | Feature::HoldAgents
            | Feature::StructuredOutput
            | Feature::Tracing
            | Feature::Handoff => true,
        };
        self.needs().into_iter().filter(is_beyond).collect()
    }

    /// What a runner must offer to serve this hello, each feature once.
    pub fn needs(&self) -> Vec<Feature> {
        let is_synthetic = |tool: &Tool| SYNTHETIC_TOOLS.contains(&tool.name.as_str());
        [
            (Feature::Streaming, self.stream),
            (Feature::AgentPerRun, !self.agent.is_shared()),
            (
                Feature::SyntheticTools,
                self.scenario.tools.iter().any(is_synthetic),
            ),
            (
                Feature::ManyTools,
                self.scenario.tools.iter().any(Tool::is_lookup),
            ),
            (Feature::HoldAgents, self.agents > 1),
            (Feature::StructuredOutput, self.output.is_some()),
            (Feature::Tracing, self.tracing.is_some()),
            (Feature::Handoff, self.handoff.is_some()),
        ]
        .into_iter()
        .filter_map(|(feature, is_needed)| is_needed.then_some(feature))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hello that needs agents which are held, and these tools.
    fn hello(tools: &[&str]) -> Hello {
        let tool =
            |name: &&str| serde_json::json!({"name": name, "description": "", "parameters": {}});
        let tools: Vec<_> = tools.iter().map(tool).collect();
        serde_json::from_value(serde_json::json!({
            "protocol": 2, "base_url": "", "api": "responses", "model": "m", "agents": 3,
            "scenario": {"name": "s", "instructions": "", "prompt": "", "tools": tools, "data": {}, "max_turns": 1},
        }))
        .unwrap()
    }

    #[test]
    fn an_older_runner_lacks_only_what_is_newer_than_it() {
        use Feature::{HoldAgents, SyntheticTools};
        assert_eq!(hello(&["wait"]).needs(), [SyntheticTools, HoldAgents]);
        assert_eq!(hello(&["wait"]).needs_beyond(1), [HoldAgents]);
        assert_eq!(
            hello(&[TALLY]).needs_beyond(1),
            [SyntheticTools, HoldAgents]
        );
        assert_eq!(hello(&[TALLY]).needs_beyond(2), []);
    }

    #[test]
    fn a_hello_has_the_oldest_version_with_all_of_it() {
        let mut plain = hello(&["wait"]);
        plain.agents = 1;
        assert_eq!(plain.version(), 1);
        for tool in [TALLY, "lookup_1"] {
            let mut newer = hello(&[tool]);
            newer.agents = 1;
            assert_eq!(newer.version(), 2, "{tool}");
        }
        let more: [fn(&mut Hello); 4] = [
            |hello| hello.agents = 2,
            |hello| hello.tracing = Some(String::new()),
            |hello| hello.output = serde_json::from_str(r#"{"name":"o","schema":{}}"#).ok(),
            |hello| {
                let handoff = r#"{"name":"w","description":"","instructions":""}"#;
                hello.handoff = serde_json::from_str(handoff).ok();
            },
        ];
        for change in more {
            let mut newer = plain.clone();
            change(&mut newer);
            assert_eq!(newer.version(), 2, "{newer:?}");
            assert_eq!(newer.needs_beyond(1).len(), 1, "{newer:?}");
        }
    }
}
