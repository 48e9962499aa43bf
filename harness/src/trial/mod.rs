//! One trial: a runner process, driven through its batches, measured and verified.

mod batch;
mod failure;
mod session;
pub mod supervisor;
mod verify;

use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use loopmark_protocol::{AgentLife, Answers, Batch, Hello, Ready, Sample, VERSION, monotonic_ns};
use tokio::sync::watch;

pub use verify::verify;

pub use batch::{BatchSoFar, read_line};
pub use failure::Failure;
pub use session::{Deadlines, Ending, Launch, Session, scrubbed_environment};

use crate::framework::{Framework, Variant};
use crate::layout::Layout;
use crate::measurement::{
    FailureKind, Figures, Outcome, RunCounts, RunRecord, SeriesPoint, TrialRecord,
};
use crate::mock::Entry;
use crate::mock::{MockOptions, MockProcess};
use crate::plan::PlannedTrial;
use crate::probe::{self, NoiseProbe, Series};
use crate::scenario::Scenario;

/// What every trial of a sweep shares.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The harness's own executable: it is the mock and the supervisor too.
    pub executable: PathBuf,
    /// The checkout.
    pub layout: Layout,
    /// The scenario's file.
    pub scenario_path: PathBuf,
    /// The scenario.
    pub scenario: Scenario,
    /// Replaces the latency of every turn.
    pub latency: Option<Duration>,
    /// How samples carry the answers.
    pub answers: Answers,
    /// How long a runner may take until it is ready.
    pub ready_deadline: Duration,
    /// How long a batch may take; `None` goes by the model's own time.
    pub batch_deadline: Option<Duration>,
}

/// How long a runner may take to exit.
const EXIT_DEADLINE: Duration = Duration::from_secs(30);
/// A batch may take so much, and [`BATCH_FACTOR`] times the model's own time beside it.
const BATCH_GRACE: Duration = Duration::from_secs(60);
const BATCH_FACTOR: u32 = 10;

/// What a trial's steps leave behind, however far it got.
#[derive(Default)]
struct Progress {
    ready: Option<Ready>,
    ready_s: f64,
    ready_cpu_s: f64,
    ready_rss_bytes: u64,
    batch_s: f64,
    batch_cpu_s: f64,
    end_rss_bytes: u64,
    peak_rss_bytes: u64,
    samples: Vec<Sample>,
    /// `CLOCK_MONOTONIC` around the measured batch.
    asked_ns: Range<u64>,
    ledger: Vec<Entry>,
    ending: Option<Ending>,
    series: Vec<SeriesPoint>,
    stderr_tail: Vec<String>,
}

impl Bench {
    /// Runs one trial to its record. Whatever the runner does is in the record; `interrupted` turning true ends it early.
    pub async fn run_trial(
        &self,
        framework: &Framework,
        variant: &Variant,
        planned: &PlannedTrial,
        seed: u64,
        interrupted: &mut watch::Receiver<bool>,
    ) -> (TrialRecord, Vec<RunRecord>) {
        let started_at = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        let noise = NoiseProbe::start();
        let mut progress = Progress::default();
        let outcome = self
            .attempt(
                framework,
                variant,
                planned,
                seed,
                &mut progress,
                interrupted,
            )
            .await;
        let (records, runs) = match &outcome {
            Ok(()) => verify::verify(
                planned.trial,
                &self.scenario,
                planned.cell.arrival,
                &progress.samples,
                &progress.ledger,
                &progress.asked_ns,
            ),
            Err(failure) => (Vec::new(), no_run_counts(planned.measured_runs, failure)),
        };
        let figures = if outcome.is_ok() {
            figures(&progress)
        } else {
            None
        };
        let is_clean = outcome.is_ok() && runs.unverified.is_empty();
        let record = TrialRecord {
            planned: planned.clone(),
            started_at,
            outcome: match outcome {
                Ok(()) => Outcome::Completed,
                Err(failure) => Outcome::Failed {
                    failure: failure.kind,
                    reason: failure.reason,
                },
            },
            ready: progress.ready,
            figures,
            runs,
            noise: noise.finish(),
            series: progress.series,
            stderr_tail: if is_clean {
                Vec::new()
            } else {
                progress.stderr_tail
            },
        };
        (record, records)
    }

    /// Starts mock and runner, drives the runner, and ends both whatever happened.
    async fn attempt(
        &self,
        framework: &Framework,
        variant: &Variant,
        planned: &PlannedTrial,
        seed: u64,
        progress: &mut Progress,
        interrupted: &mut watch::Receiver<bool>,
    ) -> Result<(), Failure> {
        let mock = self.start_mock().await?;
        let waves = planned.measured_runs.div_ceil(planned.cell.level.max(1));
        let mut runner = match self.start_runner(framework, variant, waves).await {
            Ok(runner) => runner,
            Err(failure) => {
                mock.stop().await.map_err(mock_failed)?;
                return Err(failure);
            }
        };
        let hello = self.hello(&mock, variant);
        let mut batches = planned.batches(seed);
        batches
            .iter_mut()
            .for_each(|(batch, _)| batch.answers = self.answers);
        let series = tokio::spawn(take_series(runner.session.pid(), runner.session.spawned()));
        let result = tokio::select! {
            result = drive(&mut runner.session, &mock, hello, batches, progress) => result,
            _ = interrupted.wait_for(|interrupted| *interrupted) => {
                Err(Failure::new(FailureKind::Interrupted, "the sweep was interrupted"))
            }
        };
        progress.stderr_tail = runner.session.end().await;
        progress.series = series.await.unwrap_or_default();
        mock.stop().await.map_err(mock_failed)?;
        result
    }

    /// A mock of its own for a trial, so that ledgers, connections and memory never mix.
    ///
    /// # Errors
    ///
    /// When it can't be started.
    pub async fn start_mock(&self) -> Result<MockProcess, Failure> {
        let options = MockOptions {
            latency: self.latency,
            ..MockOptions::new(&self.scenario_path)
        };
        MockProcess::start(&self.executable, &options)
            .await
            .map_err(mock_failed)
    }

    /// Starts the runner of a row in a temporary home; `waves` is how many runs a worker does in the longest batch.
    ///
    /// # Errors
    ///
    /// When it can't be started.
    pub async fn start_runner(
        &self,
        framework: &Framework,
        variant: &Variant,
        waves: u32,
    ) -> Result<Runner, Failure> {
        let not_started = |error: std::io::Error| {
            Failure::new(
                FailureKind::NotStarted,
                format!("no temporary home: {error}"),
            )
        };
        let home = tempfile::Builder::new()
            .prefix("loopmark-home-")
            .tempdir()
            .map_err(not_started)?;
        let expand = |text: &String| framework.expand(text, &self.layout);
        let mut env = scrubbed_environment(home.path());
        for (key, value) in framework.run.env.iter().chain(&variant.env) {
            env.insert(key.clone(), expand(value));
        }
        let launch = Launch {
            supervisor: self.executable.clone(),
            argv: framework.run.argv.iter().map(expand).collect(),
            env,
            dir: framework.dir.clone(),
        };
        let by_model_time = BATCH_GRACE + self.scenario.model_time() * BATCH_FACTOR * waves;
        let deadlines = Deadlines {
            ready: self.ready_deadline,
            batch: self.batch_deadline.unwrap_or(by_model_time),
            exit: EXIT_DEADLINE,
        };
        let session = Session::start(&launch, deadlines).await?;
        Ok(Runner {
            session,
            _home: home,
        })
    }

    /// What the runner of a row is told.
    pub fn hello(&self, mock: &MockProcess, variant: &Variant) -> Hello {
        Hello {
            protocol: VERSION,
            base_url: mock.base_url().to_owned(),
            api: variant.api,
            model: self.scenario.model.clone(),
            stream: false,
            agent: AgentLife::Shared,
            scenario: self.scenario.task(),
        }
    }
}

/// A runner and the temporary home that it lives in.
pub struct Runner {
    /// The conversation with it.
    pub session: Session,
    _home: tempfile::TempDir,
}

/// The trial proper: ready, batches, end; every edge with its counters.
async fn drive(
    session: &mut Session,
    mock: &MockProcess,
    hello: Hello,
    batches: Vec<(Batch, bool)>,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let pid = session.pid();
    progress.ready = Some(session.hello(hello).await?);
    progress.ready_s = session.spawned().elapsed().as_secs_f64();
    progress.ready_cpu_s = cpu_s(pid)?;
    progress.ready_rss_bytes = memory(pid)?.rss_bytes;
    for (batch, is_measured) in batches {
        let (cpu_before, start) = (cpu_s(pid)?, Instant::now());
        let asked_ns = monotonic_ns();
        let samples = session.batch(batch).await?;
        let asked_ns = asked_ns..monotonic_ns();
        let batch_s = start.elapsed().as_secs_f64();
        let batch_cpu_s = cpu_s(pid)? - cpu_before;
        let memory = memory(pid)?;
        let ledger = mock.drain().await.map_err(mock_failed)?;
        if is_measured {
            (progress.batch_s, progress.batch_cpu_s) = (batch_s, batch_cpu_s);
            (progress.samples, progress.ledger) = (samples, ledger);
            progress.asked_ns = asked_ns;
            progress.peak_rss_bytes = memory.peak_rss_bytes;
            progress.end_rss_bytes = memory.rss_bytes;
        }
    }
    progress.ending = Some(session.finish().await?);
    Ok(())
}

/// Takes points until the process has ended.
async fn take_series(pid: u32, spawned: Instant) -> Vec<SeriesPoint> {
    let mut series = Series::new(pid, spawned);
    let mut ticks = tokio::time::interval(probe::SERIES_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        if !series.take() {
            return series.into_points();
        }
    }
}

fn figures(progress: &Progress) -> Option<Figures> {
    let ending = progress.ending.as_ref()?;
    Some(Figures {
        cpu_s: ending.cpu_user_s + ending.cpu_system_s,
        cpu_user_s: ending.cpu_user_s,
        cpu_system_s: ending.cpu_system_s,
        ready_s: progress.ready_s,
        ready_cpu_s: progress.ready_cpu_s,
        batch_s: progress.batch_s,
        batch_cpu_s: progress.batch_cpu_s,
        ready_rss_bytes: progress.ready_rss_bytes,
        peak_rss_bytes: progress.peak_rss_bytes,
        end_rss_bytes: progress.end_rss_bytes,
        traffic: verify::traffic(&progress.ledger),
        mock: verify::lateness(&progress.ledger),
        orphans: ending.orphans,
    })
}

/// The counts of a trial that did not come to its end: none of its runs counts.
fn no_run_counts(asked: u32, failure: &Failure) -> RunCounts {
    let unverified = [("trial-failed".to_owned(), asked)].into();
    RunCounts {
        asked,
        verified: 0,
        unverified,
        example: Some(failure.reason.clone()),
    }
}

fn cpu_s(pid: u32) -> Result<f64, Failure> {
    probe::cpu_time(pid)
        .map(|time| time.as_secs_f64())
        .map_err(gone)
}

fn memory(pid: u32) -> Result<probe::Memory, Failure> {
    probe::memory(pid).map_err(gone)
}

fn gone(error: probe::ProcessGone) -> Failure {
    Failure::new(FailureKind::Crashed, error.to_string())
}

fn mock_failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::MockFailed, error.to_string())
}
