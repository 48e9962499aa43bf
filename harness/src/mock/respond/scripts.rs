//! The scripts of runs under way, kept so that a run's later turns need not render it again.

use std::cell::RefCell;
use std::sync::Arc;

use crate::scenario::{Scenario, Script};

/// A script takes some KiB: these take a few MiB, whatever the number of runs.
const PLACES: usize = 1024;

/// Run *n* has place *n* modulo [`PLACES`]; a later run takes an earlier one's.
#[derive(Debug)]
pub(super) struct Scripts(RefCell<Vec<Option<Known>>>);

/// A run and its script.
type Known = (u64, Arc<Script>);

impl Default for Scripts {
    fn default() -> Scripts {
        Scripts(RefCell::new(vec![None; PLACES]))
    }
}

impl Scripts {
    /// The run's script, always equal to [`Scenario::script`].
    pub fn get(&self, scenario: &Scenario, run: u64) -> Arc<Script> {
        let mut places = self.0.borrow_mut();
        // Inside, because there are `PLACES` of them.
        let place = &mut places[(run % PLACES as u64) as usize];
        match place {
            Some((known, script)) if *known == run => Arc::clone(script),
            _ => {
                let script = Arc::new(scenario.script(run));
                *place = Some((run, Arc::clone(&script)));
                script
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn runs_that_share_a_place_keep_their_own_scripts() {
        let scenario = Scenario::load(Path::new("../scenarios/seed.toml")).unwrap();
        let scripts = Scripts::default();
        for run in [3, 3 + PLACES as u64, 3, 3] {
            assert_eq!(*scripts.get(&scenario, run), scenario.script(run));
        }
    }
}
