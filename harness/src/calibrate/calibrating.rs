//! Executes a calibration: each known runner in turn, and the figures from all of them.

use std::time::Duration;

use tokio::sync::watch;

use super::exchange::{Pauses, bare_exchange};
use super::judge::Observed;
use super::lab::{Lab, Trial};
use super::runner::Role;
use super::setting::{CalibrateError, Setting};
use crate::calibration::{Calibrated, Calibration, Disconnects, Known, Pair};
use crate::mock::BareTimer;
use crate::system::CpuList;

/// How long the mock holds a turn.
const HOLD: Duration = Duration::from_millis(10);
/// How long it holds a turn whose client hangs up, which happens after a tenth of this.
const LONG_HOLD: Duration = Duration::from_millis(50);
/// The length of the runner's gaps.
const GAP: Duration = Duration::from_millis(5);
/// Runs of the trials that compare holds and gaps; each run has four holds and three gaps.
const RUNS: u32 = 20;
/// Runs of the trials of streams, with dozens of parts each, and of blocked loops.
const FEW_RUNS: u32 = 6;
/// Runs of the trial whose clients hang up; each run has four requests.
const LEFT_RUNS: u32 = 3;
/// Runs of the trial that keeps memory: over 3 s of them, since the slope is of a point every 50 ms of the second half.
const LEAKY_RUNS: u32 = 60;

/// Calibrates this machine; `tell` is called with each step.
///
/// # Errors
///
/// If a known runner can't be measured.
pub async fn calibrate(
    setting: &Setting,
    repetitions: u32,
    interrupted: &mut watch::Receiver<bool>,
    tell: &mut dyn FnMut(&str),
) -> Result<Calibration, CalibrateError> {
    let mut calibrating = Calibrating {
        lab: Lab::new(setting)?,
        setting,
        interrupted,
        taken: Vec::new(),
        disconnects: Disconnects::default(),
        impossible: Vec::new(),
    };
    for repetition in 1..=repetitions {
        let mut say = |what: &str| tell(&format!("[{repetition}/{repetitions}] {what}"));
        say("gaps, beside a byte between two bare threads");
        calibrating.gaps().await?;
        say("holds of the mock, beside a bare OS timer");
        calibrating.holds().await?;
        say("parts of streams and heartbeats, beside a bare OS timer");
        calibrating.stream_parts().await?;
        calibrating.heartbeats().await?;
        say("CPU time in the process, a thread, a child and a grandchild");
        calibrating.cpu().await?;
        say("memory, a slow start, and clients that hang up");
        calibrating.memory_and_start().await?;
        calibrating.disconnects().await?;
        calibrating.memory_growth().await?;
    }
    Ok(calibrating.into_calibration(repetitions))
}

/// A calibration in progress.
struct Calibrating<'a> {
    lab: Lab,
    setting: &'a Setting,
    interrupted: &'a mut watch::Receiver<bool>,
    taken: Vec<Taken>,
    disconnects: Disconnects,
    impossible: Vec<String>,
}

/// The pairs that one trial gives for one quantity.
struct Taken {
    known: Known,
    pairs: Vec<Pair>,
    beside: Vec<f64>,
}

impl Calibrating<'_> {
    async fn gaps(&mut self) -> Result<(), CalibrateError> {
        let pinning = self.setting.pinning.clone();
        let pauses = Pauses {
            hold: HOLD,
            gap: GAP,
        };
        let count = 3 * RUNS as usize;
        let exchanged =
            tokio::task::spawn_blocking(move || bare_exchange(count, pauses, pinning.as_ref()));
        let exchanged = exchanged.await.map_err(std::io::Error::other).flatten();
        let beside = exchanged.map_err(CalibrateError::Exchange)?;
        let observed = self.observe(Role::Default, RUNS, HOLD).await?;
        self.take(Known::Gap, observed.gaps(), beside);
        Ok(())
    }

    /// Measured apart from the gaps, since the timer keeps the mock's processor from sleeping.
    async fn holds(&mut self) -> Result<(), CalibrateError> {
        let cpus = self
            .setting
            .pinning
            .as_ref()
            .map(|pinning| pinning.mock_cpus.clone());
        let (observed, late_us) = self.observe_beside_timer(Role::Default, RUNS, cpus).await?;
        self.take(Known::Hold, observed.holds(), late_us);
        Ok(())
    }

    async fn stream_parts(&mut self) -> Result<(), CalibrateError> {
        let cpus = self
            .setting
            .pinning
            .as_ref()
            .map(|pinning| pinning.mock_cpus.clone());
        let (observed, late_us) = self
            .observe_beside_timer(Role::Streamer, FEW_RUNS, cpus)
            .await?;
        self.take(Known::StreamPart, observed.stream_parts(), late_us);
        Ok(())
    }

    async fn heartbeats(&mut self) -> Result<(), CalibrateError> {
        let cpus = self
            .setting
            .pinning
            .as_ref()
            .map(|pinning| pinning.runner_cpus.clone());
        let (observed, late_us) = self.observe_beside_timer(Role::Beating, RUNS, cpus).await?;
        self.take(
            Known::Heartbeat,
            observed.heartbeat().into_iter().collect(),
            late_us,
        );
        let blocked = self.observe(Role::Blocking, FEW_RUNS, HOLD).await?;
        let pairs = blocked.blocked_heartbeat().into_iter().collect();
        self.take(Known::BlockedHeartbeat, pairs, Vec::new());
        Ok(())
    }

    async fn memory_growth(&mut self) -> Result<(), CalibrateError> {
        let observed = self.observe(Role::Leaky, LEAKY_RUNS, HOLD).await?;
        let pairs = observed.memory_growth().into_iter().collect();
        self.take(Known::MemoryGrowth, pairs, Vec::new());
        Ok(())
    }

    /// A trial, and how late a bare timer on these processors was meanwhile, in µs.
    async fn observe_beside_timer(
        &mut self,
        role: Role,
        runs: u32,
        cpus: Option<CpuList>,
    ) -> Result<(Observed, Vec<f64>), CalibrateError> {
        let timer = BareTimer::start(cpus.as_ref());
        let observed = self.observe(role, runs, HOLD).await;
        let late_us = timer.stop().into_iter().map(|ns| ns as f64 / 1e3);
        Ok((observed?, late_us.collect()))
    }

    async fn cpu(&mut self) -> Result<(), CalibrateError> {
        let roles = [
            (Role::BurnProcess, Known::CpuProcess),
            (Role::BurnThread, Known::CpuThread),
            (Role::BurnChild, Known::CpuChild),
            (Role::BurnGrandchild, Known::CpuGrandchild),
        ];
        for (role, known) in roles {
            let observed = self.observe(role, 1, HOLD).await?;
            self.take(known, vec![observed.cpu()], Vec::new());
            self.take(
                Known::CpuBatch,
                observed.batch_cpu().into_iter().collect(),
                Vec::new(),
            );
        }
        Ok(())
    }

    async fn memory_and_start(&mut self) -> Result<(), CalibrateError> {
        let observed = self.observe(Role::Memory, 1, HOLD).await?;
        self.take(Known::PeakMemory, vec![observed.memory()], Vec::new());
        let observed = self.observe(Role::SlowStart, 1, HOLD).await?;
        self.take(
            Known::StartUp,
            observed.start_up().into_iter().collect(),
            Vec::new(),
        );
        Ok(())
    }

    async fn disconnects(&mut self) -> Result<(), CalibrateError> {
        let observed = self.observe(Role::Leaver, LEFT_RUNS, LONG_HOLD).await?;
        let (pairs, count) = observed.disconnects();
        self.disconnects.left += count.left;
        self.disconnects.seen += count.seen;
        self.take(Known::Disconnect, pairs, Vec::new());
        Ok(())
    }

    async fn observe(
        &mut self,
        role: Role,
        runs: u32,
        hold: Duration,
    ) -> Result<Observed, CalibrateError> {
        let trial = Trial {
            role,
            warm_up_runs: u32::from(runs > 1),
            runs,
            hold,
        };
        let observed = self.lab.run(&trial, self.interrupted).await?;
        self.impossible.extend(observed.impossible());
        Ok(observed)
    }

    fn take(&mut self, known: Known, pairs: Vec<Pair>, beside: Vec<f64>) {
        self.taken.push(Taken {
            known,
            pairs,
            beside,
        });
    }

    fn into_calibration(mut self, repetitions: u32) -> Calibration {
        self.taken.sort_by_key(|taken| taken.known);
        let by_quantity = self.taken.chunk_by(|one, next| one.known == next.known);
        let figures = by_quantity.filter_map(|taken| {
            let pairs: Vec<Pair> = taken.iter().flat_map(|taken| taken.pairs.clone()).collect();
            let beside: Vec<f64> = taken
                .iter()
                .flat_map(|taken| taken.beside.clone())
                .collect();
            Calibrated::of(taken.first()?.known, &pairs, &beside)
        });
        Calibration {
            repetitions,
            figures: figures.collect(),
            disconnects: self.disconnects,
            impossible: self.impossible,
        }
    }
}
