//! `loopmark run`: the main job.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use loopmark_protocol::Answers;
use tokio::sync::watch;

use super::build::{BuildResult, build_all};
use super::debug_build::{DebugBuild, IS_DEBUG_BUILD};
use super::drive::{Drive, keep_to_the_runners_cpus, leave_the_runners_cpus};
use super::exit::{Exit, UsageError};
use super::measure::{interruption, measure, require_baseline, runtime};
use super::number::{self, require_distinct};
use super::resume::resume;
use super::selection::Selection;
use crate::build::installed_bytes;
use crate::calibrate::{self, CalibrateError, Setting, calibrate};
use crate::calibration::Calibration;
use crate::capacity::{CapacityPlan, Load, P95_FACTOR};
use crate::console;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::mock::{CheckPlan, MockCheck, OPEN_CONNECTIONS, check_mock};
use crate::plan::{Plan, Request, RowKey};
use crate::results::{self, FORMAT, ResultsFolder, RowInfo, RunInfo, ScenarioInfo};
use crate::scenario::Scenario;
use crate::system::{Machine, allows_connections, git_revision, most_level, require_open_files};
use crate::trial::Bench;

/// The level at which the mock is checked whatever the sweep's own levels are.
const COMPARED_LEVEL: u32 = 1000;

/// The highest rate that the search for capacities tries when the mock's ceiling was not measured.
const MOST_RATE: u32 = 1000;

/// What to measure.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    drive: Drive,
    #[command(flatten)]
    debug_build: DebugBuild,
    /// Runs in flight at once, closed loop [default: the scenario's levels]
    #[arg(short, long, value_name = "N", value_delimiter = ',', value_parser = number::level())]
    levels: Vec<u32>,
    /// Repetitions of each level, each a process of its own [default: 3, with --quick 1]
    #[arg(short, long, value_name = "N", value_parser = number::count())]
    repetitions: Option<u32>,
    /// Repetitions of the table's burst [default: 5, with --quick 4]
    #[arg(long, value_name = "N", value_parser = number::count_or_none())]
    table_repetitions: Option<u32>,
    /// Measured runs of each worker of the closed loop [default: 4, with --quick 2]
    #[arg(long, value_name = "N", value_parser = number::count())]
    runs_per_worker: Option<u32>,
    /// Runs started a second, open loop: latency counts from the intended start
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = number::rate)]
    rates: Vec<f64>,
    /// How long an open loop starts runs, in seconds
    #[arg(long, value_name = "S", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    rate_seconds: u64,
    /// Then search each row's capacity: the highest level and rate that it carries [default: both]
    #[arg(long, value_name = "LOAD", value_delimiter = ',', num_args = 0.., default_missing_value = "level,rate")]
    capacity: Option<Vec<Load>>,
    /// The search's limit of p95, as a multiple of the model's own time
    #[arg(long, value_name = "F", default_value_t = P95_FACTOR, value_parser = number::factor, requires = "capacity")]
    p95_factor: f64,
    /// The order of trials and the numbers of runs follow from it [default: from the clock]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// One repetition of each level, fewer runs: what `cargo bench` does
    #[arg(short, long)]
    quick: bool,
    /// Only the table's burst, no levels
    #[arg(long, conflicts_with = "levels")]
    table_only: bool,
    /// Measure every row twice (A/A) to estimate noise; rows that differ by less are not ranked
    #[arg(long)]
    aa: bool,
    /// The row that others are compared with [default: floor-rust, else the first row]
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,
    /// Leave out the check of the mock before the sweep, and the calibration
    #[arg(long)]
    no_mock_check: bool,
    /// Leave out the calibration before the sweep: `loopmark calibrate` in its short form
    #[arg(long)]
    no_calibration: bool,
    /// Resume an interrupted sweep: run only the missing trials. Refused if anything has changed
    #[arg(long, value_name = "FOLDER", conflicts_with_all = [
        "frameworks", "language", "kind", "variants", "scenario", "levels", "repetitions", "table_repetitions", "runs_per_worker", "seed",
        "rates", "capacity", "quick", "table_only", "aa", "no_mock_check", "no_calibration", "results",
    ])]
    resume: Option<PathBuf>,
    /// Where the results folder is made [default: the checkout's results/]
    #[arg(long, value_name = "FOLDER")]
    results: Option<PathBuf>,
}

pub(super) fn run(options: &Options, layout: Layout, command: Vec<String>) -> anyhow::Result<Exit> {
    console::outlive_the_terminal()?;
    if let Some(folder) = &options.resume {
        options.debug_build.require_meant()?;
        let private = &options.selection.rows.private;
        let baseline = options.baseline.as_deref();
        return resume(&options.drive, private, layout, folder, baseline);
    }
    // Whatever a person can have got wrong is said before anything is built or written.
    require_sense(options)?;
    options.debug_build.require_meant()?;
    let bench = options.drive.bench(layout, None, Answers::Digest)?;
    let frameworks = options.selection.frameworks(&bench.layout)?;
    let names = frameworks.iter().map(|framework| framework.name.as_str());
    require_baseline(options.baseline.as_deref(), names)?;
    let levels = match (options.table_only, options.levels.as_slice()) {
        (true, _) => Vec::new(),
        (false, []) => bench.scenario.levels.clone(),
        (false, levels) => levels.to_vec(),
    };
    let checked = checked_levels(&levels, &bench.scenario);
    let highest_checked = checked.into_iter().max().unwrap_or_default();
    let searched = options.capacity.as_ref().map(|_| most_level());
    require_open_files(searched.unwrap_or_default().max(highest_checked))?;

    let built = build_all(frameworks, &bench.layout);
    let plan = plan(options, &bench.scenario, levels.clone(), &built)?;
    let results = options
        .results
        .clone()
        .unwrap_or_else(|| bench.layout.results());
    let info = info(options, &bench, &built, plan, command);
    let frameworks: Vec<Framework> = built.into_iter().map(|(framework, _)| framework).collect();
    runtime()?.block_on(start(options, &bench, &frameworks, &levels, &results, info))
}

/// Refuses numbers that are right each, and senseless together.
fn require_sense(options: &Options) -> Result<(), UsageError> {
    require_distinct("--levels", &options.levels)?;
    require_distinct("--rates", &options.rates)?;
    let loads = options.capacity.iter().flatten();
    let loads = loads.filter_map(|load| Some(load.to_possible_value()?.get_name().to_owned()));
    let loads: Vec<String> = loads.collect();
    require_distinct("--capacity", &loads)?;
    if options.table_only && options.table_repetitions == Some(0) && options.rates.is_empty() {
        let message = "--table-only with --table-repetitions 0 measures nothing; leave one out";
        return Err(UsageError(message.to_owned()));
    }
    Ok(())
}

/// The levels at which the mock is checked: the sweep's own, and one at which every mock can be compared.
fn checked_levels(levels: &[u32], scenario: &Scenario) -> Vec<u32> {
    let mut checked = [levels, &[scenario.table_level, COMPARED_LEVEL]].concat();
    checked.sort_unstable();
    checked.dedup();
    checked
}

fn plan(
    options: &Options,
    scenario: &Scenario,
    levels: Vec<u32>,
    built: &[BuildResult],
) -> anyhow::Result<Plan> {
    let (repetitions, runs_per_worker, table_repetitions) =
        if options.quick { (1, 2, 4) } else { (3, 4, 5) };
    let rows: Vec<_> = built
        .iter()
        .filter(|(_, result)| result.is_ok())
        .flat_map(|(framework, _)| {
            let variants = options.selection.variants(framework).into_iter();
            variants.map(|variant| (RowKey::new(&framework.name, &variant.name), variant.api))
        })
        .collect();
    let plan = Plan::new(&Request {
        rows,
        scenario: scenario.name.clone(),
        levels,
        repetitions: options.repetitions.unwrap_or(repetitions),
        runs_per_worker: options.runs_per_worker.unwrap_or(runs_per_worker),
        rates: options.rates.clone(),
        rate_time: Duration::from_secs(options.rate_seconds),
        model_time: scenario.model_time(),
        table_level: Some(scenario.table_level),
        table_repetitions: options.table_repetitions.unwrap_or(table_repetitions),
        aa: options.aa,
        seed: options
            .seed
            .unwrap_or_else(|| jiff::Timestamp::now().as_second() as u64),
    });
    if plan.trials.is_empty() {
        anyhow::bail!("no row can be measured here; `loopmark list` says what is missing");
    }
    Ok(plan)
}

fn info(
    options: &Options,
    bench: &Bench,
    built: &[BuildResult],
    plan: Plan,
    command: Vec<String>,
) -> RunInfo {
    let now = jiff::Timestamp::now();
    let rows = built
        .iter()
        .flat_map(|(framework, result)| {
            options
                .selection
                .variants(framework)
                .into_iter()
                .map(move |variant| RowInfo {
                    key: RowKey::new(&framework.name, &variant.name),
                    label: framework.label.clone(),
                    language: framework.language,
                    kind: framework.kind,
                    colour: framework.colour,
                    api: variant.api,
                    sources_sha256: result.clone().ok(),
                    install_bytes: result
                        .as_ref()
                        .ok()
                        .and_then(|_| installed_bytes(framework, &bench.layout)),
                    ready: None,
                    skipped: result.clone().err(),
                })
        })
        .collect();
    RunInfo {
        format: FORMAT,
        id: now.strftime("%Y-%m-%dT%H%M%SZ").to_string(),
        loopmark: env!("CARGO_PKG_VERSION").to_owned(),
        git_revision: git_revision(bench.layout.root()),
        command,
        started_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        finished_at: None,
        complete: false,
        debug_build: IS_DEBUG_BUILD,
        machine: Machine::with(bench.pinning.as_ref()),
        pinning: bench.pinning.clone(),
        network: Some(bench.network),
        scenarios: vec![ScenarioInfo::of(&bench.scenario)],
        rows,
        mock: None,
        calibration: None,
        capacity: options
            .capacity
            .as_ref()
            .map(|loads| capacity_plan(&bench.scenario, &plan, loads, options.p95_factor)),
        plan,
    }
}

/// The search for the capacity of every row and variant of a plan, in its order.
fn capacity_plan(
    scenario: &Scenario,
    plan: &Plan,
    loads: &[Load],
    p95_factor: f64,
) -> CapacityPlan {
    let mut rows: Vec<RowKey> = Vec::new();
    for planned in &plan.trials {
        if !rows.contains(&planned.cell.row) {
            rows.push(planned.cell.row.clone());
        }
    }
    CapacityPlan {
        scenario: scenario.name.clone(),
        rows,
        loads: loads.to_vec(),
        p95_factor,
        max_level: most_level(),
        max_rate: MOST_RATE,
    }
}

/// Keeps the mock's check; the search for capacities asks for no more than half of the mock's ceiling.
fn set_mock_check(info: &mut RunInfo, check: MockCheck) {
    if let Some(capacity) = &mut info.capacity {
        let scenario = info
            .scenarios
            .iter()
            .find(|info| info.name == capacity.scenario);
        let llm_calls = scenario.map_or(1, |scenario| scenario.llm_calls.max(1));
        let runs_per_s = check.ceiling.requests_per_s / 2.0 / f64::from(llm_calls);
        capacity.max_rate = (runs_per_s as u32).max(1);
    }
    info.mock = Some(check);
}

/// How far off the harness is where the sweep's trials run.
async fn calibrate_machine(
    bench: &Bench,
    interrupted: &mut watch::Receiver<bool>,
) -> Result<Calibration, CalibrateError> {
    let setting = Setting {
        executable: bench.executable.clone(),
        pinning: bench.pinning.clone(),
        network: bench.network,
    };
    calibrate(&setting, calibrate::QUICK, interrupted, &mut |_| ()).await
}

async fn start(
    options: &Options,
    bench: &Bench,
    frameworks: &[Framework],
    levels: &[u32],
    results: &Path,
    mut info: RunInfo,
) -> anyhow::Result<Exit> {
    let mut interrupted = interruption()?;
    results::require_writable(results)?;
    if !options.no_mock_check {
        tell!("checking the mock: how late it is at each level, beside a bare OS timer");
        let plan = CheckPlan {
            with_open_connections: allows_connections(OPEN_CONNECTIONS),
            mock_cpus: keep_to_the_runners_cpus(bench.pinning.as_ref())?,
            ..CheckPlan::before_a_sweep(checked_levels(levels, &bench.scenario))
        };
        let check = check_mock(&bench.executable, &bench.scenario_path, &plan);
        tokio::select! {
            check = check => set_mock_check(&mut info, check?),
            _ = interrupted.wait_for(|interrupted| *interrupted) => return Ok(Exit::Interrupted),
        }
    }
    leave_the_runners_cpus(bench)?;
    if !options.no_mock_check && !options.no_calibration {
        tell!("calibrating: runners whose behaviour is known, beside what is measured of them");
        match calibrate_machine(bench, &mut interrupted).await {
            Err(CalibrateError::Interrupted) => return Ok(Exit::Interrupted),
            Err(error) => tell!("{error}; the sweep goes on without a calibration"),
            Ok(calibration) => info.calibration = Some(calibration),
        }
    }
    let folder = ResultsFolder::create(results, &mut info)?;
    measure(
        bench,
        frameworks,
        folder,
        info,
        &BTreeSet::new(),
        options.baseline.as_deref(),
        &mut interrupted,
    )
    .await
}
