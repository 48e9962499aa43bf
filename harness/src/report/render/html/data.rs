//! The data of the page: the figures of every cell, by columns, since names that are repeated in each cell would be most
//! of the file.

use std::collections::BTreeSet;

use serde::Serialize;

use super::detail::Trials;
use super::digits::rounded;
use super::row::{RowData, rows};
use super::scenario::ScenarioData;
use crate::metric::{Better, Metric, catalogue};
use crate::report::document::Report;
use crate::results::Recorded;

/// All that the page shows.
#[derive(Debug, Serialize)]
pub(super) struct PageData<'a> {
    id: &'a str,
    /// Processors that a runner had.
    cpus: usize,
    metrics: Vec<MetricData>,
    rows: Vec<RowData<'a>>,
    scenarios: Vec<ScenarioData<'a>>,
    /// What was searched; `None` without a search.
    capacity: Option<CapacityData<'a>>,
}

/// How many agents at once each row carried.
#[derive(Debug, Serialize)]
struct CapacityData<'a> {
    scenario: &'a str,
    /// The limit of p95, as a multiple of the model's time.
    p95_factor: f64,
    /// The place in the list of rows, agents per processor, and whether that is a lower bound.
    rows: Vec<(usize, f64, bool)>,
}

/// A metric that some cell has a value of.
#[derive(Debug, Serialize)]
pub(super) struct MetricData {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// What a reader sees behind a value.
    unit: &'static str,
    better: Better,
    is_compared: bool,
}

impl<'a> PageData<'a> {
    /// Of a report.
    pub fn of(report: &'a Report) -> PageData<'a> {
        let recorded = &report.recorded;
        let trials = Trials::of(recorded);
        let scenarios = report.scenarios.iter();
        let scenarios: Vec<ScenarioData> = scenarios
            .map(|scenario| ScenarioData::of(recorded, scenario, &trials))
            .collect();
        let shown = scenarios
            .iter()
            .flat_map(|scenario| scenario.figures.keys());
        let shown: BTreeSet<&str> = shown.copied().collect();
        let metrics = catalogue::ALL.iter();
        PageData {
            id: &recorded.info.id,
            cpus: recorded.info.runner_cpu_count(),
            metrics: metrics
                .filter(|metric| shown.contains(metric.name))
                .map(|metric| MetricData::of(metric))
                .collect(),
            rows: rows(recorded),
            scenarios,
            capacity: CapacityData::of(recorded),
        }
    }
}

impl<'a> CapacityData<'a> {
    fn of(recorded: &'a Recorded) -> Option<CapacityData<'a>> {
        let plan = recorded.info.capacity.as_ref()?;
        let rows = &recorded.info.rows;
        let capacities = recorded.capacities().into_iter();
        let carried = capacities.filter_map(|capacity| {
            let row = rows.iter().position(|row| capacity.is_of(&row.key))?;
            let agents = rounded(capacity.agents_per_core?);
            Some((row, agents, capacity.level_is_least))
        });
        Some(CapacityData {
            scenario: &plan.scenario,
            p95_factor: plan.p95_factor,
            rows: carried.collect(),
        })
    }
}

impl MetricData {
    /// The metric's own.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn of(metric: &Metric) -> MetricData {
        MetricData {
            name: metric.name,
            title: metric.title,
            about: metric.about,
            unit: metric.unit.shown(),
            better: metric.better,
            is_compared: metric.is_compared,
        }
    }
}
