//! Figures and tables in Markdown.

use std::ops::Range;

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

use crate::analysis::{CellResult, Estimate};
use crate::metric::Metric;
use crate::results::RowInfo;
use crate::system::Machine;
use crate::words;

/// What a cell shows where there is no figure.
pub(in crate::report) const NONE: &str = "–";

/// A Markdown table whose figures stand to the right.
pub(in crate::report) fn markdown(header: &[&str]) -> Table {
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
pub(in crate::report) fn to_markdown(table: &Table) -> String {
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

/// The row's name.
pub(in crate::report) fn row_label(row: &RowInfo) -> String {
    words::markdown(&row.name())
}

/// Whether a cell is of a row.
pub(in crate::report) fn is_of(cell: &CellResult, row: &RowInfo) -> bool {
    cell.key.row == row.key
}

/// A value, or that there is none.
pub(in crate::report) fn format_figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.digits$}"))
}

/// A figure of a cell in the unit that readers see.
pub(in crate::report) fn format_metric(
    cell: Option<&CellResult>,
    metric: &Metric,
    digits: usize,
) -> String {
    let value = cell.and_then(|cell| cell.value(metric));
    format_figure(value.map(|value| metric.unit.to_shown(value)), digits)
}

/// An estimate in the unit that readers see, with its interval.
pub(in crate::report) fn format_estimate(
    estimate: Option<&Estimate>,
    metric: &Metric,
    digits: usize,
) -> String {
    let shown = |value| metric.unit.to_shown(value);
    let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
    let interval = interval.map(|range| shown(range.start)..shown(range.end));
    let value = estimate.map(|estimate| shown(estimate.value));
    with_range(value, interval.as_ref(), digits)
}

/// `2.55 (2.31–2.80)`
pub(in crate::report) fn with_range(
    value: Option<f64>,
    range: Option<&Range<f64>>,
    digits: usize,
) -> String {
    match (value, range) {
        (Some(value), Some(range)) => {
            format!(
                "{value:.digits$} ({:.digits$}–{:.digits$})",
                range.start, range.end
            )
        }
        (value, _) => format_figure(value, digits),
    }
}

/// The machine, without a full stop.
pub fn machine_line(machine: &Machine) -> String {
    format!(
        "{} × {}, {:.1} GiB, {}, Linux {}, {}",
        machine.cpus,
        words::markdown(&machine.cpu),
        machine.memory_bytes as f64 / f64::from(1 << 30),
        words::markdown(&machine.os),
        words::markdown(&machine.kernel),
        machine.arch
    )
}
