//! Requests of the Chat Completions API.

use serde_json::Value;

use super::parameters::{common, content, effort, format, function, stop, tool_choice};
use super::place::{Checked, Object, Place, entry, refuse_others};

const ROLES: [&str; 6] = [
    "developer",
    "system",
    "user",
    "assistant",
    "tool",
    "function",
];
const TEXT: [&str; 1] = ["text"];
const OF_USER: [&str; 4] = ["text", "image_url", "input_audio", "file"];
const OF_ASSISTANT: [&str; 2] = ["text", "refusal"];

const OTHERS: [(&str, &str); 9] = [
    ("input", "`messages`"),
    (
        "instructions",
        "a message of the role `system` or `developer`",
    ),
    ("max_output_tokens", "`max_completion_tokens`"),
    (
        "previous_response_id",
        "the whole conversation in `messages`",
    ),
    ("conversation", "the whole conversation in `messages`"),
    ("text", "`response_format` and `verbosity`"),
    ("reasoning", "`reasoning_effort`"),
    ("truncation", "none"),
    ("include", "none"),
];

pub(super) fn check(request: &Object) -> Checked {
    refuse_others(request, &OTHERS)?;
    let at = Place("");
    at.required(request, "messages")?;
    let messages = at.list(request, "messages")?;
    if request.get("messages").is_some_and(Value::is_null) {
        return Err(at.wrong_type("messages", "a list", &Value::Null));
    }
    for (index, value) in messages.iter().enumerate() {
        let (name, object) = entry("messages", index, value)?;
        message(Place(&name), object)?;
    }
    for (index, value) in at.list(request, "tools")?.iter().enumerate() {
        let (name, object) = entry("tools", index, value)?;
        tool(Place(&name), object)?;
    }
    common(request)?;
    tool_choice(request, &["function", "custom", "allowed_tools"])?;
    at.integer(request, "n", 1, 128)?;
    at.integer(request, "max_tokens", 1, i64::MAX)?;
    at.integer(request, "max_completion_tokens", 1, i64::MAX)?;
    at.integer(request, "seed", i64::MIN, i64::MAX)?;
    at.number(request, "frequency_penalty", -2.0, 2.0)?;
    at.number(request, "presence_penalty", -2.0, 2.0)?;
    at.boolean(request, "logprobs")?;
    if at.optional(request, "top_logprobs").is_some()
        && request.get("logprobs") != Some(&Value::Bool(true))
    {
        let wanted = "is allowed only when `logprobs` is true";
        let given = request.get("top_logprobs").unwrap_or(&Value::Null);
        return Err(at.wrong_value("top_logprobs", wanted, given));
    }
    at.object(request, "logit_bias")?;
    at.list(request, "modalities")?;
    effort(at, request, "reasoning_effort")?;
    at.one_of(request, "verbosity", &["low", "medium", "high"])?;
    format(at, request, "response_format", true)?;
    stop(request)
}

fn message(at: Place, message: &Object) -> Checked {
    let role = at.required_string(message, "role")?;
    at.one_of(message, "role", &ROLES)?;
    at.string(message, "name")?;
    match role {
        "user" => content(at, message, "content", &OF_USER, &TEXT),
        "tool" => {
            at.required_string(message, "tool_call_id")?;
            content(at, message, "content", &TEXT, &TEXT)
        }
        "assistant" => assistant(at, message),
        "function" => at.required_string(message, "name").map(drop),
        _ => content(at, message, "content", &TEXT, &TEXT),
    }
}

fn assistant(at: Place, message: &Object) -> Checked {
    let calls = at.list(message, "tool_calls")?;
    for (index, value) in calls.iter().enumerate() {
        let (name, object) = entry(&at.name("tool_calls"), index, value)?;
        call(Place(&name), object)?;
    }
    at.object(message, "function_call")?;
    let may_be_silent = ["function_call", "audio", "refusal"];
    let is_silent = !calls.is_empty()
        || may_be_silent
            .iter()
            .any(|key| at.optional(message, key).is_some());
    if is_silent && at.optional(message, "content").is_none() {
        return Ok(());
    }
    content(at, message, "content", &OF_ASSISTANT, &TEXT)
}

fn call(at: Place, call: &Object) -> Checked {
    at.required_string(call, "id")?;
    let kind = at.required_string(call, "type")?;
    at.one_of(call, "type", &["function", "custom"])?;
    let (key, text) = match kind {
        "custom" => ("custom", "input"),
        _ => ("function", "arguments"),
    };
    at.required(call, key)?;
    let name = at.name(key);
    match at.object(call, key)? {
        Some(function) => {
            Place(&name).required_string(function, "name")?;
            Place(&name).required_string(function, text).map(drop)
        }
        None => Err(at.wrong_type(key, "an object", &Value::Null)),
    }
}

fn tool(at: Place, tool: &Object) -> Checked {
    let kind = at.required_string(tool, "type")?;
    at.one_of(tool, "type", &["function", "custom"])?;
    at.required(tool, kind)?;
    let name = at.name(kind);
    match at.object(tool, kind)? {
        Some(object) if kind == "function" => function(Place(&name), object),
        Some(object) => Place(&name).required_string(object, "name").map(drop),
        None => Err(at.wrong_type(kind, "an object", &Value::Null)),
    }
}
