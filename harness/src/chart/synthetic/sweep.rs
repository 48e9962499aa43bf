//! Sweeps with the figures of the published table, and made-up ones in its manner.

use loopmark_protocol::{Api, Arrival};

use super::cells::{cell, marked, trial, with};
use crate::analysis::{self, CellResult, Costs, Estimate};
use crate::chart::input::{ChartInput, Row};
use crate::framework::{Kind, Language};
use crate::measurement::TrialRecord;
use crate::metric::catalogue;
use crate::plan::RowKey;

const MIB: f64 = 1_048_576.0;
pub(in crate::chart) const MODEL_TIME_MS: f64 = 2000.0;
const TURNS: f64 = 4.0;

pub(in crate::chart) struct Sweep {
    pub summaries: Vec<CellResult>,
    pub trials: Vec<TrialRecord>,
    pub rows: Vec<Row>,
    pub costs: Option<Costs>,
}

/// Name, label, language, kind; burst median and p95 in ms; CPU and its start-up part in s; peak and ready RSS in MiB.
type Line = (
    &'static str,
    &'static str,
    Language,
    Kind,
    [f64; 2],
    [f64; 2],
    [f64; 2],
);

#[rustfmt::skip]
const SIX: [Line; 6] = [
    ("ours", "ours (Rust)", Language::Rust, Kind::Ours, [2012.0, 2013.0], [0.10, 0.01], [25.0, 6.0]),
    ("rig", "rig (Rust)", Language::Rust, Kind::Framework, [2013.0, 2013.4], [0.12, 0.02], [16.0, 7.0]),
    ("langchain", "langchain (Python)", Language::Python, Kind::Framework, [2475.0, 2495.0], [3.28, 1.31], [115.0, 88.0]),
    ("openai-agents", "openai-agents (Python)", Language::Python, Kind::Framework, [2417.0, 2442.0], [2.95, 1.72], [112.0, 90.0]),
    ("floor-rust", "floor (Rust)", Language::Rust, Kind::Floor, [2006.0, 2007.0], [0.05, 0.004], [9.0, 4.0]),
    ("floor-python", "floor (Python)", Language::Python, Kind::Floor, [2061.0, 2075.0], [0.55, 0.31], [43.0, 36.0]),
];

impl Sweep {
    pub(in crate::chart) fn of_six_rows() -> Sweep {
        Sweep::of(&SIX)
    }

    /// The rows in three languages more; some are questionable, and one failed.
    pub(in crate::chart) fn of_many_rows() -> Sweep {
        let mut sweep = Sweep::of_six_rows();
        let (rows, cells, trials) = (
            sweep.rows.clone(),
            sweep.summaries.clone(),
            sweep.trials.clone(),
        );
        for language in [Language::TypeScript, Language::Go, Language::Jvm] {
            let moved =
                |key: &RowKey| RowKey::new(format!("{}-{language:?}", key.framework), "default");
            let rows = rows
                .iter()
                .filter(|row| row.key.framework != "floor-python");
            sweep.rows.extend(rows.map(|row| Row {
                key: moved(&row.key),
                label: row.label.replace(row.language.name(), language.name()),
                language,
                ..row.clone()
            }));
            sweep
                .summaries
                .extend(cells.iter().cloned().map(|mut cell| {
                    cell.key.row = moved(&cell.key.row);
                    cell
                }));
            sweep.trials.extend(trials.iter().cloned().map(|mut trial| {
                trial.planned.cell.row = moved(&trial.planned.cell.row);
                trial
            }));
        }
        for cell in sweep.summaries.iter_mut().step_by(7) {
            cell.marks = marked(&["mock-bound", "noisy", "warm-up-drift"]);
        }
        let mut failed = cell("langchain-Go", Arrival::Burst, 50);
        failed.marks = marked(&["failed-trials", "unverified-runs", "few-samples"]);
        *sweep.cell("langchain-Go", Arrival::Burst, 50) = failed;
        sweep.costs = analysis::two_costs(&costs_rows(&sweep.rows), &sweep.summaries);
        sweep
    }

    fn of(lines: &[Line]) -> Sweep {
        let mut sweep = Sweep {
            summaries: Vec::new(),
            trials: Vec::new(),
            rows: Vec::new(),
            costs: None,
        };
        for line in lines {
            let (name, label, language, kind, ..) = *line;
            sweep.rows.push(Row {
                key: RowKey::new(name, "default"),
                label: label.to_owned(),
                language,
                kind,
                colour: None,
            });
            sweep.summaries.push(burst(line));
            sweep
                .summaries
                .extend([1, 10, 50, 100, 500].map(|level| closed(line, level)));
            let trials = [3, 0, 4].map(|more| trial(name, 50, line.6[0] as u64 + more));
            sweep.trials.extend(trials);
        }
        sweep.costs = analysis::two_costs(&costs_rows(&sweep.rows), &sweep.summaries);
        sweep
    }

    pub(in crate::chart) fn input(&self) -> ChartInput<'_> {
        ChartInput {
            summaries: &self.summaries,
            trials: &self.trials,
            scenario: "seed",
            rows: &self.rows,
            model_time_ms: MODEL_TIME_MS,
            cases: &[],
            specs: &[],
            costs: self.costs.as_ref(),
        }
    }

    pub(in crate::chart) fn cell(
        &mut self,
        name: &str,
        arrival: Arrival,
        level: u32,
    ) -> &mut CellResult {
        let of_cell = |cell: &&mut CellResult| {
            let key = &cell.key;
            key.row.framework == name && key.arrival == arrival && key.level == level
        };
        self.summaries.iter_mut().find(of_cell).unwrap()
    }
}

fn costs_rows(rows: &[Row]) -> Vec<analysis::Row> {
    let rows = rows.iter().map(|row| analysis::Row {
        key: row.key.clone(),
        api: Api::ChatCompletions,
        language: row.language,
        kind: row.kind,
    });
    rows.collect()
}

fn burst(line: &Line) -> CellResult {
    let (name, _, _, _, [median, p95], [cpu, ready_cpu], [peak, ready]) = *line;
    let overhead = median - MODEL_TIME_MS;
    let of = Estimate::of;
    with(
        cell(name, Arrival::Burst, 50),
        &[
            (
                &catalogue::MEDIAN,
                of(median).within(median - 0.04 * overhead, median + 0.05 * overhead),
            ),
            (&catalogue::P95, of(p95)),
            (&catalogue::OVERHEAD, of(overhead - 1.0)),
            (&catalogue::OVERHEAD_PER_TURN, of((overhead - 1.0) / TURNS)),
            (&catalogue::CPU, of(cpu).between(cpu * 0.96, cpu * 1.06)),
            (&catalogue::READY_CPU, of(ready_cpu)),
            (
                &catalogue::PEAK_RSS,
                of(peak * MIB).between(peak * 0.98 * MIB, peak * 1.03 * MIB),
            ),
            (&catalogue::READY_RSS, of(ready * MIB)),
            (&catalogue::LLM_CALLS_PER_RUN, of(TURNS)),
        ],
    )
}

/// Rises with the level.
fn closed(line: &Line, level: u32) -> CellResult {
    let (name, _, _, _, [median, p95], [cpu, _], [peak, _]) = *line;
    let load = 0.1 + 0.5 * f64::from(level) / 50.0;
    let beyond = |latency: f64| (latency - MODEL_TIME_MS) * load;
    let of = Estimate::of;
    with(
        cell(name, Arrival::Closed, level),
        &[
            (&catalogue::MEDIAN, of(MODEL_TIME_MS + beyond(median))),
            (&catalogue::P95, of(MODEL_TIME_MS + beyond(p95))),
            (&catalogue::OVERHEAD_PER_TURN, of(beyond(median) / TURNS)),
            (&catalogue::CPU_PER_RUN, of(cpu * 20.0)),
            (&catalogue::PEAK_RSS, of(peak * MIB)),
        ],
    )
}
