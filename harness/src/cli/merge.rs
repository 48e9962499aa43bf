//! `loopmark merge`.

use std::path::PathBuf;

use clap::Args;

use super::exit::{Exit, UsageError};
use crate::chart::{Drawing, Formats};
use crate::layout::Layout;
use crate::report;
use crate::results::{MergeError, merge as join};

/// What to join.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The results folders of all shards
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Create the joined folder in FOLDER [default: the checkout's results/]
    #[arg(long, value_name = "FOLDER")]
    results: Option<PathBuf>,
}

pub(super) fn merge(
    options: &Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    let results = match &options.results {
        Some(results) => results.clone(),
        None => layout()?.results(),
    };
    let merged = match join(&options.folders, &results) {
        Ok(merged) => merged,
        Err(error @ (MergeError::Missing { .. } | MergeError::Incomplete { .. })) => {
            tell!("loopmark: {error}");
            return Ok(Exit::Undecided);
        }
        Err(MergeError::Results(error)) => return Err(error.into()),
        Err(error) => return Err(UsageError(error.to_string()).into()),
    };
    report::write(merged.path(), None, &Drawing::new(Formats::Svg, &[]))?;
    put!("{}\n", merged.path().display())?;
    Ok(Exit::Good)
}
