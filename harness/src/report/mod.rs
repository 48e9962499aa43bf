//! Makes a results folder readable, from its record alone: `summary.csv`, `charts/` and `README.md`.

mod capacity;
mod costs;
mod readme;
mod table;

use std::path::Path;

pub use table::{level_table, published_table};

use crate::chart::{self, ChartError, ChartInput};
use crate::record::{self, RecordError, Recorded};
use crate::summary::CellSummary;

/// A report can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The record can't be read, or a file of the report can't be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A chart can't be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
}

/// Reads a results folder and writes its summary, charts and README; gives what was read, and the figures per cell.
///
/// # Errors
///
/// When the record can't be read or the disk refuses.
pub fn write(folder: &Path) -> Result<(Recorded, Vec<CellSummary>), ReportError> {
    let recorded = Recorded::load(folder)?;
    let cells = recorded.summary();
    record::write_summary(folder, &cells)?;
    if recorded.info.capacity.is_some() {
        record::write_capacities(folder, &recorded.capacities())?;
    }
    let rows = recorded.info.rows.iter().map(|row| chart::Row {
        framework: row.framework.clone(),
        label: row.label.clone(),
        language: row.language,
        kind: row.kind,
    });
    let rows: Vec<chart::Row> = rows.collect();
    let input = ChartInput {
        rows: &rows,
        summaries: &cells,
        trials: &recorded.trials,
        model_time_ms: recorded.info.scenario.model_time_ms,
    };
    let charts = chart::draw_all(&input, &folder.join("charts"))?;
    let text = readme::render(&recorded, &cells, &charts);
    record::replace(&folder.join("README.md"), text.as_bytes())?;
    Ok((recorded, cells))
}
