//! What became of runs that were cancelled: pure, from the runner's samples and the mock's ledger.

use loopmark_protocol::Sample;

use super::by_run::by_run;
use super::declared::{Declared, undeclared};
use super::fault::Fault;
use super::run::judge_each;
use crate::measurement::{Cancelled, RunCounts, RunRecord};
use crate::mock::Entry;
use crate::scenario::Scenario;
use crate::stats;

/// Judges the samples of a batch whose runs were all cancelled `after_ms` after their start: a run counts when it was
/// cancelled and nothing was wrong with its requests up to then.
pub(crate) fn verify_cancelled(
    trial: u32,
    scenario: &Scenario,
    declared: Declared<'_>,
    samples: &[Sample],
    ledger: &[Entry],
    after_ms: u32,
) -> (Vec<RunRecord>, RunCounts) {
    judge_each(trial, samples, ledger, |_, sample, calls| {
        judge(scenario, declared, sample, calls, after_ms)
    })
}

fn judge(
    scenario: &Scenario,
    declared: Declared<'_>,
    sample: &Sample,
    calls: &[&Entry],
    after_ms: u32,
) -> Result<(), Fault> {
    let fault = |reason, detail: String| Err(Fault { reason, detail });
    if let Some(error) = &sample.error {
        let start: String = error.chars().take(300).collect();
        return fault("error", format!("the runner reports: {start}"));
    }
    if !sample.cancelled {
        return fault("not-cancelled", "the run went on to its answer".to_owned());
    }
    // Its times would be too short, and of what is too short nothing is seen below 0.
    let due_ns = due_ns(sample, after_ms);
    let ends = calls.iter().filter_map(|call| call.gone_ns);
    if let Some(early_ns) = ends.chain([sample.end_ns]).find(|end_ns| *end_ns < due_ns) {
        let early_us = (due_ns - early_ns) / 1000;
        return fault(
            "cancelled-early",
            format!("{early_us} µs before it was to be"),
        );
    }
    let problem = calls.iter().find_map(|call| {
        let problem = call.problem.clone();
        problem.or_else(|| undeclared(scenario, declared, call))
    });
    match problem {
        Some(problem) => fault("wrong-request", problem),
        None => Ok(()),
    }
}

/// How fast and how thoroughly runs ended that were cancelled `after_ms` after their start.
pub(crate) fn cancelled<'a>(
    samples: &[Sample],
    ledger: impl IntoIterator<Item = &'a Entry>,
    after_ms: u32,
) -> Cancelled {
    let by_run = by_run(ledger);
    let mut found = Cancelled::default();
    let (mut disconnects_ms, mut returns_ms) = (Vec::new(), Vec::new());
    for sample in samples.iter().filter(|sample| sample.cancelled) {
        let due_ns = due_ns(sample, after_ms);
        let since_due_ms = |ns: u64| ns.saturating_sub(due_ns) as f64 / 1e6;
        returns_ms.push(since_due_ms(sample.end_ns));
        for call in by_run.get(&sample.run).into_iter().flatten() {
            // A busy runner cancels late. What is certain is that it had cancelled when it had control again.
            if call.first_byte_ns > sample.end_ns {
                found.requests_after += 1;
            } else if let Some(gone_ns) = call.gone_ns {
                disconnects_ms.push(since_due_ms(gone_ns));
            } else if call.end_ns() > sample.end_ns {
                found.kept_open += 1;
            }
        }
    }
    found.disconnected = disconnects_ms.len() as u64;
    found.disconnect_ms = stats::median(disconnects_ms);
    found.return_ms = stats::median(returns_ms);
    found
}

/// When a run is to be cancelled.
fn due_ns(sample: &Sample, after_ms: u32) -> u64 {
    sample.start_ns + u64::from(after_ms) * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn sample(run: u64, end_ms: u64, cancelled: bool) -> Sample {
        Sample {
            batch: 0,
            run,
            start_ns: 1000 * MS,
            end_ns: (1000 + end_ms) * MS,
            first_text_ns: None,
            answer: None,
            answer_crc32: None,
            error: None,
            cancelled,
        }
    }

    /// A request with the times, in ms since the run's start, at which it comes and its client goes or its reply ends.
    fn call(run: u64, at_ms: u64, gone_ms: Option<u64>, reply_ms: Option<u64>) -> Entry {
        let ns = |ms: u64| (1000 + ms) * MS;
        Entry {
            run: Some(run),
            first_byte_ns: ns(at_ms),
            read_ns: Some(ns(at_ms)),
            last_write_ns: reply_ms.map(ns),
            gone_ns: gone_ms.map(ns),
            aborted: gone_ms.is_some(),
            ..Entry::default()
        }
    }

    #[test]
    fn disconnects_returns_and_late_requests_equal_values_worked_out_by_hand() {
        // Cancelled after 200 ms: one disconnects 3 ms later, one 7 ms later, one lets its reply come and asks again.
        let samples = [
            sample(1, 201, true),
            sample(2, 205, true),
            sample(3, 208, true),
        ];
        let ledger = [
            call(1, 5, Some(203), None),
            call(2, 5, Some(207), None),
            call(3, 5, None, Some(800)),
            call(3, 810, None, Some(890)),
            // Over before control was back: none of its business.
            call(2, 1, None, Some(4)),
            call(3, 150, None, Some(207)),
            // Of a run that is not of the batch.
            call(9, 300, None, Some(301)),
        ];
        let found = cancelled(&samples, &ledger, 200);
        assert_eq!((found.disconnected, found.kept_open), (2, 1));
        assert_eq!(found.requests_after, 1);
        assert_eq!(found.disconnect_ms, Some(5.0));
        assert_eq!(found.return_ms, Some(5.0));
    }

    #[test]
    fn a_run_counts_when_it_was_cancelled_and_its_requests_were_right() {
        let seed = std::path::Path::new("../scenarios/seed.toml");
        let scenario = Scenario::load(seed).unwrap();
        let declared = Declared {
            api: loopmark_protocol::Api::ChatCompletions,
            leaves_out: &[],
            adds_to: &[],
        };
        let failed = Sample {
            error: Some("no".to_owned()),
            ..sample(4, 10, false)
        };
        let samples = [
            sample(1, 201, true),
            sample(2, 300, false),
            sample(3, 201, true),
            failed,
            // One gave control back too early, one let go of its request.
            sample(5, 199, true),
            sample(6, 201, true),
        ];
        let wrong = Entry {
            problem: Some("the prompt is missing".to_owned()),
            ..call(3, 5, Some(203), None)
        };
        let ledger = [
            wrong,
            call(1, 5, Some(200), None),
            call(6, 5, Some(199), None),
        ];
        let (records, counts) = verify_cancelled(0, &scenario, declared, &samples, &ledger, 200);
        assert_eq!((counts.asked, counts.verified), (6, 1));
        let reasons: Vec<&str> = records
            .iter()
            .map(|record| record.reason.as_str())
            .collect();
        let early = "cancelled-early";
        assert_eq!(
            reasons,
            ["", "not-cancelled", "wrong-request", "error", early, early]
        );
    }
}
