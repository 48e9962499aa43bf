//! How long the replay's model takes, and how it cuts its streams.

use std::time::Duration;

use super::notes::{Conversation, Pace, Turn};
use crate::stats::{quantile, sorted};

/// From this many conversations on, a latency is drawn from a distribution; fewer say nothing about its 95th percentile.
const ENOUGH_TO_DRAW: usize = 20;
/// The arguments of a replayed call, such as `{"bytes":4096}`.
const ARGUMENT_BYTES: usize = 14;

/// How long the model takes for a turn, in ms, as a scenario says it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Latency {
    Fixed(u64),
    Drawn { median: u64, p95: u64 },
}

/// How streams are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Streaming {
    pub chunk_chars: usize,
    pub interval: Duration,
}

impl Latency {
    /// The median, rounded down; with enough latencies the log-normal distribution of the median and the 95th
    /// percentile.
    pub fn of(latencies: impl Iterator<Item = Duration>) -> Latency {
        let in_ms = sorted(
            latencies
                .map(|latency| latency.as_secs_f64() * 1e3)
                .collect(),
        );
        let at = |p| quantile(&in_ms, p).unwrap_or_default().floor() as u64;
        let (median, p95) = (at(0.5), at(0.95));
        if in_ms.len() >= ENOUGH_TO_DRAW && median > 0 && p95 > median {
            Latency::Drawn { median, p95 }
        } else {
            Latency::Fixed(median)
        }
    }
}

impl Streaming {
    /// Of all streamed replies together, so that long ones count more; `None` where most replies were plain.
    pub fn of(conversations: &[Conversation]) -> Option<Streaming> {
        let turns = || conversations.iter().flat_map(|seen| &seen.turns);
        let streamed: Vec<(&Turn, Pace)> = turns()
            .filter_map(|turn| Some((turn, turn.reply.stream?)))
            .collect();
        if streamed.len() * 2 <= turns().count() {
            return None;
        }
        let deltas: usize = streamed.iter().map(|(_, pace)| pace.deltas).sum();
        let bytes: usize = streamed.iter().map(|(turn, _)| said_bytes(turn)).sum();
        let intervals = streamed.iter();
        let intervals: usize = intervals
            .map(|(_, pace)| pace.deltas.saturating_sub(1))
            .sum();
        let between: Duration = streamed
            .iter()
            .map(|(_, pace)| pace.last.saturating_sub(pace.first))
            .sum();
        let interval = between.as_secs_f64() / intervals.max(1) as f64;
        Some(Streaming {
            chunk_chars: (bytes as f64 / deltas.max(1) as f64).round().max(1.0) as usize,
            interval: Duration::from_millis((interval * 1e3).round() as u64),
        })
    }

    /// How long a stream of such a turn takes when it is replayed, from its first piece on.
    fn replayed(self, turn: &Turn) -> Duration {
        let pieces = |bytes: usize| bytes.div_ceil(self.chunk_chars);
        let of_calls = turn.reply.calls.len() * pieces(ARGUMENT_BYTES);
        let pieces = pieces(turn.reply.text.bytes) + of_calls;
        self.interval * pieces.saturating_sub(1) as u32
    }
}

/// How long the replay's model takes before it says anything.
pub(super) fn latency(turn: &Turn, streaming: Option<Streaming>) -> Duration {
    let reply = &turn.reply;
    match (reply.stream, streaming) {
        (Some(pace), Some(streaming)) if !reply.calls.is_empty() => {
            // An agent waits for the whole reply before it calls a tool. A replayed call's arguments are short, so that
            // the time of those that were longer is the model's before it says anything.
            let before = reply.total.saturating_sub(streaming.replayed(turn));
            before.max(pace.first)
        }
        (Some(pace), Some(_)) if pace.deltas > 0 => pace.first,
        _ => reply.total,
    }
}

fn said_bytes(turn: &Turn) -> usize {
    let arguments = turn.reply.calls.iter().map(|call| call.argument_bytes);
    turn.reply.text.bytes + arguments.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::super::notes::{Call, Reply, Text};
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn streamed(text: usize, arguments: Option<usize>, pace: Pace, total: u64) -> Turn {
        let call = |bytes| Call {
            argument_bytes: bytes,
            ..Call::default()
        };
        Turn {
            reply: Reply {
                text: Text {
                    bytes: text,
                    words: None,
                },
                calls: arguments.map(call).into_iter().collect(),
                total: ms(total),
                stream: Some(pace),
            },
            ..Turn::default()
        }
    }

    #[test]
    fn few_latencies_have_a_median_and_many_a_distribution() {
        let few = Latency::of([ms(10), ms(20), ms(90)].into_iter());
        assert_eq!(few, Latency::Fixed(20));
        let fractions = [Duration::from_micros(10_900)].into_iter();
        assert_eq!(Latency::of(fractions), Latency::Fixed(10));
        // 1..=20: the median is 10.5, the 95th percentile 19.05.
        let many = Latency::of((1..=20).map(ms));
        assert_eq!(
            many,
            Latency::Drawn {
                median: 10,
                p95: 19
            }
        );
        assert_eq!(Latency::of((0..30).map(|_| ms(7))), Latency::Fixed(7));
        assert_eq!(Latency::of(std::iter::empty()), Latency::Fixed(0));
    }

    #[test]
    fn a_stream_keeps_its_pace_and_a_call_its_whole_time() {
        let pace = |last, deltas| Pace {
            first: ms(50),
            last: ms(last),
            deltas,
        };
        // 24 bytes in 6 pieces, 20 ms apart, and a call's 40 bytes in 10.
        let answer = streamed(24, None, pace(150, 6), 151);
        let call = streamed(0, Some(40), pace(230, 10), 231);
        let seen = Conversation {
            turns: vec![call.clone(), answer.clone()],
            ..Conversation::default()
        };
        let streaming = Streaming::of(&[seen]).unwrap();
        let want = Streaming {
            chunk_chars: 4,
            interval: ms(20),
        };
        assert_eq!(streaming, want);
        assert_eq!(latency(&answer, Some(streaming)), ms(50));
        // Replayed in 4 pieces, which take 60 ms.
        assert_eq!(latency(&call, Some(streaming)), ms(171));
        assert_eq!(latency(&call, None), ms(231));
    }

    #[test]
    fn plain_replies_have_no_pace() {
        let plain = Turn::default();
        let seen = Conversation {
            turns: vec![plain],
            ..Conversation::default()
        };
        assert_eq!(Streaming::of(&[seen]), None);
    }
}
