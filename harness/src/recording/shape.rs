//! Conversations of the same shape, and what a replay of them is like.

use super::notes::{Call, Conversation, Text, Turn};
use super::pace::{Latency, Streaming, latency};
use crate::stats::median;

/// The maximum number of shapes that are written, each as a case: a sweep takes as long as all of them together.
pub(super) const MAX_SHAPES: usize = 8;
/// `{"payload":""}` around the characters that the tool is asked for.
const AROUND_PAYLOAD: usize = 14;
/// The longest result that may be one of a tool which only waits.
const MAX_WAITED_BYTES: usize = 32;
/// A tool that takes less is quick: what is seen is mostly the framework's own time.
const MIN_WAIT_MS: u64 = 10;

/// Conversations that have as many turns, with as many calls each.
pub(super) struct Shape<'a> {
    /// One or more.
    pub seen: Vec<&'a Conversation>,
}

/// A turn of the replay.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Planned {
    pub latency: Latency,
    pub text: Text,
    pub calls: Vec<PlannedCall>,
    pub request_bytes: u64,
    /// The median time from the reply to the next request, in ms.
    pub tool_ms: Option<u64>,
}

/// A call of the replay, and the one that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlannedCall {
    pub tool: Synthetic,
    pub name: String,
    pub argument_bytes: u64,
    pub result_bytes: u64,
}

/// The tool that stands for a recorded one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Synthetic {
    Payload { bytes: u64 },
    Wait { ms: u64 },
}

impl Synthetic {
    pub fn name(self) -> &'static str {
        match self {
            Synthetic::Payload { .. } => "payload",
            Synthetic::Wait { .. } => "wait",
        }
    }

    pub fn argument(self) -> (&'static str, u64) {
        match self {
            Synthetic::Payload { bytes } => ("bytes", bytes),
            Synthetic::Wait { ms } => ("ms", ms),
        }
    }
}

/// The shapes of conversations, the most frequent one first.
pub(super) fn shapes(all: &[Conversation]) -> Vec<Shape<'_>> {
    let mut shapes: Vec<(Vec<usize>, Shape)> = Vec::new();
    for seen in all.iter().filter(|seen| !seen.turns.is_empty()) {
        let calls = seen.turns.iter().map(|turn| turn.reply.calls.len());
        let calls: Vec<usize> = calls.collect();
        match shapes.iter_mut().find(|(known, _)| *known == calls) {
            Some((_, shape)) => shape.seen.push(seen),
            None => shapes.push((calls, Shape { seen: vec![seen] })),
        }
    }
    // Stable, so that of two as frequent the one that was seen first comes first.
    shapes.sort_by_key(|(_, shape)| std::cmp::Reverse(shape.seen.len()));
    shapes.into_iter().map(|(_, shape)| shape).collect()
}

impl Shape<'_> {
    pub fn turns(&self) -> usize {
        self.seen.first().map_or(0, |seen| seen.turns.len())
    }

    pub fn calls(&self) -> usize {
        let turns = self.seen.first().into_iter().flat_map(|seen| &seen.turns);
        turns.map(|turn| turn.reply.calls.len()).sum()
    }

    /// Its turns; the last one is the answer.
    pub fn planned(&self, streaming: Option<Streaming>) -> Vec<Planned> {
        let turns = (0..self.turns()).map(|place| self.planned_turn(place, streaming));
        turns.collect()
    }

    fn planned_turn(&self, place: usize, streaming: Option<Streaming>) -> Planned {
        let turns = || {
            self.seen
                .iter()
                .filter_map(move |seen| seen.turns.get(place))
        };
        let tool_time = turns().filter_map(|turn| turn.tool_time);
        let tool_ms = median(tool_time.map(|time| time.as_secs_f64() * 1e3).collect());
        let tool_ms = tool_ms.map(|ms| ms.round() as u64);
        let calls = turns().map(|turn| turn.reply.calls.len()).max();
        let call = |at| planned_call(turns(), at, tool_ms.unwrap_or_default());
        Planned {
            latency: Latency::of(turns().map(|turn| latency(turn, streaming))),
            text: usual_text(turns().map(|turn| &turn.reply.text)),
            calls: (0..calls.unwrap_or_default()).map(call).collect(),
            request_bytes: median_of(turns().map(|turn| turn.request_bytes)),
            tool_ms,
        }
    }
}

fn planned_call<'a>(turns: impl Iterator<Item = &'a Turn>, at: usize, tool_ms: u64) -> PlannedCall {
    let calls: Vec<&Call> = turns.filter_map(|turn| turn.reply.calls.get(at)).collect();
    let result_bytes = median_of(calls.iter().filter_map(|call| call.result_bytes));
    let only_waits = result_bytes <= MAX_WAITED_BYTES as u64 && tool_ms >= MIN_WAIT_MS;
    let tool = match only_waits {
        true => Synthetic::Wait { ms: tool_ms },
        false => Synthetic::Payload {
            bytes: result_bytes.saturating_sub(AROUND_PAYLOAD as u64).max(1),
        },
    };
    PlannedCall {
        tool,
        name: calls
            .first()
            .map_or(String::new(), |call| call.name.clone()),
        argument_bytes: median_of(calls.iter().map(|call| call.argument_bytes)),
        result_bytes,
    }
}

/// The first one's words, and the median of the lengths.
pub(super) fn usual_text<'a>(texts: impl Iterator<Item = &'a Text> + Clone) -> Text {
    let words = texts.clone().find_map(|text| text.words.clone());
    Text {
        bytes: median_of(texts.map(|text| text.bytes)) as usize,
        words,
    }
}

/// Rounded down, so that it is never more than what was sent.
pub(super) fn median_of(sizes: impl Iterator<Item = usize>) -> u64 {
    let sizes = sizes.map(|size| size as f64).collect();
    median(sizes).unwrap_or_default().floor() as u64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::notes::Reply;
    use super::*;

    fn turn(results: &[usize], tool_ms: u64) -> Turn {
        let call = |bytes: &usize| Call {
            name: "find".to_owned(),
            argument_bytes: 7,
            result_bytes: Some(*bytes),
            ..Call::default()
        };
        Turn {
            reply: Reply {
                calls: results.iter().map(call).collect(),
                total: Duration::from_millis(100),
                ..Reply::default()
            },
            tool_time: (!results.is_empty()).then(|| Duration::from_millis(tool_ms)),
            ..Turn::default()
        }
    }

    fn conversation(turns: Vec<Turn>) -> Conversation {
        Conversation {
            turns,
            ..Conversation::default()
        }
    }

    #[test]
    fn shapes_are_told_apart_by_their_calls_and_the_most_frequent_comes_first() {
        let all = [
            conversation(vec![turn(&[], 0)]),
            conversation(vec![turn(&[1, 2], 0), turn(&[], 0)]),
            conversation(vec![turn(&[3, 4], 0), turn(&[], 0)]),
        ];
        let shapes = shapes(&all);
        let found: Vec<_> = shapes
            .iter()
            .map(|shape| (shape.seen.len(), shape.turns(), shape.calls()))
            .collect();
        assert_eq!(found, [(2, 2, 2), (1, 1, 0)]);
    }

    #[test]
    fn a_call_is_replayed_with_a_result_as_long_or_as_a_wait() {
        for (results, tool_ms, want) in [
            ([1014, 114], 900, Synthetic::Payload { bytes: 550 }),
            ([14, 14], 900, Synthetic::Wait { ms: 900 }),
            ([14, 14], 2, Synthetic::Payload { bytes: 1 }),
        ] {
            let all =
                results.map(|bytes| conversation(vec![turn(&[bytes], tool_ms), turn(&[], 0)]));
            let shapes = shapes(&all);
            let planned = shapes.first().unwrap().planned(None);
            assert_eq!(planned[0].calls[0].tool, want);
            assert_eq!(planned[0].latency, Latency::Fixed(100));
            assert_eq!(planned[1].calls, []);
        }
    }

    #[test]
    fn a_text_has_the_median_length_and_the_first_words() {
        let texts = [Text::of("abc", true), Text::of("a", true)];
        let want = Text {
            bytes: 2,
            words: Some("abc".to_owned()),
        };
        assert_eq!(usual_text(texts.iter()), want);
    }
}
