//! Two rows of one sweep, as if each were a sweep of its own.

use crate::framework::Kind;
use crate::plan::RowKey;
use crate::results::Recorded;

/// What a sweep says of `row` and of the floors, the row under the name of `named` and as of its API, so that cells of both
/// rows meet. `None` where the sweep has no such row.
pub fn beside_floors(sweep: &Recorded, row: &RowKey, named: &RowKey) -> Option<Recorded> {
    let api = sweep.info.row(named)?.api;
    sweep.info.row(row)?;
    let floors = sweep.info.rows.iter();
    let floors = floors.filter(|info| info.kind == Kind::Floor && info.key != *named);
    let floors: Vec<RowKey> = floors.map(|info| info.key.clone()).collect();
    let is_kept = |key: &RowKey| key == row || floors.contains(key);
    let mut kept = sweep.clone();
    kept.info.rows.retain(|info| is_kept(&info.key));
    kept.trials
        .retain(|trial| is_kept(&trial.planned.cell.row) && !trial.planned.cell.aa_copy);
    for info in &mut kept.info.rows {
        if info.key == *row {
            info.key = named.clone();
            info.api = api;
        }
    }
    for trial in &mut kept.trials {
        let cell = &mut trial.planned.cell;
        if cell.row == *row {
            cell.row = named.clone();
            cell.api = api;
        }
    }
    Some(kept)
}

/// The same of the row alone.
pub fn of_row(sweep: &Recorded, row: &RowKey, named: &RowKey) -> Option<Recorded> {
    let mut alone = beside_floors(sweep, row, named)?;
    alone.info.rows.retain(|info| info.key == *named);
    alone
        .trials
        .retain(|trial| trial.planned.cell.row == *named);
    Some(alone)
}
