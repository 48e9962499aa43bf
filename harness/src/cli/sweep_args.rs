//! The arguments of `run`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::debug_build::DebugBuild;
use super::drive::Drive;
use super::exit::UsageError;
use super::messages::MessageOptions;
use super::number::{self, require_distinct};
use super::selection::Selection;
use crate::capacity::{Load, P95_FACTOR};
use crate::sweep::Wishes;

/// What to measure.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub debug_build: DebugBuild,
    /// Keep N runs in flight (closed loop); one cell per level [default: the scenario's levels]
    #[arg(short, long, value_name = "N", value_delimiter = ',', value_parser = number::level())]
    pub levels: Vec<u32>,
    /// Repeat each level N times, each time in a new process [default: 3; with --quick: 1]
    #[arg(short, long, value_name = "N", value_parser = number::count())]
    pub repetitions: Option<u32>,
    /// Repeat the table's burst N times; 0 leaves the burst out [default: 5; with --quick: 4]
    #[arg(long, value_name = "N", value_parser = number::count_or_none())]
    pub table_repetitions: Option<u32>,
    /// Measure N runs per worker of the closed loop [default: 4; with --quick: 2]
    #[arg(long, value_name = "N", value_parser = number::count())]
    pub runs_per_worker: Option<u32>,
    /// Start N runs per second (open loop); latency counts from the intended start
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = number::rate)]
    pub rates: Vec<f64>,
    /// Keep starting runs for S seconds at each rate
    #[arg(long, value_name = "S", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub rate_seconds: u64,
    /// After the sweep, search each row's capacity: the highest level, the highest rate, or both if LOAD is omitted
    #[arg(long, value_name = "LOAD", value_delimiter = ',', num_args = 0.., default_missing_value = "level,rate")]
    pub capacity: Option<Vec<Load>>,
    /// Count a load as within capacity only while p95 is at most F times the model time
    #[arg(long, value_name = "F", default_value_t = P95_FACTOR, value_parser = number::factor, requires = "capacity")]
    pub p95_factor: f64,
    /// Derive the order of the trials and the numbers of the runs from N [default: from the clock]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run one repetition per level, with fewer runs, as `cargo bench` does
    #[arg(short, long)]
    pub quick: bool,
    /// Measure the table's burst only, and no levels
    #[arg(long, conflicts_with = "levels")]
    pub table_only: bool,
    /// Measure every row twice (A/A) to estimate noise; rows that differ by less than the noise are not ranked
    #[arg(long)]
    pub aa: bool,
    /// Compare the other rows with row NAME [default: floor-rust, else the first row]
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Skip the mock check and the calibration before the sweep
    #[arg(long)]
    pub no_mock_check: bool,
    /// Skip the calibration (`loopmark calibrate --quick`) before the sweep
    #[arg(long)]
    pub no_calibration: bool,
    /// Resume the interrupted sweep in FOLDER: run only the missing trials. Refused if anything has changed
    #[arg(long, value_name = "FOLDER", conflicts_with_all = [
        "frameworks", "language", "kind", "variants", "scenarios", "levels", "repetitions", "table_repetitions", "runs_per_worker", "seed",
        "rates", "capacity", "quick", "table_only", "aa", "no_mock_check", "no_calibration", "results",
    ])]
    pub resume: Option<PathBuf>,
    /// Create the results folder in FOLDER [default: the checkout's results/]
    #[arg(long, value_name = "FOLDER")]
    pub results: Option<PathBuf>,
    #[command(flatten)]
    pub messages: MessageOptions,
}

impl Options {
    /// The options as the sweep takes them.
    pub fn wishes(&self) -> Wishes {
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

    /// Refuses options that are valid one by one but make no sense together.
    pub fn require_sense(&self) -> Result<(), UsageError> {
        require_distinct("--levels", &self.levels)?;
        require_distinct("--rates", &self.rates)?;
        let loads = self.capacity.iter().flatten();
        let loads = loads.filter_map(|load| Some(load.to_possible_value()?.get_name().to_owned()));
        let loads: Vec<String> = loads.collect();
        require_distinct("--capacity", &loads)?;
        if self.table_only && self.table_repetitions == Some(0) && self.rates.is_empty() {
            let message = "--table-only with --table-repetitions 0 measures nothing; leave one out";
            return Err(UsageError(message.to_owned()));
        }
        Ok(())
    }
}
