//! The tables: the published one, and the one over the levels.

use loopmark_protocol::Arrival;

use crate::analysis::CellResult;
use crate::metric::{Metric, catalogue};
use crate::report::document::ScenarioReport;
use crate::report::format::{format_estimate, format_metric, is_of};
use crate::report::render::markdown::table::{
    markdown, render_note, render_table, row_label, to_markdown,
};
use crate::report::table::{burst_notes, burst_table, tables_by_api};
use crate::results::Recorded;

/// The published table: every row that was measured, each with the API of its variant, in the burst of the scenario's
/// table level. Below it stands what is questionable and what is missing, with the reason.
pub fn published_table(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let table = burst_table(recorded, scenario);
    let mut text = format!("{}\n", render_table(&table));
    for note in burst_notes(recorded, scenario) {
        text.push_str(&format!("\n* {}\n", render_note(&note)));
    }
    text
}

/// The table of each API alone, where rows of both were measured.
pub(in crate::report) fn api_tables(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let tables = tables_by_api(recorded, scenario).into_iter();
    let tables = tables.map(|(title, table)| {
        let table = render_table(&table);
        format!("\n### {title} alone\n\n{table}\n")
    });
    tables.collect()
}

/// One line per cell of the closed and the open loop.
pub(in crate::report) fn level_table(recorded: &Recorded, cells: &[CellResult]) -> Option<String> {
    let mut table = markdown(&[
        "Framework",
        "Level",
        "Median (ms)",
        "p95 (ms)",
        "Overhead per turn (ms)",
        "Gap (ms)",
        "CPU per run (ms)",
        "Peak RSS (MiB)",
        "Connections",
        "Request bytes per run",
        "Verified runs",
        "Marks",
    ]);
    for row in &recorded.info.rows {
        for cell in cells
            .iter()
            .filter(|cell| is_of(cell, row) && cell.key.arrival != Arrival::Burst)
        {
            table.add_row([
                row_label(row),
                load(cell),
                with_interval(cell, &catalogue::MEDIAN, 0),
                with_interval(cell, &catalogue::P95, 0),
                with_interval(cell, &catalogue::OVERHEAD_PER_TURN, 2),
                format_metric(Some(cell), &catalogue::GAP, 2),
                with_interval(cell, &catalogue::CPU_PER_RUN, 2),
                with_interval(cell, &catalogue::PEAK_RSS, 0),
                format_metric(Some(cell), &catalogue::CONNECTIONS, 0),
                format_metric(Some(cell), &catalogue::REQUEST_BODY_BYTES_PER_RUN, 0),
                format!("{} of {}", cell.counts.verified_runs, cell.counts.runs),
                cell.mark_names().collect::<Vec<_>>().join(", "),
            ]);
        }
    }
    (table.row_count() > 0).then(|| format!("{}\n", to_markdown(&table)))
}

/// A level of the closed loop, or a rate of the open one.
fn load(cell: &CellResult) -> String {
    match cell.key.arrival {
        Arrival::Rate(rate) => format!("{rate}/s"),
        Arrival::Burst | Arrival::Closed => cell.key.level.to_string(),
    }
}

fn with_interval(cell: &CellResult, metric: &Metric, digits: usize) -> String {
    format_estimate(cell.get(metric), metric, digits)
}
