//! Replies of the Chat Completions API.

use super::{Moments, Words, cut, place, written};
use crate::mock::respond::events::pieces;
use crate::mock::respond::fast::said::{Said, SaidCall};
use crate::mock::respond::fast::write::{escaped, number};

/// A reply that is not streamed: before, between and after id, message, end and usage.
#[derive(Debug)]
pub(in crate::mock::respond::fast) struct Plain([Box<[u8]>; 5]);

/// A streamed reply.
#[derive(Debug)]
pub(in crate::mock::respond::fast) struct Streamed {
    /// Before, between and after a chunk's id and choice.
    chunk: [Box<[u8]>; 3],
    /// Before, between and after the id and the usage of the chunk that carries it, if the client wants it.
    usage: Option<[Box<[u8]>; 3]>,
}

const CHOICE: &[u8] = b"{\"index\":0,\"delta\":{";
const CHOICE_END: &[u8] = b"},\"logprobs\":null,\"finish_reason\":null}";
const DONE: &[u8] = b"data: [DONE]\n\n";

impl Plain {
    pub(super) fn of(body: &[u8], words: Words<'_>) -> Option<Plain> {
        let parts: [&[u8]; 4] = [
            &written(|out| id(out, words)),
            &written(|out| message(out, words.said)),
            finish(words.said),
            &written(|out| usage(out, words)),
        ];
        cut(body, parts).map(Plain)
    }

    pub(super) fn write(&self, words: Words<'_>) -> Vec<u8> {
        let [start, after_id, after_message, after_finish, end] = &self.0;
        let fixed: usize = self.0.iter().map(|part| part.len()).sum();
        let mut out = Vec::with_capacity(fixed + 256 + words.said.bytes() * 5 / 4);
        out.extend_from_slice(start);
        id(&mut out, words);
        out.extend_from_slice(after_id);
        message(&mut out, words.said);
        out.extend_from_slice(after_message);
        out.extend_from_slice(finish(words.said));
        out.extend_from_slice(after_finish);
        usage(&mut out, words);
        out.extend_from_slice(end);
        out
    }
}

impl Streamed {
    pub(super) fn of(stream: &[u8], words: Words<'_>) -> Option<Streamed> {
        let id = written(|out| id(out, words));
        let first_end = memchr::memmem::find(stream, b"\n\n")? + 2;
        let choice = written(|out| opening(out, words.said));
        let chunk = cut(stream.get(..first_end)?, [&id, &choice])?;
        let before_end = stream.strip_suffix(DONE)?.strip_suffix(b"\n\n")?;
        let last_start = memchr::memmem::rfind(before_end, b"\n\n")? + 2;
        let last = stream.get(last_start..before_end.len() + 2)?;
        let usage = written(|out| usage(out, words));
        Some(Streamed {
            chunk,
            usage: cut(last, [&id, &usage]),
        })
    }

    pub(super) fn write(&self, words: Words<'_>) -> Vec<Vec<u8>> {
        let said = words.said;
        let [before_id, before_choice, after_choice] = &self.chunk;
        let start = written(|out| {
            out.extend_from_slice(before_id);
            id(out, words);
            out.extend_from_slice(before_choice);
        });
        let mut moments = Moments::default();
        let chunk_bytes = start.len() + after_choice.len() + 128;
        let chunks = 6 + 2 * said.bytes() / words.chunk_chars.max(1);
        moments.events.reserve(chunks * chunk_bytes);
        let mut event = |choice: &dyn Fn(&mut Vec<u8>), is_delta| {
            moments.events.extend_from_slice(&start);
            choice(&mut moments.events);
            moments.events.extend_from_slice(after_choice);
            if is_delta {
                moments.end();
            }
        };
        event(&|out| opening(out, said), false);
        let text = said.text.as_ref().map_or("", |text| &text.text);
        for piece in pieces(text, words.chunk_chars) {
            event(&|out| text_delta(out, piece), true);
        }
        for (index, call) in (0..).zip(&said.calls) {
            event(&|out| call_opening(out, index, call), false);
            for piece in pieces(&call.arguments.text, words.chunk_chars) {
                event(&|out| call_delta(out, index, piece), true);
            }
        }
        event(&|out| last(out, said), false);
        if let Some([before_id, before_usage, after_usage]) = &self.usage {
            moments.events.extend_from_slice(before_id);
            id(&mut moments.events, words);
            moments.events.extend_from_slice(before_usage);
            usage(&mut moments.events, words);
            moments.events.extend_from_slice(after_usage);
        }
        moments.events.extend_from_slice(DONE);
        moments.finish()
    }
}

fn id(out: &mut Vec<u8>, words: Words<'_>) {
    out.extend_from_slice(b"\"chatcmpl-");
    place(out, words, b'-');
    out.push(b'"');
}

fn message(out: &mut Vec<u8>, said: &Said) {
    out.extend_from_slice(b"\"content\":");
    let text = said.text.as_ref().map(|text| text.quoted.as_slice());
    out.extend_from_slice(text.unwrap_or(b"null"));
    if said.calls.is_empty() {
        return;
    }
    out.extend_from_slice(b",\"tool_calls\":[");
    for (index, call) in said.calls.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"id\":");
        out.extend_from_slice(&call.id);
        out.extend_from_slice(b",\"type\":\"function\",\"function\":{\"name\":\"");
        out.extend_from_slice(call.tool.as_str().as_bytes());
        out.extend_from_slice(b"\",\"arguments\":");
        out.extend_from_slice(&call.arguments.quoted);
        out.extend_from_slice(b"}}");
    }
    out.push(b']');
}

fn finish(said: &Said) -> &'static [u8] {
    if said.calls.is_empty() {
        b"\"finish_reason\":\"stop\""
    } else {
        b"\"finish_reason\":\"tool_calls\""
    }
}

fn usage(out: &mut Vec<u8>, words: Words<'_>) {
    out.extend_from_slice(b"\"prompt_tokens\":");
    number(out, words.input_tokens);
    out.extend_from_slice(b",\"completion_tokens\":");
    number(out, words.output_tokens);
    out.extend_from_slice(b",\"total_tokens\":");
    number(out, words.input_tokens + words.output_tokens);
}

fn opening(out: &mut Vec<u8>, said: &Said) {
    out.extend_from_slice(CHOICE);
    out.extend_from_slice(b"\"role\":\"assistant\",\"content\":");
    let content: &[u8] = if said.text.is_some() {
        b"\"\""
    } else {
        b"null"
    };
    out.extend_from_slice(content);
    out.extend_from_slice(b",\"refusal\":null");
    out.extend_from_slice(CHOICE_END);
}

fn text_delta(out: &mut Vec<u8>, piece: &str) {
    out.extend_from_slice(CHOICE);
    out.extend_from_slice(b"\"content\":\"");
    escaped(out, piece);
    out.push(b'"');
    out.extend_from_slice(CHOICE_END);
}

fn call_opening(out: &mut Vec<u8>, index: u64, call: &SaidCall) {
    out.extend_from_slice(CHOICE);
    out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
    number(out, index);
    out.extend_from_slice(b",\"id\":");
    out.extend_from_slice(&call.id);
    out.extend_from_slice(b",\"type\":\"function\",\"function\":{\"name\":\"");
    out.extend_from_slice(call.tool.as_str().as_bytes());
    out.extend_from_slice(b"\",\"arguments\":\"\"}}]");
    out.extend_from_slice(CHOICE_END);
}

fn call_delta(out: &mut Vec<u8>, index: u64, piece: &str) {
    out.extend_from_slice(CHOICE);
    out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
    number(out, index);
    out.extend_from_slice(b",\"function\":{\"arguments\":\"");
    escaped(out, piece);
    out.extend_from_slice(b"\"}}]");
    out.extend_from_slice(CHOICE_END);
}

fn last(out: &mut Vec<u8>, said: &Said) {
    out.extend_from_slice(CHOICE);
    out.extend_from_slice(b"},\"logprobs\":null,");
    out.extend_from_slice(finish(said));
    out.push(b'}');
}
