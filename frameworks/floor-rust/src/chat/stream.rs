//! A message that arrives in pieces.

use loopmark_runner::{Error, text_seen};
use serde::Deserialize;

use super::wire::{FunctionCall, Message, Role, ToolCall};

/// What has arrived.
#[derive(Default)]
pub struct Pieces {
    content: Option<String>,
    tool_calls: Vec<ToolCall>,
    is_done: bool,
}

impl Pieces {
    /// Takes the data of the next event.
    pub fn push(&mut self, data: &[u8]) -> Result<(), Error> {
        if data == b"[DONE]" {
            self.is_done = true;
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_slice(data)?;
        for choice in chunk.choices {
            self.add(choice.delta);
        }
        Ok(())
    }

    /// The message, when the reply has ended.
    pub fn message(self) -> Result<Message, Error> {
        if !self.is_done {
            return Err("the stream breaks off".into());
        }
        Ok(Message {
            role: Role::Assistant,
            content: self.content,
            tool_calls: self.tool_calls,
            tool_call_id: None,
        })
    }

    fn add(&mut self, delta: Delta) {
        if let Some(text) = delta.content {
            // The first piece may be empty.
            if !text.is_empty() {
                text_seen();
            }
            self.content.get_or_insert_default().push_str(&text);
        }
        for piece in delta.tool_calls {
            // The first piece of a call carries its id, the others go on with its arguments.
            match (piece.id, self.tool_calls.get_mut(piece.index)) {
                (_, Some(call)) => call.function.arguments.push_str(&piece.function.arguments),
                (id, None) => self.tool_calls.push(ToolCall {
                    id: id.unwrap_or_default(),
                    r#type: "function".into(),
                    function: FunctionCall {
                        name: piece.function.name.unwrap_or_default(),
                        arguments: piece.function.arguments,
                    },
                }),
            }
        }
    }
}

#[derive(Deserialize)]
struct Chunk {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Delta,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    #[serde(default)]
    tool_calls: Vec<CallPiece>,
}

#[derive(Deserialize)]
struct CallPiece {
    index: usize,
    id: Option<String>,
    function: FunctionPiece,
}

#[derive(Deserialize)]
struct FunctionPiece {
    name: Option<String>,
    #[serde(default)]
    arguments: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [&str; 5] = [
        r#"{"choices":[{"delta":{"role":"assistant","content":"Ärger"}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"wait","arguments":""}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"fail","arguments":"{}"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"ms\":1}"}}]}}]}"#,
        r#"{"choices":[]}"#,
    ];

    fn pieces() -> Pieces {
        let mut pieces = Pieces::default();
        for event in EVENTS {
            pieces.push(event.as_bytes()).unwrap();
        }
        pieces
    }

    #[test]
    fn pieces_make_a_message() {
        let mut pieces = pieces();
        pieces.push(b"[DONE]").unwrap();
        let message = pieces.message().unwrap();
        assert_eq!(message.content.as_deref(), Some("Ärger"));
        let calls = message.tool_calls.iter();
        let calls: Vec<[&str; 3]> = calls
            .map(|call| [&*call.id, &*call.function.name, &*call.function.arguments])
            .collect();
        assert_eq!(calls, [["a", "wait", r#"{"ms":1}"#], ["b", "fail", "{}"]]);
    }

    #[test]
    fn a_stream_without_an_end_is_an_error() {
        assert!(pieces().message().is_err());
    }
}
