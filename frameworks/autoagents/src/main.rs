//! The agent loop of AutoAgents: `ReActAgent` over the OpenAI provider, tools made by `#[tool]`.

use std::process::ExitCode;
use std::sync::Arc;

use autoagents::core::agent::memory::SlidingWindowMemory;
use autoagents::core::agent::prebuilt::executor::ReActAgent;
use autoagents::core::agent::task::Task;
use autoagents::core::agent::{AgentBuilder, AgentDeriveT, DirectAgent};
use autoagents::core::tool::{ToolT, shared_tools_to_boxes};
use autoagents::llm::LLMProvider;
use autoagents::llm::backends::openai::{OpenAI, OpenAIApiMode};
use autoagents::llm::builder::LLMBuilder;
use autoagents_derive::AgentHooks;
use autoagents_telemetry::Tracer;
use futures_util::TryStreamExt;
use loopmark_runner::papers::Corpus;
use loopmark_runner::{Agent, Api, Error, Feature, Hello, Identity, Make, serve, text_seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::traces::Traces;

mod tools;
mod traces;

const OFFERS: &[Feature] = &[
    Feature::Streaming,
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
    Feature::ManyTools,
    Feature::StructuredOutput,
    Feature::Tracing,
];

/// What `#[agent]` writes for instructions and tools that are known when it is compiled; here they
/// come with the hello.
#[derive(Debug, Clone, AgentHooks)]
struct Assistant {
    instructions: String,
    tools: Vec<Arc<dyn ToolT>>,
    output_schema: Option<Value>,
}

/// What a hello asks for as the answer, where it asks for a structure.
#[derive(Serialize, Deserialize)]
struct Summary {
    title: String,
    topics: Vec<String>,
    words: u64,
}

impl AgentDeriveT for Assistant {
    type Output = String;

    fn name(&self) -> &str {
        "assistant"
    }

    fn description(&self) -> &str {
        &self.instructions
    }

    fn output_schema(&self) -> Option<Value> {
        self.output_schema.clone()
    }

    fn tools(&self) -> Vec<Box<dyn ToolT>> {
        shared_tools_to_boxes(&self.tools)
    }
}

/// Makes an agent for each run: an agent's memory is its conversation.
struct Runner {
    llm: Arc<dyn LLMProvider>,
    assistant: Assistant,
    max_turns: usize,
    stream: bool,
    traces: Option<Traces>,
}

async fn build(hello: &Hello, tracer: &mut Option<Tracer>) -> Result<Make<Runner>, Error> {
    let corpus = Arc::new(Corpus::load(&hello.scenario)?);
    let llm: Arc<OpenAI> = LLMBuilder::<OpenAI>::new()
        .api_key("made-up")
        .base_url(&hello.base_url)
        .model(&hello.model)
        .api_mode(match hello.api {
            // What AutoAgents takes for OpenAI unless it is told otherwise.
            Api::Responses => OpenAIApiMode::Responses,
            Api::ChatCompletions => OpenAIApiMode::ChatCompletions,
        })
        .build()?;
    let mut traces = None;
    if let Some(collector) = &hello.tracing {
        let (to, by) = traces::send_to(collector)?;
        (traces, *tracer) = (Some(to), Some(by));
    }
    let hello = hello.clone();
    Ok(Box::new(move || {
        let task = &hello.scenario;
        let names = task.tools.iter().map(|tool| tool.name.as_str());
        Ok(Runner {
            llm: llm.clone(),
            assistant: Assistant {
                instructions: task.instructions.clone(),
                tools: names
                    .map(|name| tools::tool(name, &corpus))
                    .collect::<Result<_, _>>()?,
                // As `StructuredOutputFormat` has it.
                output_schema: hello.output.as_ref().map(
                    |output| json!({"name": output.name, "schema": output.schema, "strict": true}),
                ),
            },
            max_turns: task.max_turns as usize,
            stream: hello.stream,
            traces: traces.clone(),
        })
    }))
}

impl Agent for Runner {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        let react = ReActAgent::with_max_turns(self.assistant.clone(), self.max_turns);
        // The prompt, and for each turn what the model said and what its tools gave.
        let messages = 1 + 2 * self.max_turns;
        let handle = AgentBuilder::<_, DirectAgent>::new(react)
            .llm(self.llm.clone())
            .memory(Box::new(SlidingWindowMemory::new(messages)))
            .stream(self.stream)
            .build()
            .await?;
        match &self.traces {
            Some(traces) => traces.follow(handle.rx),
            // Nobody subscribes to the agent's events.
            None => drop(handle.rx),
        }
        let task = Task::new(prompt);
        if self.assistant.output_schema.is_some() {
            let summary: Summary = serde_json::from_str(&handle.agent.run(task).await?)?;
            return Ok(serde_json::to_string(&summary)?);
        }
        if !self.stream {
            return Ok(handle.agent.run(task).await?);
        }
        // Pieces of the text, and last the answer as a whole.
        let mut outputs = handle.agent.run_stream(task).await?;
        let mut answer = None;
        while let Some(output) = outputs.try_next().await? {
            if !output.is_empty() {
                text_seen();
            }
            answer = Some(output);
        }
        answer.ok_or_else(|| "the stream ended without an answer".into())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "autoagents", "reqwest");
    let mut tracer = None;
    let code = serve(identity, OFFERS, async |hello| {
        build(hello, &mut tracer).await
    })
    .await;
    if let Some(mut tracer) = tracer {
        // The process ends; there is nobody left to tell.
        let _ = tracer.shutdown().await;
    }
    code
}
