//! Why a report can't be made.

use crate::chart::ChartError;
use crate::results::ResultsError;

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
