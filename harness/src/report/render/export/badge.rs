//! A badge of shields.io, by its endpoint: <https://shields.io/badges/endpoint-badge>.

use serde_json::{Value, json};

use super::exported::{exported, row_name};
use crate::analysis::headline;
use crate::metric::Metric;
use crate::report::document::Report;
use crate::report::format::{format_multiple, shown_number};

/// A row's figure where the sweep's first scenario represents it, and how many times its floor that is; `None` where the
/// sweep does not have it.
pub fn badge(report: &Report, row: &str, metric: &Metric) -> Option<Value> {
    let scenario = report.scenarios.first()?;
    let place = headline(scenario.cells.iter().map(|cell| &cell.key))?;
    let figure = exported(report).find(|figure| {
        let key = &figure.cell.key;
        row_name(&key.row) == row
            && figure.metric.name == metric.name
            && (&key.scenario, &key.case) == (&place.scenario, &place.case)
            && (key.arrival, key.level) == (place.arrival, place.level)
    })?;
    let ratio = scenario.comparisons.iter().find_map(|line| {
        let is_it = line.key == figure.cell.key && line.metric.name == metric.name;
        is_it.then_some(line.to_floor.as_ref()).flatten()
    });
    let value = shown_number(metric, Some(figure.estimate.value));
    let value = format!("{value} {}", metric.unit.shown());
    let message = match ratio {
        Some(ratio) => format!(
            "{} ({} floor)",
            value.trim_end(),
            format_multiple(Some(ratio))
        ),
        None => value.trim_end().to_owned(),
    };
    Some(json!({
        "schemaVersion": 1,
        "label": format!("Loopmark {}", metric.title),
        "message": message,
        "color": "blue",
    }))
}
