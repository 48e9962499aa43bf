//! The loop over Chat Completions.

mod stream;
mod wire;

use futures_util::future::join_all;
use loopmark_runner::{Error, Hello};
use serde_json::{Value, json};

use crate::server::Server;
use crate::structure::{self, Said};
use crate::tools::Toolbox;
use stream::Pieces;
use wire::{ChatRequest, ChatResponse, FunctionTool, Message, Role, ToolCall};

pub struct Agent {
    server: Server,
    model: String,
    instructions: String,
    offered: Vec<FunctionTool>,
    max_turns: u32,
    stream: bool,
    format: Option<Value>,
    tools: Toolbox,
}

impl Agent {
    pub fn new(server: Server, hello: &Hello, tools: Toolbox) -> Agent {
        let task = &hello.scenario;
        Agent {
            server,
            model: hello.model.clone(),
            instructions: task.instructions.clone(),
            offered: task.tools.iter().cloned().map(FunctionTool::from).collect(),
            max_turns: task.max_turns,
            stream: hello.stream,
            format: structure::format(hello)
                .map(|format| json!({"type": "json_schema", "json_schema": format})),
            tools,
        }
    }

    pub async fn run(&self, prompt: String) -> Result<String, Error> {
        let mut messages = vec![
            Message::new(Role::System, self.instructions.clone()),
            Message::new(Role::User, prompt),
        ];
        for _ in 0..self.max_turns {
            let reply = self.complete(&messages).await?;
            if reply.tool_calls.is_empty() {
                let text = reply.content.clone();
                let text = text.ok_or("the final message has no content")?;
                match structure::read(text, self.format.is_some())? {
                    Said::Answer(answer) => return Ok(answer),
                    Said::Problem(problem) => {
                        messages.push(reply);
                        messages.push(Message::new(Role::User, problem));
                        continue;
                    }
                }
            }
            let calls = reply.tool_calls.iter().map(|call| self.result_of(call));
            let results = join_all(calls).await;
            messages.push(reply);
            messages.extend(results);
        }
        Err(format!("no answer after {} turns", self.max_turns).into())
    }

    /// One LLM call.
    async fn complete(&self, messages: &[Message]) -> Result<Message, Error> {
        let request = ChatRequest {
            model: &self.model,
            messages,
            tools: &self.offered,
            stream: self.stream,
            response_format: self.format.as_ref(),
        };
        if self.stream {
            let mut pieces = Pieces::default();
            let take = |data: &[u8]| pieces.push(data);
            self.server.follow(&request, take).await?;
            return pieces.message();
        }
        let body = self.server.fetch(&request).await?;
        let completion: ChatResponse = serde_json::from_slice(&body)?;
        let choice = completion.choices.into_iter().next();
        Ok(choice.ok_or("the reply has no choices")?.message)
    }

    async fn result_of(&self, call: &ToolCall) -> Message {
        let function = &call.function;
        let content = self.tools.result_of(&function.name, &function.arguments);
        Message {
            tool_call_id: Some(call.id.clone()),
            ..Message::new(Role::Tool, content.await)
        }
    }
}
