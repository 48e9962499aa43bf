//! The agent loop of aisdk: a `LanguageModelRequest` with tools for each run, over its provider for OpenAI.

use std::process::ExitCode;
use std::sync::Arc;

use aisdk::core::tools::Tool;
use aisdk::core::utils::step_count_is;
use aisdk::core::{DynamicModel, LanguageModelRequest};
use aisdk::providers::OpenAI;
use loopmark_runner::{Error, Feature, Hello, Identity, Make, serve};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod tools;

const OFFERS: &[Feature] = &[
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
    Feature::ManyTools,
    Feature::StructuredOutput,
];

/// Makes a request for each run: it is one conversation.
struct Assistant {
    hello: Arc<Hello>,
    model: OpenAI<DynamicModel>,
    tools: Arc<[Tool]>,
}

/// What a hello asks for as the answer, where it asks for a structure.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Summary {
    title: String,
    topics: Vec<String>,
    words: u64,
}

async fn build(hello: &Hello) -> Result<Make<Assistant>, Error> {
    let tools: Arc<[Tool]> = tools::of(&hello.scenario)?.into();
    let model = OpenAI::<DynamicModel>::builder()
        .base_url(&hello.base_url)
        // As shipped, it has the "/v1" that the base URL ends with.
        .path("/responses")
        .api_key("made-up")
        .model_name(&hello.model)
        .build()?;
    let hello = Arc::new(hello.clone());
    Ok(Box::new(move || {
        Ok(Assistant {
            hello: Arc::clone(&hello),
            model: model.clone(),
            tools: Arc::clone(&tools),
        })
    }))
}

impl Assistant {
    fn request(&self, prompt: String) -> LanguageModelRequest<OpenAI<DynamicModel>> {
        let task = &self.hello.scenario;
        let mut request = LanguageModelRequest::builder()
            .model(self.model.clone())
            .system(&task.instructions)
            .prompt(prompt)
            .stop_when(step_count_is(task.max_turns as usize));
        for tool in self.tools.iter() {
            request = request.with_tool(tool.clone());
        }
        if self.hello.output.is_some() {
            request = request.schema::<Summary>();
        }
        request.build()
    }
}

impl loopmark_runner::Agent for Assistant {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        let response = self.request(prompt).generate_text().await?;
        if self.hello.output.is_some() {
            let summary: Summary = response.into_schema()?;
            return Ok(serde_json::to_string(&summary)?);
        }
        let text = response.text();
        text.ok_or_else(|| "the agent stopped without an answer".into())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "aisdk", "reqwest@0.12");
    serve(identity, OFFERS, build).await
}
