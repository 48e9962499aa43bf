//! How a client's requests begin and end: the bytes that the requests of all its runs share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use loopmark_protocol::{Api, RUN_PLACEHOLDER};
use memchr::memmem;

use super::frame::Frame;
use super::scan::{Scan, once};
use super::write::number;
use crate::mock::ledger::OtherWords;
use crate::mock::respond::given::Response;
use crate::scenario::Scenario;

/// The prompt's text beside its number that is looked for in a request.
const NEIGHBOUR_BYTES: usize = 24;
/// Marks a turn that the full check has found right.
const SEEN: u32 = 1 << 31;

/// What the full check knows of a request beside its answer.
#[derive(Debug, Clone, Copy)]
pub(in crate::mock::respond) struct Facts {
    /// What it counts in the prompt's usage.
    pub prompt_bytes: usize,
    /// It continues an earlier response, whose conversation it does not send again, or limits its reply, so that what is
    /// right for one run may be wrong for another.
    pub is_continued: bool,
    /// What is kept in mind of the response; `None` if it is not to be stored.
    pub stored: Option<Response>,
}

/// The bytes of a first request around the run's number, and around the place where its messages end.
///
/// A request of any run is these with its own number, and with what its turns have added where the messages end.
#[derive(Debug)]
pub(super) struct Opening {
    api: Api,
    /// The run whose request this was.
    origin: u64,
    before_number: Box<[u8]>,
    after_number: Box<[u8]>,
    after_messages: Box<[u8]>,
    /// What it counts in a prompt's usage without the number's digits.
    bytes: usize,
    /// What is kept in mind of each response: the opening has `store` and the instructions.
    pub stored: Option<Response>,
    /// The opening has all words that the scenario gives.
    pub other_words: Option<Arc<[OtherWords]>>,
    pub frame: Frame,
    /// For each turn: whether the full check gave the same answer for another run, and for which ways.
    trusted: Box<[AtomicU32]>,
}

/// What a request says beside its opening.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened<'a> {
    pub run: u64,
    /// The messages that the run's turns have added.
    pub added: &'a [u8],
    /// What the rest counts in a prompt's usage.
    pub bytes: usize,
}

impl Opening {
    /// Finds number and messages in the first request of a run.
    pub fn of(
        api: Api,
        prompt: &str,
        (run, turns): (u64, usize),
        body: &[u8],
        (facts, frame): (Facts, Frame),
    ) -> Option<Opening> {
        let (before_messages_end, after_messages) =
            body.split_at_checked(messages_end(api, body)?)?;
        let (start, end) = number_in(body, prompt, run)?;
        Some(Opening {
            api,
            origin: run,
            before_number: body.get(..start)?.into(),
            after_number: before_messages_end.get(end..)?.into(),
            after_messages: after_messages.into(),
            bytes: facts.prompt_bytes.checked_sub(end - start)?,
            stored: facts.stored,
            other_words: None,
            frame,
            trusted: (0..turns).map(|_| AtomicU32::new(0)).collect(),
        })
    }

    /// Reads a request that begins and ends like this.
    pub fn read<'a>(&self, api: Api, body: &'a [u8]) -> Option<Opened<'a>> {
        let rest = body
            .strip_prefix(&*self.before_number)
            .filter(|_| self.api == api)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = rest.split_at_checked(digits)?;
        let added = rest
            .strip_prefix(&*self.after_number)?
            .strip_suffix(&*self.after_messages)?;
        Some(Opened {
            run: run_of(digits)?,
            added,
            bytes: self.bytes + digits.len(),
        })
    }

    /// Whether a run's case is that of the run which the opening is from: another one may offer other tools.
    pub fn is_of_case(&self, scenario: &Scenario, run: u64) -> bool {
        scenario.case_place(run) == scenario.case_place(self.origin)
    }

    /// Whether an answer to this turn needs no full check.
    pub fn trusts(&self, turn: usize, ways: u32) -> bool {
        let trusted = self.trusted.get(turn);
        trusted.is_some_and(|trusted| (ways | SEEN) & !trusted.load(Ordering::Relaxed) == 0)
    }

    /// The full check gave the same answer. The run that the opening is from proves nothing about its number.
    pub fn trust(&self, run: u64, turn: usize, ways: u32) {
        if let Some(trusted) = self.trusted.get(turn).filter(|_| run != self.origin) {
            trusted.fetch_or(ways | SEEN, Ordering::Relaxed);
        }
    }
}

/// A number as the mock itself would write it.
fn run_of(digits: &[u8]) -> Option<u64> {
    if digits.len() > 1 && digits.starts_with(b"0") {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

/// Where the last message of a request ends.
fn messages_end(api: Api, body: &[u8]) -> Option<usize> {
    let messages: &[u8] = match api {
        Api::ChatCompletions => b"\"messages\"",
        Api::Responses => b"\"input\"",
    };
    let mut end = None;
    let mut seen = 0;
    let mut scan = Scan::new(body);
    scan.object(|scan, key| {
        // Escaped, a key could be any other.
        (!key.contains(&b'\\')).then_some(())?;
        if key != messages {
            return scan.skip();
        }
        once(&mut seen, 1)?;
        scan.array(|scan| {
            scan.skip()?;
            end = Some(scan.at());
            Some(())
        })
    })?;
    end
}

/// Where the run's number stands in a request, if its prompt is found there once.
fn number_in(body: &[u8], prompt: &str, run: u64) -> Option<(usize, usize)> {
    let (before, after) = prompt.split_once(RUN_PLACEHOLDER)?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" .,:;-_".contains(byte);
    let before = before.as_bytes().iter().rev().take(NEIGHBOUR_BYTES);
    let mut needle: Vec<u8> = before.take_while(|byte| is_plain(byte)).copied().collect();
    needle.reverse();
    let start = needle.len();
    number(&mut needle, run);
    let end = needle.len();
    let after = after.as_bytes().iter().take(NEIGHBOUR_BYTES);
    needle.extend(after.take_while(|byte| is_plain(byte)));
    // A number alone could be any.
    (needle.len() > end && start > 0).then_some(())?;
    (!needle.get(end)?.is_ascii_digit()).then_some(())?;
    let mut found = memmem::find_iter(body, &needle);
    let at = found.next()?;
    found.next().is_none().then_some((at + start, at + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_messages_end_after_the_last_of_them() {
        let body = br#"{"tools":[{"messages":[1]}],"messages" : [ {"a":"]"} , {"b":2} ],"x":null}"#;
        let end = messages_end(Api::ChatCompletions, body).unwrap();
        assert!(body[..end].ends_with(br#"{"b":2}"#));
        for body in [
            r#"{"messages":[]}"#,
            r#"{"messages":"text"}"#,
            r#"{"messages":[1],"messages":[2]}"#,
            r#"{"\u006dessages":[1],"messages":[2]}"#,
            "[]",
        ] {
            assert_eq!(
                messages_end(Api::ChatCompletions, body.as_bytes()),
                None,
                "{body}"
            );
        }
    }

    #[test]
    fn the_number_stands_once_in_its_prompt() {
        let prompt = "Reading \"list\" {run}: find";
        let body = br#"{"run":8,"text":"Reading \"list\" 8: find"}"#;
        let (start, end) = number_in(body, prompt, 8).unwrap();
        assert_eq!(&body[start..end], b"8");
        assert!(body[end..].starts_with(b": find"));
        assert_eq!(number_in(body, prompt, 80), None);
        assert_eq!(number_in(&body.repeat(2), prompt, 8), None);
        assert_eq!(number_in(body, "{run}", 8), None);
    }

    #[test]
    fn a_number_is_read_as_it_is_written() {
        assert_eq!(run_of(b"0"), Some(0));
        assert_eq!(run_of(b"4711"), Some(4711));
        for digits in ["", "08", "99999999999999999999"] {
            assert_eq!(run_of(digits.as_bytes()), None, "{digits}");
        }
    }
}
