//! The agent loop of adk-rust: `LlmAgentBuilder` and a `Runner`, tools made by `#[tool]`, a session for each run.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;

use adk_rust::agent::LlmAgentBuilder;
use adk_rust::model::openai::{
    OpenAIClient, OpenAIConfig, OpenAIResponsesClient, OpenAIResponsesConfig,
};
use adk_rust::runner::Runner;
use adk_rust::session::{CreateRequest, InMemorySessionService, SessionService};
use adk_rust::{Content, Event, Llm, SessionId, Tool, UserId};
use futures_util::TryStreamExt;
use loopmark_runner::{Api, Error, Feature, Hello, Identity, Make, serve, text_seen, traces};
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
    Feature::Handoff,
    Feature::Tracing,
];

const APP: &str = "library";
const USER: &str = "reader";

struct Assistant {
    runner: Runner,
    sessions: Arc<dyn SessionService>,
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
    if let Some(collector) = &hello.tracing {
        traces::send_to(collector, "adk-rust")?;
    }
    let tools = tools::of(&hello.scenario)?;
    let (model, hello) = (model(hello)?, hello.clone());
    Ok(Box::new(move || new_assistant(&hello, &model, &tools)))
}

fn model(hello: &Hello) -> Result<Arc<dyn Llm>, Error> {
    const KEY: &str = "made-up";
    Ok(match hello.api {
        // What adk-rust takes for OpenAI unless it is told otherwise.
        Api::ChatCompletions => Arc::new(OpenAIClient::new(OpenAIConfig::compatible(
            KEY,
            &hello.base_url,
            &hello.model,
        ))?),
        Api::Responses => Arc::new(OpenAIResponsesClient::new(
            OpenAIResponsesConfig::new(KEY, &hello.model).with_base_url(&hello.base_url),
        )?),
    })
}

fn new_assistant(
    hello: &Hello,
    model: &Arc<dyn Llm>,
    tools: &[Arc<dyn Tool>],
) -> Result<Assistant, Error> {
    let new_agent = |name: &str, instructions: &str| {
        let agent = LlmAgentBuilder::new(name)
            .instruction(instructions)
            .model(Arc::clone(model))
            .max_iterations(hello.scenario.max_turns);
        let tools = tools.iter().map(Arc::clone);
        tools.fold(agent, LlmAgentBuilder::tool)
    };
    let mut agent = new_agent("research_assistant", &hello.scenario.instructions);
    if let Some(second) = &hello.handoff {
        let second_agent =
            new_agent(&second.name, &second.instructions).description(&second.description);
        agent = agent.sub_agent(Arc::new(second_agent.build()?));
    }
    if hello.output.is_some() {
        agent = agent.output_type::<Summary>();
    }
    let sessions: Arc<dyn SessionService> = Arc::new(InMemorySessionService::new());
    let runner = Runner::builder()
        .app_name(APP)
        .agent(Arc::new(agent.build()?))
        .session_service(Arc::clone(&sessions))
        .build()?;
    Ok(Assistant {
        runner,
        sessions,
        is_structured: hello.output.is_some(),
    })
}

impl loopmark_runner::Agent for Assistant {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        let session = SessionId::generate();
        let request = CreateRequest {
            app_name: APP.to_owned(),
            user_id: USER.to_owned(),
            session_id: Some(session.to_string()),
            state: HashMap::new(),
        };
        self.sessions.create(request).await?;
        let content = Content::new("user").with_text(prompt);
        let mut events = self
            .runner
            .run(UserId::new(USER)?, session, content)
            .await?;
        let mut answer = String::new();
        while let Some(event) = events.try_next().await? {
            let text = text_of(&event);
            if text.is_empty() {
                continue;
            }
            if event.llm_response.partial {
                text_seen();
            }
            if event.is_final_response() {
                answer = text;
            }
        }
        if self.is_structured {
            let summary: Summary = serde_json::from_str(&answer)?;
            return Ok(serde_json::to_string(&summary)?);
        }
        Ok(answer)
    }
}

fn text_of(event: &Event) -> String {
    let parts = event.content().map_or(&[][..], |content| &content.parts);
    parts.iter().filter_map(|part| part.text()).collect()
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "adk-rust", "reqwest@0.12");
    let code = serve(identity, OFFERS, build).await;
    traces::flush();
    code
}
