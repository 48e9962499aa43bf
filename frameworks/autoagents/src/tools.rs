//! The tools, by AutoAgents' macros: a struct of arguments, a struct of the tool, its execution.

use std::sync::Arc;

use autoagents::async_trait;
use autoagents::core::tool::{ToolCallError, ToolInputSchema, ToolRuntime, ToolT};
use autoagents_derive::{ToolInput, tool};
use loopmark_runner::papers::{self, Corpus};
use loopmark_runner::{Error, UnknownTool, synthetic};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The tool of this name.
pub fn tool(name: &str, corpus: &Arc<Corpus>) -> Result<Arc<dyn ToolT>, UnknownTool> {
    let corpus = Arc::clone(corpus);
    Ok(match name {
        "search_papers" => Arc::new(SearchPapers { corpus }),
        "read_paper" => Arc::new(ReadPaper { corpus }),
        "word_count" => Arc::new(WordCount {}),
        "wait" => Arc::new(Wait {}),
        "block" => Arc::new(Block {}),
        "compute" => Arc::new(Compute {}),
        "payload" => Arc::new(Payload {}),
        "fail" => Arc::new(Fail {}),
        "tally" => Arc::new(Tally {}),
        name => match synthetic::section_of(name) {
            Some(section) => Arc::new(Lookup::new(section)),
            None => return Err(UnknownTool(name.to_owned())),
        },
    })
}

#[derive(Serialize, Deserialize, ToolInput)]
struct Search {
    #[input(description = "The text to look for.")]
    query: String,
    #[input(description = "The maximum number of papers.")]
    limit: usize,
}

#[tool(
    name = "search_papers",
    description = "Search the library for papers whose title or abstract contains the query.",
    input = Search,
)]
struct SearchPapers {
    corpus: Arc<Corpus>,
}

#[async_trait]
impl ToolRuntime for SearchPapers {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Search { query, limit } = serde_json::from_value(args)?;
        Ok(serde_json::to_value(
            self.corpus.search_papers(&query, limit),
        )?)
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct Read {
    #[input(description = "The paper's id.")]
    id: String,
}

#[tool(
    name = "read_paper",
    description = "Read one paper of the library: its authors, year and abstract.",
    input = Read,
)]
struct ReadPaper {
    corpus: Arc<Corpus>,
}

#[async_trait]
impl ToolRuntime for ReadPaper {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Read { id } = serde_json::from_value(args)?;
        let paper = self.corpus.read_paper(&id).map_err(Error::from)?;
        Ok(serde_json::to_value(paper)?)
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct Count {
    #[input(description = "The text.")]
    text: String,
}

#[tool(name = "word_count", description = "Count the words of a text.", input = Count)]
struct WordCount {}

#[async_trait]
impl ToolRuntime for WordCount {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Count { text } = serde_json::from_value(args)?;
        Ok(papers::word_count(&text).into())
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct Time {
    #[input(description = "How many milliseconds.")]
    ms: u64,
}

#[tool(
    name = "wait",
    description = "Wait for something else for some milliseconds.",
    input = Time,
)]
struct Wait {}

#[async_trait]
impl ToolRuntime for Wait {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Time { ms } = serde_json::from_value(args)?;
        Ok(serde_json::to_value(synthetic::wait(ms).await)?)
    }
}

#[tool(
    name = "block",
    description = "Block the calling thread for some milliseconds.",
    input = Time,
)]
struct Block {}

#[async_trait]
impl ToolRuntime for Block {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Time { ms } = serde_json::from_value(args)?;
        Ok(serde_json::to_value(synthetic::block(ms))?)
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct CpuTime {
    #[input(description = "How many milliseconds of CPU time.")]
    ms: u64,
}

#[tool(name = "compute", description = "Compute for some milliseconds.", input = CpuTime)]
struct Compute {}

#[async_trait]
impl ToolRuntime for Compute {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let CpuTime { ms } = serde_json::from_value(args)?;
        Ok(serde_json::to_value(synthetic::compute(ms))?)
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct Size {
    #[input(description = "How many characters.")]
    bytes: usize,
}

#[tool(name = "payload", description = "Return a text of some length.", input = Size)]
struct Payload {}

#[async_trait]
impl ToolRuntime for Payload {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Size { bytes } = serde_json::from_value(args)?;
        Ok(serde_json::to_value(synthetic::payload(bytes))?)
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct List {
    #[input(description = "The items.")]
    items: Vec<String>,
    #[input(description = "What an item is.")]
    unit: String,
}

#[tool(name = "tally", description = "Count the items of a list.", input = List)]
struct Tally {}

#[async_trait]
impl ToolRuntime for Tally {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let List { items, .. } = serde_json::from_value(args)?;
        Ok(serde_json::to_value(synthetic::tally(&items))?)
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct Topic {
    #[input(description = "The topic to look for.")]
    topic: String,
    #[input(description = "The maximum number of entries.")]
    limit: i64,
}

/// A tool whose name is known at run time has no `#[tool]`.
#[derive(Debug)]
struct Lookup {
    section: u32,
    name: String,
    description: String,
}

impl Lookup {
    fn new(section: u32) -> Lookup {
        Lookup {
            section,
            name: format!("lookup_{section}"),
            description: format!("Look a topic up in section {section} of the handbook."),
        }
    }
}

impl ToolT for Lookup {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn args_schema(&self) -> Value {
        Topic::io_schema_value().clone()
    }
}

#[async_trait]
impl ToolRuntime for Lookup {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Topic { topic, limit } = serde_json::from_value(args)?;
        Ok(serde_json::to_value(synthetic::lookup(
            self.section,
            topic,
            limit,
        ))?)
    }
}

#[derive(Serialize, Deserialize, ToolInput)]
struct Reason {
    #[input(description = "The message.")]
    message: String,
}

#[tool(name = "fail", description = "Fail with a message.", input = Reason)]
struct Fail {}

#[async_trait]
impl ToolRuntime for Fail {
    async fn execute(&self, args: Value) -> Result<Value, ToolCallError> {
        let Reason { message } = serde_json::from_value(args)?;
        synthetic::fail(message).map_err(Error::from)?;
        Ok(Value::Null)
    }
}
