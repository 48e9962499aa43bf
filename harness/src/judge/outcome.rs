//! How runs end in which the model or its server does something wrong: pure, from the runner's samples and the mock's ledger.
//!
//! A framework that gives up where another repeats its request has not failed the benchmark: how it ends is the figure.

use std::ops::Range;
use std::time::Duration;

use loopmark_protocol::{Arrival, Sample, digest};

use super::arrival::on_schedule;
use super::by_run::by_run;
use super::declared::{Declared, undeclared};
use super::fault::Fault;
use super::run::{judge_clock, judge_each};
use crate::measurement::{Faults, RunCounts, RunOutcome, RunRecord};
use crate::mock::Entry;
use crate::scenario::{FaultKind, Faulty, Scenario};
use crate::stats;

/// Judges the samples of a batch of a case in which something goes wrong. A run counts when it ended right; how the others
/// ended is in the counts' outcomes.
pub(crate) fn verify_outcomes(
    trial: u32,
    scenario: &Scenario,
    declared: Declared<'_>,
    arrival: Arrival,
    samples: &[Sample],
    ledger: &[Entry],
    asked_ns: &Range<u64>,
) -> (Vec<RunRecord>, RunCounts) {
    judge_each(trial, samples, ledger, |counts, sample, calls| {
        if sample.error.is_some() && !is_provoked(scenario, sample.run, calls) {
            let error = sample.error.as_deref().unwrap_or_default();
            let start: String = error.chars().take(300).collect();
            let detail = format!("the runner reports, before anything went wrong: {start}");
            return Err(Fault {
                reason: "error",
                detail,
            });
        }
        let outcome = outcome(scenario, sample, calls);
        *counts.outcomes.entry(outcome.to_string()).or_default() += 1;
        judge(scenario, declared, sample, calls, outcome)
            .and_then(|()| judge_clock(sample, &around(calls), asked_ns))
            .and_then(|()| on_schedule(arrival, samples.first(), sample))
    })
}

/// Whether a run met what goes wrong in its case: an error before that is the row's own, and no outcome.
fn is_provoked(scenario: &Scenario, run: u64, calls: &[&Entry]) -> bool {
    let mistake = scenario.case_of(run).mistake_turn();
    let is_mistake = |call: &&Entry| call.turn.is_some() && call.turn == mistake;
    let met = |call: &&Entry| call.fault.is_some() || (is_mistake(call) && is_answered(call));
    calls.iter().any(met)
}

fn judge(
    scenario: &Scenario,
    declared: Declared<'_>,
    sample: &Sample,
    calls: &[&Entry],
    outcome: RunOutcome,
) -> Result<(), Fault> {
    let problem = calls.iter().find_map(|call| {
        let problem = call.problem.clone();
        problem.or_else(|| undeclared(scenario, declared, call))
    });
    let (reason, detail) = match (problem, outcome) {
        (Some(problem), _) => ("wrong-request", problem),
        (None, RunOutcome::Right | RunOutcome::Repaired) => return Ok(()),
        (None, other) => {
            let error = sample.error.as_deref().unwrap_or("no error");
            let start: String = error.chars().take(300).collect();
            (other.as_str(), format!("the runner reports: {start}"))
        }
    };
    Err(Fault { reason, detail })
}

/// The calls that a run's stamps lie around: its first one, and the last one that the model answered.
fn around<'a>(calls: &[&'a Entry]) -> Vec<&'a Entry> {
    let last = calls.iter().rfind(|call| is_answered(call));
    calls.first().into_iter().chain(last).copied().collect()
}

/// The model's whole reply was there for the client to read.
fn is_answered(call: &Entry) -> bool {
    call.fault.is_none() && call.status == Some(200) && !call.aborted
}

fn is_well(outcome: RunOutcome) -> bool {
    matches!(outcome, RunOutcome::Right | RunOutcome::Repaired)
}

/// How a run ended.
fn outcome(scenario: &Scenario, sample: &Sample, calls: &[&Entry]) -> RunOutcome {
    let answered = |turn: usize| {
        let of_turn = |call: &&&Entry| call.turn == Some(turn as u32);
        calls.iter().filter(of_turn).any(|call| is_answered(call))
    };
    if sample.error.is_some() {
        // Without a fault, the turn that the run did not get beyond.
        let faulty = calls.iter().find(|call| call.fault.is_some());
        let faulty = faulty.or(calls.last());
        let tries = faulty.map_or(0, |faulty| {
            calls.iter().filter(|call| call.turn == faulty.turn).count()
        });
        return match tries {
            0 | 1 => RunOutcome::Raised,
            _ => RunOutcome::GaveUp,
        };
    }
    let case = scenario.case_of(sample.run);
    let wanted = case.turn_count();
    if !(0..wanted).all(answered) {
        return RunOutcome::Silent;
    }
    let is_hidden = calls.iter().any(|call| call.is_told == Some(false));
    let is_repaired = case.has_wrong_calls() || case.has_wrong_answers();
    match is_answer(sample, &scenario.script(sample.run).answer) {
        false => RunOutcome::Wrong,
        true if is_hidden => RunOutcome::Silent,
        true if is_repaired => RunOutcome::Repaired,
        true => RunOutcome::Right,
    }
}

/// Whether a run's answer is this one.
fn is_answer(sample: &Sample, answer: &str) -> bool {
    match (&sample.answer, sample.answer_crc32) {
        (Some(text), _) => text == answer,
        (None, Some(crc32)) => crc32 == digest(answer),
        (None, None) => false,
    }
}

/// What requests met faults, and what clients did then. `None` for a case without faults.
pub(crate) fn faults(scenario: &Scenario, samples: &[Sample], ledger: &[Entry]) -> Option<Faults> {
    let first = samples.first()?;
    if !scenario.case_of(first.run).has_faults() {
        return None;
    }
    let by_run = by_run(ledger);
    let mut found = Faults::default();
    let mut give_ups_s = Vec::new();
    for sample in samples {
        let case = scenario.case_of(sample.run);
        let calls = by_run.get(&sample.run).map_or(&[][..], Vec::as_slice);
        if is_well(outcome(scenario, sample, calls)) {
            found.needed += case.needed_requests(sample.run);
            found.requests += calls.len() as u64;
        }
        let Some(first_fault) = calls.iter().find(|call| call.fault.is_some()) else {
            continue;
        };
        found.runs += 1;
        let of_turn = calls.iter().filter(|call| call.turn == first_fault.turn);
        found.requests_for_faulty_turns += of_turn.count() as u64;
        if sample.error.is_some() {
            let since_ns = sample.end_ns.saturating_sub(first_fault.first_byte_ns);
            give_ups_s.push(since_ns as f64 / 1e9);
        }
        for pair in calls.windows(2) {
            let [faulty, next] = pair else { continue };
            let wait = retry_after(scenario, faulty).filter(|_| next.turn == faulty.turn);
            // When the refusal was due, not written: that is stamped after the system call, and the client may have begun
            // to wait before the mock is on the CPU again.
            let (Some(wait), Some(due_ns)) = (wait, faulty.due_ns) else {
                continue;
            };
            found.asked_to_wait += 1;
            let is_obeyed = next.first_byte_ns >= due_ns + wait.as_nanos() as u64;
            found.waited += u64::from(is_obeyed);
        }
    }
    found.give_up_s = stats::median(give_ups_s);
    Some(found)
}

/// What the reply to a request that met a fault said to wait.
fn retry_after(scenario: &Scenario, call: &Entry) -> Option<Duration> {
    let is_status = call.fault == Some(FaultKind::Status);
    let (run, turn) = (call.run.filter(|_| is_status)?, call.turn?);
    match scenario.case_of(run).fault(run, turn, 0)? {
        Faulty::Status { retry_after, .. } => retry_after,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const MS: u64 = 1_000_000;

    /// Two turns, of which the first meets a 429 that says to wait a second, twice.
    fn scenario() -> Scenario {
        let path = Path::new("../scenarios/cold.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let fault = "[[fault]]\nturn = 0\nkind = \"status\"\nstatus = 429\nretry-after-s = 1\nattempts = 2\n";
        let text = text.replacen("[report]", &format!("{fault}[report]"), 1);
        Scenario::from_text(path, text).unwrap()
    }

    fn sample(run: u64, error: Option<&str>, answer: Option<String>) -> Sample {
        Sample {
            batch: 0,
            run,
            start_ns: 0,
            end_ns: 5_000 * MS,
            first_text_ns: None,
            answer,
            answer_crc32: None,
            error: error.map(str::to_owned),
            cancelled: false,
        }
    }

    /// A request that comes at a time and is answered 10 ms later.
    fn call(run: u64, turn: u32, at_ms: u64, is_faulty: bool) -> Entry {
        Entry {
            run: Some(run),
            turn: Some(turn),
            status: Some(if is_faulty { 429 } else { 200 }),
            first_byte_ns: at_ms * MS,
            read_ns: Some(at_ms * MS),
            due_ns: Some((at_ms + 10) * MS),
            first_write_ns: Some((at_ms + 10) * MS),
            last_write_ns: Some((at_ms + 10) * MS),
            fault: is_faulty.then_some(FaultKind::Status),
            ..Entry::default()
        }
    }

    fn patient(run: u64) -> Vec<Entry> {
        vec![
            call(run, 0, 0, true),
            call(run, 0, 1_010, true),
            call(run, 0, 2_020, false),
            call(run, 1, 2_040, false),
        ]
    }

    fn declared() -> Declared<'static> {
        Declared {
            api: loopmark_protocol::Api::ChatCompletions,
            leaves_out: &[],
            adds_to: &[],
        }
    }

    fn verified(
        scenario: &Scenario,
        samples: &[Sample],
        ledger: &[Entry],
    ) -> (Vec<RunRecord>, RunCounts) {
        let asked_ns = 0..6_000 * MS;
        verify_outcomes(
            0,
            scenario,
            declared(),
            Arrival::Closed,
            samples,
            ledger,
            &asked_ns,
        )
    }

    #[test]
    fn each_way_to_end_is_told_from_the_others() {
        let scenario = scenario();
        let right = |run| Some(scenario.script(run).answer);
        let samples = [
            sample(1, None, right(1)),
            sample(2, None, Some("made up".to_owned())),
            sample(3, Some("429"), None),
            sample(4, Some("429"), None),
            sample(5, None, Some(String::new())),
        ];
        let mut ledger = patient(1);
        ledger.extend(patient(2));
        ledger.push(call(3, 0, 0, true));
        ledger.extend([call(4, 0, 0, true), call(4, 0, 1_500, true)]);
        ledger.push(call(5, 0, 0, true));
        let (records, counts) = verified(&scenario, &samples, &ledger);
        let reasons: Vec<&str> = records
            .iter()
            .map(|record| record.reason.as_str())
            .collect();
        assert_eq!(reasons, ["", "wrong", "raised", "gave-up", "silent"]);
        assert_eq!((counts.asked, counts.verified), (5, 1));
        let outcomes: Vec<(&str, u32)> = counts
            .outcomes
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        let one_each = ["gave-up", "raised", "right", "silent", "wrong"].map(|name| (name, 1));
        assert_eq!(outcomes, one_each);
        assert!(counts.is_flawless());
    }

    #[test]
    fn an_error_before_anything_went_wrong_is_no_outcome() {
        let scenario = scenario();
        let samples = [sample(1, Some("no such model"), None)];
        for ledger in [Vec::new(), vec![call(1, 0, 0, false)]] {
            let (records, counts) = verified(&scenario, &samples, &ledger);
            assert_eq!(records[0].reason, "error");
            assert!(counts.outcomes.is_empty() && !counts.is_flawless());
            assert!(
                counts
                    .example
                    .unwrap()
                    .contains("before anything went wrong: no such model")
            );
        }
    }

    #[test]
    fn a_right_answer_is_no_excuse_for_a_wrong_clock_or_a_wrong_request() {
        let scenario = scenario();
        let right = |run| Some(scenario.script(run).answer);
        let hasty = Sample {
            end_ns: 1_000 * MS,
            ..sample(1, None, right(1))
        };
        let samples = [hasty, sample(2, None, right(2))];
        let mut ledger = patient(1);
        ledger.extend(patient(2));
        let problem = "the tools are not the scenario's".to_owned();
        ledger.last_mut().unwrap().problem = Some(problem);
        let (records, counts) = verified(&scenario, &samples, &ledger);
        let reasons = records.iter().map(|record| record.reason.as_str());
        assert_eq!(reasons.collect::<Vec<_>>(), ["clock", "wrong-request"]);
        assert!(!counts.is_flawless());
    }

    #[test]
    fn a_mistake_is_repaired_only_if_the_model_was_told_of_it() {
        let path = Path::new("../scenarios/malformed.toml");
        let malformed = Scenario::load(path).unwrap();
        let right = |run| Some(malformed.script(run).answer);
        let turns = |run, is_told| {
            let mut calls = [0, 1, 2].map(|turn| call(run, turn, u64::from(turn) * 100, false));
            calls[1].is_told = Some(is_told);
            calls
        };
        let mut ledger = Vec::new();
        ledger.extend(turns(1, true));
        ledger.extend(turns(2, false));
        // It never gets beyond the wrong call: once with an error, once after asking again, once without a word.
        ledger.push(call(3, 0, 0, false));
        ledger.extend([call(4, 0, 0, false), call(4, 0, 100, false)]);
        ledger.push(call(5, 0, 0, false));
        let samples = [
            sample(1, None, right(1)),
            sample(2, None, right(2)),
            sample(3, Some("no JSON"), None),
            sample(4, Some("no JSON"), None),
            sample(5, None, Some(String::new())),
        ];
        let (records, counts) = verified(&malformed, &samples, &ledger);
        let ended = records.iter().map(|record| record.reason.as_str());
        let ended: Vec<&str> = ended.collect();
        assert_eq!(ended, ["", "silent", "raised", "gave-up", "silent"]);
        assert_eq!(counts.outcomes.get("repaired"), Some(&1));
        assert!(counts.is_flawless());
    }

    #[test]
    fn a_reply_that_the_client_did_not_wait_for_is_no_answer() {
        let scenario = scenario();
        let samples = [sample(1, None, Some(scenario.script(1).answer))];
        let mut ledger = patient(1);
        ledger.last_mut().unwrap().aborted = true;
        let (records, _) = verified(&scenario, &samples, &ledger);
        assert_eq!(records[0].reason, "silent");
    }

    #[test]
    fn requests_waits_and_times_equal_values_worked_out_by_hand() {
        let scenario = scenario();
        let right = |run| Some(scenario.script(run).answer);
        // Needs 4 requests. Sends 4, waits both times.
        let mut ledger = patient(1);
        // Sends 6: twice as often as it has to, and too early; obeys one of four waits.
        ledger.extend([
            call(2, 0, 0, true),
            call(2, 0, 100, true),
            call(2, 0, 1_110, false),
            call(2, 0, 1_120, false),
            call(2, 1, 1_140, false),
            call(2, 1, 1_141, false),
        ]);
        // Gives up at once; its error is 5 s after its request.
        ledger.push(call(3, 0, 0, true));
        let samples = [
            sample(1, None, right(1)),
            sample(2, None, right(2)),
            sample(3, Some("429"), None),
        ];
        let found = faults(&scenario, &samples, &ledger).unwrap();
        // Of the two that ended right: the third's one request says nothing about requests that were not needed.
        assert_eq!((found.runs, found.needed, found.requests), (3, 8, 10));
        assert_eq!(found.requests_for_faulty_turns, 3 + 4 + 1);
        assert_eq!((found.asked_to_wait, found.waited), (4, 3));
        assert_eq!(found.give_up_s, Some(5.0));
        let seed = Scenario::load(Path::new("../scenarios/seed.toml")).unwrap();
        assert_eq!(faults(&seed, &samples, &ledger), None);
    }
}
