//! The scenarios of the page: their places, their cells and their figures, by columns.

use std::collections::BTreeMap;

use serde::Serialize;

use super::costs::CostsData;
use super::detail::{Details, Trials};
use super::digits::{Ends, rounded, rounded_beside};
use crate::analysis::{self, CellResult, Comparison, arrival_name};
use crate::metric::{Metric, catalogue};
use crate::plan::CellKey;
use crate::report::document::ScenarioReport;
use crate::report::table::cell_note;
use crate::results::Recorded;

/// What the workload of a reader and the two costs are worked out from, beside what is compared.
const ELSEWHERE: [&Metric; 2] = [&catalogue::MOST_IN_FLIGHT, &catalogue::OVERHEAD_PER_TURN];

#[derive(Debug, Serialize)]
pub(super) struct ScenarioData<'a> {
    name: &'a str,
    /// LLM calls of a run.
    calls: u32,
    /// The model's own time in a run.
    model_ms: f64,
    /// The cases' parameters, by their names, where they are numbers.
    cases: BTreeMap<&'a str, f64>,
    says: Option<&'a str>,
    /// What rows are sorted by; `None` where the scenario has no headline of its own.
    headline: Option<&'static str>,
    also: Vec<&'static str>,
    /// The place that is shown first.
    first: usize,
    /// Where rows are beside one another.
    places: Vec<PlaceData>,
    cells: CellData,
    /// By the metrics' names.
    pub figures: BTreeMap<&'static str, FigureData>,
    /// Of the cells at `first`.
    details: Details,
    costs: Option<CostsData>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct PlaceData {
    case: Option<String>,
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
pub(super) struct FigureData {
    /// The place in the list of cells.
    cell: Vec<usize>,
    value: Vec<f64>,
    /// The ends of the 95 % interval.
    low: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    /// By values: such as `2`, or `2=` where some row is not told apart.
    rank: BTreeMap<usize, String>,
    /// By values: the ratio to the floor, with the ends of its interval.
    floor: BTreeMap<usize, Ends>,
    /// By values: those of the single trials.
    trials: BTreeMap<usize, Vec<f64>>,
}

impl<'a> ScenarioData<'a> {
    pub fn of(
        recorded: &'a Recorded,
        scenario: &'a ScenarioReport,
        trials: &Trials<'_>,
    ) -> ScenarioData<'a> {
        let focus = scenario.focus.as_ref();
        let metrics = shown_metrics(scenario);
        let mut places: Vec<PlaceData> = Vec::new();
        let mut cells = CellData::default();
        for cell in &scenario.cells {
            cells.add(recorded, cell, &mut places);
        }
        let first = first_place(recorded, scenario);
        let first = places
            .iter()
            .position(|place| Some(place) == first.as_ref())
            .unwrap_or_default();
        let mut details = Details::default();
        for (index, cell) in scenario.cells.iter().enumerate() {
            if cells.place.get(index) == Some(&first) {
                details.add(index, &cell.key, trials);
            }
        }
        let cases = scenario.info.cases.iter();
        ScenarioData {
            name: &scenario.info.name,
            calls: scenario.info.llm_calls,
            model_ms: rounded(scenario.info.model_time_ms),
            cases: cases
                .filter_map(|case| Some((case.name.as_str(), case.at?)))
                .collect(),
            says: scenario
                .info
                .report
                .as_ref()
                .map(|report| report.says.as_str()),
            headline: focus.map(|focus| focus.headline.name),
            also: focus.map_or_else(Vec::new, |focus| {
                focus.also.iter().map(|metric| metric.name).collect()
            }),
            first,
            places,
            cells,
            figures: figures(scenario, &metrics, trials),
            details,
            costs: scenario
                .costs
                .as_ref()
                .map(|costs| CostsData::of(recorded, costs)),
        }
    }
}

/// Where a scenario is shown first; `None` without a cell.
pub(super) fn first_place(recorded: &Recorded, scenario: &ScenarioReport) -> Option<PlaceData> {
    let keys = scenario.cells.iter().map(|cell| &cell.key);
    match &scenario.focus {
        Some(focus) => recorded.info.rows.iter().find_map(|row| {
            let cell = focus.cell(&scenario.cells, &row.key, None)?;
            Some(PlaceData::of(&cell.key))
        }),
        None => analysis::headline(keys).map(PlaceData::of),
    }
}

/// The metrics that are compared, and those that the scenario's report names.
pub(super) fn shown_metrics(scenario: &ScenarioReport) -> Vec<&'static Metric> {
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
    let basic = [&catalogue::MEDIAN, &catalogue::P95].into_iter();
    let mut basic = basic.chain(ELSEWHERE);
    basic.any(|basic| basic.name == metric.name)
}

fn figures(
    scenario: &ScenarioReport,
    metrics: &[&'static Metric],
    trials: &Trials<'_>,
) -> BTreeMap<&'static str, FigureData> {
    let mut figures: BTreeMap<&'static str, FigureData> = BTreeMap::new();
    for (index, cell) in scenario.cells.iter().enumerate() {
        let trials = trials.of_cell(&cell.key);
        for metric in metrics {
            if cell.get(metric).is_some() {
                let figure = figures.entry(metric.name).or_default();
                figure.add(index, cell, metric);
                let values = trials.iter();
                let values =
                    values.filter_map(|(trial, runs)| analysis::of_one_trial(metric, trial, runs));
                figure.add_trials(metric, values.collect());
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

impl PlaceData {
    pub fn of(key: &CellKey) -> PlaceData {
        PlaceData {
            case: key.case.clone(),
            arrival: arrival_name(key.arrival),
            level: key.level,
        }
    }
}

impl CellData {
    fn add(&mut self, recorded: &Recorded, cell: &CellResult, places: &mut Vec<PlaceData>) {
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
        let shown = |value: f64| rounded_beside(metric.unit.to_shown(value));
        let interval = estimate.interval.as_ref();
        self.cell.push(index);
        self.value
            .push(rounded(metric.unit.to_shown(estimate.value)));
        self.low.push(interval.map(|ends| shown(ends.start)));
        self.high.push(interval.map(|ends| shown(ends.end)));
    }

    /// The values of the trials of the cell that was added last.
    fn add_trials(&mut self, metric: &Metric, values: Vec<f64>) {
        if values.len() > 1 {
            let shown = values.into_iter();
            let shown = shown.map(|value| rounded_beside(metric.unit.to_shown(value)));
            self.trials.insert(self.value.len() - 1, shown.collect());
        }
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
                .insert(place, all.map(|value| value.map(rounded_beside)));
        }
    }
}
