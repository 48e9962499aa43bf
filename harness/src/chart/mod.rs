//! placeholder until the charts land
use crate::framework::{Kind, Language};
use crate::measurement::TrialRecord;
use crate::summary::CellSummary;
use std::path::Path;
pub struct Row {
    pub framework: String,
    pub label: String,
    pub language: Language,
    pub kind: Kind,
}
pub struct ChartInput<'a> {
    pub rows: Vec<Row>,
    pub cells: &'a [CellSummary],
    pub trials: &'a [TrialRecord],
    pub model_time_ms: f64,
}
pub struct ChartFile;
#[derive(Debug, thiserror::Error)]
#[error("chart")]
pub struct ChartError;
pub fn draw_all(_: &ChartInput, _: &Path) -> Result<Vec<ChartFile>, ChartError> {
    Ok(vec![])
}
pub fn markdown(_: &[ChartFile]) -> String {
    String::new()
}
