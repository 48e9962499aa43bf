//! What a sweep is going to measure: its levels, its plan, and what `run.json` says before the first trial.

use std::collections::BTreeMap;
use std::time::Duration;

use loopmark_protocol::Api;

use crate::build::{BuildResult, installed_bytes, is_offered_here};
use crate::capacity::{CapacityPlan, Load};
use crate::framework::{Framework, Variant};
use crate::layout::Layout;
use crate::mock::MockCheck;
use crate::plan::{
    CaseRequest, Plan, PlannedTrial, Request, RowKey, ScenarioRequest, Shard, TooManyShards,
};
use crate::results::{FORMAT, RowInfo, RunInfo, ScenarioInfo};
use crate::scenario::{Case, Scenario};
use crate::system::{Machine, TooFewFiles, git_revision, most_level, require_open_files};
use crate::trial::Bench;

/// The level at which the mock is checked whatever the sweep's own levels are.
const COMPARED_LEVEL: u32 = 1000;

/// The highest rate that the search for capacities tries when the mock's ceiling was not measured.
const MOST_RATE: u32 = 1000;

/// What is asked of a sweep.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// The variants: `default`, `all`, or a name.
    pub variants: String,
    /// Levels of the closed loop; `None` takes the scenario's.
    pub levels: Option<Vec<u32>>,
    /// Repetitions of each level.
    pub repetitions: Option<u32>,
    /// Repetitions of the table's burst.
    pub table_repetitions: Option<u32>,
    /// Measured runs of each worker of the closed loop.
    pub runs_per_worker: Option<u32>,
    /// Rates of the open loop, in runs per second.
    pub rates: Vec<f64>,
    /// How long an open loop starts runs.
    pub rate_time: Duration,
    /// The loads whose capacity is searched; `None` searches none.
    pub loads: Option<Vec<Load>>,
    /// The search's limit of p95, as a multiple of the model's own time.
    pub p95_factor: f64,
    /// Gives the order and the runs' numbers; `None` goes by the clock.
    pub seed: Option<u64>,
    /// Whether what is not asked for is done less often.
    pub quick: bool,
    /// Whether every row is measured twice.
    pub aa: bool,
    /// The shard that is measured, and of how many; `None` measures all.
    pub shard: Option<(u32, u32)>,
}

/// There is no such sweep.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// No row is here to be measured.
    #[error("no row can be measured here; `loopmark list` says what is missing")]
    Nothing,
    /// It can't be cut so.
    #[error(transparent)]
    TooManyShards(#[from] TooManyShards),
}

/// A sweep before it has a folder.
pub struct Preparation<'a> {
    /// Where its trials will run, one for each scenario.
    pub benches: &'a [Bench],
    /// The checkout.
    pub layout: &'a Layout,
    /// What is asked of it.
    pub wishes: &'a Wishes,
    /// The command that asks for it.
    pub command: Vec<String>,
    /// Whether the harness is a debug build.
    pub debug_build: bool,
}

impl Preparation<'_> {
    /// The levels at which the mock is checked: the sweep's own, and one at which every mock can be compared.
    pub fn checked_levels(&self) -> Vec<u32> {
        let of_scenarios = self.benches.iter().flat_map(|bench| {
            let mut levels = self.levels(&bench.scenario);
            levels.extend(bench.scenario.table_level);
            levels
        });
        let mut checked: Vec<u32> = of_scenarios.chain([COMPARED_LEVEL]).collect();
        checked.sort_unstable();
        checked.dedup();
        checked
    }

    /// Makes sure that this process may open as many files as the sweep may need.
    ///
    /// # Errors
    ///
    /// When the limit is too low.
    pub fn require_open_files(&self) -> Result<(), TooFewFiles> {
        let checked = self.checked_levels().into_iter().max();
        let searched = self.wishes.loads.as_ref().map(|_| most_level());
        require_open_files(checked.max(searched).unwrap_or_default())
    }

    /// What `run.json` says of the sweep before it begins.
    ///
    /// # Errors
    ///
    /// When no row is here to be measured, or the plan can't be cut into that many shards.
    pub fn info(&self, built: &[BuildResult]) -> Result<RunInfo, PlanError> {
        let now = jiff::Timestamp::now();
        let plan = self.plan(built)?;
        let first = self.benches.first();
        let pinning = first.and_then(|bench| bench.pinning.clone());
        let scenarios = self.benches.iter().map(|bench| &bench.scenario);
        let loads = self.wishes.loads.as_ref();
        Ok(RunInfo {
            format: FORMAT,
            id: now.strftime("%Y-%m-%dT%H%M%SZ").to_string(),
            loopmark: env!("CARGO_PKG_VERSION").to_owned(),
            git_revision: git_revision(self.layout.root()),
            command: self.command.clone(),
            started_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            finished_at: None,
            complete: false,
            debug_build: self.debug_build,
            machine: Machine::with(pinning.as_ref()),
            pinning,
            network: first.map(|bench| bench.network),
            scenarios: scenarios.map(ScenarioInfo::of).collect(),
            rows: self.rows(built),
            mock: None,
            calibration: None,
            capacity: loads.zip(first).map(|(loads, first)| {
                capacity_plan(&first.scenario.name, &plan, loads, self.wishes.p95_factor)
            }),
            shard: self.shard(&plan)?,
            plan,
        })
    }

    /// The shard that is asked for, cut by the model's own time, which every machine knows.
    fn shard(&self, plan: &Plan) -> Result<Option<Shard>, TooManyShards> {
        let scenario = |trial: &PlannedTrial| {
            let mut benches = self.benches.iter();
            benches.find(|bench| bench.scenario.name == trial.cell.scenario)
        };
        let time = |trial: &PlannedTrial| {
            scenario(trial).map_or(Duration::ZERO, |bench| expected(trial, &bench.scenario))
        };
        let shard = self.wishes.shard;
        shard
            .map(|(index, of)| Shard::cut(plan, index, of, time))
            .transpose()
    }

    fn levels(&self, scenario: &Scenario) -> Vec<u32> {
        let wished = self.wishes.levels.as_ref();
        wished.unwrap_or(&scenario.levels).clone()
    }

    fn plan(&self, built: &[BuildResult]) -> Result<Plan, PlanError> {
        let wishes = self.wishes;
        let amounts = match wishes.quick {
            true => Amounts::QUICK,
            false => Amounts::USUAL,
        };
        let here = built.iter().filter(|(_, result)| result.is_ok());
        let rows = here.flat_map(|(framework, _)| {
            let variants = chosen_variants(framework, &wishes.variants).into_iter();
            variants.map(|variant| (RowKey::new(&framework.name, &variant.name), variant.api))
        });
        let limits = built
            .iter()
            .map(|(row, _)| (row.name.clone(), row.limits.clone()));
        let clock = || jiff::Timestamp::now().as_second() as u64;
        let plan = Plan::new(&Request {
            rows: rows.collect(),
            limits: limits.collect(),
            scenarios: self.scenario_requests(),
            repetitions: wishes.repetitions.unwrap_or(amounts.repetitions),
            runs_per_worker: wishes.runs_per_worker.unwrap_or(amounts.runs_per_worker),
            rates: wishes.rates.clone(),
            rate_time: wishes.rate_time,
            table_repetitions: wishes
                .table_repetitions
                .unwrap_or(amounts.table_repetitions),
            aa: wishes.aa,
            seed: wishes.seed.unwrap_or_else(clock),
        });
        match plan.trials.is_empty() {
            true => Err(PlanError::Nothing),
            false => Ok(plan),
        }
    }

    fn scenario_requests(&self) -> Vec<ScenarioRequest> {
        let request = |bench: &Bench| {
            let left_out = bench.left_out();
            let mut request = ScenarioRequest::of(&bench.scenario);
            request.levels = self.levels(&bench.scenario);
            let is_measured = |case: &CaseRequest| !left_out.contains(&case.name.as_deref());
            request.cases.retain(is_measured);
            request
        };
        self.benches.iter().map(request).collect()
    }

    fn rows(&self, built: &[BuildResult]) -> Vec<RowInfo> {
        let rows = built.iter().flat_map(|(framework, result)| {
            let variants = chosen_variants(framework, &self.wishes.variants).into_iter();
            variants.map(move |variant| RowInfo {
                key: RowKey::new(&framework.name, &variant.name),
                label: framework.label.clone(),
                language: framework.language,
                kind: framework.kind,
                colour: framework.colour,
                api: variant.api,
                sources_sha256: result.clone().ok(),
                install_bytes: match result {
                    Ok(_) => installed_bytes(framework, self.layout),
                    Err(_) => None,
                },
                ready: None,
                idiom: Some(framework.idiom.clone()),
                wire: framework.wire.clone(),
                lacks: framework.lacks.clone(),
                limits: framework.limits.clone(),
                skipped: result.clone().err(),
            })
        });
        rows.collect()
    }
}

/// How long a scenario takes one row in a sweep that asks for nothing else, as far as it follows from the model's own
/// time: a row that is slower takes longer.
pub fn expected_per_row(scenario: &Scenario) -> Duration {
    let amounts = Amounts::USUAL;
    let plan = Plan::new(&Request {
        rows: vec![(RowKey::new("any", "default"), Api::ChatCompletions)],
        limits: BTreeMap::new(),
        scenarios: vec![ScenarioRequest::of(scenario)],
        repetitions: amounts.repetitions,
        runs_per_worker: amounts.runs_per_worker,
        rates: Vec::new(),
        rate_time: Duration::ZERO,
        table_repetitions: amounts.table_repetitions,
        aa: false,
        seed: 0,
    });
    let trials = plan.trials.iter();
    trials.map(|trial| expected(trial, scenario)).sum()
}

/// How long a trial is expected to take, as far as it follows from the model's own time.
fn expected(trial: &PlannedTrial, scenario: &Scenario) -> Duration {
    let case = scenario.case(trial.cell.case.as_deref());
    let steady = case.and_then(|case| case.measure.steady_s).unwrap_or(0);
    let model_time = case.map(Case::expected_time).unwrap_or_default();
    trial.expected(model_time) + Duration::from_secs(steady.into())
}

/// How often and how much is measured.
struct Amounts {
    repetitions: u32,
    runs_per_worker: u32,
    table_repetitions: u32,
}

impl Amounts {
    const USUAL: Amounts = Amounts {
        repetitions: 3,
        runs_per_worker: 4,
        table_repetitions: 5,
    };
    const QUICK: Amounts = Amounts {
        repetitions: 1,
        runs_per_worker: 2,
        table_repetitions: 4,
    };
}

/// The variants of a row that `name` means: one, or `all` that this machine has the JDK for.
pub fn chosen_variants<'a>(framework: &'a Framework, name: &str) -> Vec<&'a Variant> {
    let is_meant = |variant: &&Variant| match name {
        "all" => is_offered_here(variant),
        _ => variant.name == name,
    };
    framework.variants.iter().filter(is_meant).collect()
}

/// The search for the capacity of every row and variant of a plan, in its order.
fn capacity_plan(scenario: &str, plan: &Plan, loads: &[Load], p95_factor: f64) -> CapacityPlan {
    let mut rows: Vec<RowKey> = Vec::new();
    for planned in &plan.trials {
        if !rows.contains(&planned.cell.row) {
            rows.push(planned.cell.row.clone());
        }
    }
    CapacityPlan {
        scenario: scenario.to_owned(),
        rows,
        loads: loads.to_vec(),
        p95_factor,
        max_level: most_level(),
        max_rate: MOST_RATE,
    }
}

/// The search for capacities asks for no more than half of the mock's ceiling.
pub(super) fn cap_rates(info: &mut RunInfo, check: &MockCheck) {
    if let Some(capacity) = &mut info.capacity {
        let mut scenarios = info.scenarios.iter();
        let scenario = scenarios.find(|info| info.name == capacity.scenario);
        let llm_calls = scenario.map_or(1, |scenario| scenario.llm_calls.max(1));
        let runs_per_s = check.ceiling.requests_per_s / 2.0 / f64::from(llm_calls);
        capacity.max_rate = (runs_per_s as u32).max(1);
    }
}
