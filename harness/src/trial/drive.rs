//! Drives a runner through a trial: imports, ready, batches, end.

use std::ops::Range;
use std::time::{Duration, Instant};

use loopmark_protocol::{Batch, Feature, Hello, Ready, Sample, monotonic_ns};

use super::failure::{Failure, mock_failed};
use super::growth::rss_slope_bytes;
use super::ideal::ideal_wall;
use super::phases::PhaseMeter;
use super::session::{Ending, Session};
use super::steady::Steadiness;
use crate::judge::{self, Declared};
use crate::measurement::{
    Conditions, FailureKind, Figures, InFlight, Outcome, SeriesPoint, SetAside, Traces,
};
use crate::mock::{Entry, MockProcess};
use crate::plan::PhaseName;
use crate::probe::{self, Series, SocketWatch};
use crate::scenario::Scenario;
use crate::stats::Lateness;

/// The number of the first batch that makes a process steady, far above the numbers of a plan's batches.
const FIRST_STEADY_BATCH: u32 = 1000;

/// What the steps of a trial have produced so far, kept even if the trial fails.
#[derive(Default)]
pub(super) struct Progress {
    pub conditions: Conditions,
    pub ready: Option<Ready>,
    pub phases: Option<PhaseMeter>,
    pub samples: Vec<Sample>,
    /// From before to after the measured batch, by `CLOCK_MONOTONIC`.
    pub asked_ns: Range<u64>,
    /// The runs of the measured batch.
    pub runs: Range<u64>,
    pub ledger: Vec<Entry>,
    /// Requests of the measured runs that ended, or came, only after their batch: those of cancelled runs.
    pub late: Vec<Entry>,
    /// How long the measured batch takes if nothing but the model and the tools takes time.
    pub ideal: Option<Duration>,
    pub in_flight: Option<InFlight>,
    /// When the measured batch began and ended, in ms since the spawn.
    pub measured_ms: Range<u32>,
    pub warm_up_runs: Option<u32>,
    /// Runs of all batches.
    pub all_runs: u64,
    pub traces: Option<Traces>,
    /// After how many ms each measured run was cancelled.
    pub cancel_after_ms: Option<u32>,
    pub set_aside: SetAside,
    pub ending: Option<Ending>,
    pub series: Vec<SeriesPoint>,
    pub max_threads: Option<u64>,
    /// How late each heartbeat of the measured batch was, in µs.
    pub heartbeat_late_us: Option<Vec<u32>>,
    pub stderr_tail: Vec<String>,
}

impl Progress {
    /// Keeps what was seen of the runner while it was watched.
    pub fn keep_watched(&mut self, taken: probe::Taken, sockets: Option<SocketWatch>) {
        self.series = taken.points;
        self.max_threads = (taken.max_threads > 0).then_some(taken.max_threads);
        if let Some((attempts, addresses)) = sockets.map(SocketWatch::finish) {
            let addresses = addresses.iter().map(ToString::to_string).collect();
            self.conditions.egress_attempts = attempts;
            self.conditions.egress_addresses = addresses;
        }
    }
}

/// Drives the runner to the end of its last batch, and reads the counters at every edge.
pub(super) async fn drive(
    session: &mut Session,
    mock: &MockProcess,
    judging: (&Scenario, Declared<'_>),
    hello: Hello,
    batches: Vec<(PhaseName, Batch)>,
    progress: &mut Progress,
) -> Result<Outcome, Failure> {
    let mut meter = PhaseMeter::new(session.pid(), session.spawned());
    let needs = needs(&hello, &batches);
    let is_traced = hello.tracing.is_some();
    let features = start_up(session, &mut meter, hello, needs, progress).await?;
    if !features.is_empty() {
        return Ok(Outcome::NotOffered { features });
    }
    let mut trial = Driven {
        session,
        mock,
        meter: &mut meter,
        judging,
        progress,
    };
    for (name, batch) in batches {
        if name == PhaseName::Measured {
            trial.get_steady(&batch).await?;
        }
        trial.run_batch(name, batch).await?;
    }
    progress.phases = Some(meter);
    if is_traced {
        // What waits for the dead sink would wait for it at the exit too.
        mock.release().await.map_err(mock_failed)?;
    }
    progress.ending = Some(session.finish().await?);
    if is_traced {
        progress.traces = Some(traces(mock, progress.all_runs).await?);
    }
    Ok(Outcome::Completed)
}

/// What the runner must offer.
fn needs(hello: &Hello, batches: &[(PhaseName, Batch)]) -> Vec<Feature> {
    let mut needs = hello.needs();
    let is_any = |is_asked: fn(&Batch) -> bool| batches.iter().any(|(_, batch)| is_asked(batch));
    if is_any(|batch| batch.heartbeat) {
        needs.push(Feature::Heartbeat);
    }
    if is_any(|batch| batch.cancel_after_ms.is_some()) {
        needs.push(Feature::Cancellation);
    }
    needs
}

/// Waits until the runner is ready. Returns the features that it needs but does not offer.
async fn start_up(
    session: &mut Session,
    meter: &mut PhaseMeter,
    hello: Hello,
    needs: Vec<Feature>,
    progress: &mut Progress,
) -> Result<Vec<Feature>, Failure> {
    let version = session.imported().await?;
    meter.end(PhaseName::Imports)?;
    let missing = hello.needs_beyond(version);
    if !missing.is_empty() {
        return Ok(missing);
    }
    let ready = session.ready(hello).await?;
    meter.end(PhaseName::Build)?;
    let is_missing = |feature: &Feature| !ready.offers.contains(feature);
    let features = needs.into_iter().filter(is_missing).collect();
    progress.ready = Some(ready);
    Ok(features)
}

/// A trial whose runner is ready.
struct Driven<'a> {
    session: &'a mut Session,
    mock: &'a MockProcess,
    meter: &'a mut PhaseMeter,
    judging: (&'a Scenario, Declared<'a>),
    progress: &'a mut Progress,
}

impl Driven<'_> {
    /// Makes the process steady if the scenario asks for that: repeats the measured batch until the CPU time per run is
    /// steady. The numbers of these runs follow those of the measured ones.
    async fn get_steady(&mut self, measured: &Batch) -> Result<(), Failure> {
        let (scenario, _) = self.judging;
        let case = scenario.case_of(measured.first_run);
        let Some(steady_s) = case.measure.steady_s else {
            return Ok(());
        };
        let mut steadiness = Steadiness::new(Duration::from_secs(steady_s.into()));
        let mut batch = measured.clone();
        batch.batch = FIRST_STEADY_BATCH;
        while !steadiness.is_over() {
            batch.batch += 1;
            batch.first_run += u64::from(batch.runs);
            self.run_batch(PhaseName::WarmUp, batch.clone()).await?;
            if let Some(phase) = self.meter.last() {
                let wall = Duration::from_secs_f64(phase.wall_s);
                steadiness.add(wall, phase.cpu_s, batch.runs);
            }
        }
        Ok(())
    }

    /// Has the runner do a batch. Keeps everything of the measured batch, and of other batches whether they did the work.
    async fn run_batch(&mut self, name: PhaseName, batch: Batch) -> Result<(), Failure> {
        let Driven {
            session,
            mock,
            meter,
            judging: (scenario, declared),
            progress,
        } = self;
        let (scenario, declared) = (*scenario, *declared);
        let runs = batch.first_run..batch.first_run.saturating_add(batch.runs.into());
        // Requests from before the batch, such as a look at the models, are not the batch's.
        let before = mock.drain().await.map_err(mock_failed)?;
        meter.begin()?;
        let asked_ms = session.spawned().elapsed().as_millis() as u32;
        let asked_ns = monotonic_ns();
        let done = session.batch(batch.clone()).await?;
        let (samples, asked_ns) = (done.samples, asked_ns..monotonic_ns());
        meter.end(name)?;
        let ledger = mock.drain().await.map_err(mock_failed)?;
        if name == PhaseName::Recovery {
            let is_measured =
                |entry: &&Entry| entry.run.is_some_and(|run| progress.runs.contains(&run));
            let late = before.iter().chain(&ledger).filter(is_measured);
            progress.late = late.cloned().collect();
        }
        progress.all_runs += u64::from(batch.runs);
        let in_flight = judge::in_flight(&batch, &samples, &ledger, asked_ns.start);
        if name == PhaseName::Measured {
            progress.in_flight = in_flight;
            progress.measured_ms = asked_ms..session.spawned().elapsed().as_millis() as u32;
            progress.cancel_after_ms = batch.cancel_after_ms;
            progress.heartbeat_late_us = done.heartbeat_late_us;
            (progress.samples, progress.ledger) = (samples, ledger);
            (progress.asked_ns, progress.runs) = (asked_ns, runs);
            progress.ideal = ideal_wall(scenario, &batch);
        } else {
            if name == PhaseName::WarmUp {
                // Only the first steady batch is recorded as the phase.
                progress.warm_up_runs.get_or_insert(batch.runs);
            }
            if scenario.case_of(batch.first_run).has_outcomes() {
                // How these runs end is no fault of theirs.
                return Ok(());
            }
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
        }
        Ok(())
    }
}

/// What the runner's tracing has sent.
///
/// # Errors
///
/// If it has sent nothing: what is measured is then no tracing.
async fn traces(mock: &MockProcess, runs: u64) -> Result<Traces, Failure> {
    let health = mock.health().await.map_err(mock_failed)?;
    if health.traces == 0 {
        let reason = "offers tracing, but nothing arrived at the sink";
        return Err(Failure::new(FailureKind::ProtocolError, reason));
    }
    Ok(Traces {
        requests: health.traces,
        bytes: health.trace_bytes,
        runs,
    })
}

/// Takes points of the series, and samples the runner's sockets if there is a watch, until the process has ended.
pub(super) async fn watch_runner(
    pid: u32,
    spawned: Instant,
    mut sockets: Option<SocketWatch>,
) -> (probe::Taken, Option<SocketWatch>) {
    let mut series = Series::new(pid, spawned);
    let mut ticks = tokio::time::interval(probe::SERIES_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        if let Some(sockets) = &mut sockets {
            sockets.look();
        }
        if !series.take() {
            return (series.into_taken(), sockets);
        }
    }
}

pub(super) fn figures(scenario: &Scenario, progress: &mut Progress) -> Option<Figures> {
    let (ending, meter) = (progress.ending.take()?, progress.phases.take()?);
    let set_aside = std::mem::take(&mut progress.set_aside);
    Some(Figures {
        cpu_s: ending.cpu_user_s + ending.cpu_system_s,
        cpu_user_s: ending.cpu_user_s,
        cpu_system_s: ending.cpu_system_s,
        peak_rss_bytes: meter.peak_rss_bytes(),
        phases: meter.into_phases()?,
        ideal_s: progress.ideal.map(|ideal| ideal.as_secs_f64()),
        traffic: judge::traffic(&progress.ledger, &progress.runs),
        mock: judge::lateness(&progress.ledger, &progress.runs),
        orphans: ending.orphans,
        max_threads: progress.max_threads,
        rss_slope_bytes: rss_slope_bytes(
            &progress.series,
            &progress.measured_ms,
            progress.samples.len() as u32,
        ),
        warm_up_runs: progress.warm_up_runs,
        faults: judge::faults(scenario, &progress.samples, &progress.ledger),
        cancelled: progress.cancel_after_ms.map(|after_ms| {
            let ledger = progress.ledger.iter().chain(&progress.late);
            judge::cancelled(&progress.samples, ledger, after_ms)
        }),
        heartbeat: progress.heartbeat_late_us.take().map(|late_us| {
            let late_ns = late_us.into_iter().map(|us| u64::from(us) * 1000);
            Lateness::of(late_ns)
        }),
        traces: progress.traces,
        in_flight: progress.in_flight,
        set_aside: (set_aside != SetAside::default()).then_some(set_aside),
    })
}
