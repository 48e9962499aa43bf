//! Starts the runs of a batch when its arrival says, and keeps what they gave.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loopmark_protocol::{Answers, Arrival, Batch, Sample, Task, digest, monotonic_ns};
use tokio::sync::mpsc;

use crate::{Agent, Error, serve::with_causes};

/// A batch can't be carried out.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum BatchError {
    #[error("the rate of an open loop has to be above 0")]
    Rate,
    #[error("{0} runs of the batch ended without a sample: their tasks panicked")]
    Missing(u32),
}

/// Does the runs of a batch; returns when all of them have ended.
pub(crate) async fn run_batch<A: Agent>(
    agent: &Arc<A>,
    task: &Arc<Task>,
    batch: Batch,
) -> Result<Kept, BatchError> {
    let kept = Arc::new(Mutex::new(Kept::for_batch(&batch)));
    let (running, mut ended) = mpsc::channel(1);
    let runs = batch.runs;
    let runs_of_batch = Arc::new(Runs {
        agent: Arc::clone(agent),
        task: Arc::clone(task),
        batch,
        kept: Arc::clone(&kept),
        _running: running,
    });
    start(runs_of_batch)?;
    // Nothing is ever sent: the channel closes when the last task has dropped its sender.
    ended.recv().await;
    let kept = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    match runs - kept.outcomes.len() as u32 {
        0 => Ok(kept),
        missing => Err(BatchError::Missing(missing)),
    }
}

/// Starts tasks on the current runtime that do all runs of a batch.
fn start<A: Agent>(runs: Arc<Runs<A>>) -> Result<(), BatchError> {
    match runs.batch.arrival {
        Arrival::Closed => start_closed(&runs),
        Arrival::Burst => {
            for index in 0..runs.batch.runs {
                let runs = Arc::clone(&runs);
                tokio::spawn(async move { runs.run(index, None).await });
            }
        }
        Arrival::Rate(rate) if rate > 0.0 => start_at_rate(runs, rate),
        Arrival::Rate(_) => return Err(BatchError::Rate),
    }
    Ok(())
}

/// `level` workers share a counter; each takes the next run when its last one has ended.
fn start_closed<A: Agent>(runs: &Arc<Runs<A>>) {
    let next = Arc::new(AtomicU32::new(0));
    for _ in 0..runs.batch.level.min(runs.batch.runs) {
        let (runs, next) = (Arc::clone(runs), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= runs.batch.runs {
                    break;
                }
                runs.run(index, None).await;
            }
        });
    }
}

/// Starts run *i* at *i* / rate seconds.
///
/// On a thread of its own: tokio's timer is over a millisecond late, which would count as the
/// framework's latency; the operating system's is late by a tenth of that.
fn start_at_rate<A: Agent>(runs: Arc<Runs<A>>, rate: f64) {
    tokio::task::spawn_blocking(move || {
        let begin_ns = monotonic_ns();
        for index in 0..runs.batch.runs {
            let due_ns = begin_ns + (f64::from(index) / rate * 1e9) as u64;
            std::thread::sleep(Duration::from_nanos(due_ns.saturating_sub(monotonic_ns())));
            let runs = Arc::clone(&runs);
            tokio::spawn(async move { runs.run(index, Some(due_ns)).await });
        }
    });
}

/// What the tasks of a batch share.
struct Runs<A> {
    agent: Arc<A>,
    task: Arc<Task>,
    batch: Batch,
    kept: Arc<Mutex<Kept>>,
    /// Tells by its end that no task is left.
    _running: mpsc::Sender<Infallible>,
}

impl<A: Agent> Runs<A> {
    /// Does one run; an open loop gives the time at which it was to start.
    async fn run(&self, index: u32, intended_start_ns: Option<u64>) {
        let prompt = self
            .task
            .prompt_for(self.batch.first_run + u64::from(index));
        let start_ns = intended_start_ns.unwrap_or_else(monotonic_ns);
        let result = self.agent.run(prompt).await;
        let end_ns = monotonic_ns();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(index, start_ns, end_ns, result);
    }
}

/// What the runs of a batch gave, until the batch has ended: 24 bytes a run, and a text only for
/// the runs that failed and for batches whose answers a person reads.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    outcomes: Vec<Outcome>,
    answers: Option<HashMap<u32, String>>,
    errors: HashMap<u32, String>,
}

#[derive(Debug)]
struct Outcome {
    start_ns: u64,
    end_ns: u64,
    index: u32,
    answer_crc32: u32,
}

impl Kept {
    fn for_batch(batch: &Batch) -> Kept {
        Kept {
            outcomes: Vec::with_capacity(batch.runs as usize),
            answers: (batch.answers == Answers::Text).then(HashMap::new),
            errors: HashMap::new(),
        }
    }

    fn push(&mut self, index: u32, start_ns: u64, end_ns: u64, result: Result<String, Error>) {
        let answer_crc32 = result.as_deref().map_or(0, digest);
        self.outcomes.push(Outcome {
            start_ns,
            end_ns,
            index,
            answer_crc32,
        });
        match (result, &mut self.answers) {
            (Ok(answer), Some(answers)) => drop(answers.insert(index, answer)),
            (Ok(_), None) => (),
            (Err(error), _) => drop(self.errors.insert(index, with_causes(&*error))),
        }
    }

    /// The lines of the batch, made one at a time.
    pub(crate) fn into_samples(
        mut self,
        batch: u32,
        first_run: u64,
    ) -> impl Iterator<Item = Sample> {
        self.outcomes.into_iter().map(move |outcome| {
            let error = self.errors.remove(&outcome.index);
            let answer = self
                .answers
                .as_mut()
                .and_then(|texts| texts.remove(&outcome.index));
            let has_digest = error.is_none() && answer.is_none();
            Sample {
                batch,
                run: first_run + u64::from(outcome.index),
                start_ns: outcome.start_ns,
                end_ns: outcome.end_ns,
                answer,
                answer_crc32: has_digest.then_some(outcome.answer_crc32),
                error,
                cancelled: false,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Answers with the prompt after 5 ms, and counts how many runs are in flight.
    #[derive(Default)]
    struct Slow {
        in_flight: AtomicU32,
        most_in_flight: AtomicU32,
    }

    impl Agent for Slow {
        async fn run(&self, prompt: String) -> Result<String, Error> {
            let in_flight = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            match prompt.as_str() {
                "run 13" => Err("unlucky".into()),
                "run 666" => panic!("the test's panic"),
                _ => Ok(prompt),
            }
        }
    }

    fn task() -> Arc<Task> {
        Arc::new(Task {
            name: "test".into(),
            instructions: String::new(),
            prompt: "run {run}".into(),
            tools: Vec::new(),
            data: BTreeMap::new(),
            max_turns: 1,
        })
    }

    fn batch(first_run: u64, runs: u32, level: u32, arrival: Arrival, answers: Answers) -> Batch {
        Batch {
            batch: 7,
            first_run,
            runs,
            level,
            arrival,
            answers,
            cancel_after_ms: None,
            heartbeat: false,
        }
    }

    async fn samples_of(agent: &Arc<Slow>, batch: Batch) -> Vec<Sample> {
        let first_run = batch.first_run;
        let kept = run_batch(agent, &task(), batch).await.unwrap();
        let mut samples: Vec<Sample> = kept.into_samples(7, first_run).collect();
        samples.sort_by_key(|sample| sample.run);
        samples
    }

    #[test]
    fn an_outcome_takes_24_bytes() {
        assert_eq!(size_of::<Outcome>(), 24);
    }

    #[tokio::test]
    async fn a_closed_loop_keeps_its_level_and_does_every_run_once() {
        let agent = Arc::new(Slow::default());
        let batch = batch(100, 20, 4, Arrival::Closed, Answers::Digest);
        let samples = samples_of(&agent, batch).await;
        let runs: Vec<u64> = samples.iter().map(|sample| sample.run).collect();
        assert_eq!(runs, (100..120).collect::<Vec<_>>());
        assert_eq!(agent.most_in_flight.load(Ordering::SeqCst), 4);
        assert_eq!(samples[3].answer_crc32, Some(digest("run 103")));
        assert_eq!(samples[3].answer, None);
        assert!(
            samples
                .iter()
                .all(|sample| sample.end_ns - sample.start_ns >= 5_000_000)
        );
    }

    #[tokio::test]
    async fn a_level_above_the_number_of_runs_starts_no_run_twice() {
        let batch = batch(0, 3, 50, Arrival::Closed, Answers::Digest);
        assert_eq!(samples_of(&Arc::default(), batch).await.len(), 3);
    }

    #[tokio::test]
    async fn a_burst_starts_all_runs_at_once() {
        let agent = Arc::new(Slow::default());
        let batch = batch(0, 20, 1, Arrival::Burst, Answers::Text);
        let samples = samples_of(&agent, batch).await;
        assert_eq!(agent.most_in_flight.load(Ordering::SeqCst), 20);
        assert_eq!(samples[2].answer.as_deref(), Some("run 2"));
        assert_eq!(samples[2].answer_crc32, None);
    }

    #[tokio::test]
    async fn an_open_loop_reports_the_intended_starts() {
        let batch = batch(0, 5, 1, Arrival::Rate(1000.0), Answers::Digest);
        let samples = samples_of(&Arc::default(), batch).await;
        for pair in samples.windows(2) {
            assert_eq!(pair[1].start_ns - pair[0].start_ns, 1_000_000);
        }
    }

    #[tokio::test]
    async fn an_open_loop_needs_a_rate() {
        for rate in [0.0, -1.0, f64::NAN] {
            let batch = batch(0, 5, 1, Arrival::Rate(rate), Answers::Digest);
            let error = run_batch(&Arc::<Slow>::default(), &task(), batch)
                .await
                .unwrap_err();
            assert_eq!(error, BatchError::Rate);
        }
    }

    #[tokio::test]
    async fn a_failed_run_has_an_error_and_no_answer() {
        for answers in [Answers::Digest, Answers::Text] {
            let samples =
                samples_of(&Arc::default(), batch(13, 2, 1, Arrival::Closed, answers)).await;
            assert_eq!(samples[0].error.as_deref(), Some("unlucky"));
            assert_eq!((&samples[0].answer, samples[0].answer_crc32), (&None, None));
            assert_eq!(samples[1].error, None);
        }
    }

    #[tokio::test]
    async fn a_panic_fails_the_batch_instead_of_hanging_it() {
        let batch = batch(665, 3, 1, Arrival::Burst, Answers::Digest);
        let error = run_batch(&Arc::<Slow>::default(), &task(), batch)
            .await
            .unwrap_err();
        assert_eq!(error, BatchError::Missing(1));
    }
}
