//! The loop over the Responses API.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::responses::{
    CreateResponse, CreateResponseArgs, EasyInputMessage, FunctionCallOutput,
    FunctionCallOutputItemParam, FunctionToolArgs, FunctionToolCall, InputItem, InputParam, Item,
    OutputItem, Response, ResponseStreamEvent, Tool,
};
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use loopmark_runner::{Error, Hello, text_seen};

use crate::structure::{self, Said};
use crate::tools::Toolbox;

pub struct Agent {
    client: Client<OpenAIConfig>,
    /// Without the input.
    beginning: CreateResponse,
    max_turns: u32,
    stream: bool,
    tools: Toolbox,
}

impl Agent {
    pub fn new(
        client: Client<OpenAIConfig>,
        hello: &Hello,
        tools: Toolbox,
    ) -> Result<Agent, Error> {
        let task = &hello.scenario;
        let offered = task.tools.iter().map(function_tool);
        let mut beginning = CreateResponseArgs::default();
        beginning
            .model(&hello.model)
            .instructions(task.instructions.as_str())
            .tools(offered.collect::<Result<Vec<_>, Error>>()?);
        if let Some(format) = structure::format(hello) {
            beginning.text(format);
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
        let is_structured = self.beginning.text.is_some();
        let mut items: Vec<InputItem> = vec![EasyInputMessage::from(prompt).into()];
        for _ in 0..self.max_turns {
            let mut request = self.beginning.clone();
            request.input = InputParam::Items(items.clone());
            let response = self.ask(request).await?;
            let text = response.output_text();
            let calls = response.output.iter().filter_map(|item| match item {
                OutputItem::FunctionCall(call) => Some(self.result_of(call)),
                _ => None,
            });
            let results = join_all(calls).await;
            items.extend(response.output.into_iter().map(InputItem::from));
            if results.is_empty() {
                let text = text.ok_or("the final response has no text")?;
                match structure::read(text, is_structured)? {
                    Said::Answer(answer) => return Ok(answer),
                    Said::Problem(problem) => items.push(EasyInputMessage::from(problem).into()),
                }
            }
            items.extend(results);
        }
        Err(format!("no answer after {} turns", self.max_turns).into())
    }

    /// One LLM call.
    async fn ask(&self, request: CreateResponse) -> Result<Response, Error> {
        let responses = self.client.responses();
        if !self.stream {
            return Ok(responses.create(request).await?);
        }
        let mut events = responses.create_stream(request).await?;
        let mut completed = None;
        // Read to its end, or the connection could not be used again.
        while let Some(event) = events.try_next().await? {
            match event {
                ResponseStreamEvent::ResponseOutputTextDelta(_) => text_seen(),
                ResponseStreamEvent::ResponseCompleted(event) => completed = Some(event.response),
                ResponseStreamEvent::ResponseFailed(_)
                | ResponseStreamEvent::ResponseIncomplete(_)
                | ResponseStreamEvent::ResponseError(_) => {
                    return Err(format!("the response failed: {event:?}").into());
                }
                _ => {}
            }
        }
        completed.ok_or_else(|| "the stream breaks off".into())
    }

    async fn result_of(&self, call: &FunctionToolCall) -> InputItem {
        let result = self.tools.result_of(&call.name, &call.arguments);
        InputItem::Item(Item::FunctionCallOutput(FunctionCallOutputItemParam {
            call_id: Some(call.call_id.clone()),
            output: FunctionCallOutput::Text(result.await),
            id: None,
            status: None,
            name: None,
            namespace: None,
            caller: None,
        }))
    }
}

fn function_tool(tool: &loopmark_runner::Tool) -> Result<Tool, Error> {
    let function = FunctionToolArgs::default()
        .name(tool.name.as_str())
        .description(tool.description.as_str())
        .parameters(tool.parameters.clone())
        // This API is strict unless told otherwise.
        .strict(false)
        .build()?;
    Ok(Tool::Function(function))
}
