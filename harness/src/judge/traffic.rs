//! What went over the wire in a batch, and how late the mock was: pure, from the mock's ledger.
//!
//! Only LLM calls of the batch's own runs count: not a ping to `/v1/models`, not a request that was refused, not a
//! straggler of the warm-up. Such requests are counted apart.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::measurement::Traffic;
use crate::mock::Entry;
use crate::stats::Lateness;

/// What went over the wire in the batch that had these `runs`.
pub(crate) fn traffic(ledger: &[Entry], runs: &Range<u64>) -> Traffic {
    let calls = llm_calls(ledger, runs);
    let connections: BTreeSet<u32> = calls.iter().map(|call| call.connection).collect();
    Traffic {
        requests: calls.len() as u64,
        connections: connections.len() as u64,
        request_body_bytes: calls.iter().map(|call| call.request_body_bytes).sum(),
        reply_bytes: calls.iter().map(|call| call.reply_bytes).sum(),
        max_in_flight: max_in_flight(&calls),
        repeated_turns: Some(repeated_turns(&calls)),
        other_requests: Some((ledger.len() - calls.len()) as u64),
    }
}

/// How late the mock's holds were in the batch that had these `runs`. A reply that was never due, or never sent, was
/// not late.
pub(crate) fn lateness(ledger: &[Entry], runs: &Range<u64>) -> Lateness {
    let calls = llm_calls(ledger, runs).into_iter();
    let answered = calls.filter(|call| !call.aborted);
    Lateness::of(answered.filter_map(Entry::late_ns))
}

fn llm_calls<'a>(ledger: &'a [Entry], runs: &Range<u64>) -> Vec<&'a Entry> {
    let is_of_batch = |entry: &&Entry| {
        let run = entry.run.filter(|_| entry.is_llm_call());
        run.is_some_and(|run| runs.contains(&run))
    };
    ledger.iter().filter(is_of_batch).collect()
}

/// Requests beyond the first one for a turn of a run.
fn repeated_turns(calls: &[&Entry]) -> u64 {
    let mut seen = BTreeSet::new();
    let turns = calls
        .iter()
        .filter_map(|call| Some((call.run?, call.turn?)));
    turns.filter(|turn| !seen.insert(*turn)).count() as u64
}

/// The maximum number of requests that were open at once: a sweep over their beginnings and ends.
fn max_in_flight(calls: &[&Entry]) -> u32 {
    let mut edges: Vec<(u64, i32)> = calls
        .iter()
        .flat_map(|call| [(call.first_byte_ns, 1), (call.end_ns(), -1)])
        .collect();
    // At the same instant ends come first.
    edges.sort_unstable();
    let mut open = 0;
    edges
        .iter()
        .map(|(_, step)| {
            open += step;
            open
        })
        .max()
        .unwrap_or_default()
        .max(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that has been up for a day.
    const UP_NS: u64 = 86_400_000_000_000;

    /// The call for a turn that is read at `at_ms`, held for 20 ms and answered 0.1 ms late.
    fn call(run: u64, turn: u32, at_ms: u64) -> Entry {
        let read_ns = UP_NS + at_ms * 1_000_000;
        let due_ns = read_ns + 20_000_000;
        Entry {
            run: Some(run),
            turn: Some(turn),
            connection: 1,
            status: Some(200),
            first_byte_ns: read_ns,
            read_ns: Some(read_ns),
            due_ns: Some(due_ns),
            first_write_ns: Some(due_ns + 100_000),
            last_write_ns: Some(due_ns + 150_000),
            request_body_bytes: 10,
            reply_bytes: 100,
            ..Entry::default()
        }
    }

    /// A request that is answered at once: a ping, or one that is refused.
    fn other(run: Option<u64>, status: u16) -> Entry {
        let read_ns = UP_NS + 5_000_000;
        Entry {
            run,
            connection: 9,
            status: Some(status),
            first_byte_ns: read_ns,
            read_ns: Some(read_ns),
            first_write_ns: Some(read_ns + 50_000),
            last_write_ns: Some(read_ns + 50_000),
            request_body_bytes: 1000,
            reply_bytes: 1000,
            ..Entry::default()
        }
    }

    #[test]
    fn requests_that_were_never_due_are_not_late_and_no_llm_calls() {
        let calls = [call(1, 0, 0), call(1, 1, 30)];
        let with_others = [
            call(1, 0, 0),
            other(None, 200),
            other(None, 404),
            other(Some(1), 400),
            call(1, 1, 30),
        ];
        let late = lateness(&with_others, &(1..2));
        assert_eq!((late.count, late.p50_us, late.max_us), (2, 100.0, 100.0));
        let alone = traffic(&calls, &(1..2));
        assert_eq!(alone.other_requests, Some(0));
        let traffic = traffic(&with_others, &(1..2));
        assert_eq!(traffic.other_requests, Some(3));
        let calls_alone = Traffic {
            other_requests: Some(3),
            ..alone
        };
        assert_eq!(traffic, calls_alone);
        assert_eq!(
            (
                traffic.requests,
                traffic.connections,
                traffic.request_body_bytes
            ),
            (2, 1, 20)
        );
    }

    #[test]
    fn calls_of_runs_that_are_not_the_batchs_are_counted_apart() {
        let ledger = [call(0, 3, 0), call(1, 0, 0), call(2, 0, 0)];
        let traffic = traffic(&ledger, &(1..2));
        assert_eq!((traffic.requests, traffic.other_requests), (1, Some(2)));
        assert_eq!(lateness(&ledger, &(1..2)).count, 1);
    }

    #[test]
    fn a_turn_that_is_asked_for_again_is_a_repeated_one() {
        let ledger = [
            call(1, 0, 0),
            call(1, 0, 30),
            call(2, 0, 60),
            call(1, 0, 90),
        ];
        assert_eq!(traffic(&ledger, &(1..3)).repeated_turns, Some(2));
    }

    #[test]
    fn a_call_that_was_given_up_was_in_flight_until_then() {
        let given_up = Entry {
            aborted: true,
            status: None,
            first_write_ns: None,
            last_write_ns: None,
            gone_ns: Some(UP_NS + 10_000_000),
            ..call(1, 0, 0)
        };
        let during = [given_up.clone(), call(2, 0, 9)];
        assert_eq!(traffic(&during, &(1..3)).max_in_flight, 2);
        let after = [given_up, call(2, 0, 11)];
        assert_eq!(traffic(&after, &(1..3)).max_in_flight, 1);
        assert_eq!(lateness(&after, &(1..3)).count, 1);
    }

    #[test]
    fn an_empty_batch_has_no_traffic() {
        assert_eq!(lateness(&[], &(0..0)), Lateness::default());
        assert_eq!(traffic(&[], &(0..0)).max_in_flight, 0);
    }
}
