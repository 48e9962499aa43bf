//! A message that arrives in pieces, as server-sent events.

use loopmark_runner::Error;
use serde::Deserialize;

use crate::wire::{FunctionCall, Message, Role, ToolCall};

/// What has arrived.
#[derive(Default)]
pub struct Pieces {
    /// The line that has no end yet.
    rest: Vec<u8>,
    content: Option<String>,
    tool_calls: Vec<ToolCall>,
    is_done: bool,
}

impl Pieces {
    /// Takes the next bytes of the reply, which may begin and end anywhere.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.rest.extend_from_slice(bytes);
        let rest = std::mem::take(&mut self.rest);
        let mut lines = rest.split(|byte| *byte == b'\n');
        // The last part has no end of line.
        self.rest = lines.next_back().unwrap_or_default().to_vec();
        lines.try_for_each(|line| self.line(line.trim_ascii_end()))
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

    fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        match line.strip_prefix(b"data: ") {
            Some(b"[DONE]") => self.is_done = true,
            Some(data) => {
                let chunk: Chunk = serde_json::from_slice(data)?;
                for choice in chunk.choices {
                    self.add(choice.delta);
                }
            }
            // An empty line or a comment.
            None => (),
        }
        Ok(())
    }

    fn add(&mut self, delta: Delta) {
        if let Some(text) = delta.content {
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

    const STREAM: &str = concat!(
        ": a comment\n\n",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"Ärger\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",",
        "\"function\":{\"name\":\"wait\",\"arguments\":\"\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",",
        "\"function\":{\"name\":\"fail\",\"arguments\":\"{}\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,",
        "\"function\":{\"arguments\":\"{\\\"ms\\\":1}\"}}]}}]}\n\n",
        "data: {\"choices\":[]}\n\n",
    );

    #[test]
    fn a_stream_that_is_cut_anywhere_gives_the_same_message() {
        let stream = format!("{STREAM}data: [DONE]\n\n");
        for size in [1, 7, stream.len()] {
            let mut pieces = Pieces::default();
            for bytes in stream.as_bytes().chunks(size) {
                pieces.push(bytes).unwrap();
            }
            let message = pieces.message().unwrap();
            assert_eq!(message.content.as_deref(), Some("Ärger"));
            let calls = message.tool_calls.iter();
            let calls: Vec<[&str; 3]> = calls
                .map(|call| [&*call.id, &*call.function.name, &*call.function.arguments])
                .collect();
            assert_eq!(calls, [["a", "wait", r#"{"ms":1}"#], ["b", "fail", "{}"]]);
        }
    }

    #[test]
    fn a_stream_without_an_end_is_an_error() {
        let mut pieces = Pieces::default();
        pieces.push(STREAM.as_bytes()).unwrap();
        assert!(pieces.message().is_err());
    }
}
