//! The tools, by yoagent's trait: a name, a description, a schema of the arguments and `execute`.

use std::sync::Arc;

use async_trait::async_trait;
use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::{UnknownTool, synthetic};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use yoagent::{AgentTool, Content, ToolContext, ToolError, ToolResult};

/// A tool of the scenario, which says what the model is told of it.
#[derive(Clone)]
pub struct Tool {
    pub told: Arc<loopmark_runner::Tool>,
    pub corpus: Arc<Corpus>,
}

#[async_trait]
impl AgentTool for Tool {
    fn name(&self) -> &str {
        &self.told.name
    }

    fn label(&self) -> &str {
        &self.told.name
    }

    fn description(&self) -> &str {
        &self.told.description
    }

    fn parameters_schema(&self) -> Value {
        self.told.parameters.clone()
    }

    async fn execute(&self, params: Value, _: ToolContext) -> Result<ToolResult, ToolError> {
        match self.name() {
            "search_papers" => {
                let Search { query, limit } = arguments(params)?;
                json(&self.corpus.search_papers(&query, limit))
            }
            "read_paper" => {
                let Read { id } = arguments(params)?;
                json(&self.corpus.read_paper(&id).map_err(failed)?)
            }
            "word_count" => {
                let Count { text } = arguments(params)?;
                json(&word_count(&text))
            }
            "wait" => {
                let Time { ms } = arguments(params)?;
                json(&synthetic::wait(ms).await)
            }
            "block" => {
                let Time { ms } = arguments(params)?;
                json(&synthetic::block(ms))
            }
            "compute" => {
                let Time { ms } = arguments(params)?;
                json(&synthetic::compute(ms))
            }
            "payload" => {
                let Size { bytes } = arguments(params)?;
                json(&synthetic::payload(bytes))
            }
            "tally" => {
                let List { items, .. } = arguments(params)?;
                json(&synthetic::tally(&items))
            }
            "fail" => {
                let Reason { message } = arguments(params)?;
                synthetic::fail(message).map_err(failed)?;
                json(&())
            }
            name => {
                let section = synthetic::section_of(name);
                let section = section.ok_or_else(|| failed(UnknownTool(name.to_owned())))?;
                let Topic { topic, limit } = arguments(params)?;
                json(&synthetic::lookup(section, topic, limit))
            }
        }
    }
}

fn arguments<A: DeserializeOwned>(params: Value) -> Result<A, ToolError> {
    serde_json::from_value(params).map_err(|error| ToolError::InvalidArgs(error.to_string()))
}

/// What the model gets is a text.
fn json(result: &impl Serialize) -> Result<ToolResult, ToolError> {
    let text = serde_json::to_string(result).map_err(failed)?;
    Ok(ToolResult {
        content: vec![Content::Text { text }],
        details: Value::Null,
    })
}

fn failed(error: impl std::error::Error) -> ToolError {
    ToolError::Failed(error.to_string())
}

#[derive(Deserialize)]
struct Search {
    query: String,
    limit: usize,
}

#[derive(Deserialize)]
struct Read {
    id: String,
}

#[derive(Deserialize)]
struct Count {
    text: String,
}

#[derive(Deserialize)]
struct Time {
    ms: u64,
}

#[derive(Deserialize)]
struct Size {
    bytes: usize,
}

#[derive(Deserialize)]
struct List {
    items: Vec<String>,
    #[serde(rename = "unit")]
    _unit: String,
}

#[derive(Deserialize)]
struct Topic {
    topic: String,
    limit: i64,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}
