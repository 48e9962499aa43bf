//! The files of a report.

use std::path::Path;

use super::document::Report;
use super::error::ReportError;
use super::render::csv;
use super::render::html::write_page;
use super::render::json::{Document, write_document};
use super::render::markdown::readme;
use crate::chart::Drawing;
use crate::results::{self, Recorded};

/// Reads a results folder and writes its summary, ratios, charts and README. `baseline` is the row that others are
/// compared with; `None` for the Rust floor or, without one, the first measured row.
///
/// # Errors
///
/// When the record cannot be read, the sweep lacks the baseline or writing fails.
pub fn write(
    folder: &Path,
    baseline: Option<&str>,
    drawing: &Drawing,
) -> Result<Report, ReportError> {
    let report = Report::of(Recorded::load(folder)?, baseline)?;
    let cells = report
        .scenarios
        .iter()
        .flat_map(|scenario| &scenario.all_cells);
    csv::write_summary(folder, cells)?;
    let comparisons = report
        .scenarios
        .iter()
        .flat_map(|scenario| &scenario.comparisons);
    csv::write_ratios(folder, comparisons)?;
    if report.recorded.info.capacity.is_some() {
        csv::write_capacities(folder, &report.recorded.capacities())?;
    }
    let charts = report.draw(drawing, folder)?;
    write_document(folder, &Document::of(&report, &charts))?;
    write_page(folder, &report)?;
    results::replace(
        &folder.join("README.md"),
        readme::render(&report, &charts).as_bytes(),
    )?;
    Ok(report)
}
