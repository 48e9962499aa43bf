//! Makes a results folder readable, from its record alone: `summary.csv`, `ratios.csv`, `charts/` and `README.md`.

mod csv;
mod markdown;
mod readme;
mod section;

use std::path::Path;

pub use readme::processors;
pub use section::calibration::calibration_table;
pub use section::mock::{mock_readme, write_mock_readme};
use section::table::published_table;

use crate::analysis::{self, CellResult, Comparison, Costs};
use crate::chart::{self, ChartError, ChartFile, ChartInput, Drawing};
use crate::framework::{DEFAULT_VARIANT, Kind, Language};
use crate::results::{self, Recorded, ResultsError};

/// A report can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The record can't be read, or a file of the report can't be written.
    #[error(transparent)]
    Record(#[from] ResultsError),
    /// A chart can't be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// A baseline that the sweep does not have.
    #[error("the sweep has no row `{name}` to compare with; it has {known}")]
    Baseline {
        /// As it was asked for.
        name: String,
        /// The sweep's rows.
        known: String,
    },
}

/// A sweep, and what a report says of it.
#[derive(Debug)]
pub struct Report {
    /// What was read.
    pub recorded: Recorded,
    /// One a cell, in the table's order, without A/A copies.
    pub cells: Vec<CellResult>,
    /// Every cell's figures beside those of others.
    pub comparisons: Vec<Comparison>,
    /// The two costs; `None` without the Rust floor.
    pub costs: Option<Costs>,
    /// The cells with the A/A copies.
    all_cells: Vec<CellResult>,
}

/// Reads a results folder and writes its summary, ratios, charts and README. `baseline` is the row that others are
/// compared with: by default the Rust floor, else the first row that was measured.
///
/// # Errors
///
/// When the record can't be read, the sweep does not have the baseline or the disk refuses.
pub fn write(
    folder: &Path,
    baseline: Option<&str>,
    drawing: &Drawing,
) -> Result<Report, ReportError> {
    let report = Report::of(Recorded::load(folder)?, baseline)?;
    csv::write_summary(folder, &report.all_cells)?;
    csv::write_ratios(folder, &report.comparisons)?;
    if report.recorded.info.capacity.is_some() {
        csv::write_capacities(folder, &report.recorded.capacities())?;
    }
    let charts = report.draw(drawing, &folder.join("charts"))?;
    results::replace(&folder.join("README.md"), report.page(&charts).as_bytes())?;
    Ok(report)
}

/// The place of the baseline among the rows.
fn find_baseline(recorded: &Recorded, name: Option<&str>) -> Result<Option<usize>, ReportError> {
    let rows = &recorded.info.rows;
    let Some(name) = name else {
        let rust_floor = rows.iter().position(|row| {
            (row.kind, row.language) == (Kind::Floor, Language::Rust)
                && row.key.variant == DEFAULT_VARIANT
                && row.skipped.is_none()
        });
        return Ok(rust_floor.or_else(|| rows.iter().position(|row| row.skipped.is_none())));
    };
    // Of several variants, the one that comes first: `default` where it was measured.
    match rows.iter().position(|row| row.key.framework == name) {
        Some(index) => Ok(Some(index)),
        None => {
            let mut known: Vec<&str> = rows.iter().map(|row| row.key.framework.as_str()).collect();
            known.dedup();
            Err(ReportError::Baseline {
                name: name.to_owned(),
                known: known.join(", "),
            })
        }
    }
}

impl Report {
    /// Sums a sweep up; pure.
    ///
    /// # Errors
    ///
    /// When the sweep does not have the baseline.
    pub fn of(recorded: Recorded, baseline: Option<&str>) -> Result<Report, ReportError> {
        let rows = analysis::rows(&recorded);
        let baseline = find_baseline(&recorded, baseline)?.and_then(|index| rows.get(index));
        let all_cells = analysis::cells(&recorded);
        let comparisons = analysis::compare(&rows, &all_cells, baseline);
        let costs = analysis::two_costs(&rows, &all_cells);
        let is_of_a_row = |cell: &&CellResult| !cell.key.aa_copy;
        let cells = all_cells.iter().filter(is_of_a_row).cloned().collect();
        Ok(Report {
            recorded,
            cells,
            comparisons,
            costs,
            all_cells,
        })
    }

    /// `README.md` of the results folder, with these charts.
    pub fn page(&self, charts: &[ChartFile]) -> String {
        readme::render(self, charts)
    }

    /// The published table with its notes.
    pub fn table(&self) -> String {
        published_table(&self.recorded, &self.cells)
    }

    fn draw(&self, drawing: &Drawing, folder: &Path) -> Result<Vec<ChartFile>, ChartError> {
        let rows = self.recorded.info.rows.iter().map(|row| chart::Row {
            key: row.key.clone(),
            label: row.name(),
            language: row.language,
            kind: row.kind,
            colour: drawing.colour(&row.key.framework, row.colour),
        });
        let rows: Vec<chart::Row> = rows.collect();
        let input = ChartInput {
            rows: &rows,
            summaries: &self.cells,
            trials: &self.recorded.trials,
            model_time_ms: self.recorded.info.scenario.model_time_ms,
            costs: self.costs.as_ref(),
        };
        chart::draw_all(&input, drawing.formats, folder)
    }
}
