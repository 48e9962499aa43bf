//! The row "ours": the benchmark's agent on loopmark-agent.

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{Agent, Client, function_tool};
use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::{Api, Error, Hello, Identity, serve};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Search {
    /// What to look for in titles and abstracts.
    query: String,
    /// How many papers to return at most.
    limit: usize,
}

#[derive(Deserialize, JsonSchema)]
struct Read {
    /// The paper's id.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    /// The text whose words to count.
    text: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../../Cargo.lock");
    serve(Identity::from_lock(lock, "loopmark-agent", "hyper"), build).await
}

struct Ours(Agent);

async fn build(hello: &Hello) -> Result<Ours, Error> {
    let task = &hello.scenario;
    let corpus = Arc::new(Corpus::load(task)?);
    let search = corpus.clone();
    let search_papers = function_tool(
        "search_papers",
        "Searches the papers by a word of their title or abstract.",
        move |Search { query, limit }| {
            let corpus = search.clone();
            async move { Ok::<_, Infallible>(corpus.search_papers(&query, limit)) }
        },
    );
    let read_paper = function_tool(
        "read_paper",
        "Reads a paper with its abstract.",
        move |Read { id }| {
            let corpus = corpus.clone();
            async move { corpus.read_paper(&id) }
        },
    );
    let word_count = function_tool(
        "word_count",
        "Counts the words of a text.",
        |Count { text }| async move { Ok::<_, Infallible>(word_count(&text)) },
    );
    let client = Client::builder()
        .base_url(&hello.base_url)
        .api_key("made-up")
        .build()?;
    let agent = Agent::builder(client, &hello.model)
        .api(match hello.api {
            Api::ChatCompletions => loopmark_agent::Api::ChatCompletions,
            Api::Responses => loopmark_agent::Api::Responses,
        })
        .instructions(&task.instructions)
        .max_turns(task.max_turns)
        .tool(search_papers)
        .tool(read_paper)
        .tool(word_count)
        .build()?;
    Ok(Ours(agent))
}

impl loopmark_runner::Agent for Ours {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        Ok(self.0.run(prompt).await?.text)
    }
}
