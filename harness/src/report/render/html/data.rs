//! The data of the page: the figures of every cell, by columns, since names that are repeated in each cell would be most
//! of the file.

use std::collections::{BTreeMap, BTreeSet};

use loopmark_protocol::{Api, Feature};
use serde::Serialize;

use crate::analysis::{CellResult, Comparison, arrival_name};
use crate::framework::{Kind, Language, Limit};
use crate::metric::{Better, Metric, catalogue};
use crate::plan::CellKey;
use crate::report::document::{Report, ScenarioReport};
use crate::report::table::cell_note;
use crate::results::{Recorded, RowInfo};

/// Significant digits of a figure. More of them would be noise, and a third of the file.
const DIGITS: usize = 4;

/// All that the page shows.
#[derive(Debug, Serialize)]
pub(super) struct PageData<'a> {
    id: &'a str,
    metrics: Vec<MetricData>,
    rows: Vec<RowData<'a>>,
    scenarios: Vec<ScenarioData<'a>>,
}

/// A metric that some cell has a value of.
#[derive(Debug, Serialize)]
struct MetricData {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// What a reader sees behind a value.
    unit: &'static str,
    better: Better,
    is_compared: bool,
}

#[derive(Debug, Serialize)]
struct RowData<'a> {
    framework: &'a str,
    variant: &'a str,
    name: String,
    language: Language,
    kind: Kind,
    api: Api,
    version: Option<&'a str>,
    runtime: Option<&'a str>,
    http_client: Option<&'a str>,
    skipped: Option<&'a str>,
    lacks: &'a BTreeMap<Feature, String>,
    limits: &'a [Limit],
}

#[derive(Debug, Serialize)]
struct ScenarioData<'a> {
    name: &'a str,
    says: Option<&'a str>,
    /// What rows are sorted by; `None` where the scenario has no headline of its own.
    headline: Option<&'static str>,
    also: Vec<&'static str>,
    /// The place that is shown first.
    first: usize,
    /// Where rows are beside one another.
    places: Vec<PlaceData<'a>>,
    cells: CellData,
    /// By the metrics' names.
    figures: BTreeMap<&'static str, FigureData>,
}

#[derive(Debug, PartialEq, Serialize)]
struct PlaceData<'a> {
    case: Option<&'a str>,
    arrival: String,
    level: u32,
}

/// The cells, a column for each of what is known of all.
#[derive(Debug, Default, Serialize)]
struct CellData {
    /// The place in the list of rows.
    row: Vec<usize>,
    /// The place in the list of places.
    place: Vec<usize>,
    verified: Vec<u32>,
    runs: Vec<u32>,
    /// By cells: what is questionable, in words.
    notes: BTreeMap<usize, String>,
    /// By cells: the names of the marks.
    marks: BTreeMap<usize, Vec<&'static str>>,
}

/// A metric's values, a column for each of what is known of them.
#[derive(Debug, Default, Serialize)]
struct FigureData {
    /// The place in the list of cells.
    cell: Vec<usize>,
    value: Vec<f64>,
    /// The ends of the 95 % interval.
    low: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    /// By values: such as `2`, or `2=` where some row is not told apart.
    rank: BTreeMap<usize, String>,
    /// By values: the ratio to the floor, with the ends of its interval.
    floor: BTreeMap<usize, [Option<f64>; 3]>,
}

impl<'a> PageData<'a> {
    /// Of a report.
    pub fn of(report: &'a Report) -> PageData<'a> {
        let recorded = &report.recorded;
        let scenarios = report.scenarios.iter();
        let scenarios: Vec<ScenarioData> = scenarios
            .map(|scenario| ScenarioData::of(recorded, scenario))
            .collect();
        let shown = scenarios
            .iter()
            .flat_map(|scenario| scenario.figures.keys());
        let shown: BTreeSet<&str> = shown.copied().collect();
        let metrics = catalogue::ALL.iter();
        PageData {
            id: &recorded.info.id,
            metrics: metrics
                .filter(|metric| shown.contains(metric.name))
                .map(|metric| MetricData::of(metric))
                .collect(),
            rows: recorded.info.rows.iter().map(RowData::of).collect(),
            scenarios,
        }
    }
}

impl MetricData {
    fn of(metric: &Metric) -> MetricData {
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

impl<'a> RowData<'a> {
    fn of(row: &'a RowInfo) -> RowData<'a> {
        let ready = row.ready.as_ref();
        RowData {
            framework: &row.key.framework,
            variant: &row.key.variant,
            name: row.name(),
            language: row.language,
            kind: row.kind,
            api: row.api,
            version: ready.map(|ready| ready.version.as_str()),
            runtime: ready.map(|ready| ready.runtime.as_str()),
            http_client: ready.map(|ready| ready.http_client.as_str()),
            skipped: row.skipped.as_deref(),
            lacks: &row.lacks,
            limits: &row.limits,
        }
    }
}

impl<'a> ScenarioData<'a> {
    fn of(recorded: &'a Recorded, scenario: &'a ScenarioReport) -> ScenarioData<'a> {
        let focus = scenario.focus.as_ref();
        let metrics = shown_metrics(scenario);
        let mut places: Vec<PlaceData> = Vec::new();
        let mut cells = CellData::default();
        for cell in &scenario.cells {
            cells.add(recorded, cell, &mut places);
        }
        let keys = scenario.cells.iter().map(|cell| &cell.key);
        let first = match focus {
            Some(focus) => recorded.info.rows.iter().find_map(|row| {
                let cell = focus.cell(&scenario.cells, &row.key, None)?;
                Some(PlaceData::of(&cell.key))
            }),
            None => crate::analysis::headline(keys).map(PlaceData::of),
        };
        let first = places
            .iter()
            .position(|place| Some(place) == first.as_ref());
        ScenarioData {
            name: &scenario.info.name,
            says: scenario
                .info
                .report
                .as_ref()
                .map(|report| report.says.as_str()),
            headline: focus.map(|focus| focus.headline.name),
            also: focus.map_or_else(Vec::new, |focus| {
                focus.also.iter().map(|metric| metric.name).collect()
            }),
            first: first.unwrap_or_default(),
            places,
            cells,
            figures: figures(scenario, &metrics),
        }
    }
}

/// The metrics that are compared, and those that the scenario's report names.
fn shown_metrics(scenario: &ScenarioReport) -> Vec<&'static Metric> {
    let named: Vec<&str> = scenario.focus.iter().fold(Vec::new(), |mut names, focus| {
        let also = focus.also.iter().copied();
        let all = also.chain(focus.by_case()).chain([focus.headline]);
        names.extend(all.map(|metric| metric.name));
        names
    });
    let metrics = catalogue::ALL.iter().copied();
    metrics
        .filter(|metric| metric.is_compared || named.contains(&metric.name) || is_basic(metric))
        .collect()
}

/// Shown of every scenario beside what is compared.
fn is_basic(metric: &Metric) -> bool {
    let basic = [&catalogue::MEDIAN, &catalogue::P95];
    basic.iter().any(|basic| basic.name == metric.name)
}

fn figures(
    scenario: &ScenarioReport,
    metrics: &[&'static Metric],
) -> BTreeMap<&'static str, FigureData> {
    let mut figures: BTreeMap<&'static str, FigureData> = BTreeMap::new();
    for (index, cell) in scenario.cells.iter().enumerate() {
        for metric in metrics {
            if cell.get(metric).is_some() {
                let figure = figures.entry(metric.name).or_default();
                figure.add(index, cell, metric);
            }
        }
    }
    for line in &scenario.comparisons {
        let cell = scenario.cells.iter().position(|cell| cell.key == line.key);
        if let (Some(cell), Some(figure)) = (cell, figures.get_mut(line.metric.name)) {
            figure.compare(cell, line);
        }
    }
    figures
}

impl<'a> PlaceData<'a> {
    fn of(key: &'a CellKey) -> PlaceData<'a> {
        PlaceData {
            case: key.case.as_deref(),
            arrival: arrival_name(key.arrival),
            level: key.level,
        }
    }
}

impl CellData {
    fn add<'a>(
        &mut self,
        recorded: &Recorded,
        cell: &'a CellResult,
        places: &mut Vec<PlaceData<'a>>,
    ) {
        let mut rows = recorded.info.rows.iter();
        let Some(row) = rows.position(|row| row.key == cell.key.row) else {
            return;
        };
        let index = self.row.len();
        let place = PlaceData::of(&cell.key);
        let known = places.iter().position(|known| *known == place);
        self.place.push(known.unwrap_or(places.len()));
        if known.is_none() {
            places.push(place);
        }
        self.row.push(row);
        self.verified.push(cell.counts.verified_runs);
        self.runs.push(cell.counts.runs);
        // Few runs make p95 rough, which its interval says: a note on every row would hide the others.
        let is_notable = cell.mark_names().any(|mark| mark != "few-samples");
        // Asked last: it reads the trials.
        if let Some(note) = is_notable.then(|| cell_note(recorded, cell)).flatten() {
            self.notes.insert(index, note);
            self.marks.insert(index, cell.mark_names().collect());
        }
    }
}

impl FigureData {
    fn add(&mut self, index: usize, cell: &CellResult, metric: &Metric) {
        let Some(estimate) = cell.get(metric) else {
            return;
        };
        let shown = |value: f64| rounded(metric.unit.to_shown(value));
        let interval = estimate.interval.as_ref();
        self.cell.push(index);
        self.value.push(shown(estimate.value));
        self.low.push(interval.map(|ends| shown(ends.start)));
        self.high.push(interval.map(|ends| shown(ends.end)));
    }

    fn compare(&mut self, cell: usize, line: &Comparison) {
        let Ok(place) = self.cell.binary_search(&cell) else {
            return;
        };
        if let Some(rank) = &line.rank {
            self.rank.insert(place, rank.clone());
        }
        if let Some(ratio) = &line.to_floor {
            let ends = ratio.interval.as_ref();
            let all = [
                Some(ratio.value),
                ends.map(|ends| ends.start),
                ends.map(|ends| ends.end),
            ];
            self.floor
                .insert(place, all.map(|value| value.map(rounded)));
        }
    }
}

/// A value with [`DIGITS`] significant digits.
fn rounded(value: f64) -> f64 {
    let digits = DIGITS - 1;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn a_figure_keeps_four_digits() {
        let cases = [
            (0.0, 0.0),
            (0.000_123_456, 0.000_123_5),
            (1.234_56, 1.235),
            (-1.234_56, -1.235),
            (999.96, 1000.0),
            (123_456.0, 123_500.0),
            (7.0, 7.0),
        ];
        for (value, expected) in cases {
            assert_eq!(rounded(value), expected, "{value}");
        }
    }
}
