//! What is noted of a conversation: sizes, times and the names of tools; texts only where they are asked for.

use std::time::Duration;

use crate::words::counted;

/// A text's size, and the text itself where texts are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub bytes: usize,
    pub words: Option<String>,
}

impl Text {
    pub fn of(text: &str, is_kept: bool) -> Text {
        Text {
            bytes: text.len(),
            words: is_kept.then(|| text.to_owned()),
        }
    }

    /// Adds more of the same text.
    pub fn push(&mut self, more: &str, is_kept: bool) {
        self.bytes += more.len();
        if is_kept {
            self.words.get_or_insert_default().push_str(more);
        }
    }

    /// Adds a text of its own behind it.
    pub fn join(&mut self, next: Text) {
        self.bytes += next.bytes;
        match (&mut self.words, next.words) {
            (Some(words), Some(next)) => {
                words.push_str("\n\n");
                words.push_str(&next);
            }
            (words, next) => *words = words.take().or(next),
        }
    }
}

/// A conversation that has ended: from a person's words to the answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Conversation {
    pub model: String,
    /// How many tools the model was offered.
    pub tools: usize,
    pub instructions: Text,
    /// All that is no instruction in the first request: earlier questions, answers and results count too.
    pub prompt: Text,
    /// One or more; only the last one has no calls.
    pub turns: Vec<Turn>,
    /// Replies that were errors or broke off, and were asked for again.
    pub failures: u32,
}

/// A reply of the model, and what the agent did with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Turn {
    /// Bytes of the request's body.
    pub request_bytes: usize,
    pub reply: Reply,
    /// From the reply's end to the next request: the tools' time and the framework's own.
    pub tool_time: Option<Duration>,
}

/// A reply of the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reply {
    pub text: Text,
    pub calls: Vec<Call>,
    /// From the request's last byte to the reply's.
    pub total: Duration,
    /// `None` of a plain reply.
    pub stream: Option<Pace>,
}

/// How a streamed reply came.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pace {
    /// From the request's last byte to the first piece of text or arguments.
    pub first: Duration,
    /// To the last piece.
    pub last: Duration,
    /// Pieces of text and arguments.
    pub deltas: usize,
}

/// A tool call that the model asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub id: String,
    pub name: String,
    pub argument_bytes: usize,
    /// `None` until the next request brings the result.
    pub result_bytes: Option<usize>,
}

/// How much was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests to the model that were understood.
    pub requests: u64,
    /// Of them, requests of the Responses API.
    pub responses: u64,
    /// Of them, requests for streamed replies.
    pub streamed: u64,
    /// Conversations that have ended.
    pub ended: u64,
    /// Conversations that are taken as ended though their last calls were not answered.
    pub ended_with_a_call: u64,
    /// Conversations that had not ended.
    pub unfinished: u64,
    /// Conversations that were too many or too long to note.
    pub left_out: u64,
    /// Replies that were errors, broke off or were not understood.
    pub failures: u64,
    /// Requests to the model that were passed on, but not understood.
    pub not_understood: u64,
    /// The maximum number of replies that were awaited at once.
    pub most_at_once: usize,
}

impl Counts {
    /// Such as `3 conversations, 12 requests`.
    pub fn in_words(&self) -> String {
        let conversations = counted(self.ended + self.ended_with_a_call, "conversation");
        format!("{conversations}, {}", counted(self.requests, "request"))
    }
}
