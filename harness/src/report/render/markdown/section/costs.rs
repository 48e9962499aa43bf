//! The two costs of each row as a table, and what a run costs beside time.

use crate::analysis::{self, CellResult, Costs};
use crate::metric::{Unit, catalogue};
use crate::report::format::{format_estimate, format_figure, format_metric, is_of};
use crate::report::render::markdown::table::{markdown, row_label, to_markdown};
use crate::results::{Recorded, RowInfo};

const MIB: f64 = 1024.0 * 1024.0;

/// The two costs at one level of the closed loop.
pub(in crate::report) fn cost_table(recorded: &Recorded, costs: &Costs) -> String {
    let header = Costs::FIGURES.iter().flat_map(|metric| {
        let title = format!("{} ({})", metric.title, metric.unit.shown());
        [title, "language".to_owned(), "framework".to_owned()]
    });
    let header: Vec<String> = std::iter::once("Framework".to_owned())
        .chain(header)
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = markdown(&header);
    for cost in &costs.rows {
        let is_row = |row: &&RowInfo| row.key == cost.row.key;
        let Some(row) = recorded.info.rows.iter().find(is_row) else {
            continue;
        };
        let mut line = vec![row_label(row)];
        for (split, metric) in cost.splits.iter().zip(Costs::FIGURES) {
            let parts = [&split.whole, &split.language, &split.framework];
            let digits = if metric.unit == Unit::Bytes { 1 } else { 2 };
            line.extend(parts.map(|part| format_estimate(part.as_ref(), metric, digits)));
        }
        table.add_row(line);
    }
    format!(
        "At level {} of the closed loop.\n\n{}\n",
        costs.level,
        to_markdown(&table)
    )
}

/// LLM calls, bytes, connections and start-up of each row, of its headline cell.
pub(in crate::report) fn beside_time_table(recorded: &Recorded, cells: &[CellResult]) -> String {
    let mut table = markdown(&[
        "Framework",
        "LLM calls per run",
        "Request bytes per run",
        "× floor",
        "Connections",
        "Start-up (s)",
        "Start-up CPU (s)",
        "RSS at ready (MiB)",
        "Install size (MiB)",
    ]);
    let cell_of = |row: &RowInfo| {
        let of_row = cells.iter().filter(|cell| is_of(cell, row));
        let key = analysis::headline(of_row.map(|cell| &cell.key))?;
        cells.iter().find(|cell| cell.key == *key)
    };
    let analysed = analysis::rows(recorded);
    for row in &recorded.info.rows {
        let Some(cell) = cell_of(row) else { continue };
        let floor = analysis::floor_of(&analysed, row.language, row.api);
        let floor = floor.and_then(|floor| {
            let mut rows = recorded.info.rows.iter();
            rows.find(|row| row.key == floor.key).and_then(cell_of)
        });
        let floor_bytes =
            floor.and_then(|floor| floor.value(&catalogue::REQUEST_BODY_BYTES_PER_RUN));
        let bytes = cell.value(&catalogue::REQUEST_BODY_BYTES_PER_RUN);
        let figure = |metric, digits| format_metric(Some(cell), metric, digits);
        let ratio = bytes.zip(floor_bytes.filter(|bytes| *bytes > 0.0));
        table.add_row([
            row_label(row),
            figure(&catalogue::LLM_CALLS_PER_RUN, 1),
            format_figure(bytes, 0),
            format_figure(ratio.map(|(bytes, floor)| bytes / floor), 2),
            figure(&catalogue::CONNECTIONS, 0),
            figure(&catalogue::READY, 2),
            figure(&catalogue::READY_CPU, 2),
            figure(&catalogue::READY_RSS, 0),
            format_figure(row.install_bytes.map(|bytes| bytes as f64 / MIB), 1),
        ]);
    }
    format!("{}\n", to_markdown(&table))
}
