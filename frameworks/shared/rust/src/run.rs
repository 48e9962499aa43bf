//! Starts the runs of a batch when its arrival says, and ends those that it cancels.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loopmark_protocol::{Arrival, Batch, Task, monotonic_ns};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::Agent;
use crate::agents::Agents;
use crate::first_text::noting;
use crate::heartbeat::Heartbeat;
use crate::sample::{Ending, Samples};

/// A batch can't be carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunsError {
    #[error("the rate of an open loop has to be above 0")]
    Rate,
    #[error("{0} runs of the batch ended without a sample: their tasks panicked")]
    Missing(u32),
    #[error("the heartbeat ended before the batch")]
    Heartbeat(#[from] tokio::task::JoinError),
}

/// What a batch gave.
#[derive(Debug)]
pub(crate) struct Done {
    pub samples: Samples,
    /// The lateness of each beat, in µs, if the batch asked for a heartbeat.
    pub heartbeat_late_us: Option<Vec<u32>>,
}

/// Does the runs of a batch; returns when all of them have ended.
pub(crate) async fn do_runs<A: Agent>(
    agents: &Arc<Agents<A>>,
    task: &Arc<Task>,
    batch: Batch,
) -> Result<Done, RunsError> {
    let samples = Arc::new(Mutex::new(Samples::for_batch(&batch)));
    let (running, mut ended) = mpsc::channel(1);
    let (runs, began_ns) = (batch.runs, monotonic_ns());
    let heartbeat = batch.heartbeat.then(Heartbeat::start);
    let runs_of_batch = Arc::new(Runs {
        agents: Arc::clone(agents),
        task: Arc::clone(task),
        batch,
        samples: Arc::clone(&samples),
        _running: running,
    });
    start(runs_of_batch, began_ns)?;
    // Nothing is ever sent: the channel closes when the last task has dropped its sender.
    ended.recv().await;
    let heartbeat_late_us = match heartbeat {
        Some(heartbeat) => Some(heartbeat.stop().await?),
        None => None,
    };
    let samples = std::mem::take(&mut *samples.lock().unwrap_or_else(PoisonError::into_inner));
    match runs - samples.len() as u32 {
        0 => Ok(Done {
            samples,
            heartbeat_late_us,
        }),
        missing => Err(RunsError::Missing(missing)),
    }
}

/// Starts tasks on the current runtime that do all runs of a batch, which begins at `began_ns`.
fn start<A: Agent>(runs: Arc<Runs<A>>, began_ns: u64) -> Result<(), RunsError> {
    match runs.batch.arrival {
        Arrival::Closed => start_closed(&runs),
        Arrival::Burst => {
            for index in 0..runs.batch.runs {
                let runs = Arc::clone(&runs);
                tokio::spawn(async move { runs.run(index, Some(began_ns)).await });
            }
        }
        Arrival::Rate(rate) if rate > 0.0 => start_at_rate(runs, rate, began_ns),
        Arrival::Rate(_) => return Err(RunsError::Rate),
    }
    Ok(())
}

/// `level` workers share a counter; each takes the next run when its last one has ended. They start one after the other
/// over the batch's ramp.
fn start_closed<A: Agent>(runs: &Arc<Runs<A>>) {
    let next = Arc::new(AtomicU32::new(0));
    let ramp = Duration::from_millis(u64::from(runs.batch.ramp_ms));
    for worker in 0..runs.batch.level.min(runs.batch.runs) {
        let (runs, next) = (Arc::clone(runs), Arc::clone(&next));
        tokio::spawn(async move {
            if !ramp.is_zero() {
                sleep(ramp * worker / runs.batch.level).await;
            }
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
fn start_at_rate<A: Agent>(runs: Arc<Runs<A>>, rate: f64, began_ns: u64) {
    tokio::task::spawn_blocking(move || {
        for index in 0..runs.batch.runs {
            let due_ns = began_ns + (f64::from(index) / rate * 1e9) as u64;
            std::thread::sleep(Duration::from_nanos(due_ns.saturating_sub(monotonic_ns())));
            let runs = Arc::clone(&runs);
            tokio::spawn(async move { runs.run(index, Some(due_ns)).await });
        }
    });
}

/// What the tasks of a batch share.
struct Runs<A> {
    agents: Arc<Agents<A>>,
    task: Arc<Task>,
    batch: Batch,
    samples: Arc<Mutex<Samples>>,
    /// Tells by its end that no task is left.
    _running: mpsc::Sender<Infallible>,
}

impl<A: Agent> Runs<A> {
    /// Does one run; a burst and an open loop give the time at which it was to start, however late it is come to.
    async fn run(&self, index: u32, intended_start_ns: Option<u64>) {
        let run = self.batch.first_run + u64::from(index);
        let prompt = self.task.prompt_for(run);
        let start_ns = intended_start_ns.unwrap_or_else(monotonic_ns);
        let ended = noting(async {
            match self.batch.cancel_after_ms {
                None => Ending::Done(self.agents.run(run, prompt).await),
                Some(after_ms) => {
                    let end_ns = start_ns + u64::from(after_ms) * 1_000_000;
                    let left = Duration::from_nanos(end_ns.saturating_sub(monotonic_ns()));
                    let result = timeout(left, self.agents.run(run, prompt)).await;
                    result.map_or(Ending::Cancelled, Ending::Done)
                }
            }
        });
        let (ending, first_text_ns) = ended.await;
        let end_ns = monotonic_ns();
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        samples.push(index, start_ns, end_ns, ending);
        if let Some(first_text_ns) = first_text_ns {
            samples.text_was_seen(index, first_text_ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use loopmark_protocol::{AgentLife, Answers, Sample, digest};

    use super::*;
    use crate::{Error, Make};

    /// Answers with the prompt after 5 ms, and counts how many runs are in flight.
    #[derive(Default)]
    struct Slow {
        in_flight: AtomicU32,
        most_in_flight: AtomicU32,
    }

    impl Slow {
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

    impl Agent for Arc<Slow> {
        fn run(&self, prompt: String) -> impl Future<Output = Result<String, Error>> + Send {
            Slow::run(self, prompt)
        }
    }

    /// Never answers; tells how many of its runs were dropped.
    #[derive(Default)]
    struct Stuck {
        dropped: Arc<AtomicU32>,
    }

    impl Agent for Stuck {
        async fn run(&self, prompt: String) -> Result<String, Error> {
            struct Count(Arc<AtomicU32>);
            impl Drop for Count {
                fn drop(&mut self) {
                    self.0.fetch_add(1, Ordering::SeqCst);
                }
            }
            let _count = Count(Arc::clone(&self.dropped));
            if prompt == "run 1" {
                return Ok(prompt);
            }
            std::future::pending().await
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
            ramp_ms: 0,
            cancel_after_ms: None,
            heartbeat: false,
        }
    }

    async fn run<A: Agent>(agent: A, batch: Batch) -> Result<Done, RunsError> {
        do_runs(&Arc::new(Agents::Held(vec![agent])), &task(), batch).await
    }

    async fn samples_of<A: Agent>(agent: A, batch: Batch) -> Vec<Sample> {
        let first_run = batch.first_run;
        let samples = run(agent, batch).await.unwrap().samples;
        let mut samples: Vec<Sample> = samples.into_lines(7, first_run).collect();
        samples.sort_by_key(|sample| sample.run);
        samples
    }

    #[tokio::test]
    async fn a_closed_loop_keeps_its_level_and_does_every_run_once() {
        let agent = Arc::new(Slow::default());
        let batch = batch(100, 20, 4, Arrival::Closed, Answers::Digest);
        let samples = samples_of(Arc::clone(&agent), batch).await;
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

    #[tokio::test(start_paused = true)]
    async fn the_workers_of_a_closed_loop_start_over_its_ramp() {
        let batch = Batch {
            ramp_ms: 1200,
            ..batch(0, 4, 4, Arrival::Closed, Answers::Digest)
        };
        let agent = Arc::new(Slow::default());
        assert_eq!(samples_of(Arc::clone(&agent), batch).await.len(), 4);
        // The first worker has done all runs, of 5 ms, when the second one starts.
        assert_eq!(agent.most_in_flight.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_level_above_the_number_of_runs_starts_no_run_twice() {
        let batch = batch(0, 3, 50, Arrival::Closed, Answers::Digest);
        assert_eq!(samples_of(Arc::<Slow>::default(), batch).await.len(), 3);
    }

    #[tokio::test]
    async fn a_burst_starts_all_runs_at_once() {
        let agent = Arc::new(Slow::default());
        let batch = batch(0, 20, 1, Arrival::Burst, Answers::Text);
        let samples = samples_of(Arc::clone(&agent), batch).await;
        assert_eq!(agent.most_in_flight.load(Ordering::SeqCst), 20);
        assert_eq!(samples[2].answer.as_deref(), Some("run 2"));
        assert_eq!(samples[2].answer_crc32, None);
    }

    /// Blocks the only thread, so that later runs are come to late, and answers with the time at which it was called.
    struct Called;

    impl Agent for Called {
        async fn run(&self, _prompt: String) -> Result<String, Error> {
            let called_ns = monotonic_ns();
            std::thread::sleep(Duration::from_millis(2));
            Ok(called_ns.to_string())
        }
    }

    #[tokio::test]
    async fn every_run_of_a_burst_counts_from_the_batchs_beginning() {
        let before_ns = monotonic_ns();
        let batch = batch(0, 5, 1, Arrival::Burst, Answers::Text);
        let samples = samples_of(Called, batch).await;
        let began_ns = samples[0].start_ns;
        assert!(before_ns <= began_ns);
        for sample in samples {
            let called_ns: u64 = sample.answer.unwrap().parse().unwrap();
            assert_eq!(sample.start_ns, began_ns);
            assert!(began_ns <= called_ns && called_ns < sample.end_ns);
        }
    }

    #[tokio::test]
    async fn an_open_loop_reports_the_intended_starts() {
        let batch = batch(0, 5, 1, Arrival::Rate(1000.0), Answers::Digest);
        let samples = samples_of(Arc::<Slow>::default(), batch).await;
        for pair in samples.windows(2) {
            assert_eq!(pair[1].start_ns - pair[0].start_ns, 1_000_000);
        }
    }

    #[tokio::test]
    async fn an_open_loop_needs_a_rate() {
        for rate in [0.0, -1.0, f64::NAN] {
            let batch = batch(0, 5, 1, Arrival::Rate(rate), Answers::Digest);
            let error = run(Arc::<Slow>::default(), batch).await.unwrap_err();
            assert!(matches!(error, RunsError::Rate), "{error}");
        }
    }

    #[tokio::test]
    async fn a_failed_run_has_an_error_and_no_answer() {
        for answers in [Answers::Digest, Answers::Text] {
            let samples = samples_of(
                Arc::<Slow>::default(),
                batch(13, 2, 1, Arrival::Closed, answers),
            )
            .await;
            assert_eq!(samples[0].error.as_deref(), Some("unlucky"));
            assert_eq!((&samples[0].answer, samples[0].answer_crc32), (&None, None));
            assert_eq!(samples[1].error, None);
        }
    }

    #[tokio::test]
    async fn a_panic_fails_the_batch_instead_of_hanging_it() {
        let batch = batch(665, 3, 1, Arrival::Burst, Answers::Digest);
        let error = run(Arc::<Slow>::default(), batch).await.unwrap_err();
        assert!(matches!(error, RunsError::Missing(1)), "{error}");
    }

    #[tokio::test]
    async fn runs_that_last_too_long_are_cancelled_by_dropping_them() {
        for answers in [Answers::Digest, Answers::Text] {
            let agent = Stuck::default();
            let dropped = Arc::clone(&agent.dropped);
            let mut batch = batch(0, 3, 3, Arrival::Closed, answers);
            batch.cancel_after_ms = Some(20);
            let samples = samples_of(agent, batch).await;
            let cancelled: Vec<bool> = samples.iter().map(|sample| sample.cancelled).collect();
            assert_eq!(cancelled, [true, false, true]);
            assert_eq!(dropped.load(Ordering::SeqCst), 3);
            let gone = &samples[0];
            assert!(gone.end_ns - gone.start_ns >= 20_000_000);
            assert_eq!(
                (&gone.error, &gone.answer, gone.answer_crc32),
                (&None, &None, None)
            );
        }
    }

    #[tokio::test]
    async fn a_run_that_ends_in_time_is_not_cancelled() {
        let mut batch = batch(0, 5, 1, Arrival::Closed, Answers::Digest);
        batch.cancel_after_ms = Some(60_000);
        let samples = samples_of(Arc::<Slow>::default(), batch).await;
        assert!(samples.iter().all(|sample| !sample.cancelled));
        assert_eq!(samples[4].answer_crc32, Some(digest("run 4")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_lasts_as_long_as_the_batch() {
        let mut batch = batch(0, 31, 1, Arrival::Closed, Answers::Digest);
        batch.heartbeat = true;
        let done = run(Arc::<Slow>::default(), batch.clone()).await.unwrap();
        // 31 runs of 5 ms each, by a clock that stands still while anything is to be done.
        assert_eq!(done.heartbeat_late_us, Some(vec![0; 15]));
        batch.heartbeat = false;
        let done = run(Arc::<Slow>::default(), batch).await.unwrap();
        assert_eq!(done.heartbeat_late_us, None);
    }

    #[tokio::test]
    async fn agents_are_made_before_all_runs_or_in_each() {
        let lives = [
            (AgentLife::Shared, 1, 1, 1),
            (AgentLife::Shared, 4, 4, 4),
            (AgentLife::PerRun, 1, 0, 6),
        ];
        for (life, held, before, after) in lives {
            let made = Arc::new(AtomicU32::new(0));
            let count = Arc::clone(&made);
            let make: Make<Arc<Slow>> = Box::new(move || {
                count.fetch_add(1, Ordering::SeqCst);
                Ok(Arc::default())
            });
            let agents = Arc::new(Agents::new(life, held, make).unwrap());
            assert_eq!(made.load(Ordering::SeqCst), before);
            let batch = batch(0, 6, 2, Arrival::Closed, Answers::Digest);
            do_runs(&agents, &task(), batch).await.unwrap();
            assert_eq!(made.load(Ordering::SeqCst), after);
        }
    }

    #[tokio::test]
    async fn runs_take_the_held_agents_in_turn() {
        struct Named(u32);
        impl Agent for Named {
            async fn run(&self, prompt: String) -> Result<String, Error> {
                Ok(format!("{}: {prompt}", self.0))
            }
        }
        let next = AtomicU32::new(0);
        let make: Make<Named> = Box::new(move || Ok(Named(next.fetch_add(1, Ordering::SeqCst))));
        let agents = Agents::new(AgentLife::Shared, 3, make).unwrap();
        let mut answers = Vec::new();
        for run in 5..9 {
            answers.push(agents.run(run, "hi".into()).await.unwrap());
        }
        assert_eq!(answers, ["2: hi", "0: hi", "1: hi", "2: hi"]);
    }

    #[tokio::test]
    async fn an_agent_that_cannot_be_made_fails_its_run() {
        let make: Make<Stuck> = Box::new(|| Err("no room".into()));
        let agents = Arc::new(Agents::new(AgentLife::PerRun, 1, make).unwrap());
        let batch = batch(0, 1, 1, Arrival::Closed, Answers::Digest);
        let done = do_runs(&agents, &task(), batch).await.unwrap();
        let sample = done.samples.into_lines(7, 0).next().unwrap();
        assert_eq!(sample.error.as_deref(), Some("no room"));
    }
}
