//! The tools, by AgentAI's macro: toolboxes, whose methods are tools.

use std::sync::Arc;

use agentai::tool::{Tool, ToolBox, ToolBoxSet, ToolError, ToolResult, toolbox};
use async_trait::async_trait;
use loopmark_runner::papers::{self, Corpus};
use loopmark_runner::{Error, Task, UnknownTool, synthetic};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The tools that the task offers. Each is in a toolbox of its own, since a toolbox offers all that it has.
pub fn of(task: &Task) -> Result<ToolBoxSet, Error> {
    let corpus = Arc::new(Corpus::load(task)?);
    let mut tools = ToolBoxSet::new();
    let mut lookups = Vec::new();
    for tool in &task.tools {
        let corpus = Arc::clone(&corpus);
        match tool.name.as_str() {
            "search_papers" => tools.add_tool(SearchPapers { corpus }),
            "read_paper" => tools.add_tool(ReadPaper { corpus }),
            "word_count" => tools.add_tool(WordCount),
            "wait" => tools.add_tool(Wait),
            "block" => tools.add_tool(Block),
            "compute" => tools.add_tool(Compute),
            "payload" => tools.add_tool(Payload),
            "tally" => tools.add_tool(Tally),
            "fail" => tools.add_tool(Fail),
            name if synthetic::section_of(name).is_some() => lookups.push(tool.clone()),
            name => return Err(UnknownTool(name.to_owned()).into()),
        }
    }
    if !lookups.is_empty() {
        tools.add_tool(Lookups(lookups));
    }
    Ok(tools)
}

struct SearchPapers {
    corpus: Arc<Corpus>,
}

#[toolbox]
impl SearchPapers {
    /// Search the library for papers whose title or abstract contains the query.
    #[tool]
    fn search_papers(
        &self,
        /// The text to look for.
        query: String,
        /// The maximum number of papers.
        limit: usize,
    ) -> ToolResult {
        json(&self.corpus.search_papers(&query, limit))
    }
}

struct ReadPaper {
    corpus: Arc<Corpus>,
}

#[toolbox]
impl ReadPaper {
    /// Read one paper of the library: its authors, year and abstract.
    #[tool]
    fn read_paper(
        &self,
        /// The paper's id.
        id: String,
    ) -> ToolResult {
        json(&self.corpus.read_paper(&id).map_err(failed)?)
    }
}

struct WordCount;

#[toolbox]
impl WordCount {
    /// Count the words of a text.
    #[tool]
    fn word_count(
        &self,
        /// The text.
        text: String,
    ) -> ToolResult {
        json(&papers::word_count(&text))
    }
}

struct Wait;

#[toolbox]
impl Wait {
    /// Wait for something else for some milliseconds.
    #[tool]
    async fn wait(
        &self,
        /// How many milliseconds.
        ms: u64,
    ) -> ToolResult {
        json(&synthetic::wait(ms).await)
    }
}

struct Block;

#[toolbox]
impl Block {
    /// Block the calling thread for some milliseconds.
    #[tool]
    fn block(
        &self,
        /// How many milliseconds.
        ms: u64,
    ) -> ToolResult {
        json(&synthetic::block(ms))
    }
}

struct Compute;

#[toolbox]
impl Compute {
    /// Compute for some milliseconds.
    #[tool]
    fn compute(
        &self,
        /// How many milliseconds of CPU time.
        ms: u64,
    ) -> ToolResult {
        json(&synthetic::compute(ms))
    }
}

struct Payload;

#[toolbox]
impl Payload {
    /// Return a text of some length.
    #[tool]
    fn payload(
        &self,
        /// How many characters.
        bytes: usize,
    ) -> ToolResult {
        json(&synthetic::payload(bytes))
    }
}

struct Tally;

#[toolbox]
impl Tally {
    /// Count the items of a list.
    #[tool]
    fn tally(
        &self,
        /// The items.
        items: Vec<String>,
        /// What an item is.
        unit: String,
    ) -> ToolResult {
        drop(unit);
        json(&synthetic::tally(&items))
    }
}

struct Fail;

#[toolbox]
impl Fail {
    /// Fail with a message.
    #[tool]
    fn fail(
        &self,
        /// The message.
        message: String,
    ) -> ToolResult {
        synthetic::fail(message).map_err(failed)?;
        json(&())
    }
}

/// Tools whose names are known at run time: by hand, without the macro.
struct Lookups(Vec<loopmark_runner::Tool>);

#[derive(Deserialize)]
struct Topic {
    topic: String,
    limit: i64,
}

#[async_trait]
impl ToolBox for Lookups {
    fn tools_definitions(&self) -> Result<Vec<Tool>, ToolError> {
        let tools = self.0.iter().map(|tool| {
            Tool::new(&tool.name)
                .with_description(&tool.description)
                .with_schema(tool.parameters.clone())
        });
        Ok(tools.collect())
    }

    async fn call_tool(&self, name: String, arguments: Value) -> ToolResult {
        let Some(section) = synthetic::section_of(&name) else {
            return Err(ToolError::NotFound(name));
        };
        let Topic { topic, limit } = serde_json::from_value(arguments)
            .map_err(|error| ToolError::InvalidArguments(error.to_string()))?;
        json(&synthetic::lookup(section, topic, limit))
    }
}

/// What the model gets is a text.
fn json(result: &impl Serialize) -> ToolResult {
    serde_json::to_string(result).map_err(failed)
}

fn failed(error: impl std::error::Error) -> ToolError {
    ToolError::Failed(error.to_string())
}
