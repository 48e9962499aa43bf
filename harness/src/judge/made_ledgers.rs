//! Gap, hold, overhead, latency, lateness and what was in flight, on ledgers that are made by hand: exact, without a clock.

use std::path::Path;

use loopmark_protocol::{Api, Arrival, Sample, digest};

use super::traffic::{lateness, traffic};
use super::{Declared, verify};
use crate::measurement::RunRecord;
use crate::mock::Entry;
use crate::scenario::Scenario;

const MS: u64 = 1_000_000;
/// A machine that has been up for a day.
const UP: u64 = 86_400_000 * MS;
const RUN: u64 = 8;
const DECLARED: Declared<'static> = Declared {
    api: Api::ChatCompletions,
    leaves_out: &[],
    adds_to: &[],
};

/// A call of the run: when it was read, and how late its reply was, in µs; replies are wholly written 0.1 ms later.
fn call(turn: u32, read_us: u64, late_us: u64) -> Entry {
    let read_ns = UP + read_us * 1000;
    let due_ns = read_ns + 500 * MS;
    let first_write_ns = due_ns + late_us * 1000;
    Entry {
        run: Some(RUN),
        turn: Some(turn),
        api: Some(Api::ChatCompletions),
        connection: 1,
        status: Some(200),
        first_byte_ns: read_ns - 50_000,
        read_ns: Some(read_ns),
        due_ns: Some(due_ns),
        first_write_ns: Some(first_write_ns),
        last_write_ns: Some(first_write_ns + 100_000),
        ..Entry::default()
    }
}

/// Four calls, read 3 ms after the run began and then 1.9, 2.4 and 2.9 ms after the reply before was wholly written.
fn calls() -> Vec<Entry> {
    vec![
        call(0, 3_000, 100),
        call(1, 505_100, 200),
        call(2, 1_007_800, 300),
        call(3, 1_511_100, 400),
    ]
}

/// The record of the run from 0 to 2,015 ms.
fn record(ledger: &[Entry]) -> RunRecord {
    let seed = Scenario::load(Path::new("../scenarios/seed.toml")).unwrap();
    let sample = Sample {
        batch: 0,
        run: RUN,
        start_ns: UP,
        end_ns: UP + 2_015 * MS,
        first_text_ns: None,
        answer: None,
        answer_crc32: Some(digest(&seed.script(RUN).answer)),
        error: None,
        cancelled: false,
    };
    let asked_ns = UP..UP + 3_000 * MS;
    let (records, counts) = verify(
        0,
        &seed,
        DECLARED,
        Arrival::Closed,
        &[sample],
        ledger,
        &asked_ns,
    );
    assert_eq!(counts.verified, 1, "{counts:?}");
    records.into_iter().next().unwrap()
}

#[test]
fn holds_and_gaps_are_between_their_stamps_and_the_overhead_is_what_is_left() {
    let run = record(&calls());
    // 4 × 500 ms, and 0.1, 0.2, 0.3 and 0.4 ms late.
    assert_eq!((run.latency_ms, run.hold_ms), (2015.0, 2001.0));
    assert_eq!(run.overhead_ms, 14.0);
    assert_eq!(run.gaps_us, "1900;2400;2900");
    assert_eq!((run.start_ms, run.llm_calls), (0.0, 4));
}

#[test]
fn the_order_of_the_ledger_does_not_matter() {
    let mut reversed = calls();
    reversed.reverse();
    assert_eq!(record(&reversed), record(&calls()));
}

#[test]
fn a_streamed_reply_is_held_until_its_last_byte() {
    let mut streamed = calls();
    for call in &mut streamed {
        call.stream = true;
    }
    let run = record(&streamed);
    // 0.1 ms more in each turn; the gaps begin there in any case.
    assert_eq!((run.hold_ms, run.overhead_ms), (2001.4, 2015.0 - 2001.4));
    assert_eq!(run.gaps_us, "1900;2400;2900");
}

#[test]
fn a_reply_that_is_stamped_after_the_next_request_was_sent_leaves_no_gap() {
    // The mock was kept from its stamp between the system call and the clock.
    let mut late = calls();
    late[0].last_write_ns = Some(UP + 506 * MS);
    assert_eq!(record(&late).gaps_us, "0;2400;2900");
}

#[test]
fn lateness_is_from_due_to_the_first_byte() {
    let late = lateness(&calls(), &(RUN..RUN + 1));
    assert_eq!((late.count, late.p50_us, late.max_us), (4, 250.0, 400.0));
}

#[test]
fn what_is_in_flight_is_from_the_first_byte_to_the_last() {
    let most = |ledger: &[Entry]| traffic(ledger, &(RUN..RUN + 1)).max_in_flight;
    assert_eq!(most(&calls()), 1);
    let between = |from_us: u64, until_us: u64| Entry {
        first_byte_ns: UP + from_us * 1000,
        last_write_ns: Some(UP + until_us * 1000),
        ..call(0, from_us + 1, 0)
    };
    // One ends as the next one begins; a third one is in both.
    assert_eq!(most(&[between(10, 20), between(20, 30)]), 1);
    assert_eq!(
        most(&[between(10, 20), between(20, 30), between(15, 25)]),
        2
    );
    assert_eq!(
        most(&[between(10, 40), between(15, 30), between(20, 25)]),
        3
    );
}
