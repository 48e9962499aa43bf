//! Replies of the Responses API.

use super::{Moments, Words, cut, place, written};
use crate::mock::respond::events::pieces;
use crate::mock::respond::fast::said::{Said, SaidCall, Written};
use crate::mock::respond::fast::write::{escaped, number};

/// A reply that is not streamed: before, between and after id, output and usage.
#[derive(Debug)]
pub(in crate::mock::respond::fast) struct Plain([Box<[u8]>; 4]);

/// A streamed reply.
#[derive(Debug)]
pub(in crate::mock::respond::fast) struct Streamed {
    /// Before and after the id, in each of the two first events.
    openings: [[Box<[u8]>; 2]; 2],
    /// Before, between and after number, id, output and usage of the last event.
    completed: [Box<[u8]>; 5],
}

impl Plain {
    pub(super) fn of(body: &[u8], words: Words<'_>) -> Option<Plain> {
        let parts: [&[u8]; 3] = [
            &written(|out| id(out, words, b"resp")),
            &written(|out| output(out, words)),
            &written(|out| usage(out, words)),
        ];
        cut(body, parts).map(Plain)
    }

    pub(super) fn write(&self, words: Words<'_>) -> Vec<u8> {
        let [start, after_id, after_output, end] = &self.0;
        let fixed: usize = self.0.iter().map(|part| part.len()).sum();
        let mut out = Vec::with_capacity(fixed + 512 + words.said.bytes() * 5 / 4);
        out.extend_from_slice(start);
        id(&mut out, words, b"resp");
        out.extend_from_slice(after_id);
        output(&mut out, words);
        out.extend_from_slice(after_output);
        usage(&mut out, words);
        out.extend_from_slice(end);
        out
    }
}

impl Streamed {
    pub(super) fn of(stream: &[u8], words: Words<'_>) -> Option<Streamed> {
        let id = written(|out| id(out, words, b"resp"));
        let first_end = memchr::memmem::find(stream, b"\n\n")? + 2;
        let (first, rest) = stream.split_at_checked(first_end)?;
        let second_end = memchr::memmem::find(rest, b"\n\n")? + 2;
        let second = rest.get(..second_end)?;
        let before_end = stream.strip_suffix(b"\n\n")?;
        let last_start = memchr::memmem::rfind(before_end, b"\n\n")? + 2;
        let events = memchr::memmem::find_iter(stream, b"\n\n").count() as u64;
        let parts: [&[u8]; 4] = [
            &written(|out| sequence_number(out, events - 1)),
            &id,
            &written(|out| output(out, words)),
            &written(|out| usage(out, words)),
        ];
        Some(Streamed {
            openings: [cut(first, [&id])?, cut(second, [&id])?],
            completed: cut(stream.get(last_start..)?, parts)?,
        })
    }

    pub(super) fn write(&self, words: Words<'_>) -> Vec<Vec<u8>> {
        let said = words.said;
        let openings = self.openings.iter().flatten();
        let fixed: usize = openings.chain(&self.completed).map(|part| part.len()).sum();
        let mut stream = Events::default();
        let deltas = 8 + said.bytes() / words.chunk_chars.max(1);
        stream
            .moments
            .events
            .reserve(fixed + 2048 + 4 * said.bytes() + 256 * deltas);
        for [before_id, after_id] in &self.openings {
            let out = &mut stream.moments.events;
            out.extend_from_slice(before_id);
            id(out, words, b"resp");
            out.extend_from_slice(after_id);
            stream.sent += 1;
        }
        let mut output_index = 0;
        if let Some(text) = &said.text {
            stream.message(words, text);
            output_index += 1;
        }
        for (output_index, call) in (output_index..).zip(&said.calls) {
            stream.call(words, call, output_index);
        }
        let [start, after_number, after_id, after_output, end] = &self.completed;
        let out = &mut stream.moments.events;
        out.extend_from_slice(start);
        sequence_number(out, stream.sent);
        out.extend_from_slice(after_number);
        id(out, words, b"resp");
        out.extend_from_slice(after_id);
        output(out, words);
        out.extend_from_slice(after_output);
        usage(out, words);
        out.extend_from_slice(end);
        stream.moments.finish()
    }
}

/// Events that are numbered as they are written.
#[derive(Default)]
struct Events {
    moments: Moments,
    sent: u64,
}

impl Events {
    /// Begins an event of a kind; `rest` writes what comes after its number.
    fn event(&mut self, kind: &str, rest: impl FnOnce(&mut Vec<u8>)) {
        let out = &mut self.moments.events;
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\ndata: {\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\",");
        sequence_number(out, self.sent);
        rest(out);
        out.extend_from_slice(b"}\n\n");
        self.sent += 1;
    }

    /// The message is always the first item.
    fn message(&mut self, words: Words<'_>, text: &Written) {
        let item_id = written(|out| {
            out.extend_from_slice(b",\"item_id\":");
            id(out, words, b"msg");
            out.extend_from_slice(b",\"output_index\":0,\"content_index\":0");
        });
        self.event("response.output_item.added", |out| {
            out.extend_from_slice(b",\"output_index\":0,\"item\":");
            message(out, words, b"in_progress", None);
        });
        self.event("response.content_part.added", |out| {
            out.extend_from_slice(&item_id);
            out.extend_from_slice(b",\"part\":");
            part(out, b"\"\"");
        });
        for piece in pieces(&text.text, words.chunk_chars) {
            self.event("response.output_text.delta", |out| {
                out.extend_from_slice(&item_id);
                out.extend_from_slice(b",\"delta\":\"");
                escaped(out, piece);
                out.extend_from_slice(b"\",\"logprobs\":[]");
            });
            self.moments.end();
        }
        self.event("response.output_text.done", |out| {
            out.extend_from_slice(&item_id);
            out.extend_from_slice(b",\"text\":");
            out.extend_from_slice(&text.quoted);
            out.extend_from_slice(b",\"logprobs\":[]");
        });
        self.event("response.content_part.done", |out| {
            out.extend_from_slice(&item_id);
            out.extend_from_slice(b",\"part\":");
            part(out, &text.quoted);
        });
        self.event("response.output_item.done", |out| {
            out.extend_from_slice(b",\"output_index\":0,\"item\":");
            message(out, words, b"completed", Some(text));
        });
    }

    fn call(&mut self, words: Words<'_>, call: &SaidCall, output_index: u64) {
        let index = written(|out| {
            out.extend_from_slice(b",\"output_index\":");
            number(out, output_index);
        });
        let item_id = written(|out| {
            out.extend_from_slice(b",\"item_id\":");
            function_call_id(out, call);
            out.extend_from_slice(&index);
        });
        self.event("response.output_item.added", |out| {
            out.extend_from_slice(&index);
            out.extend_from_slice(b",\"item\":");
            function_call(out, call, b"in_progress", b"\"\"");
        });
        for piece in pieces(&call.arguments.text, words.chunk_chars) {
            self.event("response.function_call_arguments.delta", |out| {
                out.extend_from_slice(&item_id);
                out.extend_from_slice(b",\"delta\":\"");
                escaped(out, piece);
                out.push(b'"');
            });
            self.moments.end();
        }
        self.event("response.function_call_arguments.done", |out| {
            out.extend_from_slice(&item_id);
            out.extend_from_slice(b",\"name\":\"");
            out.extend_from_slice(call.tool.as_str().as_bytes());
            out.extend_from_slice(b"\",\"arguments\":");
            out.extend_from_slice(&call.arguments.quoted);
        });
        self.event("response.output_item.done", |out| {
            out.extend_from_slice(&index);
            out.extend_from_slice(b",\"item\":");
            function_call(out, call, b"completed", &call.arguments.quoted);
        });
    }
}

/// `"<prefix>_<run>_<turn>"`
fn id(out: &mut Vec<u8>, words: Words<'_>, prefix: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(prefix);
    out.push(b'_');
    place(out, words, b'_');
    out.push(b'"');
}

fn sequence_number(out: &mut Vec<u8>, sent: u64) {
    out.extend_from_slice(b"\"sequence_number\":");
    number(out, sent);
}

fn output(out: &mut Vec<u8>, words: Words<'_>) {
    let Said { text, calls, .. } = words.said;
    out.extend_from_slice(b"\"output\":[");
    if let Some(text) = text {
        message(out, words, b"completed", Some(text));
    }
    for (index, call) in calls.iter().enumerate() {
        if index > 0 || text.is_some() {
            out.push(b',');
        }
        function_call(out, call, b"completed", &call.arguments.quoted);
    }
    out.push(b']');
}

fn message(out: &mut Vec<u8>, words: Words<'_>, status: &[u8], text: Option<&Written>) {
    out.extend_from_slice(b"{\"type\":\"message\",\"id\":");
    id(out, words, b"msg");
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(status);
    out.extend_from_slice(b"\",\"role\":\"assistant\",\"content\":[");
    if let Some(text) = text {
        part(out, &text.quoted);
    }
    out.extend_from_slice(b"]}");
}

fn part(out: &mut Vec<u8>, quoted: &[u8]) {
    out.extend_from_slice(
        b"{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":",
    );
    out.extend_from_slice(quoted);
    out.push(b'}');
}

fn function_call(out: &mut Vec<u8>, call: &SaidCall, status: &[u8], arguments: &[u8]) {
    out.extend_from_slice(b"{\"type\":\"function_call\",\"id\":");
    function_call_id(out, call);
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(status);
    out.extend_from_slice(b"\",\"arguments\":");
    out.extend_from_slice(arguments);
    out.extend_from_slice(b",\"call_id\":");
    out.extend_from_slice(&call.id);
    out.extend_from_slice(b",\"name\":\"");
    out.extend_from_slice(call.tool.as_str().as_bytes());
    out.extend_from_slice(b"\"}");
}

/// `"fc_<run>_<turn>_<index>"`
fn function_call_id(out: &mut Vec<u8>, call: &SaidCall) {
    out.extend_from_slice(b"\"fc_");
    out.extend_from_slice(call.number());
    out.push(b'"');
}

fn usage(out: &mut Vec<u8>, words: Words<'_>) {
    let total = words.input_tokens + words.output_tokens;
    out.extend_from_slice(b"\"usage\":{\"input_tokens\":");
    number(out, words.input_tokens);
    out.extend_from_slice(b",\"input_tokens_details\":{\"cache_write_tokens\":0,\"cached_tokens\":0},\"output_tokens\":");
    number(out, words.output_tokens);
    out.extend_from_slice(b",\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":");
    number(out, total);
}
