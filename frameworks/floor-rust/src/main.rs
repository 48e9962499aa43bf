//! The floor of Rust: the agent loop by hand, Chat Completions over hyper.

use std::process::ExitCode;
use std::sync::Arc;

use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, Uri, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::synthetic::{block, compute, fail, payload, wait};
use loopmark_runner::{Api, Error, Feature, Hello, Identity, Make, UnknownTool, serve};
use serde::Deserialize;

mod stream;
mod wire;

use stream::Pieces;
use wire::{ChatRequest, ChatResponse, FunctionCall, FunctionTool, Message, Role, ToolCall};

const OFFERS: &[Feature] = &[
    Feature::Streaming,
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
];

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    serve(Identity::from_lock(lock, "hyper", "hyper"), OFFERS, build).await
}

struct Agent {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    model: String,
    instructions: String,
    tools: Vec<FunctionTool>,
    max_turns: u32,
    stream: bool,
    corpus: Arc<Corpus>,
}

async fn build(hello: &Hello) -> Result<Make<Agent>, Error> {
    if hello.api != Api::ChatCompletions {
        return Err(format!("this floor does not speak {}", hello.api).into());
    }
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    // The pool's size is not limited.
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let corpus = Arc::new(Corpus::load(&hello.scenario)?);
    let hello = hello.clone();
    Ok(Box::new(move || {
        let task = &hello.scenario;
        Ok(Agent {
            client: client.clone(),
            url: format!("{}/chat/completions", hello.base_url).parse()?,
            model: hello.model.clone(),
            instructions: task.instructions.clone(),
            tools: task.tools.iter().cloned().map(FunctionTool::from).collect(),
            max_turns: task.max_turns,
            stream: hello.stream,
            corpus: Arc::clone(&corpus),
        })
    }))
}

impl loopmark_runner::Agent for Agent {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        let mut messages = vec![
            Message::new(Role::System, self.instructions.clone()),
            Message::new(Role::User, prompt),
        ];
        for _ in 0..self.max_turns {
            let reply = self.complete(&messages).await?;
            if reply.tool_calls.is_empty() {
                return reply
                    .content
                    .ok_or_else(|| "the final message has no content".into());
            }
            let calls = reply.tool_calls.iter().map(|call| self.result_of(call));
            let results = join_all(calls).await;
            messages.push(reply);
            messages.extend(results);
        }
        Err(format!("no answer after {} turns", self.max_turns).into())
    }
}

impl Agent {
    /// One LLM call.
    async fn complete(&self, messages: &[Message]) -> Result<Message, Error> {
        let body = ChatRequest {
            model: &self.model,
            messages,
            tools: &self.tools,
            stream: self.stream,
        };
        let request = Request::post(&self.url)
            .header(header::AUTHORIZATION, "Bearer made-up")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(serde_json::to_vec(&body)?))?;
        let response = self.client.request(request).await?;
        let status = response.status();
        if !status.is_success() {
            let body = response.into_body().collect().await?.to_bytes();
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        if self.stream {
            return read_pieces(response).await;
        }
        let body = response.into_body().collect().await?.to_bytes();
        let completion: ChatResponse = serde_json::from_slice(&body)?;
        let choice = completion
            .choices
            .into_iter()
            .next()
            .ok_or("the reply has no choices")?;
        Ok(choice.message)
    }

    /// The tool's message to the model; a failure is told to the model too.
    async fn result_of(&self, call: &ToolCall) -> Message {
        let result = self.call(&call.function).await;
        let content = result.unwrap_or_else(|error| format!("error: {error}"));
        Message {
            tool_call_id: Some(call.id.clone()),
            ..Message::new(Role::Tool, content)
        }
    }

    async fn call(&self, function: &FunctionCall) -> Result<String, Error> {
        let arguments = &function.arguments;
        Ok(match function.name.as_str() {
            "search_papers" => {
                let Search { query, limit } = serde_json::from_str(arguments)?;
                serde_json::to_string(&self.corpus.search_papers(&query, limit))?
            }
            "read_paper" => {
                let Read { id } = serde_json::from_str(arguments)?;
                serde_json::to_string(&self.corpus.read_paper(&id)?)?
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

/// A reply that is streamed.
async fn read_pieces(response: Response<Incoming>) -> Result<Message, Error> {
    let mut body = response.into_body();
    let mut pieces = Pieces::default();
    while let Some(frame) = body.frame().await {
        if let Some(bytes) = frame?.data_ref() {
            pieces.push(bytes)?;
        }
    }
    pieces.message()
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
