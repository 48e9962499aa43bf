//! Bencher's metric format, version 0: <https://bencher.dev/docs/reference/bencher-metric-format/>.

use serde_json::{Map, Value, json};

use super::exported::exported;
use crate::report::document::Report;

/// By benchmarks (`seed/burst-50/langchain`), and by measures (`cpu-per-run-ms`): a value, and the ends of its interval.
///
/// Bencher takes the unit of a measure from its own settings, so the unit is in the measure's name. A benchmark whose
/// name ends with `-bencher-ignore` raises no alert: that is a cell with a mark.
pub fn bencher(report: &Report) -> Value {
    let mut benchmarks = Map::new();
    for figure in exported(report) {
        let name = match figure.is_questionable() {
            true => format!("{}-bencher-ignore", figure.cell_name()),
            false => figure.cell_name(),
        };
        let mut measure = json!({"value": figure.estimate.value});
        if let Some([low, high]) = figure.ends() {
            measure["lower_value"] = json!(low);
            measure["upper_value"] = json!(high);
        }
        let measures = benchmarks.entry(name).or_insert_with(|| json!({}));
        measures[figure.metric.name.replace('_', "-")] = measure;
    }
    Value::Object(benchmarks)
}
