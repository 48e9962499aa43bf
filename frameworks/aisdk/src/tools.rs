//! The tools, as values of aisdk's `Tool`: a name, a description, a schema of the arguments and a function.

use std::sync::Arc;

use aisdk::core::tools::{Tool, ToolExecute};
use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::{Error, Task, UnknownTool, synthetic};
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

/// The tools that the task offers.
pub fn of(task: &Task) -> Result<Vec<Tool>, Error> {
    let corpus = Arc::new(Corpus::load(task)?);
    let tools = task.tools.iter().map(|told| tool(told, &corpus));
    Ok(tools.collect::<Result<_, _>>()?)
}

fn tool(told: &loopmark_runner::Tool, corpus: &Arc<Corpus>) -> Result<Tool, UnknownTool> {
    let corpus = Arc::clone(corpus);
    Ok(match told.name.as_str() {
        "search_papers" => function(told, move |Search { query, limit }| {
            json(&corpus.search_papers(&query, limit))
        }),
        "read_paper" => function(told, move |Read { id }| {
            json(&corpus.read_paper(&id).map_err(failed)?)
        }),
        "word_count" => function(told, |Count { text }| json(&word_count(&text))),
        // A tool is a plain function, which can only block to wait.
        "wait" => function(told, |Time { ms }| {
            let waited = block_in_place(|| Handle::current().block_on(synthetic::wait(ms)));
            json(&waited)
        }),
        "block" => function(told, |Time { ms }| json(&synthetic::block(ms))),
        "compute" => function(told, |CpuTime { ms }| json(&synthetic::compute(ms))),
        "payload" => function(told, |Size { bytes }| json(&synthetic::payload(bytes))),
        "tally" => function(told, |List { items, .. }| json(&synthetic::tally(&items))),
        "fail" => function(told, |Reason { message }| {
            synthetic::fail(message).map_err(failed)?;
            json(&())
        }),
        name => match synthetic::section_of(name) {
            Some(section) => function(told, move |Topic { topic, limit }| {
                json(&synthetic::lookup(section, topic, limit))
            }),
            None => return Err(UnknownTool(name.to_owned())),
        },
    })
}

/// A tool of these arguments, which says what the model is told of it.
fn function<A: DeserializeOwned + JsonSchema>(
    told: &loopmark_runner::Tool,
    call: impl Fn(A) -> Result<String, String> + Send + Sync + 'static,
) -> Tool {
    let call = move |arguments| call(serde_json::from_value(arguments).map_err(failed)?);
    Tool {
        name: told.name.clone(),
        description: told.description.clone(),
        input_schema: schema_for!(A),
        execute: ToolExecute::new(Box::new(call)),
    }
}

/// What the model gets is a text.
fn json(result: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(result).map_err(failed)
}

fn failed(error: impl std::error::Error) -> String {
    error.to_string()
}

#[derive(Deserialize, JsonSchema)]
struct Search {
    /// The text to look for.
    query: String,
    /// The maximum number of papers.
    limit: usize,
}

#[derive(Deserialize, JsonSchema)]
struct Read {
    /// The paper's id.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    /// The text.
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Time {
    /// How many milliseconds.
    ms: u64,
}

#[derive(Deserialize, JsonSchema)]
struct CpuTime {
    /// How many milliseconds of CPU time.
    ms: u64,
}

#[derive(Deserialize, JsonSchema)]
struct Size {
    /// How many characters.
    bytes: usize,
}

#[derive(Deserialize, JsonSchema)]
struct List {
    /// The items.
    items: Vec<String>,
    /// What an item is.
    #[serde(rename = "unit")]
    _unit: String,
}

#[derive(Deserialize, JsonSchema)]
struct Topic {
    /// The topic to look for.
    topic: String,
    /// The maximum number of entries.
    limit: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Reason {
    /// The message.
    message: String,
}
