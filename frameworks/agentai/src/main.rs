//! The agent loop of AgentAI: `Agent` over a genai client, tools made by `#[toolbox]`.

use std::process::ExitCode;
use std::sync::Arc;

use agentai::genai::Client;
use agentai::genai::adapter::AdapterKind;
use agentai::genai::resolver::{AuthData, Endpoint};
use agentai::tool::ToolBox;
use agentai::{Agent, AgentEvent, AgentResult};
use futures_util::TryStreamExt;
use loopmark_runner::{Api, Error, Feature, Hello, Identity, Make, serve, text_seen};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod tools;

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

struct Assistant {
    agent: Agent,
    stream: bool,
    is_structured: bool,
}

/// What a hello asks for as the answer, where it asks for a structure.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Summary {
    title: String,
    topics: Vec<String>,
    words: u64,
}

async fn build(hello: &Hello) -> Result<Make<Assistant>, Error> {
    let tools: Arc<dyn ToolBox> = Arc::new(tools::of(&hello.scenario)?);
    let adapter = match hello.api {
        // What genai takes for OpenAI's models of these names.
        Api::ChatCompletions => AdapterKind::OpenAI,
        Api::Responses => AdapterKind::OpenAIResp,
    };
    // genai joins its paths to the URL, whose last part they would replace without the slash.
    let endpoint = Endpoint::from_owned(format!("{}/", hello.base_url));
    let client = Client::builder()
        .with_adapter_kind(adapter)
        .append_provider_config(adapter, (endpoint, AuthData::from_single("made-up")))
        .build()?;
    let hello = hello.clone();
    Ok(Box::new(move || {
        let task = &hello.scenario;
        let agent = Agent::from_client(client.clone(), &hello.model, &task.instructions)
            .with_toolbox_arc(Arc::clone(&tools))
            .with_max_iterations(task.max_turns as usize);
        Ok(Assistant {
            agent,
            stream: hello.stream,
            is_structured: hello.output.is_some(),
        })
    }))
}

impl loopmark_runner::Agent for Assistant {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        if self.is_structured {
            let result: AgentResult<Summary> = self.agent.run(prompt).await?;
            return Ok(serde_json::to_string(&result.answer)?);
        }
        if !self.stream {
            let result: AgentResult<String> = self.agent.run(prompt).await?;
            return Ok(result.answer);
        }
        let mut events = self.agent.run_stream::<String>(prompt).await?;
        while let Some(event) = events.try_next().await? {
            match event {
                AgentEvent::TextDelta(text) if !text.is_empty() => text_seen(),
                AgentEvent::Finished(result) => return Ok(result.answer),
                _ => {}
            }
        }
        Err("the stream ended without a result".into())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "agentai", "reqwest@0.13");
    serve(identity, OFFERS, build).await
}
