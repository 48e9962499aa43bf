//! The agent loop of rig: `AgentBuilder` with tools made by `#[rig_tool]`.

use std::process::ExitCode;
use std::sync::OnceLock;

use loopmark_runner::papers::{self, Corpus, Found, Paper, UnknownPaper};
use loopmark_runner::{Api, Error, Hello, Identity, serve};
use rig::prelude::*;
use rig::providers::openai::{OpenAIConfig, Route};
use rig::rig_tool;
use rig::tool::ToolExecutionError;

/// The tools' data: `#[rig_tool]` takes functions, not methods. Set before the first run.
static CORPUS: OnceLock<Corpus> = OnceLock::new();

/// Search the library for papers whose title or abstract contains the query.
#[rig_tool]
fn search_papers(
    /// The text to look for.
    query: String,
    /// At most so many papers.
    limit: usize,
) -> Result<Found, ToolExecutionError> {
    Ok(CORPUS.wait().search_papers(&query, limit))
}

/// Read one paper of the library: its authors, year and abstract.
#[rig_tool]
fn read_paper(
    /// The paper's id.
    id: String,
) -> Result<Paper, UnknownPaper> {
    CORPUS.wait().read_paper(&id)
}

/// Count the words of a text.
#[rig_tool]
fn word_count(
    /// The text.
    text: String,
) -> Result<usize, ToolExecutionError> {
    Ok(papers::word_count(&text))
}

struct Assistant(Agent);

async fn build(hello: &Hello) -> Result<Assistant, Error> {
    let task = &hello.scenario;
    CORPUS
        .set(Corpus::load(task)?)
        .map_err(|_| "the agent is built once")?;
    let openai = OpenAIConfig::new("made-up").with_base_url(&hello.base_url);
    let openai = match hello.api {
        // What rig takes for OpenAI unless it is told otherwise.
        Api::Responses => openai,
        Api::ChatCompletions => openai.with_route(Route::Chat),
    };
    let agent = AgentBuilder::new(openai.client().completion(&hello.model))
        .preamble(&task.instructions)
        .tool(SearchPapers)
        .tool(ReadPaper)
        .tool(WordCount)
        .default_max_turns(task.max_turns as usize)
        .build();
    Ok(Assistant(agent))
}

impl loopmark_runner::Agent for Assistant {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        Ok(self.0.prompt(prompt).await?.output())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    serve(Identity::from_lock(lock, "rig", "reqwest@0.13"), build).await
}
