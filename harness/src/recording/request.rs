//! What a request to the model says of its conversation.

use loopmark_protocol::Api;
use serde_json::Value;

use super::items::{content, digest, name, result_bytes};
use super::notes::Text;

/// A request to the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    pub model: String,
    pub tools: usize,
    pub is_stream: bool,
    /// Bytes of its body.
    pub bytes: usize,
    /// A digest of each item of the conversation, in order.
    pub items: Vec<u64>,
    pub instructions: Text,
    pub prompt: Text,
    /// The tools' results that it holds, in order.
    pub results: Vec<Given>,
    /// The reply that it goes on from.
    pub previous: Option<String>,
}

/// A tool's result on its way to the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub call: String,
    pub bytes: usize,
}

impl Asked {
    /// Reads a request's body; `None` where it is none that the API has.
    pub fn read(api: Api, body: &[u8], with_texts: bool) -> Option<Asked> {
        let request: Value = serde_json::from_slice(body).ok()?;
        let mut asked = Asked {
            model: name(&request["model"]),
            tools: request["tools"].as_array().map_or(0, Vec::len),
            is_stream: request["stream"].as_bool().unwrap_or_default(),
            bytes: body.len(),
            previous: request["previous_response_id"].as_str().map(str::to_owned),
            ..Asked::default()
        };
        match api {
            Api::ChatCompletions => asked.add_all(request["messages"].as_array()?, with_texts),
            Api::Responses => {
                asked.instructions = content(&request["instructions"], with_texts);
                match &request["input"] {
                    Value::Array(items) => asked.add_all(items, with_texts),
                    text @ Value::String(_) => {
                        asked.items.push(digest(text));
                        asked.prompt = content(text, with_texts);
                    }
                    _ => return None,
                }
            }
        }
        Some(asked)
    }

    fn add_all(&mut self, items: &[Value], with_texts: bool) {
        for item in items {
            self.items.push(digest(item));
            self.add(item, with_texts);
        }
    }

    fn add(&mut self, item: &Value, with_texts: bool) {
        let result = match (item["role"].as_str(), item["type"].as_str()) {
            (Some("tool"), _) => Some((&item["tool_call_id"], &item["content"])),
            (_, Some("function_call_output" | "custom_tool_call_output")) => {
                Some((&item["call_id"], &item["output"]))
            }
            _ => None,
        };
        if let Some((call, result)) = result {
            let bytes = result_bytes(result);
            self.prompt.bytes += bytes;
            self.results.push(Given {
                call: name(call),
                bytes,
            });
            return;
        }
        let text = content(&item["content"], with_texts);
        let into = match item["role"].as_str() {
            Some("system" | "developer") => &mut self.instructions,
            _ => &mut self.prompt,
        };
        if text.bytes > 0 {
            into.join(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(api: Api, request: &Value) -> Asked {
        Asked::read(api, request.to_string().as_bytes(), true).unwrap()
    }

    #[test]
    fn both_apis_say_the_same_of_a_conversation() {
        let messages = json!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "How many?"},
            {"role": "assistant", "tool_calls": [{"id": "c1"}]},
            {"role": "tool", "tool_call_id": "c1", "content": "seven"},
        ]);
        let chat = read(
            Api::ChatCompletions,
            &json!({"model": "m", "stream": true, "tools": [{}], "messages": messages}),
        );
        let input = json!([
            {"role": "user", "content": [{"type": "input_text", "text": "How many?"}]},
            {"type": "function_call", "call_id": "c1"},
            {"type": "function_call_output", "call_id": "c1", "output": "seven"},
        ]);
        let responses = read(
            Api::Responses,
            &json!({"model": "m", "stream": true, "tools": [{}], "instructions": "Be brief.", "input": input}),
        );
        for asked in [&chat, &responses] {
            assert_eq!(asked.instructions, Text::of("Be brief.", true));
            assert_eq!(asked.prompt.words.as_deref(), Some("How many?"));
            assert_eq!(asked.prompt.bytes, "How many?seven".len());
            let given = Given {
                call: "c1".to_owned(),
                bytes: 5,
            };
            assert_eq!(asked.results, [given]);
            assert!(asked.is_stream && asked.tools == 1 && asked.model == "m");
        }
        assert_eq!((chat.items.len(), responses.items.len()), (4, 3));
    }

    #[test]
    fn what_is_no_request_is_none() {
        for body in ["", "[]", "{}", "{\"messages\": 7}"] {
            for api in [Api::ChatCompletions, Api::Responses] {
                assert_eq!(Asked::read(api, body.as_bytes(), false), None, "{body}");
            }
        }
        let text = read(Api::Responses, &json!({"input": "How many?"}));
        assert_eq!((text.items.len(), text.prompt.bytes), (1, 9));
    }
}
