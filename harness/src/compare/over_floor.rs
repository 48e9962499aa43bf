//! CPU per run as a multiple of the floor's: what two machines can be compared by.

use super::change::{Change, Scope, cells, version};
use crate::analysis::{Row, floor_of, of_one_trial};
use crate::framework::Kind;
use crate::metric::catalogue;
use crate::plan::CellKey;
use crate::results::{Recorded, RowInfo};

/// Every cell of a row that is no floor, in both sweeps: CPU per run over that of the floor of its language and API, each
/// trial's over the floor's of the same block.
pub fn over_floors(before: &Recorded, after: &Recorded, scope: &Scope) -> Vec<Change> {
    let rows = before.info.rows.iter();
    let rows = rows.filter(|row| row.kind != Kind::Floor);
    let of_row = |row: &RowInfo| {
        let cells = cells(before, row).into_iter();
        let cells = cells.filter(|cell| scope.has(cell));
        let changes = cells.filter_map(|cell| {
            let [old, new] = [before, after].map(|sweep| multiples(sweep, cell));
            let is_measured = !old.is_empty() && !new.is_empty();
            is_measured.then(|| Change {
                cell: cell.clone(),
                kind: row.kind,
                versions: [before, after].map(|sweep| version(sweep, row)),
                metric: &catalogue::CPU_PER_RUN,
                is_over_floor: true,
                before: old,
                after: new,
            })
        });
        changes.collect::<Vec<Change>>()
    };
    rows.flat_map(of_row).collect()
}

/// CPU per run of each trial of a cell over that of its floor in the same repetition; none of a floor.
pub(super) fn multiples(sweep: &Recorded, cell: &CellKey) -> Vec<f64> {
    let row = sweep.info.row(&cell.row);
    let floor = row
        .filter(|row| row.kind != Kind::Floor)
        .and_then(|_| floor_cell(sweep, cell));
    let Some(floor) = floor else {
        return Vec::new();
    };
    let floors = by_repetition(sweep, &floor);
    let own = by_repetition(sweep, cell);
    let multiples = own.into_iter().filter_map(|(repetition, value)| {
        let (_, floor) = floors.iter().find(|(other, _)| *other == repetition)?;
        (*floor > 0.0).then(|| value / floor)
    });
    multiples.collect()
}

/// The same cell of the floor of the row's language and API.
fn floor_cell(sweep: &Recorded, cell: &CellKey) -> Option<CellKey> {
    let row = |info: &RowInfo| Row {
        key: info.key.clone(),
        api: info.api,
        language: info.language,
        kind: info.kind,
    };
    let rows: Vec<Row> = sweep.info.rows.iter().map(row).collect();
    let language = sweep.info.row(&cell.row)?.language;
    let floor = floor_of(&rows, language, cell.api)?;
    Some(CellKey {
        row: floor.key.clone(),
        api: floor.api,
        ..cell.clone()
    })
}

fn by_repetition(sweep: &Recorded, cell: &CellKey) -> Vec<(u32, f64)> {
    let trials = sweep.trials.iter();
    let trials = trials.filter(|trial| trial.planned.cell == *cell);
    let values = trials.filter_map(|trial| {
        let runs = sweep.runs.of_trial(trial.planned.trial)?;
        let value = of_one_trial(&catalogue::CPU_PER_RUN, trial, runs)?;
        Some((trial.planned.repetition, value))
    });
    values.collect()
}
