//! The Responses API: requests, replies, streamed replies.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::items::Items;
use crate::tool::{ToolCall, ToolResult};
use crate::wire::{ApiError, Preamble, Reply, ToolDefinition, Usage, open_list};

#[derive(Serialize)]
struct Head<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    instructions: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(flatten)]
    parameters: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct FunctionTool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    definition: ToolDefinition<'a>,
    /// This API is strict unless told otherwise, and a strict schema has no optional fields.
    strict: bool,
}

pub(crate) fn head(preamble: &Preamble, stream: bool) -> serde_json::Result<Bytes> {
    let tools = preamble.tools.iter();
    let object = serde_json::to_vec(&Head {
        model: preamble.model,
        instructions: preamble.instructions,
        tools: tools
            .map(|&definition| FunctionTool {
                kind: "function",
                definition,
                strict: false,
            })
            .collect(),
        stream: stream.then_some(true),
        parameters: preamble.parameters,
    })?;
    Ok(open_list(object, "input", ""))
}

#[derive(Serialize)]
struct CallOutput<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    call_id: &'a str,
    output: &'a str,
}

pub(crate) fn push_result(items: &mut Items, result: &ToolResult) -> Result<(), Error> {
    items.push(&CallOutput {
        kind: "function_call_output",
        call_id: &result.id,
        output: &result.output,
    })
}

#[derive(Deserialize)]
struct Response<'a> {
    /// Kept as they are: they go back to the server in the next request, those among them that
    /// mean nothing here (reasoning) too.
    #[serde(borrow, default)]
    output: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    incomplete_details: Option<IncompleteDetails>,
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    usage: Option<TokenCounts>,
}

#[derive(Deserialize)]
struct IncompleteDetails {
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct TokenCounts {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
}

/// An item's or a part's or an event's kind. What else it holds depends on it.
#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct FunctionCall {
    call_id: String,
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part {
    OutputText {
        text: String,
    },
    Refusal {
        refusal: String,
    },
    #[serde(other)]
    Other,
}

const WHAT: &str = "a response";

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| Error::unreadable(WHAT, error))
}

pub(crate) fn read(body: &[u8], items: &mut Items) -> Result<Reply, Error> {
    let response: Response =
        serde_json::from_slice(body).map_err(|error| Error::unreadable(WHAT, error))?;
    if let Some(error) = &response.error {
        return Err(ApiError::from_value(error).into_error(200));
    }
    let output = response
        .output
        .ok_or(Error::malformed("a response has no output"))?;
    let mut reply = Reply::default();
    for item in &output {
        match parse::<Kind>(item.get())?.kind.as_ref() {
            "function_call" => {
                let FunctionCall {
                    call_id: id,
                    name,
                    arguments,
                } = parse(item.get())?;
                reply.calls.push(ToolCall {
                    id,
                    name,
                    arguments,
                });
            }
            "message" => {
                for part in parse::<Message>(item.get())?.content {
                    match part {
                        Part::OutputText { text } => reply.text += &text,
                        Part::Refusal { refusal } => return Err(Error::Refused(refusal)),
                        Part::Other => {}
                    }
                }
            }
            _ => {}
        }
    }
    if matches!(
        response.status.as_deref(),
        Some("incomplete" | "failed" | "cancelled")
    ) {
        let reason = response
            .incomplete_details
            .and_then(|details| details.reason);
        let reason = reason.or(response.status).unwrap_or_default();
        return Err(Error::Incomplete {
            reason,
            text: reply.text,
        });
    }
    for item in output {
        items.push(item)?;
    }
    if let Some(TokenCounts {
        input_tokens,
        output_tokens,
    }) = response.usage
    {
        reply.usage = Usage {
            input_tokens,
            output_tokens,
        };
    }
    Ok(reply)
}

/// Puts a streamed response together: its last event brings it whole.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    response: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Delta {
    delta: String,
}

#[derive(Deserialize)]
struct Ending {
    response: Box<RawValue>,
}

impl Assembler {
    pub(crate) fn push(&mut self, data: &str) -> Result<Option<String>, Error> {
        if data == "[DONE]" {
            return Ok(None);
        }
        match parse::<Kind>(data)?.kind.as_ref() {
            "response.output_text.delta" => Ok(Some(parse::<Delta>(data)?.delta)),
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.response = Some(parse::<Ending>(data)?.response);
                Ok(None)
            }
            "error" => Err(ApiError::read(data.as_bytes()).into_error(200)),
            _ => Ok(None),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.response.is_some()
    }

    pub(crate) fn finish(self, items: &mut Items) -> Result<Reply, Error> {
        match self.response {
            Some(response) => read(response.get().as_bytes(), items),
            None => Err(Error::malformed("a streamed reply breaks off")),
        }
    }
}
