//! The phases of a trial: at each edge the runner waits for the harness, which reads its counters.

use std::time::Instant;

use super::failure::Failure;
use crate::measurement::{FailureKind, Phase, Phases};
use crate::plan::PhaseName;
use crate::probe;

/// Reads a runner's counters at the edges of its phases.
pub(super) struct PhaseMeter {
    pid: u32,
    spawned: Instant,
    since: Instant,
    cpu_s: f64,
    found: Vec<(PhaseName, Phase)>,
    start_up: Option<Phase>,
    peak_rss_bytes: u64,
    /// Whether the kernel's mark was reset, so that it is the peak of this phase and not of an earlier one.
    is_mark_fresh: bool,
}

impl PhaseMeter {
    /// The meter of a runner that was spawned at `spawned`; its first phase has begun.
    pub fn new(pid: u32, spawned: Instant) -> PhaseMeter {
        PhaseMeter {
            pid,
            spawned,
            since: spawned,
            cpu_s: 0.0,
            found: Vec::new(),
            start_up: None,
            peak_rss_bytes: 0,
            is_mark_fresh: true,
        }
    }

    /// Begins a phase anew, for one that does not begin at the end of the last one.
    pub fn begin(&mut self) -> Result<(), Failure> {
        self.cpu_s = cpu_s(self.pid)?;
        self.since = Instant::now();
        Ok(())
    }

    /// Ends a phase and begins the next one, except after the measured phase.
    pub fn end(&mut self, name: PhaseName) -> Result<(), Failure> {
        let now = Instant::now();
        let wall_s = (now - self.since).as_secs_f64();
        let cpu_before_s = std::mem::replace(&mut self.cpu_s, cpu_s(self.pid)?);
        let memory = memory(self.pid)?;
        let held = probe::held(self.pid).map_err(gone)?;
        let phase = Phase {
            wall_s,
            cpu_s: self.cpu_s - cpu_before_s,
            rss_bytes: memory.rss_bytes,
            peak_rss_bytes: self.is_mark_fresh.then_some(memory.peak_rss_bytes),
            threads: Some(held.threads),
            descriptors: Some(held.descriptors),
        };
        self.found.push((name, phase));
        // The maximum over the phases is the trial's peak so far, whether or not the kernel's mark could be reset.
        self.peak_rss_bytes = self.peak_rss_bytes.max(memory.peak_rss_bytes);
        if name == PhaseName::Build {
            self.start_up = self.of(PhaseName::Imports).map(|imports| Phase {
                wall_s: (now - self.spawned).as_secs_f64(),
                cpu_s: imports.cpu_s + phase.cpu_s,
                rss_bytes: phase.rss_bytes,
                peak_rss_bytes: Some(self.peak_rss_bytes),
                ..phase
            });
        }
        // After the measured phase, no peak is measured.
        self.is_mark_fresh = name != PhaseName::Measured && probe::reset_peak(self.pid);
        self.since = Instant::now();
        Ok(())
    }

    /// Peak resident memory up to the last edge.
    pub fn peak_rss_bytes(&self) -> u64 {
        self.peak_rss_bytes
    }

    /// The phase that ended last.
    pub fn last(&self) -> Option<&Phase> {
        self.found.last().map(|(_, phase)| phase)
    }

    fn of(&self, name: PhaseName) -> Option<Phase> {
        let mut found = self.found.iter();
        found
            .find(|(found, _)| *found == name)
            .map(|(_, phase)| *phase)
    }

    /// The phases; `None` until the measured one has ended.
    pub fn into_phases(self) -> Option<Phases> {
        Some(Phases {
            start_up: self.start_up?,
            imports: self.of(PhaseName::Imports),
            build: self.of(PhaseName::Build),
            first_run: self.of(PhaseName::FirstRun),
            warm_up: self.of(PhaseName::WarmUp),
            measured: self.of(PhaseName::Measured)?,
            recovery: self.of(PhaseName::Recovery),
        })
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
