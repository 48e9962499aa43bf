//! What the mock answers, before it is HTTP.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::super::ledger::OtherWords;
use super::reply::Reply;

/// What the mock answers to a request that it understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The run that the request belongs to.
    pub run: u64,
    /// The turn that it asks for, from 0; one past the script's end is a call too many.
    pub turn: u32,
    /// How long the model takes.
    pub latency: Duration,
    /// The first thing that is wrong with the request, in one sentence.
    pub problem: Option<String>,
    /// The request leaves out a text that the model said beside its calls.
    pub leaves_out_text: bool,
    /// Where the request's words are not the scenario's; `None` where they all are.
    pub other_words: Option<Arc<[OtherWords]>>,
    /// Whether the model is told what was wrong with its last calls; `None` where nothing was.
    pub is_told: Option<bool>,
    /// The body.
    pub reply: Reply,
    /// The time between two moments of a streamed reply.
    pub interval: Duration,
}

/// What the mock answers to a request that it does not understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiFault {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, and what the mock expects.
    pub message: String,
    /// The request's parameter at fault.
    pub param: Option<Cow<'static, str>>,
    /// A word for programs.
    pub code: Option<&'static str>,
}

pub(super) fn internal(message: &str) -> ApiFault {
    ApiFault {
        status: 500,
        message: message.to_owned(),
        param: None,
        code: None,
    }
}

impl ApiFault {
    /// The body, as OpenAI shapes it.
    pub fn body(&self) -> Vec<u8> {
        let kind = match self.status {
            429 => "requests",
            status if status < 500 => "invalid_request_error",
            _ => "server_error",
        };
        let body = serde_json::json!({"error": {
            "message": self.message,
            "type": kind,
            "param": self.param,
            "code": self.code,
        }});
        body.to_string().into_bytes()
    }
}
