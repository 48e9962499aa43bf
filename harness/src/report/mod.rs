//! Makes a results folder readable, from its record alone: `summary.csv`, `ratios.csv`, `charts/` and `README.md`.

mod check;
mod csv;
mod document;
mod error;
mod json;
mod markdown;
mod readme;
mod section;
mod write;

pub use check::check;
pub use csv::column_values;
pub use document::{Report, ScenarioCharts, ScenarioReport};
pub use error::ReportError;
pub use json::{Document, REPORT_FORMAT, document_schema};
pub use markdown::machine_line;
pub use readme::{processors, render};
pub use section::calibration::calibration_table;
pub use section::mock::{mock_readme, write_mock_readme};
pub use section::table::published_table;
pub use write::write;
