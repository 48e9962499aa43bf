//! The agent loop by hand on async-openai: what this client costs without a framework.

use std::process::ExitCode;
use std::sync::Arc;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use loopmark_runner::papers::Corpus;
use loopmark_runner::{Agent as _, Api, Error, Feature, Hello, Identity, Make, Tool, serve};
use serde_json::json;

mod chat;
mod responses;
mod structure;
mod tools;

use tools::{SecondAgent, Toolbox};

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
];

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "async-openai", "reqwest");
    serve(identity, OFFERS, build).await
}

/// The loop over one of the two APIs.
enum Agent {
    Chat(chat::Agent),
    Responses(responses::Agent),
}

async fn build(hello: &Hello) -> Result<Make<Agent>, Error> {
    let config = OpenAIConfig::new()
        .with_api_base(&hello.base_url)
        .with_api_key("made-up");
    let client = Client::with_config(config);
    let corpus = Arc::new(Corpus::load(&hello.scenario)?);
    let hello = hello.clone();
    Ok(Box::new(move || {
        let new_agent = |hello: &Hello, second| {
            let corpus = Arc::clone(&corpus);
            Agent::new(client.clone(), hello, Toolbox { corpus, second })
        };
        let Some(second) = &hello.handoff else {
            return new_agent(&hello, None);
        };
        let mut task_of_second = hello.clone();
        task_of_second.scenario.instructions = second.instructions.clone();
        let agent = Arc::new(new_agent(&task_of_second, None)?);
        let mut task_of_first = hello.clone();
        task_of_first.scenario.tools.push(Tool {
            name: second.name.clone(),
            description: second.description.clone(),
            parameters: json!({
                "type": "object",
                "properties": {"task": {"type": "string", "description": "What to do."}},
                "required": ["task"],
            }),
        });
        let second = SecondAgent {
            name: second.name.clone(),
            run: Box::new(move |task| {
                let agent = Arc::clone(&agent);
                Box::pin(async move { agent.run(task).await })
            }),
        };
        new_agent(&task_of_first, Some(second))
    }))
}

impl Agent {
    fn new(client: Client<OpenAIConfig>, hello: &Hello, tools: Toolbox) -> Result<Agent, Error> {
        Ok(match hello.api {
            Api::ChatCompletions => Agent::Chat(chat::Agent::new(client, hello, tools)?),
            Api::Responses => Agent::Responses(responses::Agent::new(client, hello, tools)?),
        })
    }
}

impl loopmark_runner::Agent for Agent {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        match self {
            Agent::Chat(agent) => agent.run(prompt).await,
            Agent::Responses(agent) => agent.run(prompt).await,
        }
    }
}
