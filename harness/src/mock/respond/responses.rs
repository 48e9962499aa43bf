//! Replies of the Responses API, plain and streaming.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::events::{EventStream, pieces};
use super::ids::ResponseId;
use super::reply::{CREATED, Call, Content, Reply, to_json};
use super::request::Settings;

#[derive(Serialize, Clone)]
struct Response<'a> {
    id: &'a str,
    object: &'static str,
    created_at: u64,
    status: &'static str,
    background: bool,
    completed_at: Option<u64>,
    error: Option<()>,
    incomplete_details: Option<()>,
    instructions: Option<&'a RawValue>,
    max_output_tokens: Option<&'a RawValue>,
    max_tool_calls: Option<()>,
    model: &'a str,
    output: &'a [Item<'a>],
    parallel_tool_calls: bool,
    previous_response_id: Option<&'a str>,
    prompt_cache_key: Option<()>,
    reasoning: Reasoning,
    safety_identifier: Option<()>,
    service_tier: &'static str,
    store: bool,
    temperature: OrDefault<'a, f64>,
    text: TextSettings,
    tool_choice: OrDefault<'a, &'static str>,
    tools: &'a [Tool<'a>],
    top_logprobs: u32,
    top_p: OrDefault<'a, f64>,
    truncation: &'static str,
    usage: Option<Usage>,
    user: Option<()>,
    metadata: OrDefault<'a, Empty>,
}

/// What the request said, or the API's default.
#[derive(Serialize, Clone, Copy)]
#[serde(untagged)]
enum OrDefault<'a, T> {
    Given(&'a RawValue),
    Default(T),
}

#[derive(Serialize, Clone, Copy)]
struct Empty {}

#[derive(Serialize, Clone, Copy, Default)]
struct Reasoning {
    effort: Option<()>,
    summary: Option<()>,
}

#[derive(Serialize, Clone, Copy)]
struct TextSettings {
    format: TextFormat,
    verbosity: &'static str,
}

#[derive(Serialize, Clone, Copy)]
struct TextFormat {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A function as the API repeats it: with every field, whatever the client left out.
#[derive(Serialize)]
#[serde(untagged)]
enum Tool<'a> {
    Function(Function<'a>),
    BuiltIn(&'a RawValue),
}

#[derive(Serialize, Deserialize)]
struct Function<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    #[serde(default = "strict_by_default", deserialize_with = "strict_or_default")]
    strict: bool,
}

#[derive(Serialize, Clone, Copy)]
struct Usage {
    input_tokens: u64,
    input_tokens_details: InputTokens,
    output_tokens: u64,
    output_tokens_details: OutputTokens,
    total_tokens: u64,
}

#[derive(Serialize, Clone, Copy, Default)]
struct InputTokens {
    cache_write_tokens: u64,
    cached_tokens: u64,
}

#[derive(Serialize, Clone, Copy, Default)]
struct OutputTokens {
    reasoning_tokens: u64,
}

#[derive(Serialize, Clone)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item<'a> {
    Message {
        id: &'a str,
        status: &'static str,
        role: &'static str,
        content: Vec<Part<'a>>,
    },
    FunctionCall {
        id: String,
        status: &'static str,
        arguments: &'a str,
        call_id: &'a str,
        name: &'a str,
    },
}

#[derive(Serialize, Clone, Copy)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    annotations: [(); 0],
    logprobs: [(); 0],
    text: &'a str,
}

/// An event of the stream; the fields that its kind has not are left out.
#[derive(Serialize, Default)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    sequence_number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Response<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<[(); 0]>,
}

/// The reply's body or events.
pub(super) fn reply(
    content: &Content,
    settings: &Settings,
    previous_response: Option<&str>,
) -> serde_json::Result<Reply> {
    let id = ResponseId {
        run: content.place.run,
        turn: content.place.turn,
    }
    .to_string();
    let message_id = id.replacen("resp", "msg", 1);
    let tools: Vec<Tool> = settings.tools.iter().map(|raw| tool(raw)).collect();
    let output = output(content, &message_id);
    let response = completed(&id, content, settings, previous_response, &tools, &output);
    match content.chunk_chars {
        Some(chars) => stream(content, &message_id, response, chars),
        None => to_json(&response).map(Reply::Whole),
    }
}

fn tool(raw: &RawValue) -> Tool<'_> {
    match serde_json::from_str::<Function>(raw.get()) {
        Ok(function) if function.kind == "function" => Tool::Function(function),
        _ => Tool::BuiltIn(raw),
    }
}

fn strict_by_default() -> bool {
    true
}

fn strict_or_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(strict_by_default))
}

fn output<'a>(content: &'a Content, message_id: &'a str) -> Vec<Item<'a>> {
    let message = content
        .text
        .map(|text| message(message_id, "completed", vec![part(text)]));
    let calls = content
        .calls
        .iter()
        .map(|call| function_call(call, "completed", &call.arguments));
    message.into_iter().chain(calls).collect()
}

fn message<'a>(id: &'a str, status: &'static str, content: Vec<Part<'a>>) -> Item<'a> {
    Item::Message {
        id,
        status,
        role: "assistant",
        content,
    }
}

fn part(text: &str) -> Part<'_> {
    Part {
        kind: "output_text",
        annotations: [],
        logprobs: [],
        text,
    }
}

fn function_call<'a>(call: &'a Call, status: &'static str, arguments: &'a str) -> Item<'a> {
    Item::FunctionCall {
        id: item_id(call),
        status,
        arguments,
        call_id: &call.id,
        name: call.tool,
    }
}

/// The item's own id beside the call's: `fc_<run>_<turn>_<index>`.
fn item_id(call: &Call) -> String {
    call.id.replacen("call", "fc", 1)
}

fn completed<'a>(
    id: &'a str,
    content: &'a Content,
    settings: &Settings<'a>,
    previous_response_id: Option<&'a str>,
    tools: &'a [Tool<'a>],
    output: &'a [Item<'a>],
) -> Response<'a> {
    Response {
        id,
        object: "response",
        created_at: CREATED,
        status: "completed",
        background: false,
        completed_at: Some(CREATED),
        error: None,
        incomplete_details: None,
        instructions: settings.instructions,
        max_output_tokens: settings.max_output_tokens,
        max_tool_calls: None,
        model: content.model,
        output,
        parallel_tool_calls: settings.parallel_tool_calls.unwrap_or(true),
        previous_response_id,
        prompt_cache_key: None,
        reasoning: Reasoning::default(),
        safety_identifier: None,
        service_tier: "default",
        store: settings.store.unwrap_or(true),
        temperature: or_default(settings.temperature, 1.0),
        text: TextSettings {
            format: TextFormat { kind: "text" },
            verbosity: "medium",
        },
        tool_choice: or_default(settings.tool_choice, "auto"),
        tools,
        top_logprobs: 0,
        top_p: or_default(settings.top_p, 1.0),
        truncation: "disabled",
        usage: Some(Usage {
            input_tokens: content.input_tokens(),
            input_tokens_details: InputTokens::default(),
            output_tokens: content.output_tokens(),
            output_tokens_details: OutputTokens::default(),
            total_tokens: content.input_tokens() + content.output_tokens(),
        }),
        user: None,
        metadata: or_default(settings.metadata, Empty {}),
    }
}

fn or_default<'a, T>(given: Option<&'a RawValue>, default: T) -> OrDefault<'a, T> {
    given.map_or(OrDefault::Default(default), OrDefault::Given)
}

fn stream(
    content: &Content,
    message_id: &str,
    completed: Response,
    chars: usize,
) -> serde_json::Result<Reply> {
    let opening = Response {
        status: "in_progress",
        completed_at: None,
        output: &[],
        usage: None,
        ..completed.clone()
    };
    let mut stream = NumberedEvents::default();
    for kind in ["response.created", "response.in_progress"] {
        stream.event(Event {
            kind,
            response: Some(opening.clone()),
            ..Event::default()
        })?;
    }
    let mut output_index = 0;
    if let Some(text) = content.text {
        stream_message(&mut stream, message_id, text, chars)?;
        output_index += 1;
    }
    for (output_index, call) in (output_index..).zip(&content.calls) {
        stream_call(&mut stream, call, output_index, chars)?;
    }
    stream.event(Event {
        kind: "response.completed",
        response: Some(completed),
        ..Event::default()
    })?;
    Ok(Reply::Moments(stream.events.finish()))
}

/// The message is always the first item.
fn stream_message(
    stream: &mut NumberedEvents,
    id: &str,
    text: &str,
    chars: usize,
) -> serde_json::Result<()> {
    let item = |kind, item| Event {
        kind,
        output_index: Some(0),
        item: Some(item),
        ..Event::default()
    };
    let inside = |kind| Event {
        kind,
        item_id: Some(id),
        output_index: Some(0),
        content_index: Some(0),
        ..Event::default()
    };
    let opening = message(id, "in_progress", Vec::new());
    stream.event(item("response.output_item.added", opening))?;
    stream.event(Event {
        part: Some(part("")),
        ..inside("response.content_part.added")
    })?;
    for piece in pieces(text, chars) {
        stream.delta(Event {
            delta: Some(piece),
            logprobs: Some([]),
            ..inside("response.output_text.delta")
        })?;
    }
    stream.event(Event {
        text: Some(text),
        logprobs: Some([]),
        ..inside("response.output_text.done")
    })?;
    stream.event(Event {
        part: Some(part(text)),
        ..inside("response.content_part.done")
    })?;
    let done = message(id, "completed", vec![part(text)]);
    stream.event(item("response.output_item.done", done))
}

fn stream_call(
    stream: &mut NumberedEvents,
    call: &Call,
    output_index: u32,
    chars: usize,
) -> serde_json::Result<()> {
    let id = item_id(call);
    let item = |kind, item| Event {
        kind,
        output_index: Some(output_index),
        item: Some(item),
        ..Event::default()
    };
    let inside = |kind| Event {
        kind,
        item_id: Some(&id),
        output_index: Some(output_index),
        ..Event::default()
    };
    let opening = function_call(call, "in_progress", "");
    stream.event(item("response.output_item.added", opening))?;
    for piece in pieces(&call.arguments, chars) {
        stream.delta(Event {
            delta: Some(piece),
            ..inside("response.function_call_arguments.delta")
        })?;
    }
    stream.event(Event {
        name: Some(call.tool),
        arguments: Some(&call.arguments),
        ..inside("response.function_call_arguments.done")
    })?;
    let done = function_call(call, "completed", &call.arguments);
    stream.event(item("response.output_item.done", done))
}

/// Events, numbered in the order in which they are sent.
#[derive(Default)]
struct NumberedEvents {
    events: EventStream,
    sent: u32,
}

impl NumberedEvents {
    fn event(&mut self, event: Event) -> serde_json::Result<()> {
        let event = self.numbered(event);
        self.events.event(Some(event.kind), &event)
    }

    fn delta(&mut self, event: Event) -> serde_json::Result<()> {
        let event = self.numbered(event);
        self.events.delta(Some(event.kind), &event)
    }

    fn numbered<'a>(&mut self, event: Event<'a>) -> Event<'a> {
        let sequence_number = self.sent;
        self.sent += 1;
        Event {
            sequence_number,
            ..event
        }
    }
}
