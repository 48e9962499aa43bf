//! Which runs count, from made samples and made ledgers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use loopmark::framework::{Addition, Deviation, Omission};
use loopmark::judge::{Declared, verify};
use loopmark::measurement::RunCounts;
use loopmark::mock::{Entry, OtherWords};
use loopmark::scenario::Scenario;
use loopmark_protocol::{Api, Arrival, Sample};
use support::{seed, seed_path};

const DECLARED: Declared<'static> = Declared {
    api: Api::ChatCompletions,
    leaves_out: &[],
    adds_to: &[],
};

/// A run of the scenario, flawless: each turn held for 10 ns and asked for 1 ns after the reply before.
fn run_of(scenario: &Scenario, run: u64) -> (Sample, Vec<Entry>) {
    let entry = |turn: u64| Entry {
        run: Some(run),
        turn: Some(turn as u32),
        api: Some(Api::ChatCompletions),
        stream: scenario.case_of(run).request_stream,
        status: Some(200),
        first_byte_ns: 100 + turn * 12,
        read_ns: Some(101 + turn * 12),
        due_ns: Some(111 + turn * 12),
        first_write_ns: Some(111 + turn * 12),
        last_write_ns: Some(111 + turn * 12),
        ..Entry::default()
    };
    let ledger: Vec<Entry> = (0..scenario.case_of(run).turn_count() as u64)
        .map(entry)
        .collect();
    let sample = Sample {
        batch: 1,
        run,
        start_ns: 99,
        end_ns: 1000,
        first_text_ns: None,
        answer: Some(scenario.script(run).answer),
        answer_crc32: None,
        error: None,
        cancelled: false,
    };
    (sample, ledger)
}

/// What is found of one run whose ledger is changed.
fn judged(scenario: &Scenario, declared: Declared, change: impl Fn(&mut [Entry])) -> RunCounts {
    let (sample, mut ledger) = run_of(scenario, 8);
    change(&mut ledger);
    let arrival = Arrival::Closed;
    verify(
        0,
        scenario,
        declared,
        arrival,
        &[sample],
        &ledger,
        &(0..2000),
    )
    .1
}

fn assert_unverified(counts: &RunCounts, reason: &str, detail: &str) {
    assert_eq!(counts.unverified.get(reason), Some(&1), "{counts:?}");
    assert_eq!(
        counts.example.as_deref(),
        Some(format!("run 8: {detail}").as_str())
    );
}

#[test]
fn a_row_that_declares_one_api_and_speaks_the_other_is_not_verified() {
    assert_eq!(judged(&seed(), DECLARED, |_| {}).verified, 1);
    let responses = Declared {
        api: Api::Responses,
        ..DECLARED
    };
    assert_unverified(
        &judged(&seed(), responses, |_| {}),
        "wrong-request",
        "turn 0: the row declares responses, asked /v1/chat/completions",
    );
    assert_unverified(
        &judged(&seed(), DECLARED, |ledger| {
            ledger[2].api = Some(Api::Responses)
        }),
        "wrong-request",
        "turn 2: the row declares chat-completions, asked /v1/responses",
    );
}

#[test]
fn a_scenario_that_wants_streaming_wants_it_in_every_request() {
    let text = std::fs::read_to_string(seed_path()).unwrap();
    let text = text.replacen("\nlevels", "\nrequest-stream = true\nlevels", 1);
    let scenario = Scenario::from_text(&seed_path(), text).unwrap();
    assert!(scenario.case_of(0).request_stream);
    assert_eq!(judged(&scenario, DECLARED, |_| {}).verified, 1);
    assert_unverified(
        &judged(&scenario, DECLARED, |ledger| ledger[1].stream = false),
        "wrong-request",
        "turn 1: the request has no `stream`, which the scenario asks for",
    );
    // A framework may stream unasked.
    assert_eq!(
        judged(&seed(), DECLARED, |ledger| ledger[1].stream = true).verified,
        1
    );
}

#[test]
fn a_text_that_is_left_out_must_be_declared() {
    let leave_out = |ledger: &mut [Entry]| ledger[1].leaves_out_text = true;
    assert_unverified(
        &judged(&seed(), DECLARED, leave_out),
        "wrong-request",
        "turn 1: a text that the model said beside its calls is left out; if the framework does that, declare \
         leaves-out = [\"reply-text\"]",
    );
    let declared = Declared {
        leaves_out: &[Omission::ReplyText],
        ..DECLARED
    };
    let found = judged(&seed(), declared, leave_out);
    assert_eq!(found.verified, 1);
    let occurred = vec![Deviation::LeavesOut(Omission::ReplyText)];
    assert_eq!(found.deviations, Some(occurred));
}

#[test]
fn a_deviation_that_is_declared_and_did_not_occur_is_not_among_those_that_did() {
    let declared = Declared {
        leaves_out: &[Omission::ReplyText],
        ..DECLARED
    };
    let found = judged(&seed(), declared, |_| {});
    assert_eq!((found.verified, found.deviations), (1, Some(Vec::new())));
}

#[test]
fn words_that_are_not_the_scenarios_must_be_declared_each_for_itself() {
    let other = |deviation, sentence: &str| OtherWords {
        deviation,
        sentence: sentence.to_owned(),
    };
    let wrapped = Deviation::AddsTo(Addition::Prompt);
    let nameless = Deviation::LeavesOut(Omission::ArgumentDescriptions);
    let change = |ledger: &mut [Entry]| {
        let words = [other(nameless, "no words"), other(wrapped, "more words")];
        ledger[3].other_words = Some(words.into());
    };
    assert_unverified(
        &judged(&seed(), DECLARED, change),
        "wrong-request",
        "turn 3: no words; if the framework can't do otherwise, declare \
         leaves-out = [\"argument-descriptions\"]",
    );
    let one = Declared {
        leaves_out: &[Omission::ArgumentDescriptions],
        ..DECLARED
    };
    assert_unverified(
        &judged(&seed(), one, change),
        "wrong-request",
        "turn 3: more words; if the framework can't do otherwise, declare adds-to = [\"prompt\"]",
    );
    let both = Declared {
        adds_to: &[Addition::Instructions, Addition::Prompt],
        ..one
    };
    let found = judged(&seed(), both, change);
    assert_eq!(found.verified, 1);
    assert_eq!(found.deviations, Some(vec![nameless, wrapped]));
}

#[test]
fn a_turn_that_is_asked_for_before_the_one_before_is_answered_is_not_verified() {
    // A runner that knows the script need not wait for the model.
    assert_unverified(
        &judged(&seed(), DECLARED, |ledger| ledger[2].first_byte_ns = 120),
        "wrong-order",
        "turn 2 was asked for before turn 1 was answered",
    );
}
