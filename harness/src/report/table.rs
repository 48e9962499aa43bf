//! The tables: the published one, and the one over the levels.

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

use super::capacity::agents;
use super::comparison::with_range;
use crate::measurement::TrialRecord;
use crate::record::{Recorded, RowInfo};
use crate::summary::{CellSummary, arrival_name};
use crate::words;

const MIB: f64 = 1024.0 * 1024.0;

/// What a cell shows where there is no figure.
const NONE: &str = "–";

/// The published table: a row each, burst of the scenario's table level. Below it, what is questionable and what is
/// missing, with the reason. Where capacities were searched, it says too how many agents a core and a GiB carry.
pub(super) fn published_table(recorded: &Recorded, cells: &[CellSummary]) -> String {
    let mut header = vec![
        "Framework",
        "Median (ms)",
        "p95 (ms)",
        "CPU (sec)",
        "Peak RSS (MiB)",
    ];
    let capacities = recorded.capacities();
    if !capacities.is_empty() {
        header.extend(["Agents a core", "Agents a GiB"]);
    }
    let mut table = markdown(&header);
    let mut notes = Vec::new();
    for row in &recorded.info.rows {
        let cell = cells
            .iter()
            .find(|cell| is_of(cell, row) && cell.arrival == "burst");
        let mut label = row_label(row);
        if let Some(reason) = &row.skipped {
            notes.push(format!("{label}: skipped: {}", words::markdown(reason)));
        } else if let Some(note) = note(recorded, row, cell) {
            notes.push(format!("{label}: {note}"));
            label.push_str(" *");
        }
        let figure = |value: Option<f64>, digits| format_figure(value, digits);
        let mut line = vec![
            label,
            figure(cell.and_then(|cell| cell.median_ms), 0),
            figure(cell.and_then(|cell| cell.p95_ms), 0),
            figure(cell.and_then(|cell| cell.cpu_s), 2),
            figure(mib(cell.and_then(|cell| cell.peak_rss_bytes)), 0),
        ];
        if !capacities.is_empty() {
            let capacity = capacities.iter().find(|capacity| {
                capacity.framework == row.framework && capacity.variant == row.variant
            });
            line.extend(match capacity {
                Some(found) => [found.agents_per_core, found.agents_per_gib]
                    .map(|figure| agents(figure, found)),
                None => [NONE, NONE].map(str::to_owned),
            });
        }
        table.add_row(line);
    }
    let mut text = format!("{}\n", to_markdown(&table));
    for note in notes {
        text.push_str(&format!("\n* {note}\n"));
    }
    text
}

/// A row a cell of the closed loop: what each level costs.
pub(super) fn level_table(recorded: &Recorded, cells: &[CellSummary]) -> Option<String> {
    let mut table = markdown(&[
        "Framework",
        "Level",
        "Median (ms)",
        "p95 (ms)",
        "Overhead a turn (ms)",
        "Gap (ms)",
        "CPU a run (ms)",
        "Peak RSS (MiB)",
        "Connections",
        "Request bytes a run",
        "Verified runs",
        "Marks",
    ]);
    for row in &recorded.info.rows {
        for cell in cells
            .iter()
            .filter(|cell| is_of(cell, row) && cell.arrival != "burst")
        {
            table.add_row([
                row_label(row),
                load(cell),
                with_interval(cell.median_ms, cell.median_low_ms, cell.median_high_ms, 0),
                with_interval(cell.p95_ms, cell.p95_low_ms, cell.p95_high_ms, 0),
                with_interval(
                    cell.overhead_per_turn_ms,
                    cell.overhead_per_turn_low_ms,
                    cell.overhead_per_turn_high_ms,
                    2,
                ),
                format_figure(cell.gap_median_ms, 2),
                with_interval(
                    cell.cpu_per_run_ms,
                    cell.cpu_per_run_low_ms,
                    cell.cpu_per_run_high_ms,
                    2,
                ),
                with_interval(
                    mib(cell.peak_rss_bytes),
                    mib(cell.peak_rss_low_bytes),
                    mib(cell.peak_rss_high_bytes),
                    0,
                ),
                format_figure(cell.connections, 0),
                format_figure(cell.request_body_bytes_per_run, 0),
                format!("{} of {}", cell.verified_runs, cell.runs),
                cell.marks.replace(';', ", "),
            ]);
        }
    }
    (table.row_count() > 0).then(|| format!("{}\n", to_markdown(&table)))
}

/// A Markdown table whose figures stand to the right.
pub(super) fn markdown(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(ASCII_MARKDOWN)
        .set_header(header.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The table as text; Markdown wants a colon in the line below the header for what stands to the right, which
/// comfy-table's preset leaves out.
pub(super) fn to_markdown(table: &Table) -> String {
    let text = table.to_string();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Some(rule) = lines.get_mut(1) {
        let columns: Vec<&str> = rule.trim_matches('|').split('|').collect();
        let marked =
            columns
                .iter()
                .enumerate()
                .map(|(index, column)| match column.strip_suffix('-') {
                    Some(dashes) if index > 0 => format!("{dashes}:"),
                    _ => (*column).to_owned(),
                });
        *rule = format!("|{}|", marked.collect::<Vec<_>>().join("|"));
    }
    lines.join("\n")
}

/// A level of the closed loop, or a rate of the open one.
fn load(cell: &CellSummary) -> String {
    match cell.arrival.strip_prefix("rate-") {
        Some(rate) => format!("{rate}/s"),
        None => cell.level.to_string(),
    }
}

pub(super) fn row_label(row: &RowInfo) -> String {
    words::markdown(&row.name())
}

pub(super) fn is_of(cell: &CellSummary, row: &RowInfo) -> bool {
    cell.framework == row.framework && cell.variant == row.variant
}

/// What a reader must know of a row of the published table before believing its figures.
fn note(recorded: &Recorded, row: &RowInfo, cell: Option<&CellSummary>) -> Option<String> {
    let Some(cell) = cell else {
        return Some("not measured".to_owned());
    };
    if cell.marks.is_empty() {
        return None;
    }
    let is_of_cell = |trial: &&TrialRecord| {
        let planned = &trial.planned.cell;
        (&planned.framework, &planned.variant) == (&row.framework, &row.variant)
            && arrival_name(planned.arrival) == cell.arrival
            && planned.level == cell.level
            && !planned.aa_copy
    };
    let trials = || recorded.trials.iter().filter(is_of_cell);
    if let Some(reason) = trials().find_map(|trial| trial.outcome.not_offered()) {
        return Some(reason);
    }
    let example = trials().find_map(|trial| trial.runs.example.clone());
    let counted = format!("{} of {} runs verified", cell.verified_runs, cell.runs);
    Some(match example {
        Some(example) => format!(
            "{} ({counted}); {}",
            cell.mark_notes,
            words::markdown(&example)
        ),
        None => format!("{} ({counted})", cell.mark_notes),
    })
}

pub(super) fn format_figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.digits$}"))
}

fn mib(bytes: Option<f64>) -> Option<f64> {
    bytes.map(|bytes| bytes / MIB)
}

fn with_interval(value: Option<f64>, low: Option<f64>, high: Option<f64>, digits: usize) -> String {
    let range = low.zip(high).map(|(low, high)| low..high);
    with_range(value, range.as_ref(), digits)
}
