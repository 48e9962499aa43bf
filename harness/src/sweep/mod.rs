//! Executes a plan: each trial in its order, each on disk when it ends.

mod capacity;

use tokio::sync::watch;

use crate::framework::Framework;
use crate::measurement::{FailureKind, Outcome, RunRecord, TrialRecord};
use crate::plan::PlannedTrial;
use crate::results::{ResultsError, ResultsFolder, RunInfo};
use crate::trial::Bench;

pub use capacity::{CapacityObserver, search_capacities};

/// What a sweep tells while it goes on.
pub trait Observer {
    /// A trial begins.
    fn begins(&mut self, planned: &PlannedTrial);
    /// A trial has ended and is on disk.
    fn ended(&mut self, trial: &TrialRecord, runs: &[RunRecord]);
}

/// Runs each of `trials` whose row is among `frameworks`; gives whether all were executed, which they are not when
/// `interrupted` turns true. The trial that was interrupted is not recorded: it was not measured.
///
/// # Errors
///
/// When the disk refuses a record. A runner's failure is in the record, not an error.
pub async fn execute(
    bench: &Bench,
    frameworks: &[Framework],
    trials: &[&PlannedTrial],
    folder: &mut ResultsFolder,
    info: &mut RunInfo,
    interrupted: &mut watch::Receiver<bool>,
    observer: &mut dyn Observer,
) -> Result<bool, ResultsError> {
    for planned in trials {
        let cell = &planned.cell;
        let framework = frameworks
            .iter()
            .find(|framework| framework.name == cell.row.framework);
        let Some((framework, variant)) = framework
            .and_then(|framework| Some((framework, framework.variant(&cell.row.variant)?)))
        else {
            continue;
        };
        observer.begins(planned);
        let (trial, runs) = bench
            .run_trial(framework, variant, planned, info.plan.seed, interrupted)
            .await;
        if matches!(
            trial.outcome,
            Outcome::Failed {
                failure: FailureKind::Interrupted,
                ..
            }
        ) {
            return Ok(false);
        }
        folder.append(&trial, &runs)?;
        if let Some(row) = info.rows.iter_mut().find(|row| row.key == cell.row)
            && row.ready.is_none()
            && trial.ready.is_some()
        {
            row.ready.clone_from(&trial.ready);
            folder.write_info(info)?;
        }
        observer.ended(&trial, &runs);
        if *interrupted.borrow() {
            return Ok(false);
        }
    }
    Ok(true)
}
