//! The figures of a cell in two sweeps.

use crate::analysis::of_one_trial;
use crate::framework::Kind;
use crate::metric::{Better, Metric, catalogue};
use crate::plan::CellKey;
use crate::results::{Recorded, RowInfo};
use crate::stats::{self, chance_of_rise};
use crate::words::fits;

/// Figures that are counted, not measured, with the share by which two sweeps of the same work may differ: prompts have
/// the runs' numbers and values that are drawn for each run, which are longer in one sweep than in another.
const EXACT: [(&Metric, f64); 2] = [
    (&catalogue::LLM_CALLS_PER_RUN, 0.0),
    (&catalogue::REQUEST_BODY_BYTES_PER_RUN, 0.02),
];

/// What is compared.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Rows, by patterns of frameworks' names; empty for all.
    pub rows: Vec<String>,
    /// Scenarios, by patterns; empty for all.
    pub scenarios: Vec<String>,
}

/// A metric of a cell in two sweeps, by their trials; values in the metric's unit.
#[derive(Debug, Clone)]
pub struct Change {
    /// The cell.
    pub cell: CellKey,
    /// What the row stands for.
    pub kind: Kind,
    /// The framework's version in each sweep.
    pub versions: [Option<String>; 2],
    /// The metric.
    pub metric: &'static Metric,
    /// Whether the values are multiples of the floor's, which have no unit.
    pub is_over_floor: bool,
    /// The trials' values in the first sweep.
    pub before: Vec<f64>,
    /// Those in the second one.
    pub after: Vec<f64>,
}

/// What a test asks of a change, all of which is about what is worse: larger, or smaller where a higher value is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Is it worse by more than the margin?
    Worse,
    /// Is it worse by less than the margin, or better?
    NotWorse,
}

impl Scope {
    /// Whether it holds a cell.
    pub fn has(&self, cell: &CellKey) -> bool {
        let is_in = |patterns: &[String], name: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, name))
        };
        is_in(&self.rows, &cell.row.framework) && is_in(&self.scenarios, &cell.scenario)
    }
}

/// Every metric that is compared, counted or asked for, of every cell that both sweeps measured, in the order of the first
/// one's rows.
pub fn changes(
    before: &Recorded,
    after: &Recorded,
    scope: &Scope,
    asked: &[&'static Metric],
) -> Vec<Change> {
    let rows = before.info.rows.iter();
    let of_row = |row: &RowInfo| {
        let cells = cells(before, row).into_iter();
        let cells = cells.filter(|cell| scope.has(cell));
        let changes = cells.flat_map(|cell| metrics(asked).map(move |metric| (cell, metric)));
        let changes = changes.filter_map(|(cell, metric)| {
            let [old, new] = [before, after].map(|sweep| values(sweep, cell, metric));
            let is_measured = !old.is_empty() && !new.is_empty();
            is_measured.then(|| Change {
                cell: cell.clone(),
                kind: row.kind,
                versions: [before, after].map(|sweep| version(sweep, row)),
                metric,
                is_over_floor: false,
                before: old,
                after: new,
            })
        });
        changes.collect::<Vec<Change>>()
    };
    rows.flat_map(of_row).collect()
}

/// The cells that have a metric in the first sweep and not in the second one: one of those asked for, or else any at all.
/// A trial in which a run did not do the work still has latencies, but no CPU time.
pub fn missing<'a>(
    before: &'a Recorded,
    after: &Recorded,
    scope: &Scope,
    asked: &[&'static Metric],
) -> Vec<&'a CellKey> {
    let rows = before.info.rows.iter();
    let cells = rows.flat_map(|row| cells(before, row));
    let has =
        |sweep: &Recorded, cell: &CellKey, metric: &Metric| !values(sweep, cell, metric).is_empty();
    let has_any =
        |sweep: &Recorded, cell: &CellKey| metrics(&[]).any(|metric| has(sweep, cell, metric));
    let is_lost = |cell: &CellKey| {
        let mut asked = asked.iter();
        (has_any(before, cell) && !has_any(after, cell))
            || asked.any(|metric| has(before, cell, metric) && !has(after, cell, metric))
    };
    cells
        .filter(|cell| scope.has(cell) && is_lost(cell))
        .collect()
}

/// Each once.
fn metrics(asked: &[&'static Metric]) -> impl Iterator<Item = &'static Metric> {
    let usual = || catalogue::compared().chain(EXACT.map(|(metric, _)| metric));
    let others = asked.iter().copied();
    let others = others.filter(move |metric| !usual().any(|known| known.name == metric.name));
    usual().chain(others)
}

/// The cells of a row, each once.
pub(super) fn cells<'a>(sweep: &'a Recorded, row: &RowInfo) -> Vec<&'a CellKey> {
    let mut cells: Vec<&CellKey> = Vec::new();
    for trial in &sweep.trials {
        let cell = &trial.planned.cell;
        if cell.row == row.key && !cell.aa_copy && !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    cells.sort_by(|one, other| {
        one.scenario
            .cmp(&other.scenario)
            .then_with(|| one.order_within_row(other))
    });
    cells
}

/// A metric of each trial of a cell.
pub(super) fn values(sweep: &Recorded, cell: &CellKey, metric: &Metric) -> Vec<f64> {
    let trials = sweep
        .trials
        .iter()
        .filter(|trial| trial.planned.cell == *cell);
    let values = trials.filter_map(|trial| {
        let runs = sweep.runs.of_trial(trial.planned.trial)?;
        of_one_trial(metric, trial, runs)
    });
    values.collect()
}

pub(super) fn version(sweep: &Recorded, row: &RowInfo) -> Option<String> {
    let ready = sweep.info.row(&row.key)?.ready.as_ref()?;
    Some(ready.version.clone())
}

impl Change {
    /// The share by which a counted figure may differ though nothing has changed; `None` for what is measured.
    pub fn slack(&self) -> Option<f64> {
        let exact = EXACT
            .iter()
            .find(|(exact, _)| exact.name == self.metric.name);
        exact.map(|(_, slack)| *slack)
    }

    /// The medians of both sweeps.
    pub fn medians(&self) -> Option<[f64; 2]> {
        Some([
            stats::median(self.before.clone())?,
            stats::median(self.after.clone())?,
        ])
    }

    /// The second median over the first one; `None` where that is not above 0.
    pub fn ratio(&self) -> Option<f64> {
        let [before, after] = self.medians()?;
        (before > 0.0).then(|| after / before)
    }

    /// The one-sided p-value of a question, with a margin such as 0.1 for 10 %: the first sweep's values are multiplied by
    /// the margin, and then chance is asked, of logarithms where there are. `None` where a value is below 0, since a margin
    /// is a ratio.
    pub fn chance(&self, question: Question, margin: f64) -> Option<f64> {
        let all = || self.before.iter().chain(&self.after);
        if all().any(|value| *value < 0.0) {
            return None;
        }
        let factor = match self.metric.better {
            Better::Higher => 1.0 / (1.0 + margin),
            Better::Lower | Better::Neither => 1.0 + margin,
        };
        let has_logarithms = all().all(|value| *value > 0.0);
        let scaled = |values: &[f64], factor: f64| -> Vec<f64> {
            let values = values.iter().map(|value| value * factor);
            values
                .map(|value| if has_logarithms { value.ln() } else { value })
                .collect()
        };
        let (before, after) = (scaled(&self.before, factor), scaled(&self.after, 1.0));
        // A rise is worse where the lower value is better.
        let is_rise = (self.metric.better == Better::Higher) != (question == Question::Worse);
        let [low, high] = match is_rise {
            true => [&before, &after],
            false => [&after, &before],
        };
        chance_of_rise(low, high, self.before.len() as u64)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use loopmark_protocol::{Api, Arrival};

    use super::*;
    use crate::plan::RowKey;

    /// A change of CPU per run, of a framework.
    pub fn change(metric: &'static Metric, before: &[f64], after: &[f64]) -> Change {
        Change {
            cell: CellKey {
                row: RowKey::new("toy", "default"),
                api: Api::ChatCompletions,
                scenario: "seed".to_owned(),
                case: None,
                level: 50,
                arrival: Arrival::Closed,
                aa_copy: false,
            },
            kind: Kind::Framework,
            versions: [None, None],
            metric,
            is_over_floor: false,
            before: before.to_vec(),
            after: after.to_vec(),
        }
    }

    #[test]
    fn a_question_is_asked_of_what_is_worse() {
        let cpu = &catalogue::CPU_PER_RUN;
        let slower = change(cpu, &[1.0, 1.01, 1.02], &[1.2, 1.21, 1.22]);
        assert_eq!(slower.chance(Question::Worse, 0.0), Some(1.0 / 20.0));
        assert_eq!(slower.chance(Question::Worse, 0.1), Some(1.0 / 20.0));
        assert_eq!(slower.chance(Question::Worse, 0.5), Some(1.0));
        assert_eq!(slower.chance(Question::NotWorse, 0.5), Some(1.0 / 20.0));
        assert_eq!(slower.chance(Question::NotWorse, 0.0), Some(1.0));
        let higher = &catalogue::RUNS_PER_SECOND;
        let fewer = change(higher, &[100.0, 101.0, 102.0], &[80.0, 81.0, 82.0]);
        assert_eq!(fewer.chance(Question::Worse, 0.1), Some(1.0 / 20.0));
        assert_eq!(fewer.chance(Question::NotWorse, 0.5), Some(1.0 / 20.0));
        // What never happened has no logarithm, and begins to happen all the same.
        let hung = change(cpu, &[0.0; 3], &[0.5; 3]);
        assert_eq!(hung.chance(Question::Worse, 0.1), Some(1.0 / 20.0));
        let negative = change(cpu, &[-1.0], &[1.0]);
        assert_eq!(negative.chance(Question::Worse, 0.0), None);
    }
}
