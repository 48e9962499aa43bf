//! The loop over Chat Completions.

mod stream;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls,
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestAssistantMessageArgs,
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessageArgs,
    ChatCompletionRequestToolMessageArgs, ChatCompletionRequestUserMessageArgs, ChatCompletionTool,
    ChatCompletionTools, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
    FunctionObjectArgs, ResponseFormat,
};
use futures_util::future::try_join_all;
use loopmark_runner::{Error, Hello, Tool};

use crate::structure::{self, Said};
use crate::tools::Toolbox;

pub struct Agent {
    client: Client<OpenAIConfig>,
    /// Without the prompt.
    beginning: CreateChatCompletionRequest,
    max_turns: u32,
    stream: bool,
    tools: Toolbox,
}

/// What the model said.
struct Reply {
    text: Option<String>,
    calls: Vec<ChatCompletionMessageToolCall>,
}

impl Agent {
    pub fn new(
        client: Client<OpenAIConfig>,
        hello: &Hello,
        tools: Toolbox,
    ) -> Result<Agent, Error> {
        let task = &hello.scenario;
        let instructions = ChatCompletionRequestSystemMessageArgs::default()
            .content(task.instructions.as_str())
            .build()?;
        let offered = task.tools.iter().map(function_tool);
        let mut beginning = CreateChatCompletionRequestArgs::default();
        beginning
            .model(&hello.model)
            .messages([instructions.into()])
            .tools(offered.collect::<Result<Vec<_>, Error>>()?);
        if let Some(json_schema) = structure::format(hello) {
            beginning.response_format(ResponseFormat::JsonSchema { json_schema });
        }
        Ok(Agent {
            client,
            beginning: beginning.build()?,
            max_turns: task.max_turns,
            stream: hello.stream,
            tools,
        })
    }

    pub async fn run(&self, prompt: String) -> Result<String, Error> {
        let is_structured = self.beginning.response_format.is_some();
        let mut request = self.beginning.clone();
        request.messages.push(user_message(prompt)?);
        for _ in 0..self.max_turns {
            let reply = self.ask(request.clone()).await?;
            let results = try_join_all(reply.calls.iter().map(|call| self.result_of(call))).await?;
            if results.is_empty() {
                let text = reply.text.clone();
                let text = text.ok_or("the final message has no content")?;
                match structure::read(text, is_structured)? {
                    Said::Answer(answer) => return Ok(answer),
                    Said::Problem(problem) => {
                        request.messages.push(reply.into_message()?.into());
                        request.messages.push(user_message(problem)?);
                        continue;
                    }
                }
            }
            request.messages.push(reply.into_message()?.into());
            request.messages.extend(results);
        }
        Err(format!("no answer after {} turns", self.max_turns).into())
    }

    /// One LLM call.
    async fn ask(&self, request: CreateChatCompletionRequest) -> Result<Reply, Error> {
        if self.stream {
            let stream = self.client.chat().create_stream(request).await?;
            return stream::read(stream).await;
        }
        let response = self.client.chat().create(request).await?;
        let choice = response.choices.into_iter().next();
        let message = choice.ok_or("the reply has no choices")?.message;
        let calls = message.tool_calls.unwrap_or_default().into_iter();
        let calls = calls.map(|call| match call {
            ChatCompletionMessageToolCalls::Function(call) => Ok(call),
            ChatCompletionMessageToolCalls::Custom(call) => Err(format!(
                "a call of the custom tool {}",
                call.custom_tool.name
            )),
        });
        Ok(Reply {
            text: message.content,
            calls: calls.collect::<Result<_, _>>()?,
        })
    }

    async fn result_of(
        &self,
        call: &ChatCompletionMessageToolCall,
    ) -> Result<ChatCompletionRequestMessage, Error> {
        let function = &call.function;
        let content = self.tools.result_of(&function.name, &function.arguments);
        let message = ChatCompletionRequestToolMessageArgs::default()
            .tool_call_id(call.id.as_str())
            .content(content.await)
            .build()?;
        Ok(message.into())
    }
}

impl Reply {
    fn into_message(self) -> Result<ChatCompletionRequestAssistantMessage, Error> {
        let mut message = ChatCompletionRequestAssistantMessageArgs::default();
        if let Some(text) = self.text {
            message.content(text);
        }
        if !self.calls.is_empty() {
            let calls = self.calls.into_iter().map(Into::into);
            message.tool_calls(calls.collect::<Vec<ChatCompletionMessageToolCalls>>());
        }
        Ok(message.build()?)
    }
}

fn user_message(text: String) -> Result<ChatCompletionRequestMessage, Error> {
    let message = ChatCompletionRequestUserMessageArgs::default()
        .content(text)
        .build()?;
    Ok(message.into())
}

fn function_tool(tool: &Tool) -> Result<ChatCompletionTools, Error> {
    let function = FunctionObjectArgs::default()
        .name(tool.name.as_str())
        .description(tool.description.as_str())
        .parameters(tool.parameters.clone())
        .build()?;
    Ok(ChatCompletionTools::Function(ChatCompletionTool {
        function,
    }))
}
