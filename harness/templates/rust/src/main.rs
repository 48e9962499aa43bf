//! The agent loop of @name@.

use std::process::ExitCode;
use std::sync::Arc;

use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::synthetic::{block, compute, fail, payload, wait};
use loopmark_runner::{Error, Feature, Hello, Identity, Make, UnknownTool, serve};
use serde::Deserialize;

/// What the runner can do beyond plain runs; `Feature::Streaming` too, once the agent does what
/// `hello.stream` asks for.
const OFFERS: &[Feature] = &[
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
];

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    // FILL IN: the framework's crate and its HTTP client's; the lock file has their versions.
    serve(Identity::from_lock(lock, "tokio", "tokio"), OFFERS, build).await
}

struct Agent {
    tools: Arc<Tools>,
}

/// Makes what all agents share, and gives what makes an agent.
async fn build(hello: &Hello) -> Result<Make<Agent>, Error> {
    let tools = Arc::new(Tools(Corpus::load(&hello.scenario)?));
    // >>> FILL IN: the framework's client and model, from `hello.base_url`, `hello.api` and
    // `hello.model`. An agent has `hello.scenario.instructions`, and `hello.scenario.tools`, whose
    // results `Tools::call` gives.
    Ok(Box::new(move || {
        Ok(Agent {
            tools: Arc::clone(&tools),
        })
    }))
}

impl loopmark_runner::Agent for Agent {
    /// Runs the agent on a fresh conversation, and gives its answer.
    async fn run(&self, _prompt: String) -> Result<String, Error> {
        let _call = |name, arguments| self.tools.call(name, arguments);
        Err("the agent is not written yet: fill in src/main.rs".into())
    }
}
// <<<

/// The scenarios' tools; a framework with a macro for tools has its own over the same functions.
struct Tools(Corpus);

impl Tools {
    /// What the model is told of a tool: its result as JSON.
    async fn call(&self, name: &str, arguments: &str) -> Result<String, Error> {
        Ok(match name {
            "search_papers" => {
                let Search { query, limit } = serde_json::from_str(arguments)?;
                serde_json::to_string(&self.0.search_papers(&query, limit))?
            }
            "read_paper" => {
                let Read { id } = serde_json::from_str(arguments)?;
                serde_json::to_string(&self.0.read_paper(&id)?)?
            }
            "word_count" => {
                let Count { text } = serde_json::from_str(arguments)?;
                word_count(&text).to_string()
            }
            "wait" => {
                let Time { ms } = serde_json::from_str(arguments)?;
                serde_json::to_string(&wait(ms).await)?
            }
            "block" => {
                let Time { ms } = serde_json::from_str(arguments)?;
                serde_json::to_string(&block(ms))?
            }
            "compute" => {
                let Time { ms } = serde_json::from_str(arguments)?;
                serde_json::to_string(&compute(ms))?
            }
            "payload" => {
                let Size { bytes } = serde_json::from_str(arguments)?;
                serde_json::to_string(&payload(bytes))?
            }
            "fail" => {
                let Reason { message } = serde_json::from_str(arguments)?;
                serde_json::to_string(&fail(message)?)?
            }
            name => return Err(UnknownTool(name.to_owned()).into()),
        })
    }
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
struct Reason {
    message: String,
}
