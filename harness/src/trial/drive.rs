//! A runner's way through a trial: imports, ready, batches, end.

use std::ops::Range;
use std::time::Instant;

use loopmark_protocol::{Batch, Feature, Hello, Ready, Sample, monotonic_ns};

use super::failure::{Failure, mock_failed};
use super::phases::PhaseMeter;
use super::session::{Ending, Session};
use crate::judge::{self, Declared};
use crate::measurement::{Conditions, Figures, InFlight, Outcome, SeriesPoint, SetAside};
use crate::mock::{Entry, MockProcess};
use crate::plan::PhaseName;
use crate::probe::{self, Series, SocketWatch};
use crate::scenario::Scenario;

/// What a trial's steps leave behind, however far it got.
#[derive(Default)]
pub(super) struct Progress {
    pub conditions: Conditions,
    pub ready: Option<Ready>,
    pub phases: Option<PhaseMeter>,
    pub samples: Vec<Sample>,
    /// `CLOCK_MONOTONIC` around the measured batch.
    pub asked_ns: Range<u64>,
    /// The runs of the measured batch.
    pub runs: Range<u64>,
    pub ledger: Vec<Entry>,
    pub in_flight: Option<InFlight>,
    pub set_aside: SetAside,
    pub ending: Option<Ending>,
    pub series: Vec<SeriesPoint>,
    pub stderr_tail: Vec<String>,
}

/// The trial proper: imports, ready, batches, end; every edge with its counters.
pub(super) async fn drive(
    session: &mut Session,
    mock: &MockProcess,
    judging: (&Scenario, Declared<'_>),
    hello: Hello,
    batches: Vec<(PhaseName, Batch)>,
    progress: &mut Progress,
) -> Result<Outcome, Failure> {
    let mut meter = PhaseMeter::new(session.pid(), session.spawned());
    let features = start_up(session, &mut meter, hello, progress).await?;
    if !features.is_empty() {
        return Ok(Outcome::NotOffered { features });
    }
    for (name, batch) in batches {
        run_batch(session, mock, &mut meter, judging, (name, batch), progress).await?;
    }
    progress.phases = Some(meter);
    progress.ending = Some(session.finish().await?);
    Ok(Outcome::Completed)
}

/// Waits until the runner is ready; gives the features that it needs and lacks.
async fn start_up(
    session: &mut Session,
    meter: &mut PhaseMeter,
    hello: Hello,
    progress: &mut Progress,
) -> Result<Vec<Feature>, Failure> {
    session.imported().await?;
    meter.end(PhaseName::Imports)?;
    let needs = hello.needs();
    let ready = session.ready(hello).await?;
    meter.end(PhaseName::Build)?;
    let is_missing = |feature: &Feature| !ready.offers.contains(feature);
    let features = needs.into_iter().filter(is_missing).collect();
    progress.ready = Some(ready);
    Ok(features)
}

/// Lets the runner do a batch, and keeps what it gave: of the measured one all, of the others whether they did the work.
async fn run_batch(
    session: &mut Session,
    mock: &MockProcess,
    meter: &mut PhaseMeter,
    (scenario, declared): (&Scenario, Declared<'_>),
    (name, batch): (PhaseName, Batch),
    progress: &mut Progress,
) -> Result<(), Failure> {
    let runs = batch.first_run..batch.first_run.saturating_add(batch.runs.into());
    // What came before the batch, such as a look at the models, is none of its requests.
    mock.drain().await.map_err(mock_failed)?;
    meter.begin()?;
    let asked_ns = monotonic_ns();
    let samples = session.batch(batch.clone()).await?.samples;
    let asked_ns = asked_ns..monotonic_ns();
    meter.end(name)?;
    let ledger = mock.drain().await.map_err(mock_failed)?;
    let in_flight = judge::in_flight(&batch, &samples, &ledger, asked_ns.start);
    if name == PhaseName::Measured {
        progress.in_flight = in_flight;
        (progress.samples, progress.ledger) = (samples, ledger);
        (progress.asked_ns, progress.runs) = (asked_ns, runs);
    } else {
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

/// Takes points of the series, and looks at the runner's sockets if asked to, until the process has ended.
pub(super) async fn watch_runner(
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

pub(super) fn figures(progress: &mut Progress) -> Option<Figures> {
    let (ending, meter) = (progress.ending.take()?, progress.phases.take()?);
    let set_aside = std::mem::take(&mut progress.set_aside);
    Some(Figures {
        cpu_s: ending.cpu_user_s + ending.cpu_system_s,
        cpu_user_s: ending.cpu_user_s,
        cpu_system_s: ending.cpu_system_s,
        peak_rss_bytes: meter.peak_rss_bytes(),
        phases: meter.into_phases()?,
        traffic: judge::traffic(&progress.ledger, &progress.runs),
        mock: judge::lateness(&progress.ledger, &progress.runs),
        orphans: ending.orphans,
        in_flight: progress.in_flight,
        set_aside: (set_aside != SetAside::default()).then_some(set_aside),
    })
}
