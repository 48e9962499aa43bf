//! Replies written by hand: what all replies to a client's requests share is cut out of one that serde wrote, and the
//! rest, which follows from the run and the turn, is written between.
//!
//! A frame that does not give back the reply that it was cut from is not used, so a reply that changes its shape makes the
//! mock slower, not wrong.

mod chat;
mod responses;

use loopmark_protocol::Api;
use memchr::memmem;

use super::said::Said;
use super::write::number;
use crate::mock::respond::reply::Reply;

/// What a reply says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub run: u64,
    pub turn: u32,
    pub said: &'a Said,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Characters in a piece of a streamed reply.
    pub chunk_chars: usize,
}

/// What the replies to a client's requests share.
#[derive(Debug)]
pub(super) enum Frame {
    Chat(chat::Plain),
    ChatStream(chat::Streamed),
    Responses(responses::Plain),
    ResponsesStream(responses::Streamed),
}

impl Frame {
    /// Cuts a frame out of a reply that says these words.
    pub fn of(api: Api, reply: &Reply, words: Words<'_>) -> Option<Frame> {
        let frame = match (api, reply) {
            (Api::ChatCompletions, Reply::Whole(body)) => {
                Frame::Chat(chat::Plain::of(body, words)?)
            }
            (Api::ChatCompletions, Reply::Moments(moments)) => {
                Frame::ChatStream(chat::Streamed::of(&moments.concat(), words)?)
            }
            (Api::Responses, Reply::Whole(body)) => {
                Frame::Responses(responses::Plain::of(body, words)?)
            }
            (Api::Responses, Reply::Moments(moments)) => {
                Frame::ResponsesStream(responses::Streamed::of(&moments.concat(), words)?)
            }
        };
        (frame.reply(words) == *reply).then_some(frame)
    }

    /// The reply that says these words.
    pub fn reply(&self, words: Words<'_>) -> Reply {
        match self {
            Frame::Chat(frame) => Reply::Whole(frame.write(words)),
            Frame::ChatStream(frame) => Reply::Moments(frame.write(words)),
            Frame::Responses(frame) => Reply::Whole(frame.write(words)),
            Frame::ResponsesStream(frame) => Reply::Moments(frame.write(words)),
        }
    }
}

/// Cuts a text at parts that come in this order; gives what is before, between and after them.
fn cut<const PARTS: usize, const RESTS: usize>(
    text: &[u8],
    parts: [&[u8]; PARTS],
) -> Option<[Box<[u8]>; RESTS]> {
    let mut rest = text;
    let mut rests = Vec::with_capacity(RESTS);
    for part in parts {
        let at = memmem::find(rest, part)?;
        rests.push(rest.get(..at)?.into());
        rest = rest.get(at + part.len()..)?;
    }
    rests.push(rest.into());
    rests.try_into().ok()
}

/// What `write` writes.
fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

/// `<run><separator><turn>`
fn place(out: &mut Vec<u8>, words: Words<'_>, separator: u8) {
    number(out, words.run);
    out.push(separator);
    number(out, words.turn.into());
}

/// Server-sent events in one buffer, and where each moment ends.
#[derive(Debug, Default)]
struct Moments {
    pub events: Vec<u8>,
    ends: Vec<usize>,
}

impl Moments {
    /// The event that was written last is a delta, which ends its moment.
    fn end(&mut self) {
        self.ends.push(self.events.len());
    }

    /// What comes after the last delta goes with it.
    fn finish(mut self) -> Vec<Vec<u8>> {
        match self.ends.last_mut() {
            Some(last) => *last = self.events.len(),
            None => self.ends.push(self.events.len()),
        }
        let mut start = 0;
        let moments = self.ends.iter().map(|end| {
            let moment = self.events.get(start..*end).unwrap_or_default();
            start = *end;
            moment.to_vec()
        });
        moments.collect()
    }
}
