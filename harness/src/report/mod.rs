//! Makes the readable files of a results folder from its record: `README.md`, `summary.csv`, `ratios.csv`, `report.json`,
//! `charts/` and `tables.tex`.

mod check;
mod document;
mod error;
mod format;
mod render;
mod table;
mod write;

pub use check::check;
pub use document::{Report, ScenarioCharts, ScenarioReport};
pub use error::ReportError;
pub use format::shown_number;
pub use render::csv::column_values;
pub use render::export::{badge, bencher, benchmark_action, open_metrics};
pub use render::html::write_site;
pub use render::json::{Document, REPORT_FORMAT, document_schema};
pub use render::latex::tables::write_latex;
pub use render::markdown::readme::{processors, render};
pub use render::markdown::section::calibration::calibration_table;
pub use render::markdown::section::mock::{mock_readme, write_mock_readme};
pub use render::markdown::section::table::published_table;
pub use render::markdown::table::machine_line;
pub use render::terminal::terminal_table;
pub use write::write;
