//! The agent loop of yoagent: `Agent::from_config`, tools by the trait `AgentTool`, the answer from the agent's events.

use std::process::ExitCode;
use std::sync::Arc;

use loopmark_runner::papers::Corpus;
use loopmark_runner::{Api, Error, Feature, Hello, Identity, Make, serve, text_seen, traces};
use serde::{Deserialize, Serialize};
use yoagent::context::ExecutionLimits;
use yoagent::provider::ModelConfig;
use yoagent::{
    Agent, AgentEvent, AgentMessage, AgentTool, Content, Message, StopReason, StreamDelta,
    SubAgentTool,
};

use crate::tools::Tool;

mod tools;

const OFFERS: &[Feature] = &[
    Feature::Streaming,
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
    Feature::ManyTools,
    Feature::StructuredOutput,
    Feature::Handoff,
    Feature::Tracing,
];

const KEY: &str = "made-up";

/// Makes an agent for each run: an agent is one conversation.
struct Assistant {
    hello: Arc<Hello>,
    model: ModelConfig,
    tools: Arc<[Tool]>,
}

/// What a hello asks for as the answer, where it asks for a structure.
#[derive(Serialize, Deserialize)]
struct Summary {
    title: String,
    topics: Vec<String>,
    words: u64,
}

async fn build(hello: &Hello) -> Result<Make<Assistant>, Error> {
    let corpus = Arc::new(Corpus::load(&hello.scenario)?);
    if let Some(collector) = &hello.tracing {
        traces::send_to(collector, "yoagent")?;
    }
    let tools = hello.scenario.tools.iter().map(|tool| Tool {
        told: Arc::new(tool.clone()),
        corpus: Arc::clone(&corpus),
    });
    let (model, tools) = (model(hello), tools.collect::<Arc<[_]>>());
    let hello = Arc::new(hello.clone());
    Ok(Box::new(move || {
        Ok(Assistant {
            hello: Arc::clone(&hello),
            model: model.clone(),
            tools: Arc::clone(&tools),
        })
    }))
}

fn model(hello: &Hello) -> ModelConfig {
    let name = hello.model.as_str();
    let mut model = match hello.api {
        // What yoagent takes for OpenAI unless it is told otherwise.
        Api::ChatCompletions => ModelConfig::openai(name, name),
        Api::Responses => ModelConfig::openai_responses(name, name),
    };
    model.base_url.clone_from(&hello.base_url);
    // yoagent has no presets for these models; what OpenAI documents of them.
    (model.context_window, model.max_tokens) = match name {
        "gpt-4.1-mini" => (1_047_576, 32_768),
        _ => (128_000, 16_384),
    };
    model
}

impl Assistant {
    fn new_agent(&self) -> Agent {
        let task = &self.hello.scenario;
        let tools = self.tools.iter().cloned();
        let tools = tools.map(|tool| Box::new(tool) as Box<dyn AgentTool>);
        let limits = ExecutionLimits::default()
            .with_max_turns(task.max_turns as usize)
            .with_max_total_tokens(usize::MAX);
        let agent = Agent::from_config(self.model.clone())
            .with_api_key(KEY)
            .with_system_prompt(&task.instructions)
            .with_tools(tools.collect())
            .with_execution_limits(limits);
        match &self.hello.handoff {
            Some(second) => agent.with_sub_agent(
                SubAgentTool::from_config(&second.name, self.model.clone())
                    .with_api_key(KEY)
                    .with_description(&second.description)
                    .with_system_prompt(&second.instructions)
                    .with_tools(self.shared_tools()),
            ),
            None => agent,
        }
    }

    /// As a second agent takes them.
    fn shared_tools(&self) -> Vec<Arc<dyn AgentTool>> {
        let tools = self.tools.iter().cloned();
        tools
            .map(|tool| Arc::new(tool) as Arc<dyn AgentTool>)
            .collect()
    }
}

impl loopmark_runner::Agent for Assistant {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        let mut agent = self.new_agent();
        if let Some(output) = &self.hello.output {
            let schema = output.schema.clone();
            let summary: Summary = agent.prompt_structured(prompt, schema).await?;
            return Ok(serde_json::to_string(&summary)?);
        }
        let mut events = agent.prompt(prompt).await;
        while let Some(event) = events.recv().await {
            match event {
                AgentEvent::MessageUpdate {
                    delta: StreamDelta::Text { delta },
                    ..
                } if !delta.is_empty() => text_seen(),
                AgentEvent::AgentEnd { .. } => break,
                _ => {}
            }
        }
        agent.finish().await;
        answer(agent.messages())
    }
}

/// What the model said last; an agent that can't go on says why in a message.
fn answer(messages: &[AgentMessage]) -> Result<String, Error> {
    let Some(Message::Assistant {
        content,
        stop_reason,
        error_message,
        ..
    }) = messages.last().and_then(AgentMessage::as_llm)
    else {
        return Err("the agent stopped without an answer".into());
    };
    if matches!(stop_reason, StopReason::Error | StopReason::Aborted) {
        let reason = error_message.as_deref();
        return Err(reason.unwrap_or("the agent failed").into());
    }
    let texts = content.iter().filter_map(|part| match part {
        Content::Text { text } => Some(text.as_str()),
        _ => None,
    });
    Ok(texts.collect())
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "yoagent", "reqwest@0.13");
    let code = serve(identity, OFFERS, build).await;
    traces::flush();
    code
}
