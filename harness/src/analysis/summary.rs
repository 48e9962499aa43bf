//! A sweep summed up, a cell at a time.

use super::cell::CellResult;
use super::context::Context;
use super::measure;
use crate::measurement::{RunColumns, Runs, TrialRecord};
use crate::plan::CellKey;

/// Sums a sweep up, one entry per cell, in the order in which cells first appear in `trials`. `runs` are the verified
/// ones.
pub fn summarize<'a>(
    trials: impl Iterator<Item = &'a TrialRecord> + Clone,
    runs: &Runs,
    context: &Context,
) -> Vec<CellResult> {
    let mut cells: Vec<&CellKey> = Vec::new();
    for trial in trials.clone() {
        if !cells.contains(&&trial.planned.cell) {
            cells.push(&trial.planned.cell);
        }
    }
    let none = RunColumns::default();
    cells
        .into_iter()
        .map(|cell| {
            let of_cell = trials.clone().filter(|trial| trial.planned.cell == *cell);
            let of_cell: Vec<(&TrialRecord, &RunColumns)> = of_cell
                .map(|trial| (trial, runs.of_trial(trial.planned.trial).unwrap_or(&none)))
                .collect();
            measure::measure(cell, &of_cell, context)
        })
        .collect()
}

/// Whether every trial completed and every run did the work, or ended in an outcome that is a figure. In a cell that its
/// row can't do by design, runs may go wrong or take too long. A feature that a row does not offer is not a failure.
pub fn is_flawless(trials: &[TrialRecord], is_by_design: impl Fn(&CellKey) -> bool) -> bool {
    let mut trials = trials.iter();
    trials.all(|trial| match is_by_design(&trial.planned.cell) {
        true => !trial.has_failed() || trial.is_late(),
        false => !trial.has_failed() && trial.runs.is_flawless(),
    })
}
