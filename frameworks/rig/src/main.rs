//! The agent loop of rig: `AgentBuilder` with tools made by `#[rig_tool]`.

use std::process::ExitCode;
use std::sync::OnceLock;

use futures_util::TryStreamExt;
use loopmark_runner::papers::{self, Corpus, Found, Paper};
use loopmark_runner::synthetic::{self, Blocked, Computed, Waited};
use loopmark_runner::{
    Api, Error, Feature, Hello, Identity, Make, Task, UnknownTool, serve, text_seen, traces,
};
use rig::agent::WithBuilderTools;
use rig::prelude::*;
use rig::providers::openai::{OpenAIConfig, Route};
use rig::rig_tool;
use rig::streaming::{Item, StreamEvent};
use rig::tool::{DynamicTool, ToolExecutionError, ToolOutput};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const OFFERS: &[Feature] = &[
    Feature::Streaming,
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
    Feature::ManyTools,
    Feature::HoldAgents,
    Feature::StructuredOutput,
    Feature::Handoff,
    Feature::Tracing,
];

/// The tools' data: `#[rig_tool]` takes functions, not methods. Set before the first run.
static CORPUS: OnceLock<Corpus> = OnceLock::new();

/// Search the library for papers whose title or abstract contains the query.
#[rig_tool]
fn search_papers(
    /// The text to look for.
    query: String,
    /// The maximum number of papers.
    limit: usize,
) -> Result<Found, ToolExecutionError> {
    Ok(CORPUS.wait().search_papers(&query, limit))
}

/// Read one paper of the library: its authors, year and abstract.
#[rig_tool]
fn read_paper(
    /// The paper's id.
    id: String,
) -> Result<Paper, ToolExecutionError> {
    let paper = CORPUS.wait().read_paper(&id);
    paper.map_err(|error| ToolExecutionError::not_found(error.to_string()))
}

/// Count the words of a text.
#[rig_tool]
fn word_count(
    /// The text.
    text: String,
) -> Result<usize, ToolExecutionError> {
    Ok(papers::word_count(&text))
}

/// Wait for something else for some milliseconds.
#[rig_tool]
async fn wait(
    /// How many milliseconds.
    ms: u64,
) -> Result<Waited, ToolExecutionError> {
    Ok(synthetic::wait(ms).await)
}

/// Block the calling thread for some milliseconds.
#[rig_tool]
fn block(
    /// How many milliseconds.
    ms: u64,
) -> Result<Blocked, ToolExecutionError> {
    Ok(synthetic::block(ms))
}

/// Compute for some milliseconds.
#[rig_tool]
fn compute(
    /// How many milliseconds of CPU time.
    ms: u64,
) -> Result<Computed, ToolExecutionError> {
    Ok(synthetic::compute(ms))
}

/// Return a text of some length.
#[rig_tool]
fn payload(
    /// How many characters.
    bytes: usize,
) -> Result<synthetic::Payload, ToolExecutionError> {
    Ok(synthetic::payload(bytes))
}

/// Count the items of a list.
#[rig_tool]
fn tally(
    /// The items.
    items: Vec<String>,
    /// What an item is.
    unit: String,
) -> Result<synthetic::Tally, ToolExecutionError> {
    drop(unit);
    Ok(synthetic::tally(&items))
}

#[derive(Deserialize)]
struct Topic {
    topic: String,
    limit: i64,
}

/// The tool that looks something up in a section: rig's way for tools that are known at run time.
fn lookup(tool: &loopmark_runner::Tool, section: u32) -> Result<DynamicTool, Error> {
    let name = tool.name.as_str().try_into()?;
    let call = move |arguments: Value| {
        let Topic { topic, limit } = serde_json::from_value(arguments)
            .map_err(|error| ToolExecutionError::invalid_args(error.to_string()))?;
        let found = synthetic::lookup(section, topic, limit);
        let found = serde_json::to_value(found);
        found
            .map(ToolOutput::json)
            .map_err(|error| ToolExecutionError::other(error.to_string()))
    };
    let description = tool.description.as_str();
    let parameters = tool.parameters.clone();
    Ok(DynamicTool::new(
        name,
        description,
        parameters,
        move |arguments| Box::pin(std::future::ready(call(arguments))),
    ))
}

/// What a hello asks for as the answer, where it asks for a structure.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Summary {
    title: String,
    topics: Vec<String>,
    words: u64,
}

/// Fail with a message.
#[rig_tool]
fn fail(
    /// The message.
    message: String,
) -> Result<(), ToolExecutionError> {
    synthetic::fail(message).map_err(|error| ToolExecutionError::other(error.to_string()))
}

struct Assistant {
    agent: Agent,
    stream: bool,
    is_structured: bool,
}

async fn build(hello: &Hello) -> Result<Make<Assistant>, Error> {
    CORPUS
        .set(Corpus::load(&hello.scenario)?)
        .map_err(|_| "the tools' data is loaded once")?;
    if let Some(collector) = &hello.tracing {
        traces::send_to(collector, "rig")?;
    }
    let openai = OpenAIConfig::new("made-up").with_base_url(&hello.base_url);
    let openai = match hello.api {
        // What rig takes for OpenAI unless it is told otherwise.
        Api::Responses => openai,
        Api::ChatCompletions => openai.with_route(Route::Chat),
    };
    let (openai, hello) = (openai.client(), hello.clone());
    Ok(Box::new(move || {
        let new_agent = |instructions: &str| {
            let agent = AgentBuilder::new(openai.completion(&hello.model)).preamble(instructions);
            with_tools(agent, &hello.scenario)
        };
        let mut agent = new_agent(&hello.scenario.instructions)?;
        if let Some(second) = &hello.handoff {
            let second_agent = new_agent(&second.instructions)?
                .name(&second.name)
                .description(&second.description);
            agent = agent.dynamic_tool(second_agent.build().into_tool()?);
        }
        Ok(Assistant {
            agent: agent.build(),
            stream: hello.stream,
            is_structured: hello.output.is_some(),
        })
    }))
}

fn with_tools(agent: AgentBuilder, task: &Task) -> Result<AgentBuilder<WithBuilderTools>, Error> {
    let mut agent = agent
        .default_max_turns(task.max_turns as usize)
        // None: from here on the builder's type is that of an agent with tools.
        .dynamic_tools(Vec::new());
    for tool in &task.tools {
        agent = match tool.name.as_str() {
            "search_papers" => agent.tool(SearchPapers),
            "read_paper" => agent.tool(ReadPaper),
            "word_count" => agent.tool(WordCount),
            "wait" => agent.tool(Wait),
            "block" => agent.tool(Block),
            "compute" => agent.tool(Compute),
            "payload" => agent.tool(Payload),
            "tally" => agent.tool(Tally),
            "fail" => agent.tool(Fail),
            name => match synthetic::section_of(name) {
                Some(section) => agent.dynamic_tool(lookup(tool, section)?),
                None => return Err(UnknownTool(name.to_owned()).into()),
            },
        };
    }
    Ok(agent)
}

impl loopmark_runner::Agent for Assistant {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        if self.is_structured {
            let summary = self.agent.prompt_typed::<Summary>(prompt).await?.output;
            return Ok(serde_json::to_string(&summary)?);
        }
        let run = self.agent.prompt(prompt);
        if !self.stream {
            return Ok(run.await?.output());
        }
        let mut items = run.stream();
        while let Some(item) = items.try_next().await? {
            match item {
                MultiTurnStreamItem::StreamAssistantItem(Item::Event(StreamEvent::Text {
                    text,
                    ..
                })) if !text.is_empty() => text_seen(),
                MultiTurnStreamItem::FinalResponse(response) => return Ok(response.output()),
                _ => {}
            }
        }
        Err("the stream ended without a final response".into())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "rig", "reqwest@0.13");
    let code = serve(identity, OFFERS, build).await;
    traces::flush();
    code
}
