//! The floor of Rust: the agent loop by hand over hyper, on Chat Completions or Responses.

use std::process::ExitCode;
use std::sync::Arc;

use loopmark_runner::papers::Corpus;
use loopmark_runner::{Api, Error, Feature, Hello, Identity, Make, serve};

mod chat;
mod responses;
mod server;
mod sse;
mod structure;
mod tools;

use server::{Server, http_client};
use tools::Toolbox;

const OFFERS: &[Feature] = &[
    Feature::Streaming,
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
    Feature::ManyTools,
    Feature::HoldAgents,
    Feature::StructuredOutput,
];

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    serve(Identity::from_lock(lock, "hyper", "hyper"), OFFERS, build).await
}

/// The loop over one of the two APIs.
enum Agent {
    Chat(chat::Agent),
    Responses(responses::Agent),
}

async fn build(hello: &Hello) -> Result<Make<Agent>, Error> {
    let client = http_client();
    let corpus = Arc::new(Corpus::load(&hello.scenario)?);
    let hello = hello.clone();
    Ok(Box::new(move || {
        let server = |path| {
            let url = format!("{}/{path}", hello.base_url).parse()?;
            let client = client.clone();
            Ok::<_, Error>(Server { client, url })
        };
        let tools = Toolbox(Arc::clone(&corpus));
        Ok(match hello.api {
            Api::ChatCompletions => {
                let server = server("chat/completions")?;
                Agent::Chat(chat::Agent::new(server, &hello, tools))
            }
            Api::Responses => {
                let server = server("responses")?;
                Agent::Responses(responses::Agent::new(server, &hello, tools))
            }
        })
    }))
}

impl loopmark_runner::Agent for Agent {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        match self {
            Agent::Chat(agent) => agent.run(prompt).await,
            Agent::Responses(agent) => agent.run(prompt).await,
        }
    }
}
