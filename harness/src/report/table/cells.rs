//! One cell of each row, side by side: the published table and those of its manner.

use loopmark_protocol::{Api, Arrival};

use super::capacity::agents;
use super::model::{Line, Table};
use crate::analysis::{CellResult, Comparison};
use crate::capacity::{Capacity, CapacityPlan};
use crate::measurement::TrialRecord;
use crate::metric::{Metric, catalogue};
use crate::plan::CellKey;
use crate::report::document::ScenarioReport;
use crate::report::format::{NONE, format_metric, format_multiple, is_of};
use crate::results::{Recorded, RowInfo};

/// A column after the names.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// A metric: its heading and its digits.
    Figure(&'static Metric, &'static str, usize),
    /// A metric over that of the row's floor.
    OverFloor(&'static Metric),
}

/// The columns of the published table.
static PUBLISHED: [Column; 4] = [
    Column::Figure(&catalogue::MEDIAN, "Median (ms)", 0),
    Column::Figure(&catalogue::P95, "p95 (ms)", 0),
    Column::Figure(&catalogue::CPU, "CPU (sec)", 2),
    Column::Figure(&catalogue::PEAK_RSS, "Peak RSS (MiB)", 0),
];

/// What a reader must know of a row before believing its figures.
#[derive(Clone)]
pub(in crate::report) struct Note {
    /// The row's name, not escaped for any format.
    pub name: String,
    /// Not escaped either.
    pub words: String,
}

/// Cells of a sweep that are beside one another.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub recorded: &'a Recorded,
    pub scenario: &'a ScenarioReport,
    /// The key of one of them; `None` where nothing was measured.
    pub place: Option<&'a CellKey>,
}

impl<'a> Cells<'a> {
    /// Those of the burst.
    pub fn of_burst(recorded: &'a Recorded, scenario: &'a ScenarioReport) -> Cells<'a> {
        let mut keys = scenario.cells.iter().map(|cell| &cell.key);
        Cells {
            recorded,
            scenario,
            place: keys.find(|key| key.arrival == Arrival::Burst),
        }
    }

    fn cell(&self, row: &RowInfo) -> Option<&'a CellResult> {
        let place = self.place?;
        let mut cells = self.scenario.cells.iter();
        cells.find(|cell| is_of(cell, row) && cell.key.is_beside(place))
    }

    /// The rows by language, in each the floor first; otherwise as they are in the record.
    pub fn rows(&self) -> Vec<&'a RowInfo> {
        let mut rows: Vec<&RowInfo> = self.recorded.info.rows.iter().collect();
        rows.sort_by_key(|row| (row.language, row.kind.height()));
        rows
    }

    /// The keys of those that were measured.
    pub fn keys(&self) -> Vec<&'a CellKey> {
        let rows = self.rows().into_iter();
        let cells = rows.filter_map(|row| self.cell(row));
        cells.map(|cell| &cell.key).collect()
    }

    /// The table of some rows. Where capacities were searched, it says too how many agents a core and a GiB carry.
    pub fn table<'b>(
        &self,
        columns: &[Column],
        rows: impl IntoIterator<Item = &'b RowInfo>,
    ) -> Table {
        let capacities = self.capacities();
        let header = columns.iter().map(|column| match column {
            Column::Figure(_, heading, _) => *heading,
            Column::OverFloor(_) => "× floor",
        });
        let mut table = Table::new(std::iter::once("Framework").chain(header));
        if !capacities.is_empty() {
            let more = ["Agents per core", "Agents per GiB"];
            table.header.extend(more.map(str::to_owned));
        }
        for row in rows {
            let cell = self.cell(row);
            let mut figures: Vec<String> = columns
                .iter()
                .map(|column| self.figure(column, cell))
                .collect();
            if !capacities.is_empty() {
                figures.extend(carried(&capacities, row));
            }
            table.lines.push(Line {
                name: row.name(),
                is_noted: row.skipped.is_none() && self.note(cell).is_some(),
                figures,
            });
        }
        table
    }

    fn capacities(&self) -> Vec<Capacity> {
        let is_searched = |plan: &CapacityPlan| plan.scenario == self.scenario.info.name;
        match self
            .recorded
            .info
            .capacity
            .as_ref()
            .is_some_and(is_searched)
        {
            true => self.recorded.capacities(),
            false => Vec::new(),
        }
    }

    fn figure(&self, column: &Column, cell: Option<&CellResult>) -> String {
        match column {
            Column::Figure(metric, _, digits) => format_metric(cell, metric, *digits),
            Column::OverFloor(metric) => {
                let is_meant = |line: &&Comparison| {
                    cell.is_some_and(|cell| cell.key == line.key)
                        && std::ptr::eq(line.metric, *metric)
                };
                let line = self.scenario.comparisons.iter().find(is_meant);
                format_multiple(line.and_then(|line| line.to_floor.as_ref()))
            }
        }
    }

    /// Whether a row has a figure in a column.
    pub fn has_any(&self, column: &Column) -> bool {
        let mut rows = self.recorded.info.rows.iter();
        rows.any(|row| self.figure(column, self.cell(row)) != NONE)
    }

    /// A note per row that needs one.
    pub fn notes(&self) -> Vec<Note> {
        let rows = self.rows().into_iter();
        let notes = rows.filter_map(|row| {
            let words = match &row.skipped {
                Some(reason) => format!("skipped: {reason}"),
                None => self.note(self.cell(row))?,
            };
            let name = row.name();
            Some(Note { name, words })
        });
        notes.collect()
    }

    fn note(&self, cell: Option<&CellResult>) -> Option<String> {
        let Some(cell) = cell else {
            return Some("not measured".to_owned());
        };
        cell_note(self.recorded, cell)
    }
}

/// What is questionable about a cell, or why it has no figures; `None` if nothing is.
pub(in crate::report) fn cell_note(recorded: &Recorded, cell: &CellResult) -> Option<String> {
    if cell.marks.is_empty() {
        return None;
    }
    let is_of_cell = |trial: &&TrialRecord| trial.planned.cell == cell.key;
    let trials = || recorded.trials.iter().filter(is_of_cell);
    let row = recorded.info.row(&cell.key.row)?;
    let not_offered = |trial: &TrialRecord| trial.outcome.not_offered_because(&row.lacks);
    if let Some(reason) = trials().find_map(not_offered) {
        return Some(reason);
    }
    if let Some(reason) = by_design(recorded, cell) {
        return Some(reason);
    }
    let example = trials().find_map(|trial| trial.runs.example.clone());
    let (counts, notes) = (&cell.counts, cell.mark_notes());
    let counted = format!("{} of {} runs verified", counts.verified_runs, counts.runs);
    Some(match example {
        Some(example) => format!("{notes} ({counted}); {example}"),
        None => format!("{notes} ({counted})"),
    })
}

/// Why runs of a cell did not do the work, if the row's manifest says that they can't.
pub(super) fn by_design(recorded: &Recorded, cell: &CellResult) -> Option<String> {
    let is_whole = cell.counts.verified_runs == cell.counts.runs;
    let limit = recorded.info.limit(&cell.key).filter(|_| !is_whole)?;
    Some(format!("by design: {}", limit.reason))
}

/// Agents per core and per GiB.
fn carried(capacities: &[Capacity], row: &RowInfo) -> [String; 2] {
    let mut capacities = capacities.iter();
    match capacities.find(|capacity| capacity.is_of(&row.key)) {
        Some(found) => {
            [found.agents_per_core, found.agents_per_gib].map(|figure| agents(figure, found))
        }
        None => [NONE, NONE].map(str::to_owned),
    }
}

/// The published table: every row that was measured, each with the API of its variant, in the burst of the scenario's
/// table level.
pub(in crate::report) fn burst_table(recorded: &Recorded, scenario: &ScenarioReport) -> Table {
    let cells = Cells::of_burst(recorded, scenario);
    cells.table(&PUBLISHED, cells.rows())
}

/// What is questionable about the published table and what is missing in it, with the reason.
pub(in crate::report) fn burst_notes(recorded: &Recorded, scenario: &ScenarioReport) -> Vec<Note> {
    Cells::of_burst(recorded, scenario).notes()
}

/// The table of each API alone, with the API's title: like with like. Empty unless rows of both were measured. The notes
/// are those of the published table.
pub(in crate::report) fn tables_by_api(
    recorded: &Recorded,
    scenario: &ScenarioReport,
) -> Vec<(&'static str, Table)> {
    let cells = Cells::of_burst(recorded, scenario);
    let of_api = |api| {
        let rows = cells.rows().into_iter().filter(move |row| row.api == api);
        rows.filter(|row| cells.cell(row).is_some())
            .collect::<Vec<&RowInfo>>()
    };
    let apis = [Api::ChatCompletions, Api::Responses].map(|api| (api, of_api(api)));
    if apis.iter().any(|(_, rows)| rows.is_empty()) {
        return Vec::new();
    }
    let tables = apis.map(|(api, rows)| (api_title(api), cells.table(&PUBLISHED, rows)));
    tables.into()
}

fn api_title(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions => "Chat Completions",
        Api::Responses => "Responses",
    }
}
