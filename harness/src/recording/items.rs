//! The parts of a conversation as both APIs write them: messages, calls and results.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::notes::{Call, Text};

/// The longest name or id that is kept: a longer one is cut.
const MAX_NAME_CHARS: usize = 128;

/// One item knows another of the same JSON, whatever the order of its fields.
pub(super) fn digest(item: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    item.to_string().hash(&mut hasher);
    hasher.finish()
}

pub(super) fn name(value: &Value) -> String {
    let name = value.as_str().unwrap_or_default();
    name.chars().take(MAX_NAME_CHARS).collect()
}

/// A text, or the texts of a list of parts.
pub(super) fn content(value: &Value, is_kept: bool) -> Text {
    match value {
        Value::String(text) => Text::of(text, is_kept),
        Value::Array(parts) => {
            let mut whole = Text::default();
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            texts.for_each(|text| whole.push(text, is_kept));
            whole
        }
        _ => Text::default(),
    }
}

/// How long a tool's result is: its text, or else its JSON.
pub(super) fn result_bytes(value: &Value) -> usize {
    match (value, content(value, false).bytes) {
        (Value::Array(_), 0) => value.to_string().len(),
        (Value::String(_) | Value::Array(_), bytes) => bytes,
        (Value::Null, _) => 0,
        _ => value.to_string().len(),
    }
}

/// The calls of a message of the Chat Completions API.
pub(super) fn chat_calls(message: &Value) -> Vec<Call> {
    let calls = message["tool_calls"].as_array().into_iter().flatten();
    let calls = calls.map(|call| {
        let (function, custom) = (&call["function"], &call["custom"]);
        let (made, arguments) = match function.is_null() {
            true => (custom, &custom["input"]),
            false => (function, &function["arguments"]),
        };
        Call {
            id: name(&call["id"]),
            name: name(&made["name"]),
            argument_bytes: result_bytes(arguments),
            result_bytes: None,
        }
    });
    calls.collect()
}

/// The call that an item of the Responses API is, if it is one that the agent has to make.
pub(super) fn item_call(item: &Value) -> Option<Call> {
    let arguments = match item["type"].as_str()? {
        "function_call" => &item["arguments"],
        "custom_tool_call" => &item["input"],
        _ => return None,
    };
    Some(Call {
        id: name(&item["call_id"]),
        name: name(&item["name"]),
        argument_bytes: result_bytes(arguments),
        result_bytes: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_content_is_a_text_or_the_texts_of_its_parts() {
        assert_eq!(content(&json!("four"), true), Text::of("four", true));
        let parts =
            json!([{"type": "input_text", "text": "ab"}, {"type": "input_image"}, {"text": "c"}]);
        assert_eq!(content(&parts, true), Text::of("abc", true));
        assert_eq!(content(&Value::Null, true), Text::default());
    }

    #[test]
    fn a_result_is_as_long_as_its_text_or_its_json() {
        assert_eq!(result_bytes(&json!("{\"a\":1}")), 7);
        assert_eq!(result_bytes(&json!([{"type": "text", "text": "abc"}])), 3);
        assert_eq!(result_bytes(&json!({"a": 1})), 7);
        assert_eq!(result_bytes(&Value::Null), 0);
    }

    #[test]
    fn calls_of_both_apis_are_read() {
        let call = Call {
            id: "c1".to_owned(),
            name: "find".to_owned(),
            argument_bytes: 2,
            result_bytes: None,
        };
        let function = json!({"name": "find", "arguments": "{}"});
        let chat = json!({"tool_calls": [{"id": "c1", "function": function}]});
        assert_eq!(chat_calls(&chat).first(), Some(&call));
        let item =
            json!({"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"});
        assert_eq!(item_call(&item), Some(call));
        assert_eq!(item_call(&json!({"type": "web_search_call"})), None);
    }
}
