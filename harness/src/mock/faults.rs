//! Which requests meet a fault: how often each turn of a run has been asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::scenario::{Faulty, Scenario};

/// Turns that are kept in mind; then all are forgotten. A trial has far fewer that are asked for more than once.
const MAX_TURNS: usize = 1_000_000;

/// Requests by run and turn. All threads of a mock share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempts(Arc<Mutex<HashMap<(u64, u32), u32>>>);

impl Attempts {
    /// Counts a request; gives the fault that it meets.
    pub fn meet(&self, scenario: &Scenario, run: u64, turn: u32) -> Option<Faulty> {
        if !scenario.case_of(run).has_faults() {
            return None;
        }
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= MAX_TURNS {
            attempts.clear();
        }
        let before = attempts.entry((run, turn)).or_default();
        let fault = scenario.case_of(run).fault(run, turn, *before);
        *before += 1;
        fault
    }
}
