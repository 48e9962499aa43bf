//! The loop over the Responses API: each turn sends the whole conversation, with what the model said as it came.

use std::borrow::Cow;

use futures_util::future::join_all;
use loopmark_runner::{Error, Hello, Tool, text_seen};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::server::Server;
use crate::structure::{self, Said};
use crate::tools::Toolbox;

pub struct Agent {
    server: Server,
    model: String,
    instructions: String,
    offered: Vec<FunctionTool>,
    max_turns: u32,
    stream: bool,
    text: Option<Value>,
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
            text: structure::format(hello).map(|mut format| {
                format["type"] = json!("json_schema");
                json!({"format": format})
            }),
            tools,
        }
    }

    pub async fn run(&self, prompt: String) -> Result<String, Error> {
        let mut items = vec![to_raw_value(&UserMessage {
            role: "user",
            content: &prompt,
        })?];
        for _ in 0..self.max_turns {
            let output = self.respond(&items).await?;
            let said: Vec<Item> = output
                .iter()
                .map(|item| serde_json::from_str(item.get()))
                .collect::<Result<_, _>>()?;
            items.extend(output);
            let calls = said.iter().filter_map(|item| match item {
                Item::FunctionCall(call) => Some(self.result_of(call)),
                _ => None,
            });
            let results = join_all(calls).await;
            if results.is_empty() {
                let text = said.iter().map(Item::text).collect();
                match structure::read(text, self.text.is_some())? {
                    Said::Answer(answer) => return Ok(answer),
                    Said::Problem(problem) => items.push(to_raw_value(&UserMessage {
                        role: "user",
                        content: &problem,
                    })?),
                }
            }
            for result in results {
                items.push(to_raw_value(&result)?);
            }
        }
        Err(format!("no answer after {} turns", self.max_turns).into())
    }

    /// One LLM call: the items that the model said.
    async fn respond(&self, items: &[Box<RawValue>]) -> Result<Vec<Box<RawValue>>, Error> {
        let request = Request {
            model: &self.model,
            instructions: &self.instructions,
            input: items,
            tools: &self.offered,
            stream: self.stream,
            text: self.text.as_ref(),
        };
        if self.stream {
            let mut last = Last::default();
            let take = |data: &[u8]| last.push(data);
            self.server.follow(&request, take).await?;
            return last.output();
        }
        let body = self.server.fetch(&request).await?;
        Ok(serde_json::from_slice::<Response>(&body)?.output)
    }

    async fn result_of<'a>(&self, call: &'a FunctionCall) -> CallOutput<'a> {
        CallOutput {
            r#type: "function_call_output",
            call_id: &call.call_id,
            output: self.tools.result_of(&call.name, &call.arguments).await,
        }
    }
}

/// A streamed response: its last event brings it whole.
#[derive(Default)]
struct Last(Option<Response>);

impl Last {
    /// Takes the data of the next event.
    fn push(&mut self, data: &[u8]) -> Result<(), Error> {
        let event: Event = serde_json::from_slice(data)?;
        match event.r#type.as_ref() {
            "response.completed" => {
                let response = event.response.ok_or("the last event has no response")?;
                self.0 = Some(serde_json::from_str(response.get())?);
                Ok(())
            }
            "response.output_text.delta" => {
                text_seen();
                Ok(())
            }
            "response.failed" | "response.incomplete" | "error" => {
                Err(String::from_utf8_lossy(data).into())
            }
            _ => Ok(()),
        }
    }

    fn output(self) -> Result<Vec<Box<RawValue>>, Error> {
        let response = self.0.ok_or("the stream breaks off")?;
        Ok(response.output)
    }
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    instructions: &'a str,
    input: &'a [Box<RawValue>],
    tools: &'a [FunctionTool],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a Value>,
}

#[derive(Serialize)]
struct FunctionTool {
    r#type: &'static str,
    /// This API is strict unless told otherwise.
    strict: bool,
    #[serde(flatten)]
    function: Tool,
}

impl From<Tool> for FunctionTool {
    fn from(function: Tool) -> FunctionTool {
        FunctionTool {
            r#type: "function",
            strict: false,
            function,
        }
    }
}

#[derive(Serialize)]
struct UserMessage<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
struct CallOutput<'a> {
    r#type: &'static str,
    call_id: &'a str,
    output: String,
}

#[derive(Deserialize)]
struct Response {
    output: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

/// Something that the model said.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    FunctionCall(FunctionCall),
    Message {
        content: Vec<Part>,
    },
    #[serde(other)]
    Other,
}

impl Item {
    fn text(&self) -> String {
        match self {
            Item::Message { content } => content.iter().map(|part| part.text.as_str()).collect(),
            _ => String::new(),
        }
    }
}

#[derive(Deserialize)]
struct FunctionCall {
    call_id: String,
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(events: &[&str]) -> Result<Vec<String>, Error> {
        let mut last = Last::default();
        for event in events {
            last.push(event.as_bytes())?;
        }
        let output = last.output()?;
        Ok(output.iter().map(|item| item.get().to_owned()).collect())
    }

    const DELTA: &str = r#"{"type":"response.output_text.delta","delta":"Two"}"#;
    const DONE: &str =
        r#"{"type":"response.completed","response":{"id":"r","output":[{"type":"message"}]}}"#;

    #[test]
    fn a_stream_gives_the_items_of_its_last_event_as_they_came() {
        let items = read(&[DELTA, DONE]).unwrap();
        assert_eq!(items, [r#"{"type":"message"}"#]);
    }

    #[test]
    fn a_stream_that_breaks_off_or_fails_is_an_error() {
        for events in [
            &[DELTA][..],
            &[DELTA, r#"{"type":"error","message":"no"}"#],
            &[r#"{"type":"response.failed","response":{"output":[]}}"#],
            &[r#"{"type":"response.completed"}"#],
        ] {
            assert!(read(events).is_err(), "{events:?}");
        }
    }

    #[test]
    fn the_answer_is_the_text_of_all_messages() {
        let items = [
            r#"{"type":"reasoning","summary":[]}"#,
            r#"{"type":"message","content":[{"type":"output_text","text":"Two "},{"type":"refusal"}]}"#,
            r#"{"type":"message","content":[{"type":"output_text","text":"words."}]}"#,
        ];
        let items = items.map(|item| serde_json::from_str::<Item>(item).unwrap());
        let text: String = items.iter().map(Item::text).collect();
        assert_eq!(text, "Two words.");
    }
}
