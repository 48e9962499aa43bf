//! The trials of a sweep, in their order.

use std::collections::BTreeMap;
use std::time::Duration;

use loopmark_protocol::{Answers, Api, Arrival, Batch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CellKey, RowKey};
use crate::framework::Limit;
use crate::scenario::{Measure, Scenario};

/// One runner process: one cell, measured once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedTrial {
    /// Its place in the sweep's order, from 0.
    pub trial: u32,
    /// The repetition, from 0: a block that holds every cell once.
    pub repetition: u32,
    /// What is measured.
    pub cell: CellKey,
    /// Runs before the measured ones, whose samples are set aside: the first one alone, then the others.
    pub warm_up_runs: u32,
    /// Measured runs.
    pub measured_runs: u32,
}

/// The phases of a trial, in their order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseName {
    /// Spawn to `imported`.
    Imports,
    /// `imported` to `ready`.
    Build,
    /// A single run, the process's first; not in a burst.
    FirstRun,
    /// More runs that are set aside; not in a burst.
    WarmUp,
    /// The measured batch.
    Measured,
    /// Runs after the measured ones, where those were cancelled: what a process does next.
    Recovery,
}

impl PhaseName {
    /// In their order.
    pub const ALL: [PhaseName; 6] = [
        PhaseName::Imports,
        PhaseName::Build,
        PhaseName::FirstRun,
        PhaseName::WarmUp,
        PhaseName::Measured,
        PhaseName::Recovery,
    ];
}

/// A sweep's trials in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Gives the order and the runs' numbers.
    pub seed: u64,
    /// In the order of their execution.
    pub trials: Vec<PlannedTrial>,
}

/// What a sweep is to hold.
#[derive(Debug, Clone)]
pub struct Request {
    /// The rows, with the API of each.
    pub rows: Vec<(RowKey, Api)>,
    /// What frameworks don't do by design, by their names: such cells are tried once.
    pub limits: BTreeMap<String, Vec<Limit>>,
    /// The scenarios.
    pub scenarios: Vec<ScenarioRequest>,
    /// Repetitions of the closed loop at each level.
    pub repetitions: u32,
    /// Measured runs a worker in the closed loop.
    pub runs_per_worker: u32,
    /// Rates of the open loop, in runs per second.
    pub rates: Vec<f64>,
    /// How long an open loop starts runs.
    pub rate_time: Duration,
    /// Repetitions of the tables' bursts.
    pub table_repetitions: u32,
    /// Measure every row twice (A/A) to estimate noise.
    pub aa: bool,
    /// Gives the order.
    pub seed: u64,
}

/// What a sweep is to hold of one scenario.
#[derive(Debug, Clone)]
pub struct ScenarioRequest {
    /// Its name.
    pub name: String,
    /// Its levels: of the closed loop, unless `measure` wants bursts.
    pub levels: Vec<u32>,
    /// Its cases.
    pub cases: Vec<CaseRequest>,
    /// The level of the table's burst; `None` leaves it out.
    pub table_level: Option<u32>,
}

impl ScenarioRequest {
    /// All that a scenario asks for.
    pub fn of(scenario: &Scenario) -> ScenarioRequest {
        let cases = scenario.cases().iter().map(|case| CaseRequest {
            name: case.name.clone(),
            model_time: case.model_time(),
            measure: case.measure,
        });
        ScenarioRequest {
            name: scenario.name.clone(),
            levels: scenario.levels.clone(),
            cases: cases.collect(),
            table_level: scenario.table_level,
        }
    }
}

/// What a sweep is to hold of one case of a scenario.
#[derive(Debug, Clone)]
pub struct CaseRequest {
    /// Its name; `None` in a scenario without cases.
    pub name: Option<String>,
    /// The model's own time in a run.
    pub model_time: Duration,
    /// How it is measured.
    pub measure: Measure,
}

/// The least number of measured runs of a closed-loop trial.
const LEAST_RUNS: u32 = 3;
/// The maximum number of runs that warm a runner up, after its first one.
const MOST_WARM_UP_RUNS: u32 = 10;

impl Plan {
    /// Lays the trials out in blocks, one a repetition, each holding every cell once in seeded random order, so that
    /// drift of the machine meets all rows alike. Only the first holds those that a framework does not do by design.
    pub fn new(request: &Request) -> Plan {
        let mut random = fastrand::Rng::with_seed(request.seed);
        let blocks = request.repetitions.max(request.table_repetitions);
        let entries: &[bool] = if request.aa { &[false, true] } else { &[false] };
        let mut trials = Vec::new();
        for repetition in 0..blocks {
            let mut block = Vec::new();
            for scenario in &request.scenarios {
                let rows = request.rows.iter();
                let entries =
                    rows.flat_map(|row| entries.iter().map(move |aa_copy| (row, *aa_copy)));
                for ((row, api), aa_copy) in entries {
                    for case in &scenario.cases {
                        let cell = CellKey {
                            row: row.clone(),
                            api: *api,
                            scenario: scenario.name.clone(),
                            case: case.name.clone(),
                            level: 0,
                            arrival: Arrival::Closed,
                            aa_copy,
                        };
                        let mut trials = request.trials(scenario, case, &cell, repetition);
                        trials.retain(|trial| repetition == 0 || !request.is_limited(&trial.cell));
                        block.append(&mut trials);
                    }
                }
            }
            random.shuffle(&mut block);
            trials.append(&mut block);
        }
        for (index, trial) in trials.iter_mut().enumerate() {
            trial.trial = index as u32;
        }
        Plan {
            seed: request.seed,
            trials,
        }
    }
}

impl Request {
    /// Whether the cell's framework does not do it, by its design.
    fn is_limited(&self, cell: &CellKey) -> bool {
        let mut limits = self.limits.get(&cell.row.framework).into_iter().flatten();
        limits.any(|limit| cell.is_within(limit))
    }

    /// One repetition of a row on a case of a scenario, of every level and arrival; `cell` says of which row.
    fn trials(
        &self,
        scenario: &ScenarioRequest,
        case: &CaseRequest,
        cell: &CellKey,
        repetition: u32,
    ) -> Vec<PlannedTrial> {
        let planned = |level, arrival, warm_up_runs, measured_runs| PlannedTrial {
            trial: 0,
            repetition,
            cell: CellKey {
                level,
                arrival,
                ..cell.clone()
            },
            warm_up_runs,
            measured_runs,
        };
        let warm_up = |level: u32| 1 + level.min(MOST_WARM_UP_RUNS);
        let mut trials = Vec::new();
        if let Some(level) = scenario.table_level
            && repetition < self.table_repetitions
        {
            // As the published table: cold, one wave, all at once.
            trials.push(planned(level, Arrival::Burst, 0, level));
        }
        if repetition < self.repetitions {
            trials.extend(scenario.levels.iter().map(|level| {
                if case.measure.burst {
                    return planned(*level, Arrival::Burst, 0, *level);
                }
                let by_level = level.saturating_mul(self.runs_per_worker).max(LEAST_RUNS);
                let runs = case.measure.runs.unwrap_or(by_level);
                let warm_up_runs = case.measure.warm_up_runs.map(|runs| 1 + runs);
                let warm_up_runs = warm_up_runs.unwrap_or_else(|| warm_up(*level));
                planned(*level, Arrival::Closed, warm_up_runs, runs)
            }));
            trials.extend(self.rates.iter().map(|rate| {
                let level = PlannedTrial::expected_in_flight(*rate, case.model_time);
                let runs = (rate * self.rate_time.as_secs_f64()).round() as u32;
                let arrival = Arrival::Rate(*rate);
                planned(level, arrival, warm_up(level), runs.max(LEAST_RUNS))
            }));
        }
        trials
    }
}

impl PlannedTrial {
    /// How many runs an open loop of `rate` runs per second has in flight when none takes longer than the model does:
    /// rate times time (Little, 1961), rounded up.
    pub fn expected_in_flight(rate: f64, model_time: Duration) -> u32 {
        (rate * model_time.as_secs_f64()).ceil().max(1.0) as u32
    }

    /// How long the trial is expected to take when the model takes `model_time` a run: for progress, no figure.
    pub fn expected(&self, model_time: Duration) -> Duration {
        let waves = |runs: u32| runs.div_ceil(self.cell.level.max(1));
        let start_and_end = Duration::from_secs(2);
        let first = self.warm_up_runs.min(1);
        let warm_up = waves(self.warm_up_runs - first);
        let ramp = u32::from(self.cell.arrival == Arrival::Closed);
        start_and_end + model_time * (first + warm_up + waves(self.measured_runs) + ramp)
    }

    /// The batches that the runner is asked for, and the phase that each is.
    ///
    /// Runs are numbered through over the batches, from a number that differs from trial to trial, so that a runner
    /// can't know its answers beforehand. The workers of a closed loop start over the time of one run when it is
    /// measured: all at once they would stay in step for a while, and the figures would say how they queue for each other.
    pub fn batches(&self, seed: u64, scenario: &Scenario) -> Vec<(PhaseName, Batch)> {
        let mut random = fastrand::Rng::with_seed(seed ^ (u64::from(self.trial) << 32));
        let case = scenario.case(self.cell.case.as_deref());
        let (first_run, model_time, measure) = match case {
            Some(case) => (case.first_run, case.model_time(), case.measure),
            None => (0, Duration::ZERO, Measure::default()),
        };
        let mut next_run = first_run + random.u64(0..1_000_000);
        let first = self.warm_up_runs.min(1);
        let others = self.warm_up_runs - first;
        let recovery = measure.cancel_after_ms.map_or(0, |_| others);
        let parts = [
            (PhaseName::FirstRun, first, Arrival::Closed),
            (PhaseName::WarmUp, others, Arrival::Closed),
            (PhaseName::Measured, self.measured_runs, self.cell.arrival),
            (PhaseName::Recovery, recovery, Arrival::Closed),
        ];
        let ramp_ms = u32::try_from(model_time.as_millis()).unwrap_or(u32::MAX);
        let parts = parts.into_iter().filter(|(_, runs, _)| *runs > 0);
        let batches = parts.enumerate().map(|(number, (phase, runs, arrival))| {
            let batch = Batch {
                batch: number as u32,
                first_run: next_run,
                runs,
                level: self.cell.level,
                arrival,
                answers: Answers::Digest,
                ramp_ms: match (phase, arrival) {
                    (PhaseName::Measured, Arrival::Closed) => ramp_ms,
                    _ => 0,
                },
                cancel_after_ms: measure
                    .cancel_after_ms
                    .filter(|_| phase == PhaseName::Measured),
                heartbeat: phase == PhaseName::Measured && measure.heartbeat,
            };
            next_run += u64::from(runs);
            (phase, batch)
        });
        batches.collect()
    }
}

#[cfg(test)]
mod tests;
