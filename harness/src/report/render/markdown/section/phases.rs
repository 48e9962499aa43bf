//! The table of phases: the separate costs of start-up, the first run and the warm process.

use loopmark_protocol::Arrival;

use crate::analysis::CellResult;
use crate::metric::{Metric, catalogue};
use crate::report::format::{format_figure, is_of};
use crate::report::render::markdown::table::{markdown, row_label, to_markdown};
use crate::results::Recorded;

/// A column: its heading, its digits, the metric and the factor from its unit to the shown one.
type Column = (&'static str, usize, &'static Metric, f64);

static COLUMNS: [Column; 13] = [
    ("Imports (s)", 2, &catalogue::IMPORTS, 1.0),
    ("CPU (s)", 2, &catalogue::IMPORTS_CPU, 1.0),
    ("RSS (MiB)", 0, &catalogue::IMPORTS_RSS, 1.0),
    ("Build (ms)", 0, &catalogue::BUILD, MS),
    ("CPU (ms)", 0, &catalogue::BUILD_CPU, MS),
    ("RSS at ready (MiB)", 0, &catalogue::READY_RSS, 1.0),
    ("First run (ms)", 0, &catalogue::FIRST_RUN, MS),
    ("CPU (ms)", 1, &catalogue::FIRST_RUN_CPU, MS),
    ("Then per run (ms)", 0, &catalogue::MEDIAN, 1.0),
    ("CPU (ms)", 2, &catalogue::CPU_PER_RUN, 1.0),
    ("CPU per turn (ms)", 2, &catalogue::CPU_PER_TURN, 1.0),
    ("Peak RSS (MiB)", 0, &catalogue::PEAK_RSS, 1.0),
    ("RSS after (MiB)", 0, &catalogue::END_RSS, 1.0),
];
/// From seconds to milliseconds.
const MS: f64 = 1000.0;

/// One line per row, at the lowest level of the closed loop; `None` when no phases were recorded.
pub(in crate::report) fn phase_table(
    recorded: &Recorded,
    cells: &[CellResult],
) -> Option<(u32, String)> {
    let has_phases = |cell: &&CellResult| {
        cell.key.arrival == Arrival::Closed && cell.value(&catalogue::IMPORTS).is_some()
    };
    let level = cells
        .iter()
        .filter(has_phases)
        .map(|cell| cell.key.level)
        .min()?;
    let names: Vec<&str> = COLUMNS.iter().map(|(name, ..)| *name).collect();
    let mut table = markdown(&[&["Framework"], names.as_slice()].concat());
    for row in &recorded.info.rows {
        let is_meant = |cell: &&CellResult| is_of(cell, row) && cell.key.level == level;
        let Some(cell) = cells.iter().filter(has_phases).find(is_meant) else {
            continue;
        };
        let figures = COLUMNS.iter().map(|(_, digits, metric, factor)| {
            let value = cell.value(metric).map(|value| metric.unit.to_shown(value));
            format_figure(value.map(|value| value * factor), *digits)
        });
        table.add_row(std::iter::once(row_label(row)).chain(figures));
    }
    Some((level, to_markdown(&table)))
}
