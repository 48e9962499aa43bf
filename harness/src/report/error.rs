//! Why a report cannot be made.

use crate::chart::ChartError;
use crate::results::ResultsError;

/// A report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The record can't be read, or a file of the report can't be written.
    #[error(transparent)]
    Record(#[from] ResultsError),
    /// A chart can't be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The sweep lacks the baseline.
    #[error("the sweep has no row `{name}` to compare with; it has {known}")]
    Baseline {
        /// The requested name.
        name: String,
        /// The sweep's rows.
        known: String,
    },
}
