//! The scripts of runs under way, up to their present turn, kept so that a run's later turns need not render them again.

use std::cell::{RefCell, RefMut};

use crate::scenario::{Scenario, ScriptedTurn};

/// A script takes some KiB: these take a few MiB, whatever the number of runs.
const PLACES: usize = 1024;

/// Run *n* has place *n* modulo [`PLACES`]; a later run takes an earlier one's.
#[derive(Debug)]
pub(super) struct Scripts(RefCell<Vec<Begun>>);

/// A run and its first turns.
#[derive(Debug, Clone, Default)]
struct Begun {
    run: u64,
    turns: Vec<ScriptedTurn>,
}

impl Default for Scripts {
    fn default() -> Scripts {
        Scripts(RefCell::new(vec![Begun::default(); PLACES]))
    }
}

impl Scripts {
    /// The run's first `count` turns at least, always equal to those of [`Scenario::script`]; fewer if it has fewer.
    pub fn get(&self, scenario: &Scenario, run: u64, count: usize) -> RefMut<'_, [ScriptedTurn]> {
        RefMut::map(self.0.borrow_mut(), |places| {
            // Inside, because there are `PLACES` of them.
            let begun = &mut places[(run % PLACES as u64) as usize];
            if begun.run != run {
                begun.run = run;
                begun.turns.clear();
            }
            scenario.write_turns(run, count, &mut begun.turns);
            begun.turns.as_mut_slice()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn runs_that_share_a_place_keep_their_own_scripts_however_far_they_are() {
        let scenario = Scenario::load(Path::new("../scenarios/seed.toml")).unwrap();
        let scripts = Scripts::default();
        let other = 3 + PLACES as u64;
        for (run, count) in [(3, 1), (3, 2), (other, 4), (3, 3), (3, 2), (0, 1), (3, 9)] {
            let turns = scripts.get(&scenario, run, count);
            let whole = scenario.script(run).turns;
            assert!(turns.len() >= count.min(whole.len()));
            assert_eq!(*turns, whole[..turns.len()]);
        }
    }
}
