//! All conversations of a recording: those that go on, and those that have ended.

use std::time::Instant;

use super::matching::{Open, State, continued};
use super::notes::{Conversation, Counts, Reply, Text, Turn};
use super::request::Asked;

/// The maximum number of conversations that have not ended: a further one takes the place of the oldest.
const MAX_OPEN: usize = 4096;
/// The maximum number of turns of one conversation: as many as a scenario has.
const MAX_TURNS: usize = 10_000;
/// The maximum number of turns and calls that are noted in all; later conversations are only counted.
const MAX_NOTES: usize = 200_000;
/// The maximum number of bytes of texts that are kept; of later ones only the sizes are.
const MAX_TEXT_BYTES: usize = 64 << 20;

/// All conversations of a recording.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    /// The one that has waited longest comes first.
    open: Vec<Open>,
    ended: Vec<Conversation>,
    pub counts: Counts,
    begun: u64,
    notes: usize,
    text_bytes: usize,
}

impl Conversations {
    /// A request that was read whole `at` this time; gives the number of its conversation, if it is noted.
    pub fn begin(&mut self, asked: Asked, at: Instant) -> Option<u64> {
        self.counts.requests += 1;
        let number = match continued(&self.open, &asked) {
            Some(place) => {
                // Behind all others: those before it have waited longer.
                let open = self.open.remove(place);
                self.go_on(open, asked, at)
            }
            None if self.notes >= MAX_NOTES => {
                self.counts.left_out += 1;
                return None;
            }
            None => self.start(asked),
        };
        let in_flight = self.open.iter().filter(|one| one.state == State::Reply);
        self.counts.most_at_once = self.counts.most_at_once.max(in_flight.count());
        Some(number)
    }

    fn start(&mut self, asked: Asked) -> u64 {
        if self.open.len() >= MAX_OPEN {
            self.open.remove(0);
            self.counts.unfinished += 1;
        }
        let number = self.begun;
        self.begun += 1;
        let mut seen = Conversation {
            model: asked.model,
            tools: asked.tools,
            instructions: asked.instructions,
            prompt: asked.prompt,
            ..Conversation::default()
        };
        self.keep(&mut seen.instructions);
        self.keep(&mut seen.prompt);
        self.open.push(Open {
            number,
            sent: asked.items,
            request_bytes: asked.bytes,
            state: State::Reply,
            seen,
        });
        number
    }

    fn go_on(&mut self, mut open: Open, asked: Asked, at: Instant) -> u64 {
        if let (State::Results { since, .. }, Some(turn)) =
            (&open.state, open.seen.turns.last_mut())
        {
            turn.tool_time = Some(at.saturating_duration_since(*since));
            give_results(turn, &asked);
        }
        open.sent = asked.items;
        open.request_bytes = asked.bytes;
        open.state = State::Reply;
        let number = open.number;
        self.open.push(open);
        number
    }

    /// The reply to the newest request of a conversation has ended `at` this time, with `id`; `None` of one that was an
    /// error, broke off or could not be read.
    pub fn end(&mut self, number: u64, reply: Option<(Option<String>, Reply)>, at: Instant) {
        let Some(place) = self.open.iter().position(|one| one.number == number) else {
            return;
        };
        let mut open = self.open.remove(place);
        let Some((id, mut reply)) = reply else {
            open.seen.failures += 1;
            self.counts.failures += 1;
            open.state = State::Retry;
            self.open.push(open);
            return;
        };
        self.keep(&mut reply.text);
        self.notes += 1 + reply.calls.len();
        let has_ended = reply.calls.is_empty();
        open.seen.turns.push(Turn {
            request_bytes: open.request_bytes,
            reply,
            tool_time: None,
        });
        if has_ended {
            self.counts.ended += 1;
            self.ended.push(open.seen);
        } else if open.seen.turns.len() >= MAX_TURNS {
            self.counts.left_out += 1;
        } else {
            open.state = State::Results {
                since: at,
                reply: id,
            };
            self.open.push(open);
        }
    }

    /// The conversations that have ended; where none has, those whose newest reply's calls nobody has answered: some
    /// agents give their answer as a call.
    pub fn finish(mut self) -> (Vec<Conversation>, Counts) {
        if self.ended.is_empty() {
            let (waiting, others) = self
                .open
                .into_iter()
                .partition::<Vec<Open>, _>(|one| matches!(one.state, State::Results { .. }));
            self.open = others;
            self.counts.ended_with_a_call = waiting.len() as u64;
            self.ended = waiting.into_iter().map(|one| answered(one.seen)).collect();
        }
        self.counts.unfinished += self.open.len() as u64;
        (self.ended, self.counts)
    }

    fn keep(&mut self, text: &mut Text) {
        let bytes = text.words.as_ref().map_or(0, String::len);
        if self.text_bytes + bytes > MAX_TEXT_BYTES {
            text.words = None;
        } else {
            self.text_bytes += bytes;
        }
    }
}

/// The newest turn's calls have these results: by their ids, or else the newest ones in order.
fn give_results(turn: &mut Turn, asked: &Asked) {
    let calls = &mut turn.reply.calls;
    let first = asked.results.len().saturating_sub(calls.len());
    let newest = asked.results.get(first..).unwrap_or_default();
    for (place, call) in calls.iter_mut().enumerate() {
        let by_id = asked.results.iter().rfind(|given| given.call == call.id);
        let given = by_id.or_else(|| newest.get(place));
        call.result_bytes = given.map(|given| given.bytes);
    }
}

/// A conversation whose last calls are its answer.
fn answered(mut seen: Conversation) -> Conversation {
    if let Some(last) = seen.turns.last_mut() {
        for call in std::mem::take(&mut last.reply.calls) {
            last.reply.text.bytes += call.argument_bytes;
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::super::notes::Call;
    use super::super::request::Given;
    use super::*;

    fn call(id: &str) -> Call {
        Call {
            id: id.to_owned(),
            ..Call::default()
        }
    }

    fn reply(calls: &[&str]) -> Option<(Option<String>, Reply)> {
        let reply = Reply {
            calls: calls.iter().map(|id| call(id)).collect(),
            ..Reply::default()
        };
        Some((None, reply))
    }

    fn asked(items: &[u64], results: &[(&str, usize)]) -> Asked {
        let given = results.iter().map(|(call, bytes)| Given {
            call: (*call).to_owned(),
            bytes: *bytes,
        });
        Asked {
            items: items.to_vec(),
            results: given.collect(),
            ..Asked::default()
        }
    }

    #[test]
    fn a_conversation_goes_on_until_a_reply_without_calls() {
        let at = Instant::now();
        let mut all = Conversations::default();
        let number = all.begin(asked(&[1, 2], &[]), at).unwrap();
        all.end(number, reply(&["a", "b"]), at);
        let results = [("b", 7), ("a", 5)];
        let next = all.begin(asked(&[1, 2, 3, 4, 5], &results), at);
        assert_eq!(next, Some(number));
        all.end(number, reply(&[]), at);
        let (ended, counts) = all.finish();
        let [seen] = ended.as_slice() else {
            panic!("one conversation: {ended:?}");
        };
        let sizes = seen.turns[0].reply.calls.iter();
        let sizes: Vec<_> = sizes.map(|call| call.result_bytes).collect();
        assert_eq!(sizes, [Some(5), Some(7)]);
        assert_eq!(seen.turns.len(), 2);
        assert_eq!(
            (counts.requests, counts.ended, counts.unfinished),
            (2, 1, 0)
        );
    }

    #[test]
    fn alike_conversations_at_once_are_two() {
        let at = Instant::now();
        let mut all = Conversations::default();
        let first = all.begin(asked(&[1], &[]), at).unwrap();
        let second = all.begin(asked(&[1], &[]), at).unwrap();
        assert_ne!(first, second);
        all.end(first, reply(&[]), at);
        all.end(second, reply(&[]), at);
        let (ended, counts) = all.finish();
        assert_eq!((ended.len(), counts.most_at_once), (2, 2));
    }

    #[test]
    fn an_error_is_asked_for_again_in_the_same_conversation() {
        let at = Instant::now();
        let mut all = Conversations::default();
        let number = all.begin(asked(&[1], &[]), at).unwrap();
        all.end(number, None, at);
        assert_eq!(all.begin(asked(&[1], &[]), at), Some(number));
        all.end(number, reply(&[]), at);
        let (ended, counts) = all.finish();
        assert_eq!((ended.len(), counts.failures), (1, 1));
    }

    #[test]
    fn an_answer_that_is_a_call_counts_where_nothing_else_has_ended() {
        let at = Instant::now();
        let mut all = Conversations::default();
        let number = all.begin(asked(&[1], &[]), at).unwrap();
        all.end(number, reply(&["a"]), at);
        let (ended, counts) = all.finish();
        assert!(ended[0].turns[0].reply.calls.is_empty());
        assert_eq!((counts.ended_with_a_call, counts.unfinished), (1, 0));
    }

    #[test]
    fn texts_and_conversations_are_bounded() {
        let at = Instant::now();
        let mut all = Conversations::default();
        for number in 0..=MAX_OPEN as u64 {
            all.begin(asked(&[number], &[]), at).unwrap();
        }
        assert_eq!((all.open.len(), all.counts.unfinished), (MAX_OPEN, 1));
        all.text_bytes = MAX_TEXT_BYTES - 2;
        let mut text = Text::of("abc", true);
        all.keep(&mut text);
        assert_eq!((text.bytes, text.words), (3, None));
        all.notes = MAX_NOTES;
        assert_eq!(all.begin(asked(&[7_000_000], &[]), at), None);
        assert_eq!(all.counts.left_out, 1);
    }
}
