//! What a scenario is about: its headline in one cell of each row.

use super::cells::{Note, by_design};
use super::model::Table;
use crate::analysis::{CellResult, Focus};
use crate::report::document::ScenarioReport;
use crate::report::format::{heading, shown_number};
use crate::results::{Recorded, RowInfo};

/// A row and the cell that the headline of it is from.
pub(in crate::report) type FocusLine<'a> = (&'a RowInfo, &'a CellResult);

/// By value, the best first; rows without a value come last.
pub(in crate::report) fn focus_lines<'a>(
    recorded: &'a Recorded,
    scenario: &'a ScenarioReport,
    focus: &Focus,
) -> Vec<FocusLine<'a>> {
    let rows = recorded.info.rows.iter();
    let lines = rows.filter_map(|row| Some((row, focus.cell(&scenario.cells, &row.key, None)?)));
    let mut lines: Vec<FocusLine<'a>> = lines.collect();
    let (headline, better) = (focus.headline, focus.headline.better);
    lines.sort_by(|one, other| better.first(one.1.value(headline), other.1.value(headline)));
    lines
}

/// The headline, and what is shown beside it.
pub(in crate::report) fn focus_table(focus: &Focus, lines: &[FocusLine<'_>]) -> Table {
    let metrics = || std::iter::once(focus.headline).chain(focus.also.iter().copied());
    let header = std::iter::once("Framework".to_owned()).chain(metrics().map(heading));
    let mut table = Table::new(header.chain(["Verified runs".to_owned()]));
    for (row, cell) in lines {
        let figures = metrics().map(|metric| shown_number(metric, cell.value(metric)));
        let counts = &cell.counts;
        let verified = format!("{} of {}", counts.verified_runs, counts.runs);
        table.add(row.name(), figures.chain([verified]).collect());
    }
    table
}

/// Rows that do not offer what the scenario asks for, or have no cell for another reason.
pub(in crate::report) fn focus_notes(
    recorded: &Recorded,
    scenario: &ScenarioReport,
    focus: &Focus,
) -> Vec<Note> {
    let rows = recorded.info.rows.iter();
    let notes = rows.filter_map(|row| {
        let words = focus_note(recorded, scenario, focus, row)?;
        let name = row.name();
        Some(Note { name, words })
    });
    notes.collect()
}

fn focus_note(
    recorded: &Recorded,
    scenario: &ScenarioReport,
    focus: &Focus,
    row: &RowInfo,
) -> Option<String> {
    if let Some(reason) = &row.skipped {
        return Some(format!("skipped: {reason}"));
    }
    let Some(cell) = focus.cell(&scenario.cells, &row.key, None) else {
        return Some("not measured".to_owned());
    };
    let mut trials = recorded.trials.iter();
    let not_offered = trials.find_map(|trial| {
        let planned = &trial.planned.cell;
        let is_of_row = planned.row == row.key && planned.scenario == scenario.info.name;
        let why = || trial.outcome.not_offered_because(&row.lacks);
        is_of_row.then(why).flatten()
    });
    let is_notable = cell.mark_names().any(|mark| mark != "few-samples");
    let known = not_offered.or_else(|| by_design(recorded, cell));
    known.or_else(|| is_notable.then(|| cell.mark_notes()))
}
