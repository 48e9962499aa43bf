//! What stands behind the figures of a cell: how its runs are spread, what a run is made of, its memory over time.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::digits::{rounded, rounded_beside};
use crate::measurement::{RunColumns, SeriesPoint, TrialRecord};
use crate::plan::{CellKey, PhaseName, RowKey};
use crate::results::Recorded;
use crate::stats;

/// Steps of a distribution: every 2.5 %.
const STEPS: u32 = 40;
/// Points of a course over time.
const POINTS: usize = 32;
/// More gaps than these can't be told apart in a bar.
const MAX_GAPS: usize = 24;
const MIB: f64 = (1_u64 << 20) as f64;

/// By cells, where they have it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Details {
    /// Latencies in ms at equal steps from the shortest to the longest.
    latencies: BTreeMap<usize, Vec<f64>>,
    anatomies: BTreeMap<usize, Anatomy>,
    memory: BTreeMap<usize, Course>,
}

/// What the run whose overhead is nearest to the median is made of; all in ms.
#[derive(Debug, PartialEq, Serialize)]
struct Anatomy {
    /// The model's time: what the mock held.
    model: f64,
    /// Between a reply and the next request, turn by turn; one sum where there are more than [`MAX_GAPS`].
    gaps: Vec<f64>,
    /// Before the first request and after the last reply.
    ends: f64,
    /// The first run of a process, alone, less the model's time; `None` where it is not measured apart.
    first: Option<f64>,
}

/// The course of the resident memory of the trial with the median peak.
#[derive(Debug, PartialEq, Serialize)]
struct Course {
    /// How long it took, in s.
    seconds: f64,
    /// The maximum of each of equal parts of that time, in MiB; `None` where nothing was looked at.
    mib: Vec<Option<f64>>,
}

/// A trial with its verified runs.
type Trial<'a> = (&'a TrialRecord, &'a RunColumns);

/// The trials that have verified runs, by row and scenario.
pub(super) struct Trials<'a>(HashMap<(&'a RowKey, &'a str), Vec<Trial<'a>>>);

impl<'a> Trials<'a> {
    /// Of a sweep.
    pub fn of(recorded: &'a Recorded) -> Trials<'a> {
        let mut trials: HashMap<_, Vec<Trial>> = HashMap::new();
        for trial in &recorded.trials {
            let cell = &trial.planned.cell;
            if let Some(runs) = recorded.runs.of_trial(trial.planned.trial) {
                let of_row = trials.entry((&cell.row, cell.scenario.as_str()));
                of_row.or_default().push((trial, runs));
            }
        }
        Trials(trials)
    }

    /// Of a cell.
    pub fn of_cell(&self, key: &CellKey) -> Vec<Trial<'a>> {
        let of_row = self.0.get(&(&key.row, key.scenario.as_str()));
        let of_row = of_row.into_iter().flatten();
        let of_cell = of_row.filter(|(trial, _)| trial.planned.cell == *key);
        of_cell.copied().collect()
    }

    /// How long the first run of each process of a cell's row took, in ms: of its scenario and case, at whatever load,
    /// since that run is alone. A burst has none.
    fn first_runs(&self, key: &CellKey) -> Vec<f64> {
        let of_row = self.0.get(&(&key.row, key.scenario.as_str()));
        let of_row = of_row.into_iter().flatten();
        let of_case = of_row.filter(|(trial, _)| trial.planned.cell.case == key.case);
        let phases = of_case.filter_map(|(trial, _)| {
            let phase = trial.figures.as_ref()?.phase(PhaseName::FirstRun)?;
            Some(phase.wall_s * 1000.0)
        });
        phases.collect()
    }
}

impl Details {
    /// Adds what is known of a cell.
    pub fn add(&mut self, index: usize, key: &CellKey, all: &Trials<'_>) {
        let trials = &all.of_cell(key);
        if let Some(latencies) = latencies(trials) {
            self.latencies.insert(index, latencies);
        }
        if let Some(anatomy) = Anatomy::of(trials, all.first_runs(key)) {
            self.anatomies.insert(index, anatomy);
        }
        if let Some(course) = Course::of(trials) {
            self.memory.insert(index, course);
        }
    }
}

fn latencies(trials: &[Trial<'_>]) -> Option<Vec<f64>> {
    let all = trials.iter().map(|(_, runs)| runs.latency_ms.as_slice());
    let sorted = stats::sorted(all.collect::<Vec<&[f64]>>().concat());
    let steps = 0..=STEPS;
    let quantiles = steps.map(|step| {
        let share = f64::from(step) / f64::from(STEPS);
        stats::quantile(&sorted, share).map(rounded_beside)
    });
    quantiles.collect()
}

impl Anatomy {
    fn of(trials: &[Trial<'_>], first_runs: Vec<f64>) -> Option<Anatomy> {
        let overheads = trials.iter().map(|(_, runs)| runs.overhead_ms.as_slice());
        let median = stats::median(overheads.collect::<Vec<&[f64]>>().concat())?;
        let distance = |(_, _, overhead): &(&RunColumns, usize, f64)| (overhead - median).abs();
        let runs = trials.iter().flat_map(|(_, runs)| {
            let overheads = runs.overhead_ms.iter().enumerate();
            overheads.map(move |(run, overhead)| (*runs, run, *overhead))
        });
        let (columns, run, overhead) =
            runs.min_by(|one, other| distance(one).total_cmp(&distance(other)))?;
        let gaps = columns.gaps_of(run);
        let sum: f64 = gaps.iter().sum();
        let model = columns.latency_ms.get(run)? - overhead;
        let first = first_runs.into_iter().map(|run| run - model);
        let shown: &[f64] = if gaps.len() > MAX_GAPS { &[sum] } else { gaps };
        Some(Anatomy {
            model: rounded(model),
            gaps: shown.iter().copied().map(rounded).collect(),
            ends: rounded(overhead - sum),
            first: stats::median(first.collect()).map(rounded),
        })
    }
}

impl Course {
    fn of(trials: &[Trial<'_>]) -> Option<Course> {
        let peak = |trial: &TrialRecord| {
            let figures = trial.figures.as_ref();
            figures.map_or(0, |figures| figures.peak_rss_bytes)
        };
        let mut trials: Vec<&TrialRecord> = trials.iter().map(|(trial, _)| *trial).collect();
        trials.sort_by_key(|trial| peak(trial));
        let series = &trials.get(trials.len() / 2)?.series;
        let end_ms = series.last()?.at_ms.max(1);
        let part = |point: &SeriesPoint| {
            let share = f64::from(point.at_ms) / f64::from(end_ms);
            ((share * POINTS as f64) as usize).min(POINTS - 1)
        };
        let mut mib = vec![None; POINTS];
        for point in series {
            let value = rounded_beside(point.rss_bytes as f64 / MIB);
            if let Some(most) = mib.get_mut(part(point)) {
                *most = Some(most.map_or(value, |most: f64| most.max(value)));
            }
        }
        Some(Course {
            seconds: rounded(f64::from(end_ms) / 1000.0),
            mib,
        })
    }
}
