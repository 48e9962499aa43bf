//! Requests of the Responses API.

use serde_json::Value;

use super::parameters::{common, content, effort, format, function, tool_choice};
use super::place::{Checked, Object, Place, entry, fault, refuse_others};

const ROLES: [&str; 4] = ["user", "assistant", "system", "developer"];
const OF_INPUT: [&str; 4] = ["input_text", "input_image", "input_file", "input_audio"];
const OF_ASSISTANT: [&str; 2] = ["output_text", "refusal"];
const TEXTS: [&str; 2] = ["input_text", "output_text"];

const ITEMS: [&str; 26] = [
    "message",
    "function_call",
    "function_call_output",
    "item_reference",
    "reasoning",
    "compaction",
    "custom_tool_call",
    "custom_tool_call_output",
    "file_search_call",
    "web_search_call",
    "computer_call",
    "computer_call_output",
    "image_generation_call",
    "code_interpreter_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "tool_search_call",
    "tool_search_output",
];

const TOOLS: [&str; 17] = [
    "function",
    "custom",
    "file_search",
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "web_search_preview_2025_03_11",
    "computer",
    "computer_use_preview",
    "code_interpreter",
    "image_generation",
    "local_shell",
    "shell",
    "apply_patch",
    "mcp",
    "namespace",
    "tool_search",
];

const OTHERS: [(&str, &str); 13] = [
    ("messages", "`input`"),
    ("max_tokens", "`max_output_tokens`"),
    ("max_completion_tokens", "`max_output_tokens`"),
    ("response_format", "`text.format`"),
    ("reasoning_effort", "`reasoning.effort`"),
    ("verbosity", "`text.verbosity`"),
    ("n", "one reply a request"),
    ("stop", "none"),
    ("seed", "none"),
    ("logprobs", "`include` and `top_logprobs`"),
    ("logit_bias", "none"),
    ("functions", "`tools`"),
    ("function_call", "`tool_choice`"),
];

/// The least that `max_output_tokens` may be.
const LEAST_TOKENS: i64 = 16;

pub(super) fn check(request: &Object) -> Checked {
    refuse_others(request, &OTHERS)?;
    let at = Place("");
    match at.required(request, "input")? {
        Value::String(_) => {}
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let (name, object) = entry("input", index, value)?;
                item(Place(&name), object)?;
            }
        }
        other => return Err(at.wrong_type("input", "a string or a list of items", other)),
    }
    for (index, value) in at.list(request, "tools")?.iter().enumerate() {
        let (name, object) = entry("tools", index, value)?;
        tool(Place(&name), object)?;
    }
    common(request)?;
    let choices = [&TOOLS[..], &["allowed_tools"]].concat();
    tool_choice(request, &choices)?;
    at.integer(request, "max_output_tokens", LEAST_TOKENS, i64::MAX)?;
    at.integer(request, "max_tool_calls", 0, i64::MAX)?;
    at.boolean(request, "background")?;
    at.string(request, "instructions")?;
    at.string(request, "previous_response_id")?;
    at.list(request, "include")?;
    at.one_of(request, "truncation", &["auto", "disabled"])?;
    if let Some(reasoning) = at.object(request, "reasoning")? {
        effort(Place("reasoning"), reasoning, "effort")?;
    }
    if let Some(text) = at.object(request, "text")? {
        let at = Place("text");
        at.one_of(text, "verbosity", &["low", "medium", "high"])?;
        format(at, text, "format", false)?;
    }
    conversation(request)
}

/// A conversation of the API's own store, of which this mock has none.
fn conversation(request: &Object) -> Checked {
    let at = Place("");
    if at.optional(request, "conversation").is_none() {
        return Ok(());
    }
    let message = if at.optional(request, "previous_response_id").is_some() {
        "`conversation` and `previous_response_id` exclude each other"
    } else {
        "this mock stores no conversations: send the items, or a `previous_response_id`"
    };
    let param = Some("conversation".to_owned());
    Err(fault(message.to_owned(), param, "invalid_value"))
}

fn item(at: Place, item: &Object) -> Checked {
    at.string(item, "type")?;
    at.one_of(item, "type", &ITEMS)?;
    let kind = item.get("type").and_then(Value::as_str);
    match kind.unwrap_or("message") {
        "message" => message(at, item),
        "function_call" => {
            for key in ["call_id", "name", "arguments"] {
                at.required_string(item, key)?;
            }
            Ok(())
        }
        "function_call_output" => {
            at.required_string(item, "call_id")?;
            content(at, item, "output", &OF_INPUT, &TEXTS)
        }
        "item_reference" => at.required_string(item, "id").map(drop),
        _ => Ok(()),
    }
}

fn message(at: Place, message: &Object) -> Checked {
    let role = at.required_string(message, "role")?;
    at.one_of(message, "role", &ROLES)?;
    if message.contains_key("tool_calls") {
        let param = at.name("tool_calls");
        let text =
            format!("unknown parameter `{param}`: a call is an item of the type `function_call`");
        return Err(fault(text, Some(param), "unknown_parameter"));
    }
    let types = match role {
        "assistant" => &OF_ASSISTANT[..],
        _ => &OF_INPUT,
    };
    content(at, message, "content", types, &TEXTS)
}

fn tool(at: Place, tool: &Object) -> Checked {
    let kind = at.required_string(tool, "type")?;
    at.one_of(tool, "type", &TOOLS)?;
    match kind {
        "function" => function(at, tool),
        "custom" => at.required_string(tool, "name").map(drop),
        _ => Ok(()),
    }
}
