//! The releases' charts.

use std::path::Path;

use serde::Deserialize;

use super::table::{Line, Table};
use crate::analysis::CellResult;
use crate::chart::{ChartError, ChartFile, ChartInput, Drawing, Row, draw_all};
use crate::plan::CellKey;
use crate::results::Recorded;

const CHARTS: &str = include_str!("chart.toml");

#[derive(Deserialize)]
struct Charts {
    chart: Vec<serde_json::Value>,
}

/// Draws a table's charts into `folder`, a line for each release that was measured, the oldest first.
///
/// # Errors
///
/// The first chart that can't be drawn or written.
pub fn draw(
    table: &Table,
    recorded: &Recorded,
    drawing: &Drawing,
    folder: &Path,
) -> Result<Vec<ChartFile>, ChartError> {
    let Charts { chart } = toml::from_str(CHARTS)?;
    let specs: Vec<serde_json::Value> = chart
        .into_iter()
        .map(|spec| at(spec, &table.cell))
        .collect();
    let Some(scenario) = recorded.info.scenario(&table.scenario) else {
        return Ok(Vec::new());
    };
    let rows: Vec<Row> = table
        .lines
        .iter()
        .filter_map(|line| row(line, recorded, drawing))
        .collect();
    let cells = table.lines.iter();
    let cells: Vec<CellResult> = cells.filter_map(|line| line.cell.clone().ok()).collect();
    let input = ChartInput {
        summaries: &cells,
        trials: &[],
        scenario: &table.scenario,
        rows: &rows,
        model_time_ms: scenario.model_time_ms,
        cases: &scenario.cases,
        specs: &specs,
        costs: None,
    };
    draw_all(&input, drawing.formats, folder)
}

/// A chart of the table's own cell.
fn at(mut spec: serde_json::Value, cell: &CellKey) -> serde_json::Value {
    if let Some(spec) = spec.as_object_mut() {
        let mut at = serde_json::json!({ "arrival": cell.arrival, "level": cell.level });
        if let (Some(at), Some(case)) = (at.as_object_mut(), &cell.case) {
            at.insert("case".to_owned(), case.clone().into());
        }
        spec.insert("at".to_owned(), at);
    }
    spec
}

fn row(line: &Line, recorded: &Recorded, drawing: &Drawing) -> Option<Row> {
    let info = recorded.info.row(&line.row)?;
    let date = line.date.as_ref();
    let date = date.map_or(String::new(), |date| format!(", {date}"));
    Some(Row {
        key: line.row.clone(),
        label: format!("{}{date}", line.version),
        language: info.language,
        kind: info.kind,
        colour: drawing.colour(&line.row.framework, info.colour),
    })
}
