//! Which runs did the work: pure, from the runner's samples and the mock's ledger.
//!
//! A run is verified when the ledger shows exactly the scripted turns in order, nothing wrong in what the requests
//! carried, the runner's clock around the ledger's, and the runner's answer equal to the scripted one.

use std::cmp::Ordering;
use std::ops::Range;

use loopmark_protocol::{Arrival, Sample, digest};

use super::arrival::on_schedule;
use super::by_run::by_run;
use super::declared::{Declared, occurred, undeclared};
use super::fault::Fault;
use crate::measurement::{RunCounts, RunRecord};
use crate::mock::Entry;
use crate::scenario::{Scenario, ToolName};

/// Judges every sample of a batch of a row's variant by the batch's part of the ledger: what each run gave, and how many
/// count. `asked_ns` is `CLOCK_MONOTONIC` from just before the batch was asked for to just after its end was read.
///
/// In an open loop each run's start must be the intended one, in a burst the batch's beginning: a runner that counts from
/// when it came to a run would hide that it was late.
pub fn verify(
    trial: u32,
    scenario: &Scenario,
    declared: Declared,
    arrival: Arrival,
    samples: &[Sample],
    ledger: &[Entry],
    asked_ns: &Range<u64>,
) -> (Vec<RunRecord>, RunCounts) {
    judge_each(trial, samples, ledger, |_, sample, calls| {
        let mut calls = calls.to_vec();
        calls.sort_by_key(|entry| entry.read_ns);
        judge(scenario, declared, sample, &calls, asked_ns)
            .and_then(|()| on_schedule(arrival, samples.first(), sample))
    })
}

/// Judges each sample by its run's requests: what each run gave, and how many count.
pub(super) fn judge_each(
    trial: u32,
    samples: &[Sample],
    ledger: &[Entry],
    mut judge: impl FnMut(&mut RunCounts, &Sample, &[&Entry]) -> Result<(), Fault>,
) -> (Vec<RunRecord>, RunCounts) {
    let by_run = by_run(ledger);
    let starts = samples.iter().map(|sample| sample.start_ns);
    let batch_start_ns = starts.min().unwrap_or_default();
    let mut counts = RunCounts {
        asked: samples.len() as u32,
        deviations: Some(occurred(ledger)),
        ..RunCounts::default()
    };
    let records = samples.iter().map(|sample| {
        let calls = by_run.get(&sample.run).map_or(&[][..], Vec::as_slice);
        let judged = judge(&mut counts, sample, calls);
        let reason = counts.count(sample.run, judged);
        record(trial, sample, calls, batch_start_ns, reason)
    });
    (records.collect(), counts)
}

impl RunCounts {
    /// Counts a run; gives why it does not count, or nothing.
    pub(super) fn count(&mut self, run: u64, judged: Result<(), Fault>) -> String {
        let Err(fault) = judged else {
            self.verified += 1;
            return String::new();
        };
        *self.unverified.entry(fault.reason.to_owned()).or_default() += 1;
        let example = || format!("run {run}: {}", fault.detail);
        self.example.get_or_insert_with(example);
        fault.reason.to_owned()
    }
}

fn judge(
    scenario: &Scenario,
    declared: Declared,
    sample: &Sample,
    calls: &[&Entry],
    asked_ns: &Range<u64>,
) -> Result<(), Fault> {
    if let Some(error) = &sample.error {
        return fault("error", reported(scenario, sample.run, error));
    }
    for call in calls {
        judge_call(scenario, declared, call)?;
    }
    judge_count(scenario, sample.run, calls)?;
    judge_order(calls)?;
    judge_answer(scenario, sample)?;
    judge_clock(sample, calls, asked_ns)
}

fn fault(reason: &'static str, detail: String) -> Result<(), Fault> {
    Err(Fault { reason, detail })
}

fn judge_call(scenario: &Scenario, declared: Declared, call: &Entry) -> Result<(), Fault> {
    let shown = |number: Option<u32>, none: &str| {
        number.map_or_else(|| none.to_owned(), |number| number.to_string())
    };
    let turn = shown(call.turn, "?");
    if call.aborted {
        let detail = format!("the client gave up waiting in turn {turn}");
        return fault("aborted", detail);
    }
    if call.status != Some(200) {
        let status = shown(call.status.map(u32::from), "none");
        let detail = format!("turn {turn} was answered with status {status}");
        return fault("http-error", detail);
    }
    let problem = call.problem.clone();
    match problem.or_else(|| undeclared(scenario, declared, call)) {
        Some(problem) => fault("wrong-request", format!("turn {turn}: {problem}")),
        None => Ok(()),
    }
}

fn judge_count(scenario: &Scenario, run: u64, calls: &[&Entry]) -> Result<(), Fault> {
    let case = scenario.case_of(run);
    let mut wanted = case.turn_count();
    // The first agent may ask once more, when the second one has answered.
    if case.handoff_turn().is_some()
        && calls.last().and_then(|call| call.turn) == Some(wanted as u32)
    {
        wanted += 1;
    }
    let reason = match calls.len().cmp(&wanted) {
        Ordering::Greater => "extra-call",
        Ordering::Less => "missing-call",
        Ordering::Equal => return Ok(()),
    };
    fault(
        reason,
        format!("{} LLM calls instead of {wanted}", calls.len()),
    )
}

fn judge_order(calls: &[&Entry]) -> Result<(), Fault> {
    let too_early = calls
        .windows(2)
        .position(|pair| matches!(pair, [reply, next] if Some(next.first_byte_ns) < reply.due_ns));
    if let Some(turn) = too_early {
        let next = turn + 1;
        return fault(
            "wrong-order",
            format!("turn {next} was asked for before turn {turn} was answered"),
        );
    }
    let mut places = calls.iter().enumerate();
    match places.find(|(at, call)| call.turn != Some(*at as u32)) {
        Some((at, call)) => fault(
            "wrong-order",
            format!("LLM call {at} was for turn {:?}", call.turn),
        ),
        None => Ok(()),
    }
}

fn judge_answer(scenario: &Scenario, sample: &Sample) -> Result<(), Fault> {
    let answer = scenario.script(sample.run).answer;
    let is_right = match (&sample.answer, sample.answer_crc32) {
        (Some(text), _) => *text == answer,
        (None, Some(crc32)) => crc32 == digest(&answer),
        (None, None) => false,
    };
    if is_right {
        return Ok(());
    }
    let got = sample.answer.as_deref();
    let got = got.unwrap_or("an answer with another checksum");
    fault("wrong-answer", format!("expected {answer:?}, got {got:?}"))
}

/// What a runner says went wrong; a failure that the script wants is named as one, since it looks like the row's own.
fn reported(scenario: &Scenario, run: u64, error: &str) -> String {
    let start: String = error.chars().take(300).collect();
    let script = scenario.script(run);
    let mut calls = script.turns.iter().flat_map(|turn| &turn.calls);
    let is_scripted = calls.any(|call| {
        let message = call.result.as_str().unwrap_or_default();
        call.tool == ToolName::Fail && error.contains(message)
    });
    if is_scripted {
        return format!(
            "the runner reports: {start} (the tool fails because the script says so; the framework has to tell the \
             model, which goes on)"
        );
    }
    format!("the runner reports: {start}")
}

/// Whether the runner's stamps fit the ledger's and the harness's. All of it follows from cause and effect, so that no
/// machine is too busy for it: a run begins after its batch was asked for and before its first request's first byte is
/// seen; it ends no earlier than its last reply is due and before the end of the batch is read. (When a reply's last
/// byte was written is stamped after the system call, and the runner may end before the mock is on the CPU again.)
pub(super) fn judge_clock(
    sample: &Sample,
    calls: &[&Entry],
    asked_ns: &Range<u64>,
) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (calls.first(), calls.last()) else {
        return Ok(());
    };
    let (start_ns, end_ns) = (sample.start_ns, sample.end_ns);
    // No text is there before the first reply is due.
    let sees_in_time = sample.first_text_ns.is_none_or(|seen_ns| {
        seen_ns <= end_ns && first.due_ns.is_some_and(|due_ns| due_ns <= seen_ns)
    });
    let starts_in_time = asked_ns.start <= start_ns && start_ns <= first.first_byte_ns;
    let ends_in_time = last.due_ns.is_some_and(|due_ns| due_ns <= end_ns) && end_ns <= asked_ns.end;
    if starts_in_time && ends_in_time && sees_in_time && start_ns < end_ns {
        return Ok(());
    }
    let seen = sample.first_text_ns;
    let seen = seen.map_or_else(String::new, |seen_ns| {
        format!(", with the first text at {seen_ns},")
    });
    let detail = format!(
        "the runner says {start_ns} to {end_ns} ns{seen}; the mock saw its first byte at {} and owed its last reply at {} ns; \
         the batch was asked for at {} and done at {} ns",
        first.first_byte_ns,
        last.due_ns
            .map_or_else(|| "no".to_owned(), |due_ns| due_ns.to_string()),
        asked_ns.start,
        asked_ns.end
    );
    Err(Fault {
        reason: "clock",
        detail,
    })
}

pub(super) fn record(
    trial: u32,
    sample: &Sample,
    calls: &[&Entry],
    batch_start_ns: u64,
    reason: String,
) -> RunRecord {
    let latency_ns = sample.end_ns.saturating_sub(sample.start_ns);
    let hold_ns: u64 = calls
        .iter()
        .filter_map(|call| Some(held_until(call)?.saturating_sub(call.read_ns?)))
        .sum();
    let gaps_us: Vec<String> = calls
        .windows(2)
        .filter_map(|pair| match pair {
            [reply, next] => Some(next.read_ns?.saturating_sub(reply.last_write_ns?) / 1000),
            _ => None,
        })
        .map(|gap| gap.to_string())
        .collect();
    RunRecord {
        trial,
        run: sample.run,
        start_ms: ms(sample.start_ns.saturating_sub(batch_start_ns)),
        latency_ms: ms(latency_ns),
        hold_ms: ms(hold_ns),
        overhead_ms: ms(latency_ns) - ms(hold_ns),
        gaps_us: gaps_us.join(";"),
        first_text_ms: sample
            .first_text_ns
            .map(|seen_ns| first_text_ms(sample.start_ns, seen_ns, calls)),
        llm_calls: calls.len() as u32,
        request_body_bytes: calls.iter().map(|call| call.request_body_bytes).sum(),
        verified: reason.is_empty(),
        reason,
    }
}

/// From a run's start to the first text that its caller saw, less what the mock held: of the reply that was under way up
/// to its first byte, of those before it all.
fn first_text_ms(start_ns: u64, seen_ns: u64, calls: &[&Entry]) -> f64 {
    let had_begun = |call: &&&Entry| call.first_write_ns.is_some_and(|at| at <= seen_ns);
    let mut begun: Vec<&Entry> = calls.iter().filter(had_begun).copied().collect();
    let last = begun.pop();
    let until_first = last.and_then(|call| Some((call.first_write_ns?, call.read_ns?)));
    let before = begun.iter();
    let before = before.filter_map(|call| Some((held_until(call)?, call.read_ns?)));
    let held_ns: u64 = (before.chain(until_first))
        .map(|(until, read)| until.saturating_sub(read))
        .sum();
    ms(seen_ns.saturating_sub(start_ns)) - ms(held_ns)
}

/// The end of a reply's hold: its first byte, or, for a streamed one, its last: the pauses between its pieces are the
/// model's too. None for a reply that was never sent.
fn held_until(call: &Entry) -> Option<u64> {
    if call.stream {
        call.last_write_ns
    } else {
        call.first_write_ns
    }
}

/// Nanoseconds as milliseconds, to the microsecond: finer than any clock here is good for.
fn ms(ns: u64) -> f64 {
    (ns / 1000) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_first_text_has_less_what_the_mock_held_until_its_reply_began() {
        const MS: u64 = 1_000_000;
        let call = |read_ms: u64, first_ms: u64, last_ms: u64| Entry {
            stream: true,
            read_ns: Some(read_ms * MS),
            first_write_ns: Some(first_ms * MS),
            last_write_ns: Some(last_ms * MS),
            ..Entry::default()
        };
        // Turn 0 is held from 102 to 160 ms; the reply of turn 1 begins 50 ms after its request at 165 ms.
        let (zero, one) = (call(102, 150, 160), call(165, 215, 400));
        let calls = [&zero, &one];
        let added = |seen_ms: u64| first_text_ms(100 * MS, seen_ms * MS, &calls);
        assert_eq!(added(220), 120.0 - 58.0 - 50.0);
        // Text beside the calls of turn 0.
        assert_eq!(added(151), 51.0 - 48.0);
    }

    #[test]
    fn no_text_is_seen_before_the_first_reply_is_due_or_after_the_end() {
        let call = Entry {
            first_byte_ns: 110,
            due_ns: Some(150),
            ..Entry::default()
        };
        let judged = |seen_ns: Option<u64>| {
            let sample = Sample {
                batch: 0,
                run: 7,
                start_ns: 100,
                end_ns: 200,
                first_text_ns: seen_ns,
                answer: None,
                answer_crc32: None,
                error: None,
                cancelled: false,
            };
            judge_clock(&sample, &[&call], &(90..210))
        };
        for right in [None, Some(150), Some(200)] {
            assert!(judged(right).is_ok(), "{right:?}");
        }
        for wrong in [149, 201] {
            let fault = judged(Some(wrong)).unwrap_err();
            let text = format!("the first text at {wrong}");
            assert!(fault.detail.contains(&text), "{}", fault.detail);
        }
    }

    #[test]
    fn a_failure_that_the_script_wants_is_named_as_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/tools.toml");
        let tools = Scenario::load(&path).unwrap();
        let said = reported(&tools, 7, "Error: exercise 7 is out of order");
        assert!(said.contains("because the script says so"), "{said}");
        // Run 8's failure in run 7, or any other, is the row's own.
        for own in ["Error: exercise 8 is out of order", "TimeoutError"] {
            assert_eq!(
                reported(&tools, 7, own),
                format!("the runner reports: {own}")
            );
        }
    }
}
