//! `loopmark export`: prints a record in formats for other programs.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::Value;

use super::exit::{Exit, UsageError};
use super::report::results_folder;
use crate::layout::Layout;
use crate::metric::{Better, catalogue};
use crate::report::{Report, badge, bencher, benchmark_action, open_metrics};
use crate::results::{Recorded, read_runs};

/// What to print, and of which sweep.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print every measured run as CSV, one line per run; docs/FORMAT.md describes the columns
    Samples {
        /// The results folder [default: the checkout's newest]
        folder: Option<PathBuf>,
    },
    /// Print the compared figures for Bencher (`bencher run --adapter json`)
    Bencher {
        /// The results folder [default: the checkout's newest]
        folder: Option<PathBuf>,
    },
    /// Print the compared figures for github-action-benchmark
    GithubActionBenchmark {
        /// The results folder [default: the checkout's newest]
        folder: Option<PathBuf>,
        /// Print those of which more is better, for `customBiggerIsBetter`, instead of the others
        #[arg(long)]
        bigger: bool,
    },
    /// Print the compared figures as OpenMetrics text, for Prometheus
    Openmetrics {
        /// The results folder [default: the checkout's newest]
        folder: Option<PathBuf>,
        /// Leave the time out of each line, as node_exporter's textfile collector wants it
        #[arg(long)]
        no_timestamps: bool,
    },
    /// Print a row's badge for shields.io's endpoint
    Badge {
        /// The row, such as `rig` or `rig:responses`
        row: String,
        /// The results folder [default: the checkout's newest]
        folder: Option<PathBuf>,
        /// The figure, by its column in summary.csv
        #[arg(long, value_name = "NAME", default_value = "cpu_per_run_ms")]
        metric: String,
    },
}

pub(super) fn export(
    options: &Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    let report = |folder: &Option<PathBuf>| -> anyhow::Result<Report> {
        let folder = results_folder(folder.as_deref(), &layout)?;
        Ok(Report::of(Recorded::load(&folder)?, None)?)
    };
    match &options.what {
        What::Samples { folder } => samples(&results_folder(folder.as_deref(), &layout)?)?,
        What::Bencher { folder } => json(&bencher(&report(folder)?))?,
        What::GithubActionBenchmark { folder, bigger } => {
            let better = match bigger {
                true => Better::Higher,
                false => Better::Lower,
            };
            json(&benchmark_action(&report(folder)?, better))?;
        }
        What::Openmetrics {
            folder,
            no_timestamps,
        } => {
            let report = report(folder)?;
            let began: Timestamp = report.recorded.info.started_at.parse()?;
            let at = (!no_timestamps).then_some(began.as_second());
            put!("{}", open_metrics(&report, at))?;
        }
        What::Badge {
            row,
            folder,
            metric,
        } => {
            let metric = catalogue::named(metric).map_err(UsageError)?;
            let report = report(folder)?;
            let Some(badge) = badge(&report, row, metric) else {
                let message = format!("the sweep has no {} of a row `{row}`", metric.name);
                return Err(UsageError(message).into());
            };
            json(&badge)?;
        }
    }
    Ok(Exit::Good)
}

fn json(value: &Value) -> anyhow::Result<()> {
    put!("{}\n", serde_json::to_string_pretty(value)?)?;
    Ok(())
}

fn samples(folder: &Path) -> anyhow::Result<()> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    let mut written = Ok(());
    read_runs(folder, &mut |run| {
        if written.is_ok() {
            written = lines.serialize(run);
        }
    })?;
    written?;
    let text = String::from_utf8(lines.into_inner()?)?;
    put!("{text}")?;
    Ok(())
}
