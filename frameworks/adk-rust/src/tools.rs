//! The tools, by adk-rust's macro: async functions of one argument, a struct with the model's arguments.

use std::sync::{Arc, OnceLock};

// The macro's code names the crate adk_tool.
use adk_rust::tool as adk_tool;
use adk_rust::tool::{FunctionTool, tool};
use adk_rust::{AdkError, Tool};
use loopmark_runner::papers::{self, Corpus};
use loopmark_runner::{Error, Task, UnknownTool, synthetic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The tools' data: the macro takes functions, not methods. Set before the first run.
static CORPUS: OnceLock<Corpus> = OnceLock::new();

/// The tools that the task offers.
pub fn of(task: &Task) -> Result<Vec<Arc<dyn Tool>>, Error> {
    CORPUS
        .set(Corpus::load(task)?)
        .map_err(|_| "the tools' data is loaded once")?;
    let tools = task.tools.iter().map(tool_of);
    Ok(tools.collect::<Result<_, _>>()?)
}

fn tool_of(told: &loopmark_runner::Tool) -> Result<Arc<dyn Tool>, UnknownTool> {
    Ok(match told.name.as_str() {
        "search_papers" => Arc::new(SearchPapers),
        "read_paper" => Arc::new(ReadPaper),
        "word_count" => Arc::new(WordCount),
        "wait" => Arc::new(Wait),
        "block" => Arc::new(Block),
        "compute" => Arc::new(Compute),
        "payload" => Arc::new(Payload),
        "tally" => Arc::new(Tally),
        "fail" => Arc::new(Fail),
        name => match synthetic::section_of(name) {
            Some(section) => Arc::new(lookup(told, section)),
            None => return Err(UnknownTool(name.to_owned())),
        },
    })
}

#[derive(Deserialize, JsonSchema)]
struct Search {
    /// The text to look for.
    query: String,
    /// The maximum number of papers.
    limit: usize,
}

/// Search the library for papers whose title or abstract contains the query.
#[tool]
async fn search_papers(args: Search) -> Result<Value, AdkError> {
    json(&CORPUS.wait().search_papers(&args.query, args.limit))
}

#[derive(Deserialize, JsonSchema)]
struct Read {
    /// The paper's id.
    id: String,
}

/// Read one paper of the library: its authors, year and abstract.
#[tool]
async fn read_paper(args: Read) -> Result<Value, AdkError> {
    json(&CORPUS.wait().read_paper(&args.id).map_err(failed)?)
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    /// The text.
    text: String,
}

/// Count the words of a text.
#[tool]
async fn word_count(args: Count) -> Result<Value, AdkError> {
    json(&papers::word_count(&args.text))
}

#[derive(Deserialize, JsonSchema)]
struct Time {
    /// How many milliseconds.
    ms: u64,
}

/// Wait for something else for some milliseconds.
#[tool]
async fn wait(args: Time) -> Result<Value, AdkError> {
    json(&synthetic::wait(args.ms).await)
}

/// Block the calling thread for some milliseconds.
#[tool]
async fn block(args: Time) -> Result<Value, AdkError> {
    json(&synthetic::block(args.ms))
}

#[derive(Deserialize, JsonSchema)]
struct CpuTime {
    /// How many milliseconds of CPU time.
    ms: u64,
}

/// Compute for some milliseconds.
#[tool]
async fn compute(args: CpuTime) -> Result<Value, AdkError> {
    json(&synthetic::compute(args.ms))
}

#[derive(Deserialize, JsonSchema)]
struct Size {
    /// How many characters.
    bytes: usize,
}

/// Return a text of some length.
#[tool]
async fn payload(args: Size) -> Result<Value, AdkError> {
    json(&synthetic::payload(args.bytes))
}

#[derive(Deserialize, JsonSchema)]
struct List {
    /// The items.
    items: Vec<String>,
    /// What an item is.
    #[serde(rename = "unit")]
    _unit: String,
}

/// Count the items of a list.
#[tool]
async fn tally(args: List) -> Result<Value, AdkError> {
    json(&synthetic::tally(&args.items))
}

#[derive(Deserialize, JsonSchema)]
struct Reason {
    /// The message.
    message: String,
}

/// Fail with a message.
#[tool]
async fn fail(args: Reason) -> Result<Value, AdkError> {
    json(&synthetic::fail(args.message).map_err(failed)?)
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Topic {
    /// The topic to look for.
    topic: String,
    /// The maximum number of entries.
    limit: i64,
}

/// The tool that looks something up in a section: adk-rust's way for tools that are known at run time.
fn lookup(told: &loopmark_runner::Tool, section: u32) -> FunctionTool {
    let tool = FunctionTool::new(&told.name, &told.description, move |_, args| async move {
        let Topic { topic, limit } = serde_json::from_value(args).map_err(failed)?;
        json(&synthetic::lookup(section, topic, limit))
    });
    tool.with_parameters_schema::<Topic>()
}

fn json(result: &impl Serialize) -> Result<Value, AdkError> {
    serde_json::to_value(result).map_err(failed)
}

fn failed(error: impl std::error::Error) -> AdkError {
    AdkError::tool(error.to_string())
}
