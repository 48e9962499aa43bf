//! `loopmark run`: the main job.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use loopmark_protocol::Answers;

use super::debug_build::{DebugBuild, IS_DEBUG_BUILD};
use super::drive::Drive;
use super::exit::{Exit, UsageError};
use super::measure::{Measuring, interruption, require_baseline, runtime};
use super::messages::MessageOptions;
use super::number::{self, require_distinct};
use super::resume::resume;
use super::selection::Selection;
use crate::capacity::{Load, P95_FACTOR};
use crate::console;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::results::{self, ResultsFolder, RunInfo};
use crate::sweep::{CheckError, Checks, Preparation, Wishes, check};

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
    #[command(flatten)]
    messages: MessageOptions,
}

pub(super) fn run(options: &Options, layout: Layout, command: Vec<String>) -> anyhow::Result<Exit> {
    console::outlive_the_terminal()?;
    let messages = options.messages.open();
    let baseline = options.baseline.as_deref();
    if let Some(folder) = &options.resume {
        options.debug_build.require_meant()?;
        let private = &options.selection.rows.private;
        return resume(&options.drive, private, layout, folder, baseline, &messages);
    }
    // Whatever a person can have got wrong is said before anything is built or written.
    require_sense(options)?;
    options.debug_build.require_meant()?;
    let bench = options.drive.bench(layout, None, Answers::Digest)?;
    let frameworks = options.selection.frameworks(&bench.layout)?;
    let names = frameworks.iter().map(|framework| framework.name.as_str());
    require_baseline(baseline, names)?;
    let preparation = Preparation {
        bench: &bench,
        wishes: &options.wishes(),
        command,
        debug_build: IS_DEBUG_BUILD,
    };
    preparation.require_open_files()?;

    let built = messages.build(frameworks, &bench.layout);
    let info = preparation.info(&built)?;
    let frameworks: Vec<Framework> = built.into_iter().map(|(framework, _)| framework).collect();
    let checks = Checks {
        mock: (!options.no_mock_check).then(|| preparation.checked_levels()),
        calibration: !options.no_mock_check && !options.no_calibration,
    };
    let results = options.results.clone();
    let results = results.unwrap_or_else(|| bench.layout.results());
    let measuring = Measuring {
        bench: &bench,
        frameworks: &frameworks,
        baseline,
        messages: &messages,
    };
    runtime()?.block_on(start(&measuring, checks, &results, info))
}

impl Options {
    fn wishes(&self) -> Wishes {
        Wishes {
            variants: self.selection.variants.clone(),
            levels: match (self.table_only, self.levels.as_slice()) {
                (true, _) => Some(Vec::new()),
                (false, []) => None,
                (false, levels) => Some(levels.to_vec()),
            },
            repetitions: self.repetitions,
            table_repetitions: self.table_repetitions,
            runs_per_worker: self.runs_per_worker,
            rates: self.rates.clone(),
            rate_time: Duration::from_secs(self.rate_seconds),
            loads: self.capacity.clone(),
            p95_factor: self.p95_factor,
            seed: self.seed,
            quick: self.quick,
            aa: self.aa,
        }
    }
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

async fn start(
    measuring: &Measuring<'_>,
    checks: Checks,
    results: &Path,
    mut info: RunInfo,
) -> anyhow::Result<Exit> {
    let mut interrupted = interruption()?;
    results::require_writable(results)?;
    let events = &|event: &_| measuring.messages.tell(event);
    let checked = check(measuring.bench, checks, &mut info, &mut interrupted, events).await;
    let checked = checked.map_err(|error| match error {
        CheckError::Mock(error) => anyhow::Error::from(error),
        error => error.into(),
    })?;
    if !checked {
        return Ok(Exit::Interrupted);
    }
    let folder = ResultsFolder::create(results, &mut info)?;
    let none = BTreeSet::new();
    measuring
        .measure(folder, info, &none, &mut interrupted)
        .await
}
