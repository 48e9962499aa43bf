//! The floor of Rust: the agent loop by hand, Chat Completions over hyper.

use std::process::ExitCode;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Uri, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::{Api, Error, Hello, Identity, Tool, serve};
use serde::{Deserialize, Serialize};

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    serve(Identity::from_lock(lock, "hyper", "hyper"), build).await
}

struct Agent {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    model: String,
    instructions: String,
    tools: Vec<FunctionTool>,
    max_turns: u32,
    corpus: Corpus,
}

async fn build(hello: &Hello) -> Result<Agent, Error> {
    if hello.api != Api::ChatCompletions {
        return Err(format!("this floor does not speak {}", hello.api).into());
    }
    let task = &hello.scenario;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Ok(Agent {
        // The pool's size is not limited.
        client: Client::builder(TokioExecutor::new()).build(connector),
        url: format!("{}/chat/completions", hello.base_url).parse()?,
        model: hello.model.clone(),
        instructions: task.instructions.clone(),
        tools: task.tools.iter().cloned().map(FunctionTool::from).collect(),
        max_turns: task.max_turns,
        corpus: Corpus::load(task)?,
    })
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
            let results: Vec<Message> = reply
                .tool_calls
                .iter()
                .map(|call| self.result_of(call))
                .collect();
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
        };
        let request = Request::post(&self.url)
            .header(header::AUTHORIZATION, "Bearer made-up")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(serde_json::to_vec(&body)?))?;
        let response = self.client.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        let completion: ChatResponse = serde_json::from_slice(&body)?;
        let choice = completion
            .choices
            .into_iter()
            .next()
            .ok_or("the reply has no choices")?;
        Ok(choice.message)
    }

    /// The tool's message to the model; a failure is told to the model too.
    fn result_of(&self, call: &ToolCall) -> Message {
        let result = self.call(&call.function);
        let content = result.unwrap_or_else(|error| format!("error: {error}"));
        Message {
            tool_call_id: Some(call.id.clone()),
            ..Message::new(Role::Tool, content)
        }
    }

    fn call(&self, function: &FunctionCall) -> Result<String, Error> {
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
            name => return Err(format!("no tool {name}").into()),
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

#[derive(Serialize)]
struct ChatRequest<'a> {
    model: &'a str,
    messages: &'a [Message],
    tools: &'a [FunctionTool],
}

#[derive(Serialize)]
struct FunctionTool {
    r#type: &'static str,
    function: Tool,
}

impl From<Tool> for FunctionTool {
    fn from(function: Tool) -> FunctionTool {
        FunctionTool {
            r#type: "function",
            function,
        }
    }
}

#[derive(Deserialize)]
struct ChatResponse {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Serialize, Deserialize)]
struct Message {
    role: Role,
    content: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

impl Message {
    fn new(role: Role, content: String) -> Message {
        Message {
            role,
            content: Some(content),
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    User,
    Assistant,
    Tool,
}

#[derive(Serialize, Deserialize)]
struct ToolCall {
    id: String,
    r#type: String,
    function: FunctionCall,
}

#[derive(Serialize, Deserialize)]
struct FunctionCall {
    name: String,
    arguments: String,
}
