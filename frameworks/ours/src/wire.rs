//! The vocabulary of the wire: what both APIs say, and what a server says is wrong.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::tool::ToolCall;

/// An API of OpenAI's, which many other servers speak too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Api {
    /// `POST {base URL}/chat/completions`, which nearly every server speaks.
    #[default]
    ChatCompletions,
    /// `POST {base URL}/responses`.
    Responses,
}

impl Api {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Api::ChatCompletions => "/chat/completions",
            Api::Responses => "/responses",
        }
    }
}

/// What every request of an agent says.
#[derive(Debug)]
pub(crate) struct Preamble<'a> {
    pub model: &'a str,
    pub instructions: &'a str,
    pub tools: Vec<ToolDefinition<'a>>,
    pub parameters: &'a Map<String, Value>,
}

/// A tool as the model is told of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ToolDefinition<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub parameters: &'a RawValue,
}

/// What the model said in one turn.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub text: String,
    pub calls: Vec<ToolCall>,
    pub usage: Usage,
}

/// How many tokens the server counted; zeros if it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the requests.
    pub input_tokens: u64,
    /// Tokens of the replies.
    pub output_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
    }
}

/// What closes a request after the conversation's items.
pub(crate) const TAIL: &[u8] = b"]}";

/// The items as they are without what stands before and after them in a request.
pub(crate) fn open_list(object: Vec<u8>, name: &str, first: &str) -> Bytes {
    let mut head = object;
    // The object is not empty, it has the model's name: after its last field comes the list.
    head.truncate(head.len().saturating_sub(1));
    head.extend_from_slice(format!(",\"{name}\":[{first}").as_bytes());
    head.into()
}

/// The server's account of what went wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    message: String,
    code: Option<String>,
}

impl ApiError {
    /// Reads `{"error": {"message": …, "code": …}}` and what servers make of it; of anything else
    /// it keeps the beginning.
    pub(crate) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => ApiError::from_value(value.get("error").unwrap_or(&value)),
            Err(_) => ApiError {
                message: beginning(&String::from_utf8_lossy(body)),
                code: None,
            },
        }
    }

    pub(crate) fn from_value(error: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let message = error.get("message").and_then(text).or_else(|| text(error));
        ApiError {
            message: beginning(&message.unwrap_or_default()),
            code: error.get("code").and_then(text),
        }
    }

    pub(crate) fn into_error(self, status: u16) -> Error {
        Error::Api {
            status,
            message: self.message,
            code: self.code,
            request_id: None,
        }
    }
}

fn beginning(text: &str) -> String {
    const CHARS: usize = 1000;
    let text = text.trim();
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (String, Option<String>) {
        let error = ApiError::read(body.as_bytes());
        (error.message, error.code)
    }

    #[test]
    fn the_message_of_every_kind_of_error_body_is_found() {
        let (openai, code) = (
            r#"{"error":{"message":"no","code":"bad_key"}}"#,
            "bad_key".into(),
        );
        assert_eq!(read(openai), ("no".into(), Some(code)));
        let with_number = r#"{"error":{"message":"no","code":404}}"#;
        assert_eq!(read(with_number), ("no".into(), Some("404".into())));
        assert_eq!(read(r#"{"error":"no"}"#), ("no".into(), None));
        assert_eq!(read(r#"{"message":"no"}"#), ("no".into(), None));
        assert_eq!(
            read("<h1>Bad gateway</h1>\n"),
            ("<h1>Bad gateway</h1>".into(), None)
        );
        assert_eq!(read(""), (String::new(), None));
    }

    #[test]
    fn a_long_error_body_is_cut_between_characters() {
        let (message, _) = read(&"é".repeat(2000));
        assert_eq!(message.chars().count(), 1002);
    }
}
