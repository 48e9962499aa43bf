//! The figures of each release, and how it differs from the one before it.

use super::record::{Measure, row_name};
use crate::analysis::{CellResult, Estimate, cells, headline};
use crate::compare::{ALPHA, Change, Question, Scope, changes, of_row};
use crate::framework::DEFAULT_VARIANT;
use crate::measurement::Outcome;
use crate::metric::{Metric, Source, catalogue};
use crate::plan::{CellKey, RowKey};
use crate::results::{Recorded, ScenarioInfo};
use crate::stats::{holm, interval};

/// The figures of the table.
pub const METRICS: [&Metric; 4] = [
    &catalogue::CPU_PER_RUN,
    &catalogue::P95,
    &catalogue::PEAK_RSS,
    &catalogue::GAP,
];

/// The releases in a scenario, at the cell that stands for it.
#[derive(Debug, Clone)]
pub struct Table {
    /// The scenario.
    pub scenario: String,
    /// The cell of the first release that was measured; those of the others differ from it in their rows alone.
    pub cell: CellKey,
    /// One for each release, the newest last.
    pub lines: Vec<Line>,
    /// How many comparisons of neighbours were adjusted together, over all tables.
    pub comparisons: usize,
}

/// A release.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its version.
    pub version: String,
    /// The day of its publication, where that is known.
    pub date: Option<String>,
    /// Its row.
    pub row: RowKey,
    /// What it gave; `Err` says why there is nothing.
    pub cell: Result<CellResult, String>,
    /// How it differs from the measured release before it, in each metric that both have.
    pub steps: Vec<Difference>,
}

/// A metric of two neighbours.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Both releases' trials.
    pub change: Change,
    /// The version before.
    pub before: String,
    /// Whether it is more than chance makes it, all comparisons of the call together.
    pub apart: Option<Apart>,
}

/// A difference that is more than chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apart {
    /// Whether the later release is worse.
    pub is_worse: bool,
    /// The adjusted p-value.
    pub chance: f64,
}

impl Line {
    /// A figure with its spread.
    pub fn get(&self, metric: &Metric) -> Option<&Estimate> {
        self.cell.as_ref().ok()?.get(metric)
    }

    /// How it differs in a metric from the release before it.
    pub fn difference(&self, metric: &Metric) -> Option<&Difference> {
        let mut steps = self.steps.iter();
        steps.find(|step| step.change.metric.name == metric.name)
    }
}

/// A table for each scenario in which a release gave a figure. Neighbours are compared by their trials, and all of these
/// comparisons are adjusted together.
pub fn tables(recorded: &Recorded, measure: &Measure) -> Vec<Table> {
    let scenarios = recorded.info.scenarios.iter();
    let mut tables: Vec<Table> = scenarios
        .filter_map(|scenario| table(recorded, measure, scenario))
        .collect();
    adjust(&mut tables);
    tables
}

fn table(recorded: &Recorded, measure: &Measure, scenario: &ScenarioInfo) -> Option<Table> {
    let cells = cells(recorded, scenario);
    let mut lines: Vec<Line> = measure
        .releases
        .iter()
        .map(|release| Line {
            version: release.version.clone(),
            date: release.date.clone(),
            row: row_of(recorded, &row_name(&measure.row, &release.version)),
            cell: Err(String::new()),
            steps: Vec::new(),
        })
        .collect();
    let rows: Vec<RowKey> = lines.iter().map(|line| line.row.clone()).collect();
    let has_figure = |cell: &CellResult| METRICS.iter().any(|metric| cell.get(metric).is_some());
    let meant: Vec<&CellResult> = cells
        .iter()
        .filter(|cell| !cell.key.aa_copy && rows.contains(&cell.key.row) && has_figure(cell))
        .collect();
    let cell = headline(meant.iter().map(|cell| &cell.key))?.clone();
    for line in &mut lines {
        let mut of_row = meant.iter().filter(|other| other.key.row == line.row);
        let found = of_row.find(|other| other.key.is_beside(&cell));
        line.cell = found.map_or_else(
            || Err(why_missing(recorded, measure, line)),
            |found| Ok(with_intervals(recorded, found)),
        );
    }
    compare_neighbours(recorded, &cell, &mut lines);
    Some(Table {
        scenario: scenario.name.clone(),
        cell,
        lines,
        comparisons: 0,
    })
}

/// The cell with an interval for each of the table's quantiles over runs: the catalogue gives the gap none.
fn with_intervals(recorded: &Recorded, cell: &CellResult) -> CellResult {
    let mut with = cell.clone();
    for metric in METRICS {
        let Source::Runs { of, quantile, .. } = metric.source else {
            continue;
        };
        let bare = cell
            .get(metric)
            .filter(|estimate| estimate.interval.is_none());
        if let Some(mut estimate) = bare.cloned() {
            let trials = recorded.trials.iter();
            let trials = trials.filter(|trial| trial.planned.cell == cell.key);
            let runs = trials.filter_map(|trial| recorded.runs.of_trial(trial.planned.trial));
            let processes: Vec<&Vec<f64>> = runs.map(of).collect();
            estimate.interval = interval(&processes, quantile, recorded.info.plan.seed);
            with.set(metric, Some(estimate));
        }
    }
    with
}

fn row_of(recorded: &Recorded, name: &str) -> RowKey {
    let mut rows = recorded.info.rows.iter();
    let row = rows.find(|row| row.key.framework == name);
    row.map_or_else(|| RowKey::new(name, DEFAULT_VARIANT), |row| row.key.clone())
}

/// Why a release has no figure.
fn why_missing(recorded: &Recorded, measure: &Measure, line: &Line) -> String {
    let mut left_out = measure.left_out.iter();
    if let Some(left_out) = left_out.find(|left_out| left_out.version == line.version) {
        return left_out.reason.clone();
    }
    let info = recorded.info.row(&line.row);
    if let Some(reason) = info.and_then(|info| info.skipped.clone()) {
        return reason;
    }
    let of_row = |key: &CellKey| key.row == line.row;
    let mut trials = recorded.trials.iter();
    match trials.find(|trial| of_row(&trial.planned.cell)) {
        None => "it was not measured".to_owned(),
        Some(trial) => {
            let runs = &trial.runs;
            match (&trial.outcome, &runs.example) {
                (Outcome::Failed { reason, .. }, _) => reason.clone(),
                (_, Some(example)) => format!("its runs did not do the work: {example}"),
                _ => "its runs did not do the work".to_owned(),
            }
        }
    }
}

/// Holds each measured release against the measured one before it.
fn compare_neighbours(recorded: &Recorded, cell: &CellKey, lines: &mut [Line]) {
    let mut before: Option<(RowKey, String)> = None;
    for line in lines.iter_mut().filter(|line| line.cell.is_ok()) {
        if let Some((row, version)) = &before {
            let alone = [row, &line.row].map(|row| of_row(recorded, row, &line.row));
            if let [Some(old), Some(new)] = alone {
                let changes = changes(&old, &new, &Scope::default(), &METRICS).into_iter();
                let meant = changes.filter(|change| {
                    let mut metrics = METRICS.iter();
                    change.cell.is_beside(cell)
                        && metrics.any(|metric| metric.name == change.metric.name)
                });
                line.steps = meant
                    .map(|change| Difference {
                        change,
                        before: version.clone(),
                        apart: None,
                    })
                    .collect();
            }
        }
        before = Some((line.row.clone(), line.version.clone()));
    }
}

/// Says of each difference whether it is more than chance, both directions of all of them together.
fn adjust(tables: &mut [Table]) {
    let questions = [Question::Worse, Question::NotWorse];
    let mut chances = Vec::new();
    for step in steps(tables) {
        chances.extend(
            questions
                .into_iter()
                .filter_map(|question| step.change.chance(question, 0.0)),
        );
    }
    let comparisons = chances.len() / questions.len();
    let mut adjusted = holm(&chances).into_iter();
    for table in tables.iter_mut() {
        table.comparisons = comparisons;
        for step in table.lines.iter_mut().flat_map(|line| &mut line.steps) {
            for question in questions {
                if step.change.chance(question, 0.0).is_none() {
                    continue;
                }
                let chance = adjusted.next().filter(|chance| *chance <= ALPHA);
                let is_worse = question == Question::Worse;
                step.apart = chance
                    .map(|chance| Apart { is_worse, chance })
                    .or(step.apart);
            }
        }
    }
}

fn steps(tables: &[Table]) -> impl Iterator<Item = &Difference> {
    let lines = tables.iter().flat_map(|table| &table.lines);
    lines.flat_map(|line| &line.steps)
}
