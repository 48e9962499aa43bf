//! Sweeps that were never measured, for tests: the figures of the published table, and made-up ones in its manner.

use loopmark_protocol::{Api, Arrival};

use super::draw::font::Fonts;
use super::draw::shapes::{Picture, Rectangle, Shape};
use super::drawing;
use super::input::{ChartInput, Row};
use super::output::Chart;
use super::palette::{Colour, GRID};
use crate::analysis::{self, CellResult, Costs, Counts, Estimate, Mark};
use crate::framework::{Kind, Language};
use crate::measurement::{
    Conditions, Figures, Noise, Outcome, Phase, Phases, RunCounts, SeriesPoint, Traffic,
    TrialRecord,
};
use crate::metric::{Metric, catalogue};
use crate::plan::{CellKey, PlannedTrial, RowKey};
use crate::stats::Lateness;

const MIB: f64 = 1_048_576.0;
const MODEL_TIME_MS: f64 = 2000.0;
const TURNS: f64 = 4.0;

pub(super) struct Sweep {
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
    pub(super) fn of_six_rows() -> Sweep {
        Sweep::of(&SIX)
    }

    /// The rows in three languages more; some are questionable, and one failed.
    pub(super) fn of_many_rows() -> Sweep {
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

    pub(super) fn input(&self) -> ChartInput<'_> {
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

    pub(super) fn cell(&mut self, name: &str, arrival: Arrival, level: u32) -> &mut CellResult {
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

fn with(mut cell: CellResult, figures: &[(&Metric, Estimate)]) -> CellResult {
    for (metric, estimate) in figures {
        cell.set(metric, Some(estimate.clone()));
    }
    cell
}

/// Marks by their names.
pub(super) fn marked(names: &[&'static str]) -> Vec<Mark> {
    names.iter().map(|name| Mark::of_cell(name)).collect()
}

/// A cell that has no figure.
pub(super) fn cell(name: &str, arrival: Arrival, level: u32) -> CellResult {
    let mut cell = CellResult::empty(key(name, arrival, level));
    cell.counts = Counts {
        trials: 3,
        runs: 150,
        verified_runs: 150,
        ..Counts::default()
    };
    cell.marks = marked(&["few-samples"]);
    cell
}

fn key(name: &str, arrival: Arrival, level: u32) -> CellKey {
    CellKey {
        row: RowKey::new(name, "default"),
        api: Api::ChatCompletions,
        scenario: "seed".to_owned(),
        case: None,
        level,
        arrival,
        aa_copy: false,
    }
}

/// A burst trial whose peak, and the last point of its series, is so many MiB.
pub(super) fn trial(name: &str, level: u32, peak_mib: u64) -> TrialRecord {
    let point = |at_ms, mib: u64| SeriesPoint {
        at_ms,
        rss_bytes: mib << 20,
        cpu_ms: 0,
    };
    let none = Phase {
        wall_s: 0.0,
        cpu_s: 0.0,
        rss_bytes: 0,
        peak_rss_bytes: None,
        ..Phase::default()
    };
    TrialRecord {
        planned: PlannedTrial {
            trial: 0,
            repetition: 0,
            cell: key(name, Arrival::Burst, level),
            warm_up_runs: 0,
            measured_runs: level,
        },
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        conditions: Conditions::default(),
        outcome: Outcome::Completed,
        ready: None,
        figures: Some(Figures {
            cpu_s: 0.0,
            cpu_user_s: 0.0,
            cpu_system_s: 0.0,
            peak_rss_bytes: peak_mib << 20,
            phases: Phases {
                start_up: none,
                imports: None,
                build: None,
                first_run: None,
                warm_up: None,
                measured: none,
                recovery: None,
            },
            traffic: Traffic::default(),
            mock: Lateness::default(),
            orphans: 0,
            max_threads: None,
            heartbeat: None,
            rss_slope_bytes: None,
            warm_up_runs: None,
            cancelled: None,
            faults: None,
            in_flight: None,
            set_aside: None,
        }),
        runs: RunCounts::default(),
        noise: Noise::default(),
        series: vec![point(0, 1), point(20, peak_mib / 2), point(40, peak_mib)],
        stderr_tail: Vec::new(),
    }
}

/// Rows in one language and colour, measured in one burst each.
pub(super) struct Toys {
    pub summaries: Vec<CellResult>,
    trials: Vec<TrialRecord>,
    rows: Vec<Row>,
}

impl Toys {
    pub const COLOUR: Colour = Colour(200, 0, 0);

    /// Of three rows with these values of a metric.
    pub fn with(metric: &Metric, values: [Option<f64>; 3]) -> Toys {
        let mut toys = Toys {
            summaries: Vec::new(),
            trials: Vec::new(),
            rows: Vec::new(),
        };
        for (index, value) in values.into_iter().enumerate() {
            toys.add(index, metric, value);
        }
        toys
    }

    /// Of a row for each value.
    pub fn with_many(metric: &Metric, values: &[f64]) -> Toys {
        let mut toys = Toys::with(metric, [None; 3]);
        (toys.summaries, toys.rows) = (Vec::new(), Vec::new());
        for (index, value) in values.iter().enumerate() {
            toys.add(index, metric, Some(*value));
        }
        toys
    }

    fn add(&mut self, index: usize, metric: &Metric, value: Option<f64>) {
        let name = format!("toy {index}");
        let mut cell = cell(&name, Arrival::Burst, 50);
        cell.set(metric, value.map(Estimate::of));
        self.summaries.push(cell);
        self.rows.push(Row {
            key: RowKey::new(&name, "default"),
            label: name,
            language: Language::Rust,
            kind: Kind::Framework,
            colour: Some(Toys::COLOUR),
        });
    }

    /// The same rows at a further level.
    pub fn add_level(&mut self, level: u32, metric: &Metric, values: [Option<f64>; 3]) {
        for (index, value) in values.into_iter().enumerate() {
            let mut cell = cell(&format!("toy {index}"), Arrival::Burst, level);
            cell.set(metric, value.map(Estimate::of));
            self.summaries.push(cell);
        }
    }

    pub fn add_trial(&mut self, index: usize, peak_mib: u64) {
        self.trials
            .push(trial(&format!("toy {index}"), 50, peak_mib));
    }

    /// The chart of a spec in TOML, at level 50.
    pub fn chart(&self, spec: &str) -> Option<Chart> {
        let spec = toml::from_str(&format!("at.level = 50\n{spec}")).unwrap();
        let input = ChartInput {
            scenario: "seed",
            summaries: &self.summaries,
            trials: &self.trials,
            rows: &self.rows,
            model_time_ms: MODEL_TIME_MS,
            cases: &[],
            specs: &[],
            costs: None,
        };
        drawing::charts(&[spec], &input, &Fonts::load().unwrap()).pop()
    }

    /// What is written in the chart.
    pub fn texts(&self, spec: &str) -> Vec<String> {
        let picture = self.chart(spec).unwrap().picture;
        picture.texts().map(|text| text.text.clone()).collect()
    }
}

/// The rectangles of a colour, from the top.
pub(super) fn areas(picture: &Picture, colour: Colour) -> Vec<Rectangle> {
    let areas = picture.shapes.iter().filter_map(|shape| match shape {
        Shape::Area(area, other) if *other == colour => Some(*area),
        _ => None,
    });
    areas.collect()
}

/// The middles of the markers of a colour, in the order in which they are drawn.
pub(super) fn dots(picture: &Picture, colour: Colour) -> Vec<f64> {
    let dots = picture.shapes.iter().filter_map(|shape| match shape {
        Shape::Polygon(points, other) if *other == colour => {
            let (least, most) = points
                .iter()
                .fold((f64::MAX, f64::MIN), |(least, most), (x, _)| {
                    (least.min(*x), most.max(*x))
                });
            Some((least + most) / 2.0)
        }
        _ => None,
    });
    dots.collect()
}

/// The vertical lines of the grid, from the left.
pub(super) fn ticks(picture: &Picture) -> Vec<f64> {
    let lines = picture.shapes.iter().filter_map(|shape| match shape {
        Shape::Line(points, stroke) if stroke.colour == GRID => points.first(),
        _ => None,
    });
    lines.map(|(x, _)| *x).collect()
}
