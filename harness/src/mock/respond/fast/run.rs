//! What is remembered of a run: the messages that its turns have added, and what the model said and says in them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::opening::Opening;
use super::read::Read;
use super::said::Said;
use crate::scenario::{Scenario, ScriptedTurn};

/// The messages of all runs together take no more than about this.
const HISTORY_BYTES: usize = 64 << 20;

/// A run under way.
#[derive(Debug, Default)]
pub(super) struct Run {
    run: u64,
    opening: Option<Arc<Opening>>,
    /// What the turns added, as it was found right.
    history: Vec<u8>,
    /// Where each turn ends in it.
    turns: Vec<Turn>,
    scripted: Vec<ScriptedTurn>,
    said: Vec<Said>,
}

/// The end of a turn's messages.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    pub end: usize,
    /// Of this turn and those before it.
    pub read: Read,
}

impl Run {
    /// Makes this place the run's, which may have been another's.
    pub fn begin(&mut self, run: u64, opening: &Arc<Opening>, kept: &AtomicUsize) {
        let is_same = self
            .opening
            .as_ref()
            .is_some_and(|known| self.run == run && Arc::ptr_eq(known, opening));
        if !is_same {
            self.forget(kept);
            self.run = run;
            self.opening = Some(Arc::clone(opening));
        }
    }

    pub fn forget(&mut self, kept: &AtomicUsize) {
        kept.fetch_sub(self.history.len(), Ordering::Relaxed);
        // A later run needs the same vectors, but not a long history's memory.
        if self.history.capacity() > 16 * 1024 {
            self.history = Vec::new();
        }
        self.history.clear();
        self.turns.clear();
        self.scripted.clear();
        self.said.clear();
        self.opening = None;
    }

    /// How many turns at the beginning of the messages are known, and where the last of them ends.
    pub fn known(&self, added: &[u8]) -> (usize, Turn) {
        let is_known = |turn: &&Turn| {
            added
                .get(..turn.end)
                .is_some_and(|start| self.history.get(..turn.end) == Some(start))
        };
        // Mostly all of them.
        match self.turns.last() {
            Some(last) if is_known(&last) => (self.turns.len(), *last),
            _ => {
                let known = self.turns.iter().take_while(is_known);
                let count = known.clone().count();
                (count, known.last().copied().unwrap_or_default())
            }
        }
    }

    /// What the model says in a turn; `None` after the last one.
    pub fn said(&mut self, scenario: &Scenario, turn: usize) -> Option<(&Said, &ScriptedTurn)> {
        scenario.write_turns(self.run, turn + 1, &mut self.scripted);
        let missing = self.scripted.iter().enumerate().skip(self.said.len());
        for (turn, scripted) in missing {
            self.said.push(Said::new(self.run, turn as u32, scripted));
        }
        Some((self.said.get(turn)?, self.scripted.get(turn)?))
    }

    /// Remembers turns that were found right after the first `known` ones.
    pub fn keep(&mut self, added: &[u8], known: usize, turns: &[Turn], kept: &AtomicUsize) {
        if turns.is_empty() {
            return;
        }
        let before = self.history.len();
        self.turns.truncate(known);
        let start = self.turns.last().map_or(0, |turn| turn.end);
        let new = added.get(start..).unwrap_or_default();
        if kept.load(Ordering::Relaxed) + new.len() > HISTORY_BYTES {
            return self.forget(kept);
        }
        self.history.truncate(start);
        self.history.extend_from_slice(new);
        self.turns.extend_from_slice(turns);
        kept.fetch_add(self.history.len(), Ordering::Relaxed);
        kept.fetch_sub(before, Ordering::Relaxed);
    }
}
