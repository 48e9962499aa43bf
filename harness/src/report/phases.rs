//! The phases of a trial as a table: what start-up, the first run and the warm process cost, each by itself.

use super::table::{format_figure, is_of, markdown, row_label, to_markdown};
use crate::record::Recorded;
use crate::summary::CellSummary;

const MIB: f64 = 1024.0 * 1024.0;

/// A column: its name, its digits, and where it comes from.
type Column = (&'static str, usize, fn(&CellSummary) -> Option<f64>);

const COLUMNS: [Column; 13] = [
    ("Imports (s)", 2, |cell| cell.imports_s),
    ("CPU (s)", 2, |cell| cell.imports_cpu_s),
    ("RSS (MiB)", 0, |cell| mib(cell.imports_rss_bytes)),
    ("Build (ms)", 0, |cell| ms(cell.build_s)),
    ("CPU (ms)", 0, |cell| ms(cell.build_cpu_s)),
    ("RSS at ready (MiB)", 0, |cell| mib(cell.ready_rss_bytes)),
    ("First run (ms)", 0, |cell| ms(cell.first_run_s)),
    ("CPU (ms)", 1, |cell| ms(cell.first_run_cpu_s)),
    ("Then a run (ms)", 0, |cell| cell.median_ms),
    ("CPU (ms)", 2, |cell| cell.cpu_per_run_ms),
    ("CPU a turn (ms)", 2, |cell| cell.cpu_per_turn_ms),
    ("Peak RSS (MiB)", 0, |cell| mib(cell.peak_rss_bytes)),
    ("RSS after (MiB)", 0, |cell| mib(cell.end_rss_bytes)),
];

/// A row a framework, at the lowest level of the closed loop; `None` where no phases were kept.
pub(super) fn phase_table(recorded: &Recorded, cells: &[CellSummary]) -> Option<(u32, String)> {
    let has_phases = |cell: &&CellSummary| cell.arrival == "closed" && cell.imports_s.is_some();
    let level = cells
        .iter()
        .filter(has_phases)
        .map(|cell| cell.level)
        .min()?;
    let names: Vec<&str> = COLUMNS.iter().map(|(name, ..)| *name).collect();
    let mut table = markdown(&[&["Framework"], names.as_slice()].concat());
    for row in &recorded.info.rows {
        let is_meant = |cell: &&CellSummary| is_of(cell, row) && cell.level == level;
        let Some(cell) = cells.iter().filter(has_phases).find(is_meant) else {
            continue;
        };
        let figures = COLUMNS.iter();
        let figures = figures.map(|(_, digits, figure)| format_figure(figure(cell), *digits));
        table.add_row(std::iter::once(row_label(row)).chain(figures));
    }
    Some((level, to_markdown(&table)))
}

fn ms(seconds: Option<f64>) -> Option<f64> {
    seconds.map(|seconds| seconds * 1000.0)
}

fn mib(bytes: Option<f64>) -> Option<f64> {
    bytes.map(|bytes| bytes / MIB)
}
