//! The trials of a plan, each in its order, each on disk when it ends.

use std::collections::BTreeSet;

use tokio::sync::watch;

use crate::event::{Event, Sink, TrialEnded};
use crate::framework::{Framework, Variant};
use crate::measurement::{FailureKind, Outcome, TrialRecord};
use crate::plan::{PlannedTrial, RowKey};
use crate::results::{ResultsError, ResultsFolder, RunInfo};
use crate::scenario::Case;
use crate::trial::Bench;

/// What a sweep runs, and who hears of it.
pub struct Sweep<'a> {
    /// Where trials run, one for each scenario.
    pub benches: &'a [Bench],
    /// The rows, as they are built.
    pub frameworks: &'a [Framework],
    /// Who hears of it.
    pub events: Sink<'a>,
}

impl Sweep<'_> {
    /// Where the trials of a scenario run.
    pub(super) fn bench(&self, scenario: &str) -> Option<&Bench> {
        let mut benches = self.benches.iter();
        benches.find(|bench| bench.scenario.name == scenario)
    }

    fn expected_s(&self, planned: &PlannedTrial) -> f64 {
        let bench = self.bench(&planned.cell.scenario);
        bench.map_or(0.0, |bench| {
            let case = bench.scenario.case(planned.cell.case.as_deref());
            let model_time = case.map(Case::expected_time).unwrap_or_default();
            planned.expected(model_time).as_secs_f64()
        })
    }

    /// The framework and variant of a row, if it is here.
    pub(super) fn row(&self, key: &RowKey) -> Option<(&Framework, &Variant)> {
        let mut frameworks = self.frameworks.iter();
        let framework = frameworks.find(|framework| framework.name == key.framework)?;
        Some((framework, framework.variant(&key.variant)?))
    }
}

/// Executes the trials that are not among `done`; gives whether all were. The trial that was interrupted is not recorded: it was not measured.
pub(super) async fn execute_trials(
    sweep: &Sweep<'_>,
    folder: &mut ResultsFolder,
    info: &mut RunInfo,
    done: &BTreeSet<u32>,
    interrupted: &mut watch::Receiver<bool>,
) -> Result<bool, ResultsError> {
    let planned: Vec<PlannedTrial> = info.trials().cloned().collect();
    let is_open = |planned: &&PlannedTrial| !done.contains(&planned.trial);
    let open: Vec<&PlannedTrial> = planned.iter().filter(is_open).collect();
    (sweep.events)(&Event::TrialsBegin {
        trials: open.len(),
        expected_s: open.iter().map(|planned| sweep.expected_s(planned)).sum(),
    });
    for planned in open {
        let bench = sweep.bench(&planned.cell.scenario);
        let Some((bench, (framework, variant))) = bench.zip(sweep.row(&planned.cell.row)) else {
            continue;
        };
        (sweep.events)(&Event::TrialBegins {
            trial: planned.trial,
            cell: planned.cell.clone(),
        });
        let seed = info.plan.seed;
        let ran = bench.run_trial(framework, variant, planned, seed, interrupted);
        let (trial, runs) = ran.await;
        if was_interrupted(&trial) {
            return Ok(false);
        }
        folder.append(&trial, &runs)?;
        if keep_what_was_said(info, &trial) {
            folder.write_info(info)?;
        }
        let ended = TrialEnded::of(&trial, &runs, sweep.expected_s(planned));
        (sweep.events)(&Event::TrialEnded(Box::new(ended)));
        if *interrupted.borrow() {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn was_interrupted(trial: &TrialRecord) -> bool {
    let interrupted = FailureKind::Interrupted;
    matches!(trial.outcome, Outcome::Failed { failure, .. } if failure == interrupted)
}

/// A row's runner says who it is in its first trial; gives whether this was it.
fn keep_what_was_said(info: &mut RunInfo, trial: &TrialRecord) -> bool {
    let key = &trial.planned.cell.row;
    let row = info.rows.iter_mut().find(|row| row.key == *key);
    match row {
        Some(row) if row.ready.is_none() && trial.ready.is_some() => {
            row.ready.clone_from(&trial.ready);
            true
        }
        _ => false,
    }
}
