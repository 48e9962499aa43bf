//! The one table that says most of a scenario.

use loopmark_protocol::Arrival;

use super::cells::{Cells, Column, Note};
use super::compared::at;
use super::focus::{focus_lines, focus_notes, focus_table};
use super::model::Table;
use crate::analysis;
use crate::metric::catalogue;
use crate::plan::{CellKey, PlannedTrial};
use crate::report::document::ScenarioReport;
use crate::results::Recorded;

/// Of a burst.
static BURST: [Column; 6] = [
    Column::Figure(&catalogue::MEDIAN, "Median (ms)", 0),
    Column::Figure(&catalogue::P95, "p95 (ms)", 0),
    Column::Figure(&catalogue::CPU, "CPU (sec)", 2),
    Column::OverFloor(&catalogue::CPU),
    Column::Figure(&catalogue::PEAK_RSS, "Peak RSS (MiB)", 0),
    Column::OverFloor(&catalogue::PEAK_RSS),
];
/// Of a loop, closed or open: its trials have different lengths, so that CPU is shown per run.
static LOOP: [Column; 6] = [
    Column::Figure(&catalogue::MEDIAN, "Median (ms)", 0),
    Column::Figure(&catalogue::P95, "p95 (ms)", 0),
    Column::Figure(&catalogue::CPU_PER_RUN, "CPU per run (ms)", 2),
    Column::OverFloor(&catalogue::CPU_PER_RUN),
    Column::Figure(&catalogue::PEAK_RSS, "Peak RSS (MiB)", 0),
    Column::OverFloor(&catalogue::PEAK_RSS),
];

/// The table, and what must be known with it.
pub(in crate::report) struct MainTable {
    /// What it is of, such as `the burst of 50`.
    pub of: String,
    /// What was measured for it, such as `3 trials of 50 runs per row`.
    pub runs: String,
    /// The figures, with their ratios to the floor.
    pub table: Table,
    /// What must be known of some of its rows.
    pub notes: Vec<Note>,
}

/// The headline of a scenario that says what it is about; else the burst; else, where none was planned, the loop at its
/// highest level.
pub(in crate::report) fn main_table(recorded: &Recorded, scenario: &ScenarioReport) -> MainTable {
    if let Some(focus) = &scenario.focus {
        let lines = focus_lines(recorded, scenario, focus);
        let keys = lines.iter().map(|(_, cell)| &cell.key);
        return MainTable {
            of: focus.headline.title.to_owned(),
            runs: trials_and_runs(recorded, keys.collect()),
            table: focus_table(focus, &lines),
            notes: focus_notes(recorded, scenario, focus),
        };
    }
    let burst = Cells::of_burst(recorded, scenario);
    let keys = scenario.cells.iter().map(|cell| &cell.key);
    let (cells, columns) = match is_burst_planned(recorded, scenario) {
        true => (burst, &BURST),
        false => {
            let place = analysis::headline(keys);
            (Cells { place, ..burst }, &LOOP)
        }
    };
    // A sweep without floors has no ratios to show.
    let columns = columns.iter().filter(|column| cells.has_any(column));
    let columns: Vec<Column> = columns.copied().collect();
    MainTable {
        of: cells.place.map(at).unwrap_or_default(),
        runs: trials_and_runs(recorded, cells.keys()),
        table: cells.table(&columns, cells.rows()),
        notes: cells.notes(),
    }
}

fn is_burst_planned(recorded: &Recorded, scenario: &ScenarioReport) -> bool {
    let mut cells = recorded.info.trials().map(|trial| &trial.cell);
    let is_meant =
        |cell: &CellKey| cell.arrival == Arrival::Burst && cell.scenario == scenario.info.name;
    cells.any(is_meant)
}

/// By the plan: `3 trials of 50 runs per row`.
fn trials_and_runs(recorded: &Recorded, keys: Vec<&CellKey>) -> String {
    let planned = |key: &CellKey| {
        let trials = recorded.info.trials();
        let is_of_cell = |trial: &&PlannedTrial| {
            let cell = &trial.cell;
            let is_beside = (&cell.scenario, cell.level) == (&key.scenario, key.level);
            is_beside && cell.row == key.row && cell.arrival == key.arrival && !cell.aa_copy
        };
        let runs: Vec<u32> = trials
            .filter(is_of_cell)
            .map(|trial| trial.measured_runs)
            .collect();
        (runs.len(), runs.into_iter().max().unwrap_or_default())
    };
    let counts: Vec<(usize, u32)> = keys.into_iter().map(planned).collect();
    let Some((trials, runs)) = counts.iter().max() else {
        return String::new();
    };
    let is_same = counts.iter().all(|count| count == &(*trials, *runs));
    let up_to = if is_same { "" } else { "up to " };
    let word = if *trials == 1 { "trial" } else { "trials" };
    format!("{up_to}{trials} {word} of {runs} runs per row")
}
