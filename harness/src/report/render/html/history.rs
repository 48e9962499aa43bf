//! The data of `history.html`: the figures of each scenario's first place, sweep by sweep.

use std::collections::BTreeMap;

use serde::Serialize;

use super::data::MetricData;
use super::digits::rounded;
use super::scenario::{PlaceData, first_place, shown_metrics};
use crate::metric::{Metric, catalogue};
use crate::plan::RowKey;
use crate::report::document::{Report, ScenarioReport};
use crate::report::format::describe_machine;

/// All that the page of the history shows.
#[derive(Debug, Default, Serialize)]
pub(super) struct HistoryData {
    /// Those that some sweep has a value of.
    metrics: Vec<MetricData>,
    rows: Vec<HistoryRow>,
    /// The oldest first.
    sweeps: Vec<HistorySweep>,
}

/// A row of any sweep.
#[derive(Debug, PartialEq, Serialize)]
struct HistoryRow {
    framework: String,
    variant: String,
    name: String,
    language: crate::framework::Language,
}

#[derive(Debug, Serialize)]
struct HistorySweep {
    id: String,
    machine: String,
    loopmark: String,
    /// By the places in the list of rows.
    versions: BTreeMap<usize, String>,
    /// By their names.
    scenarios: BTreeMap<String, HistoryScenario>,
}

#[derive(Debug, Serialize)]
struct HistoryScenario {
    place: PlaceData,
    headline: Option<&'static str>,
    /// By the metrics' names, and by the places in the list of rows.
    figures: BTreeMap<&'static str, BTreeMap<usize, f64>>,
}

impl HistoryData {
    /// Adds a sweep, which is newer than those before.
    pub fn add(&mut self, report: &Report) {
        let info = &report.recorded.info;
        let mut versions = BTreeMap::new();
        for row in &info.rows {
            let place = self.place_of(HistoryRow {
                framework: row.key.framework.clone(),
                variant: row.key.variant.clone(),
                name: row.name(),
                language: row.language,
            });
            if let Some(ready) = &row.ready {
                versions.insert(place, ready.version.clone());
            }
        }
        let scenarios = report.scenarios.iter().filter_map(|scenario| {
            let of = self.scenario(report, scenario)?;
            Some((scenario.info.name.clone(), of))
        });
        let scenarios: BTreeMap<_, _> = scenarios.collect();
        let named = |metric: &Metric| {
            let mut scenarios = scenarios.values();
            scenarios.any(|scenario| scenario.figures.contains_key(metric.name))
        };
        let known = |metrics: &[MetricData], metric: &Metric| {
            metrics.iter().any(|known| known.name() == metric.name)
        };
        for metric in catalogue::ALL {
            if named(metric) && !known(&self.metrics, metric) {
                self.metrics.push(MetricData::of(metric));
            }
        }
        self.sweeps.push(HistorySweep {
            id: info.id.clone(),
            machine: describe_machine(&info.machine),
            loopmark: info.loopmark.clone(),
            versions,
            scenarios,
        });
    }

    /// The place of a row in the list, which gets it if it is new.
    fn place_of(&mut self, row: HistoryRow) -> usize {
        let is_it = |known: &HistoryRow| {
            (&known.framework, &known.variant) == (&row.framework, &row.variant)
        };
        self.rows.iter().position(is_it).unwrap_or_else(|| {
            self.rows.push(row);
            self.rows.len() - 1
        })
    }

    fn scenario(&self, report: &Report, scenario: &ScenarioReport) -> Option<HistoryScenario> {
        let place = first_place(&report.recorded, scenario)?;
        let row_of = |key: &RowKey| {
            let mut rows = self.rows.iter();
            rows.position(|row| row.framework == key.framework && row.variant == key.variant)
        };
        let mut figures: BTreeMap<&str, BTreeMap<usize, f64>> = BTreeMap::new();
        for cell in &scenario.cells {
            let Some(row) = row_of(&cell.key.row) else {
                continue;
            };
            if PlaceData::of(&cell.key) != place {
                continue;
            }
            for metric in shown_metrics(scenario) {
                if let Some(value) = cell.value(metric) {
                    let of_metric = figures.entry(metric.name).or_default();
                    of_metric.insert(row, rounded(metric.unit.to_shown(value)));
                }
            }
        }
        Some(HistoryScenario {
            place,
            headline: scenario.focus.as_ref().map(|focus| focus.headline.name),
            figures,
        })
    }
}
