//! The row "ours": the benchmark's agent on loopmark-agent.

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::TryStreamExt;
use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{Agent, AgentBuilder, Client, Event, blocking_tool, function_tool};
use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::synthetic::{block, compute, fail, lookup, payload, section_of, tally, wait};
use loopmark_runner::{
    Api, Error, Feature, Hello, Identity, Make, UnknownTool, serve, text_seen, traces,
};
use serde::{Deserialize, Serialize};

const OFFERS: &[Feature] = &[
    Feature::Streaming,
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
    Feature::ManyTools,
    Feature::HoldAgents,
    Feature::StructuredOutput,
    Feature::Tracing,
    Feature::Handoff,
];

#[derive(Deserialize, JsonSchema)]
struct Search {
    /// The text to look for.
    query: String,
    /// The maximum number of papers.
    limit: usize,
}

#[derive(Deserialize, JsonSchema)]
struct Read {
    /// The paper's id.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    /// The text.
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Time {
    /// How many milliseconds.
    ms: u64,
}

#[derive(Deserialize, JsonSchema)]
struct CpuTime {
    /// How many milliseconds of CPU time.
    ms: u64,
}

#[derive(Deserialize, JsonSchema)]
struct Size {
    /// How many characters.
    bytes: usize,
}

#[derive(Deserialize, JsonSchema)]
struct List {
    /// The items.
    items: Vec<String>,
    /// What an item is.
    #[serde(rename = "unit")]
    _unit: String,
}

#[derive(Deserialize, JsonSchema)]
struct Topic {
    /// The topic to look for.
    topic: String,
    /// The maximum number of entries.
    limit: i64,
}

/// What a hello asks for as the answer, where it asks for a structure.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Summary {
    title: String,
    topics: Vec<String>,
    words: u64,
}

#[derive(Deserialize, JsonSchema)]
struct Reason {
    /// The message.
    message: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../../Cargo.lock");
    let identity = Identity::from_lock(lock, "loopmark-agent", "hyper");
    let code = serve(identity, OFFERS, build).await;
    traces::flush();
    code
}

struct Ours {
    agent: Agent,
    stream: bool,
    is_structured: bool,
}

async fn build(hello: &Hello) -> Result<Make<Ours>, Error> {
    if let Some(collector) = &hello.tracing {
        traces::send_to(collector, "loopmark-agent")?;
    }
    let corpus = Arc::new(Corpus::load(&hello.scenario)?);
    let client = Client::builder()
        .base_url(&hello.base_url)
        .api_key("made-up")
        .build()?;
    let hello = hello.clone();
    Ok(Box::new(move || {
        let task = &hello.scenario;
        let with_tools = |instructions: &str| {
            let mut agent = Agent::builder(client.clone(), &hello.model)
                .api(match hello.api {
                    Api::ChatCompletions => loopmark_agent::Api::ChatCompletions,
                    Api::Responses => loopmark_agent::Api::Responses,
                })
                .instructions(instructions)
                .max_turns(task.max_turns);
            for tool in &task.tools {
                agent = with_tool(agent, &tool.name, &corpus)?;
            }
            Ok::<_, Error>(agent)
        };
        let mut agent = with_tools(&task.instructions)?;
        if let Some(second) = &hello.handoff {
            let writer = with_tools(&second.instructions)?.build()?;
            agent = agent.tool(writer.as_tool(&second.name, &second.description));
        }
        if hello.output.is_some() {
            agent = agent.answer_type::<Summary>();
        }
        Ok(Ours {
            agent: agent.build()?,
            stream: hello.stream,
            is_structured: hello.output.is_some(),
        })
    }))
}

fn with_tool(
    agent: AgentBuilder,
    name: &str,
    corpus: &Arc<Corpus>,
) -> Result<AgentBuilder, UnknownTool> {
    let corpus = Arc::clone(corpus);
    Ok(match name {
        "search_papers" => agent.tool(function_tool(
            name,
            "Search the library for papers whose title or abstract contains the query.",
            move |Search { query, limit }| {
                let corpus = Arc::clone(&corpus);
                async move { Ok::<_, Infallible>(corpus.search_papers(&query, limit)) }
            },
        )),
        "read_paper" => agent.tool(function_tool(
            name,
            "Read one paper of the library: its authors, year and abstract.",
            move |Read { id }| {
                let corpus = Arc::clone(&corpus);
                async move { corpus.read_paper(&id) }
            },
        )),
        "word_count" => agent.tool(function_tool(
            name,
            "Count the words of a text.",
            |Count { text }| async move { Ok::<_, Infallible>(word_count(&text)) },
        )),
        "wait" => agent.tool(function_tool(
            name,
            "Wait for something else for some milliseconds.",
            |Time { ms }| async move { Ok::<_, Infallible>(wait(ms).await) },
        )),
        "block" => agent.tool(blocking_tool(
            name,
            "Block the calling thread for some milliseconds.",
            |Time { ms }| Ok::<_, Infallible>(block(ms)),
        )),
        "compute" => agent.tool(blocking_tool(
            name,
            "Compute for some milliseconds.",
            |CpuTime { ms }| Ok::<_, Infallible>(compute(ms)),
        )),
        "payload" => agent.tool(function_tool(
            name,
            "Return a text of some length.",
            |Size { bytes }| async move { Ok::<_, Infallible>(payload(bytes)) },
        )),
        "tally" => agent.tool(function_tool(
            name,
            "Count the items of a list.",
            |List { items, .. }| async move { Ok::<_, Infallible>(tally(&items)) },
        )),
        "fail" => agent.tool(function_tool(
            name,
            "Fail with a message.",
            |Reason { message }| async move { fail(message) },
        )),
        name => match section_of(name) {
            Some(section) => agent.tool(function_tool(
                name,
                format!("Look a topic up in section {section} of the handbook."),
                move |Topic { topic, limit }| async move {
                    Ok::<_, Infallible>(lookup(section, topic, limit))
                },
            )),
            None => return Err(UnknownTool(name.to_owned())),
        },
    })
}

impl loopmark_runner::Agent for Ours {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        if self.is_structured {
            let summary: Summary = self.agent.run(prompt).await?.parse()?;
            return Ok(serde_json::to_string(&summary)?);
        }
        if !self.stream {
            return Ok(self.agent.run(prompt).await?.text);
        }
        let mut events = self.agent.stream(prompt);
        while let Some(event) = events.try_next().await? {
            match event {
                Event::Text(text) if !text.is_empty() => text_seen(),
                Event::Answer(answer) => return Ok(answer.text),
                _ => {}
            }
        }
        Err("the stream ended without an answer".into())
    }
}
