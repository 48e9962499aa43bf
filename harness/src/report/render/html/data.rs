//! The data of the page: the figures of every cell, by columns, since names that are repeated in each cell would be most
//! of the file.

use std::collections::{BTreeMap, BTreeSet};

use loopmark_protocol::{Api, Feature};
use serde::Serialize;

use super::detail::{Details, Trials};
use super::{rounded, rounded_beside};
use crate::analysis::{self, CellResult, Comparison, Costs, Estimate, Split, arrival_name};
use crate::framework::{Deviation, Kind, Language, Limit};
use crate::measurement::{Outcome, TrialRecord};
use crate::metric::{Better, Metric, catalogue};
use crate::plan::CellKey;
use crate::report::document::{Report, ScenarioReport};
use crate::report::table::cell_note;
use crate::results::{Recorded, RowInfo};

/// What the workload of a reader and the two costs are worked out from, beside what is compared.
const ELSEWHERE: [&Metric; 2] = [&catalogue::MOST_IN_FLIGHT, &catalogue::OVERHEAD_PER_TURN];
/// Failures of a row that are shown, each of another place.
const MAX_FAILURES: usize = 8;
/// Last lines of a failed runner that are shown.
const MAX_LINES: usize = 12;

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
    /// The row's floor, by its place in the list of rows.
    floor: Option<usize>,
    idiom: Option<&'a str>,
    wire: &'a [String],
    /// How what it sent deviates from the scenario's words, as a manifest declares it.
    deviations: Vec<String>,
    failures: Vec<FailureData<'a>>,
    install_bytes: Option<u64>,
    lacks: &'a BTreeMap<Feature, String>,
    limits: &'a [Limit],
}

/// A trial that did not complete: the first one of its place.
#[derive(Debug, Serialize)]
struct FailureData<'a> {
    scenario: &'a str,
    place: PlaceData,
    reason: &'a str,
    /// The last lines of standard error.
    lines: &'a [String],
}

#[derive(Debug, Serialize)]
struct ScenarioData<'a> {
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
    figures: BTreeMap<&'static str, FigureData>,
    /// Of the cells at `first`.
    details: Details,
    costs: Option<CostsData>,
}

/// The two costs of each row.
#[derive(Debug, Serialize)]
struct CostsData {
    level: u32,
    metrics: [&'static str; 3],
    /// The place in the list of rows, and a split for each of the metrics.
    rows: Vec<(usize, [SplitData; 3])>,
}

/// A value with the ends of its interval.
type Ends = [Option<f64>; 3];

#[derive(Debug, Serialize)]
struct SplitData {
    whole: Ends,
    language: Ends,
    framework: Ends,
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
    floor: BTreeMap<usize, Ends>,
    /// By values: those of the single trials.
    trials: BTreeMap<usize, Vec<f64>>,
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

fn rows(recorded: &Recorded) -> Vec<RowData<'_>> {
    let compared = analysis::rows(recorded);
    let rows = recorded.info.rows.iter();
    rows.map(|row| {
        let floor = analysis::floor_of(&compared, row.language, row.api);
        let place = |floor: &analysis::Row| compared.iter().position(|row| row.key == floor.key);
        RowData::of(row, recorded, floor.and_then(place))
    })
    .collect()
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

impl<'a> RowData<'a> {
    fn of(row: &'a RowInfo, recorded: &'a Recorded, floor: Option<usize>) -> RowData<'a> {
        let ready = row.ready.as_ref();
        let trials = recorded.trials.iter();
        let trials = trials.filter(|trial| trial.planned.cell.row == row.key);
        let seen = trials.clone().flat_map(|trial| &trial.runs.deviations);
        let seen: BTreeSet<&Deviation> = seen.flatten().collect();
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
            floor,
            idiom: row.idiom.as_deref(),
            wire: &row.wire,
            deviations: seen.iter().map(ToString::to_string).collect(),
            failures: failures(trials),
            install_bytes: row.install_bytes,
            lacks: &row.lacks,
            limits: &row.limits,
        }
    }
}

/// What failed, each place once.
fn failures<'a>(trials: impl Iterator<Item = &'a TrialRecord>) -> Vec<FailureData<'a>> {
    let mut failures: Vec<FailureData> = Vec::new();
    for trial in trials {
        let Outcome::Failed { reason, .. } = &trial.outcome else {
            continue;
        };
        let cell = &trial.planned.cell;
        let place = PlaceData::of(cell);
        let is_known =
            |known: &FailureData| known.scenario == cell.scenario && known.place == place;
        if failures.len() < MAX_FAILURES && !failures.iter().any(is_known) {
            let lines = &trial.stderr_tail;
            failures.push(FailureData {
                scenario: &cell.scenario,
                place,
                reason,
                lines: lines
                    .get(lines.len().saturating_sub(MAX_LINES)..)
                    .unwrap_or_default(),
            });
        }
    }
    failures
}

impl<'a> ScenarioData<'a> {
    fn of(
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
                details.add(index, &trials.of_cell(&cell.key));
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

impl CostsData {
    fn of(recorded: &Recorded, costs: &Costs) -> CostsData {
        let place = |row: &analysis::Row| {
            let mut rows = recorded.info.rows.iter();
            rows.position(|known| known.key == row.key)
        };
        let ends = |metric: &Metric, estimate: Option<&Estimate>| {
            let shown = |value: f64| rounded(metric.unit.to_shown(value));
            let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
            [
                estimate.map(|estimate| shown(estimate.value)),
                interval.map(|ends| shown(ends.start)),
                interval.map(|ends| shown(ends.end)),
            ]
        };
        let split = |split: &Split, metric: &Metric| SplitData {
            whole: ends(metric, split.whole.as_ref()),
            language: ends(metric, split.language.as_ref()),
            framework: ends(metric, split.framework.as_ref()),
        };
        let rows = costs.rows.iter().filter_map(|row| {
            let [one, two, three] = &row.splits;
            let [first, second, third] = Costs::FIGURES;
            let splits = [split(one, first), split(two, second), split(three, third)];
            Some((place(&row.row)?, splits))
        });
        CostsData {
            level: costs.level,
            metrics: Costs::FIGURES.map(|metric| metric.name),
            rows: rows.collect(),
        }
    }
}
