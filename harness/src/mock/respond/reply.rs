//! What the model says in one turn, before an API gives it its shape.

use serde::Serialize;

use super::ids::{CallId, Place};
use super::usage::{call_bytes, tokens};
use crate::scenario::ScriptedTurn;

/// `created` of every reply: replies follow from requests alone, so there is no clock to ask.
pub(super) const CREATED: u64 = 1_767_225_600;

/// What most replies fit into.
const REPLY_BYTES: usize = 2048;

/// A reply's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// One JSON object.
    Whole(Vec<u8>),
    /// Server-sent events, by the moments at which they are sent.
    Moments(Vec<Vec<u8>>),
}

/// What the model says in one turn.
#[derive(Debug)]
pub(super) struct Content<'a> {
    pub place: Place,
    pub model: &'a str,
    pub text: Option<&'a str>,
    pub calls: Vec<Call>,
    /// Characters in a piece of a streamed reply; `None` for a plain one.
    pub chunk_chars: Option<usize>,
    /// What the prompt counts, as [`super::usage`] says.
    pub prompt_bytes: usize,
}

/// A tool call as it goes out.
#[derive(Debug)]
pub(super) struct Call {
    pub id: String,
    pub tool: String,
    pub arguments: String,
}

impl<'a> Content<'a> {
    pub fn new(place: Place, turn: &'a ScriptedTurn, model: &'a str) -> Content<'a> {
        let calls = turn.calls.iter().zip(0..).map(|(call, index)| Call {
            id: CallId {
                run: place.run,
                turn: place.turn,
                index,
            }
            .to_string(),
            tool: call.said_tool().to_owned(),
            arguments: call.said_arguments(),
        });
        Content {
            place,
            model,
            text: turn.text.as_deref(),
            calls: calls.collect(),
            chunk_chars: None,
            prompt_bytes: 0,
        }
    }

    pub fn input_tokens(&self) -> u64 {
        tokens(self.prompt_bytes)
    }

    pub fn output_tokens(&self) -> u64 {
        let calls = self.calls.iter();
        let calls: usize = calls
            .map(|call| call_bytes(&call.tool, &call.arguments))
            .sum();
        tokens(self.text.map_or(0, str::len) + calls)
    }
}

/// JSON in one allocation that fits most replies.
pub(super) fn to_json<T: Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(REPLY_BYTES);
    serde_json::to_writer(&mut json, value)?;
    Ok(json)
}
