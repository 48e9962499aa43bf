//! What the model says in a turn, written once: the same texts go out and are compared with what comes back.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::write::{number, quoted};
use crate::scenario::{ScriptedTurn, ToolName};

/// A turn of a run.
#[derive(Debug)]
pub(super) struct Said {
    pub latency: Duration,
    pub text: Option<Written>,
    pub calls: Vec<SaidCall>,
}

/// A text and the JSON string that says it.
#[derive(Debug)]
pub(super) struct Written {
    pub text: String,
    pub quoted: Vec<u8>,
}

/// A tool call.
#[derive(Debug)]
pub(super) struct SaidCall {
    /// `"call_<run>_<turn>_<index>"`, quoted.
    pub id: Vec<u8>,
    pub tool: ToolName,
    /// The arguments as JSON, and that JSON as a string.
    pub arguments: Written,
    pub result: Arc<Value>,
    /// Its place among the turn's calls.
    pub index: usize,
}

impl Written {
    fn new(text: String) -> Written {
        let mut token = Vec::with_capacity(text.len() + text.len() / 8 + 2);
        quoted(&mut token, &text);
        Written {
            text,
            quoted: token,
        }
    }
}

impl Said {
    /// The length of what the model says in this turn, for its usage.
    pub fn bytes(&self) -> usize {
        let calls = self.calls.iter();
        let calls: usize = calls
            .map(|call| call.tool.as_str().len() + call.arguments.text.len())
            .sum();
        self.text.as_ref().map_or(0, |text| text.text.len()) + calls
    }

    pub fn new(run: u64, turn: u32, scripted: &ScriptedTurn) -> Said {
        let calls = scripted.calls.iter().enumerate();
        Said {
            latency: scripted.latency,
            text: scripted.text.clone().map(Written::new),
            calls: calls
                .map(|(index, call)| SaidCall {
                    id: call_id(run, turn, index),
                    tool: call.tool,
                    arguments: Written::new(json(&call.arguments)),
                    result: Arc::clone(&call.result),
                    index,
                })
                .collect(),
        }
    }
}

/// As `Value` displays itself, without the formatter's detour.
fn json(value: &Value) -> String {
    // The only values that can't be written have keys of other types.
    serde_json::to_string(value).unwrap_or_default()
}

fn call_id(run: u64, turn: u32, index: usize) -> Vec<u8> {
    let mut id = Vec::with_capacity(24);
    id.extend_from_slice(b"\"call_");
    number(&mut id, run);
    id.push(b'_');
    number(&mut id, turn.into());
    id.push(b'_');
    number(&mut id, index as u64);
    id.push(b'"');
    id
}

impl SaidCall {
    /// Whether a JSON string names the tool.
    pub fn is_name(&self, token: &[u8]) -> Option<()> {
        let inside = token.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        (inside == self.tool.as_str().as_bytes()).then_some(())
    }

    /// `<run>_<turn>_<index>`
    pub fn number(&self) -> &[u8] {
        let end = self.id.len().saturating_sub(1);
        self.id.get(6..end).unwrap_or_default()
    }
}
