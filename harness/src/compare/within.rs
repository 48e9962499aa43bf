//! Two rows of one sweep, as if each were a sweep of its own.

use crate::plan::RowKey;
use crate::results::Recorded;

/// What a sweep says of `row` alone, under the name of `named` and as of its API, so that cells of both rows meet. `None`
/// where the sweep has no such row.
pub fn of_row(sweep: &Recorded, row: &RowKey, named: &RowKey) -> Option<Recorded> {
    let api = sweep.info.row(named)?.api;
    sweep.info.row(row)?;
    let mut alone = sweep.clone();
    alone.info.rows.retain(|info| info.key == *row);
    alone
        .trials
        .retain(|trial| trial.planned.cell.row == *row && !trial.planned.cell.aa_copy);
    for info in &mut alone.info.rows {
        info.key = named.clone();
        info.api = api;
    }
    for trial in &mut alone.trials {
        trial.planned.cell.row = named.clone();
        trial.planned.cell.api = api;
    }
    Some(alone)
}
