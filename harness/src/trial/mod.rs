//! One trial: a runner process, driven through its batches, measured and verified.

mod batch;
mod failure;
mod isolation;
mod offers;
mod phases;
mod session;
pub mod supervisor;

use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use loopmark_protocol::{Answers, Batch, Feature, Hello, Ready, Sample, monotonic_ns};
use tokio::sync::watch;

pub use isolation::try_namespace;

pub use batch::{BatchResult, BatchSoFar, read_line};
pub use failure::Failure;
pub use session::{Deadlines, Ending, Launch, Session, scrubbed_environment};

use crate::build;
use crate::cpus::{CpuList, Pinning};
use crate::framework::{Framework, Variant};
use crate::judge::{self, Declared};
use crate::layout::Layout;
use crate::measurement::{
    Conditions, FailureKind, Figures, InFlight, Network, Outcome, RunCounts, RunRecord,
    SeriesPoint, SetAside, TrialRecord,
};
use crate::mock::Entry;
use crate::mock::{MockOptions, MockProcess};
use crate::plan::{PhaseName, PlannedTrial};
use crate::probe::{self, NoiseProbe, Series, SocketWatch};
use crate::scenario::Scenario;
use crate::scratch::Scratch;
use phases::PhaseMeter;
use supervisor::Place;

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
    /// Who runs on which processors; `None` leaves all to all.
    pub pinning: Option<Pinning>,
    /// Network access for runners.
    pub network: Network,
}

/// How long a runner may take to exit.
const EXIT_DEADLINE: Duration = Duration::from_secs(30);
/// A batch may take so much, and [`BATCH_FACTOR`] times the model's own time beside it.
const BATCH_GRACE: Duration = Duration::from_secs(60);
const BATCH_FACTOR: u32 = 10;

/// What a trial's steps leave behind, however far it got.
#[derive(Default)]
struct Progress {
    conditions: Conditions,
    ready: Option<Ready>,
    phases: Option<PhaseMeter>,
    ready_s: f64,
    ready_cpu_s: f64,
    ready_rss_bytes: u64,
    batch_s: f64,
    batch_cpu_s: f64,
    end_rss_bytes: u64,
    samples: Vec<Sample>,
    /// `CLOCK_MONOTONIC` around the measured batch.
    asked_ns: Range<u64>,
    /// The runs of the measured batch.
    runs: Range<u64>,
    ledger: Vec<Entry>,
    in_flight: Option<InFlight>,
    set_aside: SetAside,
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
        let ran = self.run_trial_with_ledger(framework, variant, planned, seed, interrupted);
        let (record, runs, _) = ran.await;
        (record, runs)
    }

    /// [`Bench::run_trial`], and the measured batch's part of the ledger.
    pub async fn run_trial_with_ledger(
        &self,
        framework: &Framework,
        variant: &Variant,
        planned: &PlannedTrial,
        seed: u64,
        interrupted: &mut watch::Receiver<bool>,
    ) -> (TrialRecord, Vec<RunRecord>, Vec<Entry>) {
        let started_at = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        let noise = NoiseProbe::start();
        let mut progress = Progress::default();
        let ended = self
            .attempt(
                framework,
                variant,
                planned,
                seed,
                &mut progress,
                interrupted,
            )
            .await;
        let outcome = ended.unwrap_or_else(|failure| Outcome::Failed {
            failure: failure.kind,
            reason: failure.reason,
        });
        let (records, runs) = match &outcome {
            Outcome::Completed => judge::verify(
                planned.trial,
                &self.scenario,
                variant.into(),
                planned.cell.arrival,
                &progress.samples,
                &progress.ledger,
                &progress.asked_ns,
            ),
            Outcome::NotOffered { .. } => (Vec::new(), RunCounts::default()),
            Outcome::Failed { reason, .. } => {
                (Vec::new(), no_run_counts(planned.measured_runs, reason))
            }
        };
        let is_clean = runs.verified == runs.asked;
        let conditions = std::mem::take(&mut progress.conditions);
        let (ready, series) = (progress.ready.take(), std::mem::take(&mut progress.series));
        let stderr_tail = std::mem::take(&mut progress.stderr_tail);
        let figures = match outcome {
            Outcome::Completed => figures(&mut progress),
            _ => None,
        };
        let record = TrialRecord {
            planned: planned.clone(),
            started_at,
            conditions,
            outcome,
            ready,
            figures,
            runs,
            noise: noise.finish(),
            series,
            stderr_tail: if is_clean { Vec::new() } else { stderr_tail },
        };
        (record, records, progress.ledger)
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
    ) -> Result<Outcome, Failure> {
        let mock = self.start_mock().await?;
        let attempts_before = probe::namespace_attempts(mock.pid()).unwrap_or_default();
        progress.conditions.network = Some(self.network);
        progress.conditions.mock_cpus = self.mock_cpus();
        let waves = planned.measured_runs.div_ceil(planned.cell.level.max(1));
        let mut runner = match self.start_runner(framework, variant, &mock, waves).await {
            Ok(runner) => runner,
            Err(failure) => {
                mock.stop().await.map_err(mock_failed)?;
                return Err(failure);
            }
        };
        progress.conditions.runner_cpus = self.runner_cpus();
        let hello = self.hello(&mock, variant);
        let mut batches = planned.batches(seed, self.scenario.model_time());
        batches
            .iter_mut()
            .for_each(|(_, batch)| batch.answers = self.answers);
        let watch =
            (self.network == Network::Shared).then(|| SocketWatch::new(runner.session.pid()));
        let watched = tokio::spawn(watch_runner(
            runner.session.pid(),
            runner.session.spawned(),
            watch,
        ));
        let result = tokio::select! {
            result = drive(&mut runner.session, &mock, (&self.scenario, variant.into()), hello, batches, progress) => result,
            _ = interrupted.wait_for(|interrupted| *interrupted) => {
                Err(Failure::new(FailureKind::Interrupted, "the sweep was interrupted"))
            }
        };
        progress.stderr_tail = runner.session.end().await;
        let conditions = &mut progress.conditions;
        if let Ok((series, watch)) = watched.await {
            progress.series = series;
            if let Some((attempts, addresses)) = watch.map(SocketWatch::finish) {
                conditions.egress_attempts = attempts;
                conditions.egress_addresses = addresses.iter().map(ToString::to_string).collect();
            }
        }
        if self.network == Network::Namespace {
            let attempts = probe::namespace_attempts(mock.pid()).unwrap_or_default();
            conditions.egress_attempts = attempts.saturating_sub(attempts_before);
        }
        mock.stop().await.map_err(mock_failed)?;
        result
    }

    fn runner_cpus(&self) -> Option<CpuList> {
        let pinning = self.pinning.as_ref()?;
        Some(pinning.runner_cpus.clone())
    }

    fn mock_cpus(&self) -> Option<CpuList> {
        let pinning = self.pinning.as_ref()?;
        Some(pinning.mock_cpus.clone())
    }

    /// A mock of its own for a trial, so that ledgers, connections and memory never mix.
    ///
    /// # Errors
    ///
    /// When it can't be started.
    pub async fn start_mock(&self) -> Result<MockProcess, Failure> {
        let options = MockOptions {
            latency: self.latency,
            cpus: self.mock_cpus(),
            isolate: self.network == Network::Namespace,
            ..MockOptions::new(&self.scenario_path)
        };
        MockProcess::start(&self.executable, &options)
            .await
            .map_err(mock_failed)
    }

    /// Starts the runner of a row in a temporary home, where it reaches `mock`; `waves` is how many runs a worker does in
    /// the longest batch.
    ///
    /// # Errors
    ///
    /// When it can't be started.
    pub async fn start_runner(
        &self,
        framework: &Framework,
        variant: &Variant,
        mock: &MockProcess,
        waves: u32,
    ) -> Result<Runner, Failure> {
        let not_started = |error: std::io::Error| {
            Failure::new(
                FailureKind::NotStarted,
                format!("no temporary home: {error}"),
            )
        };
        let home = Scratch::new().map_err(not_started)?;
        // Libraries look for settings (a `.env`) in the working folder and above: this one is empty, and the first above
        // it has an empty one.
        let work = home.path().join("work");
        std::fs::create_dir(&work).map_err(not_started)?;
        std::fs::write(home.path().join(".env"), "").map_err(not_started)?;
        let mut env = scrubbed_environment(home.path());
        for (key, value) in framework.run.env.iter().chain(&variant.env) {
            env.insert(key.clone(), framework.expand(value, &self.layout));
        }
        let launch = Launch {
            supervisor: self.executable.clone(),
            argv: build::command(framework, variant, &self.layout),
            env,
            dir: work,
            place: Place {
                cpus: self.runner_cpus(),
                namespace_of: (self.network == Network::Namespace).then(|| mock.pid()),
            },
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
        self.scenario.hello(mock.base_url(), variant.api)
    }
}

/// A runner and the temporary home that it lives in.
pub struct Runner {
    /// The conversation with it.
    pub session: Session,
    _home: Scratch,
}

/// The trial proper: imports, ready, batches, end; every edge with its counters.
async fn drive(
    session: &mut Session,
    mock: &MockProcess,
    (scenario, declared): (&Scenario, Declared<'_>),
    hello: Hello,
    batches: Vec<(PhaseName, Batch)>,
    progress: &mut Progress,
) -> Result<Outcome, Failure> {
    let meter = progress
        .phases
        .insert(PhaseMeter::new(session.pid(), session.spawned()));
    session.imported().await?;
    let imports = meter.end(PhaseName::Imports)?;
    let needs = hello.needs();
    let ready = session.ready(hello).await?;
    progress.ready_s = session.spawned().elapsed().as_secs_f64();
    let build = meter.end(PhaseName::Build)?;
    progress.ready_cpu_s = imports.cpu_s + build.cpu_s;
    progress.ready_rss_bytes = build.rss_bytes;
    let is_missing = |feature: &Feature| !ready.offers.contains(feature);
    let features: Vec<Feature> = needs.into_iter().filter(is_missing).collect();
    progress.ready = Some(ready);
    if !features.is_empty() {
        return Ok(Outcome::NotOffered { features });
    }
    for (name, batch) in batches {
        let runs = batch.first_run..batch.first_run.saturating_add(batch.runs.into());
        // What came before the batch, such as a look at the models, is none of its requests.
        mock.drain().await.map_err(mock_failed)?;
        meter.begin()?;
        let asked_ns = monotonic_ns();
        let samples = session.batch(batch.clone()).await?.samples;
        let asked_ns = asked_ns..monotonic_ns();
        let phase = meter.end(name)?;
        let ledger = mock.drain().await.map_err(mock_failed)?;
        let in_flight = judge::in_flight(&batch, &samples, &ledger, asked_ns.start);
        if name != PhaseName::Measured {
            let (_, counts) = judge::verify(
                0,
                scenario,
                declared,
                batch.arrival,
                &samples,
                &ledger,
                &asked_ns,
            );
            progress.set_aside.add(&batch, counts, in_flight);
        } else {
            progress.in_flight = in_flight;
            (progress.batch_s, progress.batch_cpu_s) = (phase.wall_s, phase.cpu_s);
            progress.end_rss_bytes = phase.rss_bytes;
            (progress.samples, progress.ledger) = (samples, ledger);
            (progress.asked_ns, progress.runs) = (asked_ns, runs);
        }
    }
    progress.ending = Some(session.finish().await?);
    Ok(Outcome::Completed)
}

/// Takes points of the series, and looks at the runner's sockets if asked to, until the process has ended.
async fn watch_runner(
    pid: u32,
    spawned: Instant,
    mut sockets: Option<SocketWatch>,
) -> (Vec<SeriesPoint>, Option<SocketWatch>) {
    let mut series = Series::new(pid, spawned);
    let mut ticks = tokio::time::interval(probe::SERIES_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        if let Some(sockets) = &mut sockets {
            sockets.look();
        }
        if !series.take() {
            return (series.into_points(), sockets);
        }
    }
}

fn figures(progress: &mut Progress) -> Option<Figures> {
    let (ending, meter) = (progress.ending.take()?, progress.phases.take()?);
    let set_aside = std::mem::take(&mut progress.set_aside);
    Some(Figures {
        cpu_s: ending.cpu_user_s + ending.cpu_system_s,
        cpu_user_s: ending.cpu_user_s,
        cpu_system_s: ending.cpu_system_s,
        ready_s: progress.ready_s,
        ready_cpu_s: progress.ready_cpu_s,
        batch_s: progress.batch_s,
        batch_cpu_s: progress.batch_cpu_s,
        ready_rss_bytes: progress.ready_rss_bytes,
        peak_rss_bytes: meter.peak_rss_bytes(),
        end_rss_bytes: progress.end_rss_bytes,
        phases: meter.into_phases(),
        traffic: judge::traffic(&progress.ledger, &progress.runs),
        mock: judge::lateness(&progress.ledger, &progress.runs),
        orphans: ending.orphans,
        in_flight: progress.in_flight,
        set_aside: (set_aside != SetAside::default()).then_some(set_aside),
    })
}

/// The counts of a trial that did not come to its end: none of its runs counts.
fn no_run_counts(asked: u32, reason: &str) -> RunCounts {
    let unverified = [("trial-failed".to_owned(), asked)].into();
    RunCounts {
        asked,
        verified: 0,
        unverified,
        example: Some(reason.to_owned()),
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
