//! Which requests meet a fault: how often each faulty turn of a run has been asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::scenario::{Faulty, Scenario};

/// Turns that are kept in mind between two drains of the ledger; then all are forgotten. A batch has far fewer that meet a
/// fault.
const MAX_TURNS: usize = 1_000_000;

/// Requests by run and turn, of turns that the schedule names. All threads of a mock share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempts(Arc<Mutex<HashMap<(u64, u32), u32>>>);

impl Attempts {
    /// Counts a request; gives the fault that it meets.
    pub fn meet(&self, scenario: &Scenario, run: u64, turn: u32) -> Option<Faulty> {
        let case = scenario.case_of(run);
        if !case.has_faults() || case.fault(run, turn, 0).is_none() {
            return None;
        }
        let mut attempts = self.lock();
        if attempts.len() >= MAX_TURNS {
            attempts.clear();
        }
        let before = attempts.entry((run, turn)).or_default();
        let fault = case.fault(run, turn, *before);
        *before = before.saturating_add(1);
        fault
    }

    /// Begins the schedule again for every run.
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(u64, u32), u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
