//! The phases of a trial: at each edge the runner waits for the harness, which reads its counters.

use std::time::Instant;

use super::failure::Failure;
use crate::measurement::{FailureKind, Phase};
use crate::plan::PhaseName;
use crate::probe;

/// Reads a runner's counters at the edges of its phases.
pub(super) struct PhaseMeter {
    pid: u32,
    since: Instant,
    cpu_s: f64,
    phases: Vec<Phase>,
    peak_rss_bytes: u64,
    /// Whether the kernel's mark tells the peak of the phase, and not of an earlier one.
    is_mark_fresh: bool,
}

impl PhaseMeter {
    /// Of a runner that was spawned then; its first phase has begun.
    pub fn new(pid: u32, spawned: Instant) -> PhaseMeter {
        PhaseMeter {
            pid,
            since: spawned,
            cpu_s: 0.0,
            phases: Vec::new(),
            peak_rss_bytes: 0,
            is_mark_fresh: true,
        }
    }

    /// Begins a phase later than at the end of the last one.
    pub fn begin(&mut self) -> Result<(), Failure> {
        self.cpu_s = cpu_s(self.pid)?;
        self.since = Instant::now();
        Ok(())
    }

    /// Ends a phase; the next one begins, but after the measured one. Gives what it took.
    pub fn end(&mut self, name: PhaseName) -> Result<Phase, Failure> {
        let wall_s = self.since.elapsed().as_secs_f64();
        let cpu_before_s = std::mem::replace(&mut self.cpu_s, cpu_s(self.pid)?);
        let memory = memory(self.pid)?;
        let phase = Phase {
            name,
            wall_s,
            cpu_s: self.cpu_s - cpu_before_s,
            rss_bytes: memory.rss_bytes,
            peak_rss_bytes: self.is_mark_fresh.then_some(memory.peak_rss_bytes),
        };
        self.phases.push(phase);
        // Each byte of a peak is in one phase or another, so that the highest of them is the trial's.
        self.peak_rss_bytes = self.peak_rss_bytes.max(memory.peak_rss_bytes);
        if name != PhaseName::Measured {
            self.is_mark_fresh = probe::reset_peak(self.pid);
        }
        self.since = Instant::now();
        Ok(phase)
    }

    /// The highest resident memory up to the last edge.
    pub fn peak_rss_bytes(&self) -> u64 {
        self.peak_rss_bytes
    }

    /// The phases so far.
    pub fn into_phases(self) -> Vec<Phase> {
        self.phases
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
