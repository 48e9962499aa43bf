//! The figures that are exported: every compared metric of every cell.

use crate::analysis::{CellResult, Estimate, arrival_name};
use crate::framework::DEFAULT_VARIANT;
use crate::metric::{Metric, catalogue};
use crate::plan::RowKey;
use crate::report::document::Report;
use crate::results::RowInfo;

/// A figure of a cell; values in the metric's own unit.
#[derive(Debug)]
pub(super) struct Exported<'a> {
    pub row: &'a RowInfo,
    pub cell: &'a CellResult,
    pub metric: &'static Metric,
    pub estimate: &'a Estimate,
}

/// Every figure, by scenarios, cells and metrics.
pub(super) fn exported(report: &Report) -> impl Iterator<Item = Exported<'_>> {
    let cells = report.scenarios.iter().flat_map(|scenario| &scenario.cells);
    cells.flat_map(|cell| {
        let row = report.recorded.info.row(&cell.key.row);
        let metrics = catalogue::compared();
        metrics.filter_map(move |metric| {
            Some(Exported {
                row: row?,
                cell,
                metric,
                estimate: cell.get(metric)?,
            })
        })
    })
}

impl Exported<'_> {
    /// `seed/burst-50/langchain`, `tracing/closed-10/sink/rig:responses`
    pub fn cell_name(&self) -> String {
        let key = &self.cell.key;
        let place = format!(
            "{}/{}-{}",
            key.scenario,
            arrival_name(key.arrival),
            key.level
        );
        match &key.case {
            Some(case) => format!("{place}/{case}/{}", row_name(&key.row)),
            None => format!("{place}/{}", row_name(&key.row)),
        }
    }

    /// The ends of the interval.
    pub fn ends(&self) -> Option<[f64; 2]> {
        let interval = self.estimate.interval.as_ref()?;
        Some([interval.start, interval.end])
    }

    /// Whether an alarm about it would be one about the measurement. Few runs make p95 rough, which its interval says.
    pub fn is_questionable(&self) -> bool {
        self.cell.mark_names().any(|mark| mark != "few-samples")
    }
}

/// A row as the command line names it.
pub(super) fn row_name(key: &RowKey) -> String {
    match key.variant.as_str() {
        DEFAULT_VARIANT => key.framework.clone(),
        variant => format!("{}:{variant}", key.framework),
    }
}
