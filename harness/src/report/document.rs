//! The content of a report, before it is rendered.

use std::path::Path;

use super::error::ReportError;
use crate::analysis::{self, CellResult, Comparison, Costs, Focus, Row};
use crate::chart::{self, ChartError, ChartFile, ChartInput, Drawing};
use crate::framework::{DEFAULT_VARIANT, Kind, Language};
use crate::results::{Recorded, ScenarioInfo};

/// The charts of a scenario.
#[derive(Debug, Default)]
pub struct ScenarioCharts {
    /// Their folder within the results folder.
    pub(in crate::report) place: String,
    /// Those that have data.
    pub(in crate::report) files: Vec<ChartFile>,
}

/// A sweep and its analysis.
#[derive(Debug)]
pub struct Report {
    /// What was read.
    pub recorded: Recorded,
    /// One per scenario, in the record's order.
    pub scenarios: Vec<ScenarioReport>,
}

/// The analysis of one scenario.
#[derive(Debug)]
pub struct ScenarioReport {
    /// Which.
    pub info: ScenarioInfo,
    /// One per cell, in the table's order, without A/A copies.
    pub cells: Vec<CellResult>,
    /// Every compared metric of every cell.
    pub comparisons: Vec<Comparison>,
    /// The two costs; `None` without the Rust floor.
    pub costs: Option<Costs>,
    /// The headline, if the scenario names one.
    pub focus: Option<Focus>,
    /// The cells with the A/A copies.
    pub(super) all_cells: Vec<CellResult>,
}

impl ScenarioReport {
    fn of(recorded: &Recorded, info: &ScenarioInfo, rows: &[Row], baseline: Option<&Row>) -> Self {
        let all_cells = analysis::cells(recorded, info);
        let is_of_a_row = |cell: &&CellResult| !cell.key.aa_copy;
        ScenarioReport {
            info: info.clone(),
            cells: all_cells.iter().filter(is_of_a_row).cloned().collect(),
            comparisons: analysis::compare(rows, &all_cells, baseline),
            // Cells of several cases stand at one level: they are no two costs of it.
            costs: match info.cases.is_empty() {
                true => analysis::two_costs(rows, &all_cells),
                false => None,
            },
            focus: Focus::of(info)
                .and_then(Result::ok)
                .map(|focus| focus.among(&all_cells)),
            all_cells,
        }
    }
}

/// The place of the baseline among the rows.
fn find_baseline(recorded: &Recorded, name: Option<&str>) -> Result<Option<usize>, ReportError> {
    let rows = &recorded.info.rows;
    let Some(name) = name else {
        let rust_floor = rows.iter().position(|row| {
            (row.kind, row.language) == (Kind::Floor, Language::Rust)
                && row.key.variant == DEFAULT_VARIANT
                && row.skipped.is_none()
        });
        return Ok(rust_floor.or_else(|| rows.iter().position(|row| row.skipped.is_none())));
    };
    // Of several variants, the one that comes first: `default` where it was measured.
    match rows.iter().position(|row| row.key.framework == name) {
        Some(index) => Ok(Some(index)),
        None => {
            let mut known: Vec<&str> = rows.iter().map(|row| row.key.framework.as_str()).collect();
            known.dedup();
            Err(ReportError::Baseline {
                name: name.to_owned(),
                known: known.join(", "),
            })
        }
    }
}

impl Report {
    /// Analyses a sweep; pure.
    ///
    /// # Errors
    ///
    /// When the sweep lacks the baseline.
    pub fn of(recorded: Recorded, baseline: Option<&str>) -> Result<Report, ReportError> {
        let rows = analysis::rows(&recorded);
        let baseline = find_baseline(&recorded, baseline)?.and_then(|index| rows.get(index));
        let scenarios = recorded.info.scenarios.iter();
        let scenarios = scenarios
            .map(|info| ScenarioReport::of(&recorded, info, &rows, baseline))
            .collect();
        Ok(Report {
            recorded,
            scenarios,
        })
    }

    /// Draws each scenario's charts in `folder/charts` or, with several scenarios, in `folder/charts/<scenario>`.
    pub(super) fn draw(
        &self,
        drawing: &Drawing,
        folder: &Path,
    ) -> Result<Vec<ScenarioCharts>, ChartError> {
        let charts = self.scenarios.iter().map(|scenario| {
            let place = self.chart_place(scenario);
            let files = self.draw_scenario(scenario, drawing, &folder.join(&place))?;
            Ok(ScenarioCharts { place, files })
        });
        charts.collect()
    }

    /// The folder of a scenario's charts, within the results folder.
    pub fn chart_place(&self, scenario: &ScenarioReport) -> String {
        match self.scenarios.len() {
            1 => "charts".to_owned(),
            _ => format!("charts/{}", scenario.info.name),
        }
    }

    /// The charts of a scenario, without drawing them.
    ///
    /// # Errors
    ///
    /// When the fonts or the specs cannot be read.
    pub fn list_charts(&self, scenario: &ScenarioReport) -> Result<Vec<ChartFile>, ChartError> {
        let rows = self.chart_rows(&Drawing::default());
        chart::list_all(&self.chart_input(scenario, &rows))
    }

    fn draw_scenario(
        &self,
        scenario: &ScenarioReport,
        drawing: &Drawing,
        folder: &Path,
    ) -> Result<Vec<ChartFile>, ChartError> {
        let rows = self.chart_rows(drawing);
        chart::draw_all(&self.chart_input(scenario, &rows), drawing.formats, folder)
    }

    fn chart_rows(&self, drawing: &Drawing) -> Vec<chart::Row> {
        let rows = self.recorded.info.rows.iter().map(|row| chart::Row {
            key: row.key.clone(),
            label: row.name(),
            language: row.language,
            kind: row.kind,
            colour: drawing.colour(&row.key.framework, row.colour),
        });
        rows.collect()
    }

    fn chart_input<'a>(
        &'a self,
        scenario: &'a ScenarioReport,
        rows: &'a [chart::Row],
    ) -> ChartInput<'a> {
        ChartInput {
            rows,
            summaries: &scenario.cells,
            trials: &self.recorded.trials,
            scenario: &scenario.info.name,
            model_time_ms: scenario.info.model_time_ms,
            cases: &scenario.info.cases,
            specs: scenario
                .info
                .report
                .as_ref()
                .map_or(&[], |report| &report.charts),
            costs: scenario.costs.as_ref(),
        }
    }
}
