//! The two costs of each row as a table, and what a run costs beside time.

use super::comparison::with_range;
use super::table::{format_figure, is_of, markdown, row_label, to_markdown};
use crate::framework::{DEFAULT_VARIANT, Kind};
use crate::record::{Recorded, RowInfo};
use crate::summary::{CellSummary, Costs, Estimate, Figure};

const MIB: f64 = 1024.0 * 1024.0;

/// The two costs at one level of the closed loop.
pub(super) fn cost_table(recorded: &Recorded, costs: &Costs) -> String {
    let units = ["(ms)", "(ms)", "(MiB)"];
    let header = Costs::FIGURES.iter().zip(units).flat_map(|(figure, unit)| {
        let title = format!("{} {unit}", figure.title());
        [title, "language".to_owned(), "framework".to_owned()]
    });
    let header: Vec<String> = std::iter::once("Framework".to_owned())
        .chain(header)
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = markdown(&header);
    for cost in &costs.rows {
        let is_row =
            |row: &&RowInfo| row.framework == cost.row.framework && row.variant == cost.row.variant;
        let Some(row) = recorded.info.rows.iter().find(is_row) else {
            continue;
        };
        let mut line = vec![row_label(row)];
        for (split, figure) in cost.splits.iter().zip(Costs::FIGURES) {
            let parts = [&split.whole, &split.language, &split.framework];
            line.extend(parts.map(|part| format_estimate(part.as_ref(), figure)));
        }
        table.add_row(line);
    }
    format!(
        "At level {} of the closed loop.\n\n{}\n",
        costs.level,
        to_markdown(&table)
    )
}

fn format_estimate(estimate: Option<&Estimate>, figure: Figure) -> String {
    let (unit, digits) = match figure {
        Figure::PeakRss => (MIB, 1),
        _ => (1.0, 2),
    };
    let value = estimate.map(|estimate| estimate.value / unit);
    let interval = estimate.and_then(|estimate| estimate.interval.clone());
    let interval = interval.map(|range| range.start / unit..range.end / unit);
    with_range(value, interval.as_ref(), digits)
}

/// LLM calls, bytes, connections and start-up of each row: of the table's burst, or where a sweep has none, of the
/// first cell that the row has.
pub(super) fn beside_time_table(recorded: &Recorded, cells: &[CellSummary]) -> String {
    let mut table = markdown(&[
        "Framework",
        "LLM calls a run",
        "Request bytes a run",
        "× floor",
        "Connections",
        "Start-up (s)",
        "Start-up CPU (s)",
        "RSS at ready (MiB)",
        "Install size (MiB)",
    ]);
    let cell_of = |row: &RowInfo| {
        let of_row = || cells.iter().filter(|cell| is_of(cell, row));
        of_row()
            .find(|cell| cell.arrival == "burst")
            .or_else(|| of_row().next())
    };
    for row in &recorded.info.rows {
        let Some(cell) = cell_of(row) else { continue };
        let is_floor = |other: &&RowInfo| {
            (other.kind, other.language) == (Kind::Floor, row.language)
                && other.variant == DEFAULT_VARIANT
        };
        let floor = recorded.info.rows.iter().find(is_floor).and_then(cell_of);
        let floor_bytes = floor.and_then(|floor| floor.request_body_bytes_per_run);
        let bytes = cell.request_body_bytes_per_run;
        let ratio = bytes.zip(floor_bytes.filter(|bytes| *bytes > 0.0));
        table.add_row([
            row_label(row),
            format_figure(cell.llm_calls_per_run, 1),
            format_figure(bytes, 0),
            format_figure(ratio.map(|(bytes, floor)| bytes / floor), 2),
            format_figure(cell.connections, 0),
            format_figure(cell.ready_s, 2),
            format_figure(cell.ready_cpu_s, 2),
            format_figure(cell.ready_rss_bytes.map(|bytes| bytes / MIB), 0),
            format_figure(row.install_bytes.map(|bytes| bytes as f64 / MIB), 1),
        ]);
    }
    format!("{}\n", to_markdown(&table))
}
