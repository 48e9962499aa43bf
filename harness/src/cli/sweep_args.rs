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
use super::shard::ShardChoice;
use crate::build::release;
use crate::capacity::{Load, P95_FACTOR};
use crate::framework::{Framework, Kind};
use crate::layout::Layout;
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
    /// Measure only shard I of N, in a folder of its own, for `loopmark merge`; `auto` takes both from the variables of
    /// Slurm, Kubernetes, GitLab, CircleCI or Buildkite, or LOOPMARK_SHARD_INDEX (from 0) and LOOPMARK_SHARDS. A shard
    /// has whole repetitions of scenarios, with all rows in each
    #[arg(
        long,
        value_name = "I/N",
        requires = "seed",
        conflicts_with = "capacity"
    )]
    pub shard: Option<ShardChoice>,
    /// Measure another build of the one chosen row too, in the same shuffled blocks: a release of its framework
    /// (0.43.0), a commit, tag or branch of this checkout, or the folder of another copy of the row
    #[arg(long, value_name = "BUILD")]
    pub against: Option<String>,
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
        "rates", "capacity", "quick", "table_only", "aa", "no_mock_check", "no_calibration", "results", "shard", "against",
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
    ///
    /// # Errors
    ///
    /// When no scheduler says which shard this is.
    pub fn wishes(&self) -> Result<Wishes, UsageError> {
        let variable = |name: &str| std::env::var(name).ok();
        let shard = self
            .shard
            .map(|shard| shard.resolve(variable))
            .transpose()?;
        Ok(Wishes {
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
            shard,
        })
    }

    /// The rows, with the other build of one of them if that is asked for.
    pub fn frameworks(&self, layout: &Layout) -> anyhow::Result<Vec<Framework>> {
        let mut rows = self.selection.frameworks(layout)?;
        let Some(build) = &self.against else {
            return Ok(rows);
        };
        let mut meant = rows.iter().filter(|row| row.kind != Kind::Floor);
        let (Some(row), None) = (meant.next(), meant.next()) else {
            let message =
                "--against needs exactly one row beside floors: name it with -f or --runner";
            return Err(UsageError(message.to_owned()).into());
        };
        tell!(
            "{}: making the build {build}, unless it was made before",
            row.name
        );
        rows.push(release::against(row, build, layout)?);
        Framework::sort(&mut rows);
        Ok(rows)
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
