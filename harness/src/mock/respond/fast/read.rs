//! The messages of one turn, read against what the model said in it.
//!
//! A client may write them in more than one way. Which ways it uses is noted, because only those are accepted that the
//! full check has accepted before.

mod chat;
mod responses;

use loopmark_protocol::Api;

use super::results::Results;
use super::said::{Said, SaidCall, Written};
use super::scan::{Scan, once, text_of};
use crate::mock::respond::same::is_same;
use crate::scenario::ScriptedTurn;

/// The ways in which messages can differ from the plainest ones.
pub(super) mod ways {
    /// A text beside calls is null, empty or missing.
    pub const TEXT_LEFT_OUT: u32 = 1;
    /// There is no `content`.
    pub const NO_CONTENT: u32 = 1 << 1;
    /// `content` is an empty string where there was no text.
    pub const EMPTY_CONTENT: u32 = 1 << 2;
    /// Optional keys come as null, or as an empty list.
    pub const NULLS: u32 = 1 << 3;
    /// Texts are lists of one part.
    pub const PARTS: u32 = 1 << 4;
    /// A text is the same with other escapes.
    pub const OTHER_ESCAPES: u32 = 1 << 5;
    /// Arguments are the same as JSON only.
    pub const OTHER_ARGUMENTS: u32 = 1 << 6;
    /// A result names its tool.
    pub const NAMED_RESULTS: u32 = 1 << 7;
    /// Items have their ids.
    pub const ITEM_IDS: u32 = 1 << 8;
    /// Items have a status.
    pub const STATUS: u32 = 1 << 9;
    /// Messages have no type.
    pub const NO_TYPE: u32 = 1 << 10;
    /// Results come before the next call.
    pub const INTERLEAVED: u32 = 1 << 11;
}

/// What is noted of messages that are as expected.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Read {
    /// How they are written: some of [`ways`].
    pub ways: u32,
    /// What they count in a prompt's usage.
    pub bytes: usize,
}

/// Reads the messages of a whole turn, each after a comma: the model's words and calls, and every call's result.
pub(super) fn turn(
    api: Api,
    scan: &mut Scan<'_>,
    (said, scripted): (&Said, &ScriptedTurn),
    place: (u64, u32),
    results: &Results,
) -> Option<Read> {
    // A turn without calls ends its run.
    if said.calls.is_empty() {
        return None;
    }
    let mut turn = Turn {
        said,
        scripted,
        place,
        results,
        read: Read::default(),
    };
    match api {
        Api::ChatCompletions => turn.chat(scan)?,
        Api::Responses => turn.responses(scan)?,
    }
    Some(turn.read)
}

struct Turn<'a> {
    said: &'a Said,
    scripted: &'a ScriptedTurn,
    place: (u64, u32),
    results: &'a Results,
    read: Read,
}

/// The keys and values of a text part.
const TYPE: &[u8] = b"\"type\"";
const TEXT: &[u8] = b"\"text\"";

impl Turn<'_> {
    fn is_way(&mut self, way: u32) -> Option<()> {
        self.read.ways |= way;
        Some(())
    }

    /// The model's text, as `content`.
    fn text(&mut self, scan: &mut Scan<'_>, part_type: &[u8]) -> Option<()> {
        match scan.peek()? {
            b'n' => {
                scan.exactly(b"null")?;
                self.no_text(0)
            }
            b'[' => self.part(scan, part_type, |turn, token| turn.text_token(token)),
            _ => {
                let token = scan.string()?;
                self.text_token(token)
            }
        }
    }

    /// There is no text in the way that `way` says.
    fn no_text(&mut self, way: u32) -> Option<()> {
        if self.said.text.is_some() {
            self.read.ways |= ways::TEXT_LEFT_OUT;
        }
        self.is_way(way)
    }

    fn text_token(&mut self, token: &[u8]) -> Option<()> {
        if token == b"\"\"" {
            return self.no_text(ways::EMPTY_CONTENT);
        }
        let said = self.said;
        self.is_written(token, said.text.as_ref()?)
    }

    /// A string that says the same.
    fn is_written(&mut self, token: &[u8], written: &Written) -> Option<()> {
        self.read.bytes += written.text.len();
        if token == written.quoted {
            return Some(());
        }
        (text_of(token)? == written.text).then_some(())?;
        self.is_way(ways::OTHER_ESCAPES)
    }

    fn arguments(&mut self, token: &[u8], call: &SaidCall) -> Option<()> {
        self.read.bytes += call.tool.as_str().len();
        if token == call.arguments.quoted {
            self.read.bytes += call.arguments.text.len();
            return Some(());
        }
        let scripted = self.scripted.calls.get(call.index)?;
        let text = text_of(token)?;
        is_same(&text, &scripted.arguments).then_some(())?;
        self.read.bytes += text.len();
        self.is_way(ways::OTHER_ARGUMENTS)
    }

    /// A tool's result: a string, or a list of one part.
    fn result(&mut self, scan: &mut Scan<'_>, part_type: &[u8], call: &SaidCall) -> Option<()> {
        let results = self.results;
        let result = |turn: &mut Self, token: &[u8]| {
            turn.read.bytes += results.bytes_if_right(token, call)?;
            Some(())
        };
        if scan.peek()? == b'[' {
            return self.part(scan, part_type, result);
        }
        result(self, scan.string()?)
    }

    /// A list of one part with a text.
    fn part(
        &mut self,
        scan: &mut Scan<'_>,
        part_type: &[u8],
        text: impl Fn(&mut Self, &[u8]) -> Option<()>,
    ) -> Option<()> {
        let mut parts = 0;
        scan.array(|scan| {
            parts += 1;
            let mut seen = 0;
            scan.object(|scan, key| match key {
                TYPE => {
                    once(&mut seen, 1)?;
                    scan.exactly(part_type)
                }
                TEXT => {
                    once(&mut seen, 2)?;
                    let token = scan.string()?;
                    text(self, token)
                }
                b"\"annotations\"" | b"\"logprobs\"" => {
                    once(&mut seen, if key.len() > 12 { 4 } else { 8 })?;
                    self.is_way(ways::NULLS)?;
                    scan.exactly(b"[]")
                }
                _ => None,
            })?;
            (seen & 3 == 3).then_some(())
        })?;
        (parts == 1).then_some(())?;
        self.is_way(ways::PARTS)
    }
}
