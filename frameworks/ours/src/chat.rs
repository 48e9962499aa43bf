//! The Chat Completions API: requests, replies, streamed replies.

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Function<ToolDefinition<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(flatten)]
    parameters: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// `{"type": "function", "function": …}`
#[derive(Serialize)]
struct Function<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: T,
}

#[derive(Serialize)]
struct SystemMessage<'a> {
    role: &'a str,
    content: &'a str,
}

pub(crate) fn head(preamble: &Preamble, stream: bool) -> serde_json::Result<Bytes> {
    let tools = preamble.tools.iter();
    let object = serde_json::to_vec(&Head {
        model: preamble.model,
        tools: tools
            .map(|&function| Function {
                kind: "function",
                function,
            })
            .collect(),
        stream: stream.then_some(true),
        stream_options: stream.then_some(StreamOptions {
            include_usage: true,
        }),
        parameters: preamble.parameters,
    })?;
    let mut first = String::new();
    if !preamble.instructions.is_empty() {
        let message = SystemMessage {
            role: "system",
            content: preamble.instructions,
        };
        first = serde_json::to_string(&message)? + ",";
    }
    Ok(open_list(object, "messages", &first))
}

/// What the model said, as it goes into the next request. `T` is a text: JSON that is copied as
/// the server wrote it, or a string.
#[derive(Serialize)]
struct AssistantMessage<'a, T> {
    role: &'static str,
    content: Option<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CallMessage<'a, T>>,
}

#[derive(Serialize)]
struct CallMessage<'a, T> {
    id: &'a str,
    #[serde(flatten)]
    call: Function<CallFunction<'a, T>>,
}

#[derive(Serialize)]
struct CallFunction<'a, T> {
    name: &'a str,
    arguments: T,
}

fn call_message<'a, T>(id: &'a str, name: &'a str, arguments: T) -> CallMessage<'a, T> {
    CallMessage {
        id,
        call: Function {
            kind: "function",
            function: CallFunction { name, arguments },
        },
    }
}

#[derive(Serialize)]
struct ToolMessage<'a> {
    role: &'static str,
    tool_call_id: &'a str,
    content: &'a str,
}

pub(crate) fn push_result(items: &mut Items, result: &ToolResult) -> Result<(), Error> {
    items.push(&ToolMessage {
        role: "tool",
        tool_call_id: &result.id,
        content: &result.output,
    })
}

#[derive(Deserialize)]
struct Completion<'a> {
    #[serde(borrow, default)]
    choices: Vec<Choice<'a>>,
    #[serde(default)]
    usage: Option<TokenCounts>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<Call<'a>>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    function: CalledFunction<'a>,
}

#[derive(Deserialize)]
struct CalledFunction<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

#[derive(Deserialize)]
struct TokenCounts {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

impl From<TokenCounts> for Usage {
    fn from(counts: TokenCounts) -> Self {
        Usage {
            input_tokens: counts.prompt_tokens,
            output_tokens: counts.completion_tokens,
        }
    }
}

const WHAT: &str = "a chat completion";

pub(crate) fn read(body: &[u8], items: &mut Items) -> Result<Reply, Error> {
    let completion: Completion =
        serde_json::from_slice(body).map_err(|error| Error::unreadable(WHAT, error))?;
    if let Some(error) = &completion.error {
        return Err(ApiError::from_value(error).into_error(200));
    }
    let choice = completion.choices.into_iter().next();
    let Choice {
        message,
        finish_reason,
    } = choice.ok_or(Error::malformed("a chat completion has no choice"))?;
    let string = |raw: &RawValue| {
        serde_json::from_str::<String>(raw.get()).map_err(|error| Error::unreadable(WHAT, error))
    };
    let text = message.content.map(string).transpose()?.unwrap_or_default();
    check_ending(finish_reason.as_deref(), message.refusal, &text)?;
    let tool_calls = message.tool_calls.unwrap_or_default();
    items.push(&AssistantMessage {
        role: "assistant",
        content: message.content,
        tool_calls: tool_calls
            .iter()
            .map(|call| call_message(&call.id, &call.function.name, call.function.arguments))
            .collect(),
    })?;
    let calls = tool_calls.into_iter().map(|call| {
        Ok(ToolCall {
            arguments: string(call.function.arguments)?,
            id: call.id.into_owned(),
            name: call.function.name.into_owned(),
        })
    });
    let usage = completion.usage.map(Usage::from).unwrap_or_default();
    Ok(Reply {
        calls: calls.collect::<Result<_, Error>>()?,
        text,
        usage,
    })
}

fn check_ending(reason: Option<&str>, refusal: Option<String>, text: &str) -> Result<(), Error> {
    if let Some(refusal) = refusal.filter(|refusal| !refusal.is_empty()) {
        return Err(Error::Refused(refusal));
    }
    match reason {
        Some(reason @ ("length" | "content_filter")) => Err(Error::Incomplete {
            reason: reason.to_owned(),
            text: text.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Puts a streamed chat completion together.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    text: String,
    refusal: String,
    /// Each with the index by which the server names it.
    calls: Vec<(u32, ToolCall)>,
    finish_reason: Option<String>,
    usage: Usage,
    done: bool,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<ChunkChoice>,
    #[serde(default)]
    usage: Option<TokenCounts>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    #[serde(default)]
    delta: Delta,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Deserialize)]
struct CallDelta {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: FunctionDelta,
}

#[derive(Deserialize, Default)]
struct FunctionDelta {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

impl Assembler {
    pub(crate) fn push(&mut self, data: &str) -> Result<Option<String>, Error> {
        if data == "[DONE]" {
            self.done = true;
            return Ok(None);
        }
        let chunk: Chunk = serde_json::from_str(data)
            .map_err(|error| Error::unreadable("a chat completion chunk", error))?;
        if let Some(error) = &chunk.error {
            return Err(ApiError::from_value(error).into_error(200));
        }
        if let Some(counts) = chunk.usage {
            self.usage = counts.into();
        }
        let Some(choice) = chunk.choices.into_iter().next() else {
            return Ok(None);
        };
        if choice.finish_reason.is_some() {
            self.finish_reason = choice.finish_reason;
        }
        self.refusal += choice.delta.refusal.as_deref().unwrap_or_default();
        for delta in choice.delta.tool_calls.unwrap_or_default() {
            self.push_call(delta);
        }
        let text = choice.delta.content.filter(|text| !text.is_empty());
        self.text += text.as_deref().unwrap_or_default();
        Ok(text)
    }

    fn push_call(&mut self, delta: CallDelta) {
        let id = delta.id.filter(|id| !id.is_empty());
        // Some servers give every call the same index, whole and with an id of its own.
        let is_same = |(index, call): &(u32, ToolCall)| {
            *index == delta.index && id.as_ref().is_none_or(|id| *id == call.id)
        };
        let position = self.calls.iter().rposition(is_same);
        let position = position.unwrap_or_else(|| {
            self.calls.push((delta.index, ToolCall::default()));
            self.calls.len() - 1
        });
        // The position was found, or is that of the call that was just added.
        let (_, call) = &mut self.calls[position];
        if let Some(id) = id {
            call.id = id;
        }
        call.name += delta.function.name.as_deref().unwrap_or_default();
        call.arguments += delta.function.arguments.as_deref().unwrap_or_default();
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    pub(crate) fn finish(self, items: &mut Items) -> Result<Reply, Error> {
        // Some servers leave out the last event; a reply with a reason to finish is whole.
        if !self.done && self.finish_reason.is_none() {
            return Err(Error::malformed("a streamed reply breaks off"));
        }
        check_ending(
            self.finish_reason.as_deref(),
            Some(self.refusal),
            &self.text,
        )?;
        let calls: Vec<ToolCall> = self.calls.into_iter().map(|(_, call)| call).collect();
        items.push(&AssistantMessage {
            role: "assistant",
            content: (!self.text.is_empty()).then_some(self.text.as_str()),
            tool_calls: calls
                .iter()
                .map(|call| call_message(&call.id, &call.name, call.arguments.as_str()))
                .collect(),
        })?;
        Ok(Reply {
            text: self.text,
            calls,
            usage: self.usage,
        })
    }
}
