//! What a plain reply of the model says.

use loopmark_protocol::Api;
use serde_json::Value;

use super::items::{chat_calls, content, item_call, name};
use super::notes::{Call, Text};

/// What a reply says, plain or streamed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    /// Of the Responses API, by which the next request may go on.
    pub id: Option<String>,
    pub text: Text,
    pub calls: Vec<Call>,
}

impl Said {
    /// Reads a plain reply's body; `None` where it is none that the API has.
    pub fn read(api: Api, body: &[u8], with_texts: bool) -> Option<Said> {
        let reply: Value = serde_json::from_slice(body).ok()?;
        match api {
            Api::ChatCompletions => {
                let message = reply.get("choices")?.get(0)?.get("message")?;
                Some(Said {
                    id: None,
                    text: content(&message["content"], with_texts),
                    calls: chat_calls(message),
                })
            }
            Api::Responses => Said::of_response(&reply, with_texts),
        }
    }

    /// What the whole object of a response says.
    pub fn of_response(response: &Value, with_texts: bool) -> Option<Said> {
        let mut said = Said {
            id: Some(name(&response["id"])),
            ..Said::default()
        };
        for item in response["output"].as_array()? {
            if item["type"] == "message" {
                let text = content(&item["content"], with_texts);
                if text.bytes > 0 {
                    said.text.join(text);
                }
            }
            said.calls.extend(item_call(item));
        }
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_apis_say_the_same_of_a_reply() {
        let function = json!({"name": "find", "arguments": "{\"a\":1}"});
        let message =
            json!({"content": "Wait.", "tool_calls": [{"id": "c1", "function": function}]});
        let chat = json!({"choices": [{"message": message}]}).to_string();
        let output = json!([
            {"type": "reasoning"},
            {"type": "message", "content": [{"type": "output_text", "text": "Wait."}]},
            {"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{\"a\":1}"},
        ]);
        let response = json!({"id": "resp_1", "output": output}).to_string();
        let chat = Said::read(Api::ChatCompletions, chat.as_bytes(), true).unwrap();
        let response = Said::read(Api::Responses, response.as_bytes(), true).unwrap();
        assert_eq!(response.id.as_deref(), Some("resp_1"));
        assert_eq!(chat.text, Text::of("Wait.", true));
        assert_eq!(chat.calls.first().unwrap().argument_bytes, 7);
        assert_eq!((chat.text, chat.calls), (response.text, response.calls));
    }

    #[test]
    fn what_is_no_reply_is_none() {
        for body in ["", "{}", "{\"choices\": []}", "{\"error\": {}}"] {
            for api in [Api::ChatCompletions, Api::Responses] {
                assert_eq!(Said::read(api, body.as_bytes(), false), None, "{body}");
            }
        }
    }
}
