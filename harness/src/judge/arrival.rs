//! Whether runs start when the batch's arrival says: pure, from the runner's samples and the mock's ledger.

use std::collections::BTreeMap;

use loopmark_protocol::{Arrival, Batch, Sample};

use super::fault::Fault;
use crate::measurement::{InFlight, RunCounts, SetAside};
use crate::mock::Entry;

/// Languages round an intended start differently, by far less than this.
const SCHEDULE_TOLERANCE_NS: f64 = 100_000.0;
const RAMP_TOLERANCE_NS: u64 = 100_000;

/// Whether a run starts when it was to, by the runner's own word: in an open loop at its time, in a burst with all
/// others. `first` is the batch's first run. A closed loop has no times to keep.
pub(super) fn on_schedule(
    arrival: Arrival,
    first: Option<&Sample>,
    sample: &Sample,
) -> Result<(), Fault> {
    let Some(first) = first else {
        return Ok(());
    };
    let off_ns = sample.start_ns as f64 - first.start_ns as f64;
    let detail = match arrival {
        Arrival::Closed => return Ok(()),
        // All of them are one reading of the clock.
        Arrival::Burst if sample.start_ns == first.start_ns => return Ok(()),
        Arrival::Burst => format!(
            "its start is {:.3} ms off the first run's; in a burst every run starts when the batch begins",
            off_ns / 1e6
        ),
        Arrival::Rate(rate) => {
            let off_ns = off_ns - (sample.run - first.run) as f64 / rate * 1e9;
            if off_ns.abs() <= SCHEDULE_TOLERANCE_NS {
                return Ok(());
            }
            format!("its start is {:.3} ms off the intended one", off_ns / 1e6)
        }
    };
    Err(Fault {
        reason: "off-schedule",
        detail,
    })
}

/// How many runs were in flight in a closed loop that was asked for at `asked_ns`; `None` for other arrivals.
///
/// A run is in flight from its start to its end as the runner says, and also from its first request's first byte until
/// its last reply is due: a runner that says less than the mock saw hides nothing. Both follow from cause and effect: a
/// worker starts its next run when its last one has ended, and the batch begins after it was asked for, so an honest
/// runner on the busiest machine has at most as many runs in flight as it may have workers by then.
pub(crate) fn in_flight(
    batch: &Batch,
    samples: &[Sample],
    ledger: &[Entry],
    asked_ns: u64,
) -> Option<InFlight> {
    if batch.arrival != Arrival::Closed {
        return None;
    }
    let seen = seen_by_mock(ledger);
    let mut edges: Vec<(u64, i64)> = Vec::with_capacity(2 * samples.len());
    for sample in samples {
        // The mock may still owe a reply to a run that was given up.
        let was_given_up = sample.cancelled || sample.error.is_some();
        let seen = seen.get(&sample.run).filter(|_| !was_given_up);
        let (first_ns, last_ns) = seen.copied().unwrap_or((sample.start_ns, sample.end_ns));
        edges.push((sample.start_ns.min(first_ns), 1));
        edges.push((sample.end_ns.max(last_ns), -1));
    }
    // At the same instant ends come first: the worker goes on.
    edges.sort_unstable();
    let mut found = InFlight::default();
    let mut open: i64 = 0;
    for (at_ns, step) in edges {
        open += step;
        let runs = u32::try_from(open).unwrap_or(0);
        found.max_runs = found.max_runs.max(runs);
        if step > 0 && runs > workers_by(at_ns, batch, asked_ns) {
            found.before_ramp += 1;
        }
    }
    Some(found)
}

impl SetAside {
    /// Adds what was wrong in one of the batches.
    pub(crate) fn add(&mut self, batch: &Batch, runs: RunCounts, in_flight: Option<InFlight>) {
        for (reason, count) in runs.unverified {
            *self.unverified.entry(reason).or_default() += count;
        }
        let beyond = in_flight.map(|found| found.max_runs);
        let beyond = beyond.filter(|most| *most > batch.level);
        self.max_runs = self.max_runs.max(beyond);
    }
}

/// The first byte of each run's first request, and when its last reply was due; of requests that the client gave up,
/// nothing.
fn seen_by_mock(ledger: &[Entry]) -> BTreeMap<u64, (u64, u64)> {
    let mut seen = BTreeMap::new();
    for entry in ledger.iter().filter(|entry| !entry.aborted) {
        let (Some(run), Some(due_ns)) = (entry.run, entry.due_ns) else {
            continue;
        };
        let (first_ns, last_ns) = seen.entry(run).or_insert((entry.first_byte_ns, due_ns));
        *first_ns = entry.first_byte_ns.min(*first_ns);
        *last_ns = due_ns.max(*last_ns);
    }
    seen
}

/// How many workers may have been started by then at the most: all of them without a ramp, else worker *i* from
/// *i* / level of it on. More than the level is another matter than a ramp.
fn workers_by(at_ns: u64, batch: &Batch, asked_ns: u64) -> u32 {
    let ramp_ns = u64::from(batch.ramp_ms) * 1_000_000;
    let since_ns = at_ns.saturating_sub(asked_ns) + RAMP_TOLERANCE_NS;
    if since_ns >= ramp_ns {
        return u32::MAX;
    }
    let shares = u128::from(since_ns) * u128::from(batch.level) / u128::from(ramp_ns);
    u32::try_from(shares).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use loopmark_protocol::Answers;

    use super::*;

    const MS: u64 = 1_000_000;

    fn batch(level: u32, arrival: Arrival, ramp_ms: u32) -> Batch {
        Batch {
            batch: 1,
            first_run: 0,
            runs: 4,
            level,
            arrival,
            answers: Answers::Digest,
            ramp_ms,
            cancel_after_ms: None,
            heartbeat: false,
        }
    }

    /// A closed loop of `level` that was asked for at 1 s, with a ramp of 100 ms, and what was found of it.
    fn found(level: u32, samples: &[Sample], ledger: &[Entry]) -> InFlight {
        let batch = batch(level, Arrival::Closed, 100);
        in_flight(&batch, samples, ledger, 1000 * MS).unwrap()
    }

    /// A run that starts this many ms after the batch was asked for, and lasts this many ms.
    fn run(number: u64, from_ms: u64, ms: u64) -> Sample {
        let start_ns = (1000 + from_ms) * MS;
        Sample {
            end_ns: start_ns + ms * MS,
            ..sample(number, start_ns)
        }
    }

    /// What the mock saw of a run, in ms after the batch was asked for.
    fn seen(run: u64, from_ms: u64, due_ms: u64) -> Entry {
        Entry {
            run: Some(run),
            first_byte_ns: (1000 + from_ms) * MS,
            due_ns: Some((1000 + due_ms) * MS),
            ..Entry::default()
        }
    }

    #[test]
    fn workers_that_keep_to_level_and_ramp_have_as_many_runs_in_flight_as_asked() {
        // Worker 0 from 0 ms on, worker 1 from 50 ms on; each goes on in the instant in which its last run has ended.
        let samples = [
            run(0, 1, 60),
            run(1, 50, 70),
            run(2, 61, 60),
            run(3, 120, 50),
        ];
        let expected = InFlight {
            max_runs: 2,
            before_ramp: 0,
        };
        assert_eq!(found(2, &samples, &[]), expected);
    }

    #[test]
    fn runs_beyond_the_level_are_found() {
        let samples: Vec<Sample> = (0..8).map(|number| run(number, 200, 50)).collect();
        let all = found(2, &samples, &[]);
        assert_eq!((all.max_runs, all.before_ramp), (8, 0));
    }

    #[test]
    fn runs_that_do_not_wait_for_their_ramp_are_found() {
        let at_once: Vec<Sample> = (0..4).map(|number| run(number, 1, 200)).collect();
        let all = found(4, &at_once, &[]);
        assert_eq!((all.max_runs, all.before_ramp), (4, 3));
        // Twice as fast as asked: 0, 12, 25 and 38 ms instead of 0, 25, 50 and 75.
        let hasty = [
            run(0, 0, 200),
            run(1, 12, 200),
            run(2, 25, 200),
            run(3, 38, 200),
        ];
        assert_eq!(found(4, &hasty, &[]).before_ramp, 3);
        let late = [
            run(0, 30, 200),
            run(1, 60, 200),
            run(2, 60, 200),
            run(3, 99, 200),
        ];
        assert_eq!(found(4, &late, &[]).before_ramp, 0);
        // One worker, however fast its runs, needs no ramp.
        let one: Vec<Sample> = (0..9).map(|number| run(number, number, 1)).collect();
        assert_eq!(found(4, &one, &[]).before_ramp, 0);
    }

    #[test]
    fn what_the_mock_saw_counts_where_the_runner_says_less() {
        let short = [run(0, 200, 1), run(1, 210, 1), run(2, 220, 1)];
        assert_eq!(found(1, &short, &[]).max_runs, 1);
        let ledger = [
            seen(0, 200, 205),
            seen(0, 206, 250),
            seen(1, 210, 250),
            seen(2, 220, 250),
        ];
        assert_eq!(found(1, &short, &ledger).max_runs, 3);
        // The mock owes replies to runs that were given up; no run is in flight for them.
        let given_up = short.clone().map(|sample| Sample {
            cancelled: true,
            ..sample
        });
        assert_eq!(found(1, &given_up, &ledger).max_runs, 1);
        let aborted = ledger.map(|entry| Entry {
            aborted: true,
            ..entry
        });
        assert_eq!(found(1, &short, &aborted).max_runs, 1);
    }

    #[test]
    fn a_ramp_of_nothing_lets_all_start_at_once() {
        let batch_of = |arrival| batch(4, arrival, 0);
        let at_once: Vec<Sample> = (0..4).map(|number| run(number, 0, 9)).collect();
        let all = in_flight(&batch_of(Arrival::Closed), &at_once, &[], 1000 * MS).unwrap();
        assert_eq!((all.max_runs, all.before_ramp), (4, 0));
        for arrival in [Arrival::Burst, Arrival::Rate(2.0)] {
            assert_eq!(in_flight(&batch_of(arrival), &at_once, &[], 0), None);
        }
    }

    fn sample(run: u64, start_ns: u64) -> Sample {
        Sample {
            batch: 1,
            run,
            start_ns,
            end_ns: start_ns + 1,
            first_text_ns: None,
            answer: None,
            answer_crc32: None,
            error: None,
            cancelled: false,
        }
    }

    fn judge(arrival: Arrival, starts_ns: [u64; 2]) -> Result<(), Fault> {
        let [first, second] = [sample(70, starts_ns[0]), sample(71, starts_ns[1])];
        on_schedule(arrival, Some(&first), &second)
    }

    #[test]
    fn every_run_of_a_burst_has_the_same_start() {
        assert_eq!(judge(Arrival::Burst, [5_000, 5_000]), Ok(()));
        for other in [4_999, 5_001, 20_005_000] {
            let fault = judge(Arrival::Burst, [5_000, other]).unwrap_err();
            assert_eq!(fault.reason, "off-schedule");
        }
        let late = judge(Arrival::Burst, [5_000, 20_005_000]).unwrap_err();
        assert!(
            late.detail
                .starts_with("its start is 20.000 ms off the first run's")
        );
    }

    #[test]
    fn a_run_of_an_open_loop_has_its_intended_start() {
        let begin = 1_000_000_000;
        for start in [1_050_000_000, 1_050_099_000, 1_049_901_000] {
            assert_eq!(judge(Arrival::Rate(20.0), [begin, start]), Ok(()));
        }
        for (start, off) in [(1_050_101_000, "0.101"), (begin, "-50.000")] {
            let fault = judge(Arrival::Rate(20.0), [begin, start]).unwrap_err();
            assert_eq!(fault.reason, "off-schedule");
            assert_eq!(
                fault.detail,
                format!("its start is {off} ms off the intended one")
            );
        }
    }

    #[test]
    fn a_closed_loop_has_no_times_to_keep() {
        assert_eq!(judge(Arrival::Closed, [5_000, 90_000_000]), Ok(()));
    }
}
