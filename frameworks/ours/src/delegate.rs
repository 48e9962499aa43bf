//! An agent as a tool of another one.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::agent::Agent;
use crate::error::Error;
use crate::tool::Tool;

/// What an agent that is a tool is asked to do.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Delegated {
    /// What to do, with everything that has to be known for it.
    task: String,
}

/// An agent that another one may call, by [`Agent::as_tool`].
#[derive(Debug)]
pub struct AgentTool {
    agent: Agent,
    name: String,
    description: String,
}

impl Agent {
    /// This agent as a tool of another one, which gives it a task in words and gets its answer.
    ///
    /// Each call is a run of its own, within this agent's own limits; it ends when the calling run is dropped.
    pub fn as_tool(&self, name: impl Into<String>, description: impl Into<String>) -> AgentTool {
        AgentTool {
            agent: self.clone(),
            name: name.into(),
            description: description.into(),
        }
    }
}

impl Tool for AgentTool {
    type Arguments = Delegated;
    type Output = String;
    type Error = Error;

    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    async fn call(&self, Delegated { task }: Delegated) -> Result<String, Error> {
        Ok(self.agent.run(task).await?.text)
    }
}
