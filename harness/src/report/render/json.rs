//! `report.json`: all that a report says, for programs. Comparisons and exports read this and nothing else; the
//! page has a selection of it, by columns.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::analysis::{CellResult, Comparison, Estimate, Ratio};
use crate::capacity::Capacity;
use crate::metric::{Better, Metric, Witness, catalogue};
use crate::plan::{CellKey, RowKey};
use crate::report::document::{Report, ScenarioCharts, ScenarioReport};
use crate::results::{self, ResultsError, RowInfo, RunInfo, ScenarioInfo};
use crate::system::Machine;

/// The format of `report.json`.
pub const REPORT_FORMAT: u32 = 1;

/// `report.json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document<'a> {
    /// [`REPORT_FORMAT`].
    format: u32,
    /// Where the figures come from.
    provenance: Provenance<'a>,
    /// The metrics of the cells, in the order of the catalogue.
    metrics: Vec<MetricEntry>,
    /// The rows, in the table's order.
    rows: &'a [RowInfo],
    /// The scenarios, in the record's order.
    scenarios: Vec<ScenarioEntry<'a>>,
    /// What each row carries; empty where that was not searched.
    capacities: Vec<Capacity>,
}

/// Where the figures come from.
#[derive(Debug, Serialize, JsonSchema)]
struct Provenance<'a> {
    id: &'a str,
    loopmark: &'a str,
    git_revision: Option<&'a str>,
    command: &'a [String],
    started_at: &'a str,
    finished_at: Option<&'a str>,
    complete: bool,
    seed: u64,
    machine: &'a Machine,
}

/// A metric of the catalogue.
#[derive(Debug, Serialize, JsonSchema)]
struct MetricEntry {
    /// Its column in `summary.csv`, with its unit.
    name: &'static str,
    title: &'static str,
    /// What it is, in one sentence.
    about: &'static str,
    /// The unit of its values here; empty for a count.
    unit: &'static str,
    better: Better,
    witness: Witness,
    /// Whether rows are ranked by it and stand in ratios to their floors.
    is_compared: bool,
}

/// What is known of one scenario.
#[derive(Debug, Serialize, JsonSchema)]
struct ScenarioEntry<'a> {
    scenario: &'a ScenarioInfo,
    /// The cells, those of A/A copies too.
    cells: Vec<CellEntry<'a>>,
    /// Cells beside others: one entry per cell and compared metric.
    comparisons: Vec<ComparisonEntry<'a>>,
    charts: Vec<ChartEntry<'a>>,
}

/// A cell.
#[derive(Debug, Serialize, JsonSchema)]
struct CellEntry<'a> {
    cell: &'a CellKey,
    /// Trials that completed.
    trials: u32,
    failed_trials: u32,
    /// Measured runs that were asked for.
    runs: u32,
    verified_runs: u32,
    /// By the metrics' names; one that there is no value for is missing.
    values: BTreeMap<&'static str, ValueEntry>,
    marks: Vec<&'static str>,
    /// The marks in a sentence.
    mark_notes: String,
}

/// A value in its metric's unit.
#[derive(Debug, Serialize, JsonSchema)]
struct ValueEntry {
    value: f64,
    /// The ends of the 95 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<[f64; 2]>,
    /// The least and the most of the trials.
    #[serde(skip_serializing_if = "Option::is_none")]
    extent: Option<[f64; 2]>,
}

/// A metric of a cell beside the same metric of other cells.
#[derive(Debug, Serialize, JsonSchema)]
struct ComparisonEntry<'a> {
    cell: &'a CellKey,
    metric: &'static str,
    /// Such as `2`, or `2=` where some row is not told apart; null for what is not ranked.
    rank: Option<&'a str>,
    floor: Option<&'a RowKey>,
    floor_ratio: Option<RatioEntry>,
    baseline: Option<&'a str>,
    baseline_ratio: Option<RatioEntry>,
    /// The A/A copy over the cell.
    aa_ratio: Option<RatioEntry>,
    noise_floor: Option<f64>,
}

/// One value over another.
#[derive(Debug, Serialize, JsonSchema)]
struct RatioEntry {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<[f64; 2]>,
}

/// A chart that was drawn.
#[derive(Debug, Serialize, JsonSchema)]
struct ChartEntry<'a> {
    /// Its file within the results folder.
    file: String,
    title: &'a str,
    caption: &'a str,
}

impl<'a> Document<'a> {
    /// All of a report; `charts` has one entry a scenario, or none.
    pub fn of(report: &'a Report, charts: &'a [ScenarioCharts]) -> Document<'a> {
        let info = &report.recorded.info;
        let scenarios = report.scenarios.iter().enumerate();
        Document {
            format: REPORT_FORMAT,
            provenance: Provenance::of(info),
            metrics: catalogue::ALL
                .iter()
                .map(|metric| MetricEntry::of(metric))
                .collect(),
            rows: &info.rows,
            scenarios: scenarios
                .map(|(index, scenario)| ScenarioEntry::of(scenario, charts.get(index)))
                .collect(),
            capacities: report.recorded.capacities(),
        }
    }
}

impl<'a> Provenance<'a> {
    fn of(info: &'a RunInfo) -> Provenance<'a> {
        Provenance {
            id: &info.id,
            loopmark: &info.loopmark,
            git_revision: info.git_revision.as_deref(),
            command: &info.command,
            started_at: &info.started_at,
            finished_at: info.finished_at.as_deref(),
            complete: info.complete,
            seed: info.plan.seed,
            machine: &info.machine,
        }
    }
}

impl MetricEntry {
    fn of(metric: &Metric) -> MetricEntry {
        MetricEntry {
            name: metric.name,
            title: metric.title,
            about: metric.about,
            unit: metric.unit.suffix().trim_start_matches('_'),
            better: metric.better,
            witness: metric.witness,
            is_compared: metric.is_compared,
        }
    }
}

impl<'a> ScenarioEntry<'a> {
    fn of(scenario: &'a ScenarioReport, charts: Option<&'a ScenarioCharts>) -> ScenarioEntry<'a> {
        let files = charts.map_or(&[][..], |charts| charts.files.as_slice());
        let place = charts.map_or("", |charts| charts.place.as_str());
        ScenarioEntry {
            scenario: &scenario.info,
            cells: scenario.all_cells.iter().map(CellEntry::of).collect(),
            comparisons: scenario
                .comparisons
                .iter()
                .map(ComparisonEntry::of)
                .collect(),
            charts: files
                .iter()
                .map(|chart| ChartEntry {
                    file: format!("{place}/{}.svg", chart.name),
                    title: &chart.title,
                    caption: &chart.caption,
                })
                .collect(),
        }
    }
}

impl<'a> CellEntry<'a> {
    fn of(cell: &'a CellResult) -> CellEntry<'a> {
        let values = catalogue::ALL
            .iter()
            .filter_map(|metric| Some((metric.name, ValueEntry::of(cell.get(metric)?))));
        CellEntry {
            cell: &cell.key,
            trials: cell.counts.trials,
            failed_trials: cell.counts.failed_trials,
            runs: cell.counts.runs,
            verified_runs: cell.counts.verified_runs,
            values: values.collect(),
            marks: cell.mark_names().collect(),
            mark_notes: cell.mark_notes(),
        }
    }
}

impl ValueEntry {
    fn of(estimate: &Estimate) -> ValueEntry {
        let ends = |range: &std::ops::Range<f64>| [range.start, range.end];
        ValueEntry {
            value: estimate.value,
            interval: estimate.interval.as_ref().map(ends),
            extent: estimate.extent.as_ref().map(ends),
        }
    }
}

impl<'a> ComparisonEntry<'a> {
    fn of(line: &'a Comparison) -> ComparisonEntry<'a> {
        let ratio = |ratio: &Option<Ratio>| {
            ratio.as_ref().map(|ratio| RatioEntry {
                value: ratio.value,
                interval: ratio
                    .interval
                    .as_ref()
                    .map(|range| [range.start, range.end]),
            })
        };
        ComparisonEntry {
            cell: &line.key,
            metric: line.metric.name,
            rank: line.rank.as_deref(),
            floor: line.floor.as_ref(),
            floor_ratio: ratio(&line.to_floor),
            baseline: line.baseline.as_deref(),
            baseline_ratio: ratio(&line.to_baseline),
            aa_ratio: ratio(&line.to_itself),
            noise_floor: line.noise_floor,
        }
    }
}

/// The schema of `report.json`.
pub fn document_schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<Document<'static>>()
}

/// Writes `report.json`.
///
/// # Errors
///
/// When the disk refuses.
pub(in crate::report) fn write_document(
    folder: &Path,
    document: &Document<'_>,
) -> Result<(), ResultsError> {
    let path = folder.join("report.json");
    let mut text = serde_json::to_string(document).map_err(|error| ResultsError::Io {
        path: path.clone(),
        source: std::io::Error::other(error),
    })?;
    text.push('\n');
    results::replace(&path, text.as_bytes())
}
