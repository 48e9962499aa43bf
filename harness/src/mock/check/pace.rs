//! How late the deltas of long streams come, by how many of their stream came before them, at several paces.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bench::Bench;
use super::stream::streamed_late_ns;
use crate::mock::MockError;
use crate::stats::Lateness;

/// Deltas per second of each stream.
pub(super) const PACES: [u32; 3] = [50, 200, 1000];
/// Streams at once.
const STREAMS: u32 = 10;
/// The numbers of a stream's deltas that are summed up together: up to each of these, from after the one before.
const UP_TO: [usize; 3] = [10, 100, usize::MAX];
/// Streams of 200 words.
const SCENARIO: &str = include_str!("paced.toml");

/// Streams of one pace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaceCheck {
    /// Deltas that are due per second of each stream.
    pub deltas_per_s: u32,
    /// Streams at once.
    pub streams: u32,
    /// Streams in all.
    pub replies: u64,
    /// By the number of a delta in its stream: whether the lateness adds up.
    pub by_number: Vec<NumberedCheck>,
    /// A thread that did nothing but sleep in steps of 5 ms during the same seconds.
    pub os_timer: Lateness,
}

/// Deltas of neighbouring numbers in their streams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NumberedCheck {
    /// The lowest number, from 1.
    pub from: usize,
    /// The highest number.
    pub to: usize,
    /// From the moment at which a delta was due to its last byte read by the client.
    pub lateness: Lateness,
}

/// Checks each of [`PACES`] for `duration`, and for the length of a stream at least.
pub(super) async fn check_paces(
    bench: &Bench,
    duration: Duration,
) -> Result<Vec<PaceCheck>, MockError> {
    let folder = tempfile::tempdir().map_err(MockError::Temporary)?;
    let path = folder.path().join("paced.toml");
    std::fs::write(&path, SCENARIO).map_err(MockError::Temporary)?;
    let paced = Bench::new(&bench.executable, &path, bench.mock_cpus.clone())?;
    let mut paces = Vec::new();
    for deltas_per_s in PACES {
        let interval = Duration::from_secs(1) / deltas_per_s;
        let (late_ns, os_timer) = streamed_late_ns(&paced, STREAMS, interval, duration).await?;
        paces.push(PaceCheck {
            deltas_per_s,
            streams: STREAMS,
            replies: late_ns.len() as u64,
            by_number: by_number(&late_ns),
            os_timer,
        });
    }
    Ok(paces)
}

/// How late deltas were, by their numbers.
fn by_number(late_ns: &[Vec<u64>]) -> Vec<NumberedCheck> {
    let longest = late_ns.iter().map(Vec::len).max().unwrap_or_default();
    let mut from = 1;
    let mut numbered = Vec::new();
    for up_to in UP_TO {
        let to = up_to.min(longest);
        let of_reply = |reply: &Vec<u64>| {
            let late = reply.iter().take(to).skip(from - 1);
            late.copied().collect::<Vec<u64>>()
        };
        if from <= to {
            let lateness = Lateness::of(late_ns.iter().flat_map(of_reply));
            numbered.push(NumberedCheck { from, to, lateness });
        }
        from = to + 1;
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_are_summed_up_by_their_number_in_the_stream() {
        // Two streams: the deltas up to the tenth are 1 µs late, those up to the hundredth 2 and the others 3.
        let late_us = |number: usize| match number {
            1..=10 => 1,
            11..=100 => 2,
            _ => 3,
        };
        let stream: Vec<u64> = (1..=150).map(|number| late_us(number) * 1000).collect();
        let found = by_number(&[stream.clone(), stream]);
        let found: Vec<(usize, usize, usize, f64)> = found
            .iter()
            .map(|group| {
                let lateness = &group.lateness;
                (group.from, group.to, lateness.count, lateness.max_us)
            })
            .collect();
        assert_eq!(
            found,
            [(1, 10, 20, 1.0), (11, 100, 180, 2.0), (101, 150, 100, 3.0)]
        );
    }

    #[test]
    fn short_streams_have_no_late_numbers() {
        let found = by_number(&[vec![1000; 7]]);
        assert_eq!(
            (found.len(), found[0].to, found[0].lateness.count),
            (1, 7, 7)
        );
        assert!(by_number(&[]).is_empty());
    }
}
