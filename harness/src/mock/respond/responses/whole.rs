//! A response, whole or as events.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::item::{function_call, message, part};
use super::stream;
use super::wire::{
    AskedText, Empty, Function, InputTokens, Item, OrDefault, OutputTokens, Response, TextFormat,
    TextSettings, Tool, Usage,
};
use crate::mock::respond::ids::ResponseId;
use crate::mock::respond::reply::{CREATED, Content, Reply, to_json};
use crate::mock::respond::request::Settings;

/// The reply's body or events.
pub(in crate::mock::respond) fn reply(
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
    let tools: Vec<Tool> = settings
        .tools
        .iter()
        .flatten()
        .map(|raw| tool(raw))
        .collect();
    let output = output(content, &message_id);
    let response = completed(&id, content, settings, previous_response, &tools, &output);
    match content.chunk_chars {
        Some(chars) => stream::stream(content, &message_id, response, chars),
        None => to_json(&response).map(Reply::Whole),
    }
}

fn tool(raw: &RawValue) -> Tool<'_> {
    match serde_json::from_str::<Function>(raw.get()) {
        Ok(function) if function.kind == "function" => Tool::Function(function),
        _ => Tool::BuiltIn(raw),
    }
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
        background: settings.background.unwrap_or(false),
        completed_at: Some(CREATED),
        error: None,
        incomplete_details: None,
        instructions: settings.instructions,
        max_output_tokens: settings.max_output_tokens,
        max_tool_calls: settings.max_tool_calls,
        model: content.model,
        output,
        parallel_tool_calls: settings.parallel_tool_calls.unwrap_or(true),
        previous_response_id,
        prompt_cache_key: settings.prompt_cache_key,
        prompt_cache_retention: settings.prompt_cache_retention,
        reasoning: object(settings.reasoning),
        safety_identifier: settings.safety_identifier,
        service_tier: or_default(service_tier(settings), "default"),
        store: settings.store.unwrap_or(true),
        temperature: or_default(settings.temperature, 1.0),
        text: text_settings(settings),
        tool_choice: or_default(settings.tool_choice, "auto"),
        tools,
        top_logprobs: or_default(settings.top_logprobs, 0),
        top_p: or_default(settings.top_p, 1.0),
        truncation: or_default(settings.truncation, "disabled"),
        usage: Some(Usage {
            input_tokens: content.input_tokens(),
            input_tokens_details: InputTokens::default(),
            output_tokens: content.output_tokens(),
            output_tokens_details: OutputTokens::default(),
            total_tokens: content.input_tokens() + content.output_tokens(),
        }),
        user: settings.user,
        metadata: or_default(settings.metadata, Empty {}),
    }
}

/// The API answers `auto` with the tier that it chose.
fn service_tier<'a>(settings: &Settings<'a>) -> Option<&'a RawValue> {
    settings
        .service_tier
        .filter(|tier| tier.get() != r#""auto""#)
}

fn text_settings<'a>(settings: &Settings<'a>) -> TextSettings<'a> {
    let asked: AskedText = object(settings.text);
    TextSettings {
        format: or_default(asked.format, TextFormat { kind: "text" }),
        verbosity: or_default(asked.verbosity, "medium"),
    }
}

/// What the request said; all defaults if it said nothing, or something that is no such object.
fn object<'a, T: Deserialize<'a> + Default>(given: Option<&'a RawValue>) -> T {
    given
        .and_then(|given| serde_json::from_str(given.get()).ok())
        .unwrap_or_default()
}

fn or_default<'a, T>(given: Option<&'a RawValue>, default: T) -> OrDefault<'a, T> {
    given.map_or(OrDefault::Default(default), OrDefault::Given)
}
