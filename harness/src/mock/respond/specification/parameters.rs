//! What both APIs say of their parameters beside the conversation.

use serde_json::Value;

use super::place::{Checked, Object, Place, entry, fault, kind};

const EFFORTS: [&str; 6] = ["none", "minimal", "low", "medium", "high", "xhigh"];
const TIERS: [&str; 5] = ["auto", "default", "flex", "scale", "priority"];
/// So long a tool's name may be.
const TOOL_NAME: usize = 64;

/// The parameters that both APIs have and mean alike.
pub(super) fn common(request: &Object) -> Checked {
    let at = Place("");
    at.number(request, "temperature", 0.0, 2.0)?;
    at.number(request, "top_p", 0.0, 1.0)?;
    at.integer(request, "top_logprobs", 0, 20)?;
    at.boolean(request, "parallel_tool_calls")?;
    at.boolean(request, "store")?;
    at.boolean(request, "stream")?;
    at.string(request, "user")?;
    at.string(request, "prompt_cache_key")?;
    at.string(request, "safety_identifier")?;
    at.one_of(request, "service_tier", &TIERS)?;
    if let Some(metadata) = at.object(request, "metadata")? {
        let at = Place("metadata");
        for key in metadata.keys() {
            at.string(metadata, key)?;
        }
    }
    if let Some(options) = at.object(request, "stream_options")? {
        if request.get("stream") != Some(&Value::Bool(true)) {
            let message = "`stream_options` is allowed only when `stream` is true".to_owned();
            let param = "stream_options".to_owned();
            return Err(fault(message, Some(param), "invalid_value"));
        }
        Place("stream_options").boolean(options, "include_usage")?;
    }
    Ok(())
}

/// `none`, `auto`, `required`, or an object of one of the `types`.
pub(super) fn tool_choice(request: &Object, types: &[&str]) -> Checked {
    match request.get("tool_choice") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Object(choice)) => {
            let at = Place("tool_choice");
            at.required_string(choice, "type")?;
            at.one_of(choice, "type", types)
        }
        Some(Value::String(_)) => {
            Place("").one_of(request, "tool_choice", &["none", "auto", "required"])
        }
        Some(value) => Err(Place("").wrong_type("tool_choice", "a string or an object", value)),
    }
}

/// `response_format` of Chat Completions; `text.format` of Responses has its schema's fields beside `type`.
pub(super) fn format(at: Place, object: &Object, key: &str, is_nested: bool) -> Checked {
    let Some(format) = at.object(object, key)? else {
        return Ok(());
    };
    let name = at.name(key);
    let at = Place(&name);
    at.required_string(format, "type")?;
    at.one_of(format, "type", &["text", "json_object", "json_schema"])?;
    if format.get("type") != Some(&Value::from("json_schema")) {
        return Ok(());
    }
    if !is_nested {
        at.required_string(format, "name")?;
        at.required(format, "schema")?;
        return at.object(format, "schema").map(drop);
    }
    at.required(format, "json_schema")?;
    if let Some(schema) = at.object(format, "json_schema")? {
        let name = at.name("json_schema");
        Place(&name).required_string(schema, "name")?;
        Place(&name).object(schema, "schema")?;
    }
    Ok(())
}

pub(super) fn effort(at: Place, object: &Object, key: &str) -> Checked {
    at.one_of(object, key, &EFFORTS)
}

/// What both APIs say of a function that a tool is.
pub(super) fn function(at: Place, function: &Object) -> Checked {
    let name = at.required_string(function, "name")?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if name.is_empty() || name.len() > TOOL_NAME || !name.bytes().all(is_allowed) {
        let wanted = format!("must be 1 to {TOOL_NAME} letters, digits, `_` and `-`");
        return Err(at.wrong_value("name", &wanted, &Value::from(name)));
    }
    at.string(function, "description")?;
    at.boolean(function, "strict")?;
    at.object(function, "parameters").map(drop)
}

/// A content: a string, or a list of parts, each of one of the `types`; those of `texts` have a string in `text`.
pub(super) fn content(
    at: Place,
    object: &Object,
    key: &str,
    types: &[&str],
    texts: &[&str],
) -> Checked {
    let parts = match at.required(object, key)? {
        Value::String(_) => return Ok(()),
        Value::Array(parts) => parts,
        other => return Err(at.wrong_type(key, "a string or a list of parts", other)),
    };
    let list = at.name(key);
    for (index, part) in parts.iter().enumerate() {
        let (name, part) = entry(&list, index, part)?;
        let at = Place(&name);
        let part_type = at.required_string(part, "type")?;
        at.one_of(part, "type", types)?;
        if texts.contains(&part_type) {
            at.required_string(part, "text")?;
        }
    }
    Ok(())
}

/// `stop`: a string, or at most four.
pub(super) fn stop(request: &Object) -> Checked {
    let at = Place("");
    match request.get("stop") {
        None | Some(Value::Null | Value::String(_)) => Ok(()),
        Some(Value::Array(list)) if list.len() > 4 => {
            let message = format!("`stop` may have at most 4 entries, not {}", list.len());
            Err(fault(message, Some("stop".to_owned()), "invalid_value"))
        }
        Some(Value::Array(list)) => match list.iter().find(|stop| !stop.is_string()) {
            Some(other) => {
                let message = format!("an entry of `stop` must be a string, not {}", kind(other));
                Err(fault(message, Some("stop".to_owned()), "invalid_type"))
            }
            None => Ok(()),
        },
        Some(other) => Err(at.wrong_type("stop", "a string or a list of strings", other)),
    }
}
