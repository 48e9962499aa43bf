//! `loopmark merge`.

use std::path::PathBuf;

use clap::Args;

use super::by_machine;
use super::exit::{Exit, UsageError};
use crate::chart::{Drawing, Formats};
use crate::layout::Layout;
use crate::report;
use crate::results::{MergeError, merge as join, shards};

/// What to join.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The results folders of all shards
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Shards of machines of several kinds: join nothing, and print each machine's CPU per run and, of all of them together,
    /// the multiple of the floor's, as Markdown
    #[arg(long, conflicts_with = "results")]
    by_machine: bool,
    /// Create the joined folder in FOLDER [default: the checkout's results/]
    #[arg(long, value_name = "FOLDER")]
    results: Option<PathBuf>,
}

pub(super) fn merge(
    options: &Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    if options.by_machine {
        let sweeps = shards(&options.folders);
        return told(sweeps, |sweeps| Ok(put!("{}", by_machine::table(&sweeps))?));
    }
    let results = match &options.results {
        Some(results) => results.clone(),
        None => layout()?.results(),
    };
    told(join(&options.folders, &results), |merged| {
        report::write(merged.path(), None, &Drawing::new(Formats::Svg, &[]))?;
        Ok(put!("{}\n", merged.path().display())?)
    })
}

/// Goes on with what could be joined; says why it could not be.
fn told<T>(
    joined: Result<T, MergeError>,
    go_on: impl FnOnce(T) -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    match joined {
        Ok(joined) => {
            go_on(joined)?;
            Ok(Exit::Good)
        }
        Err(error @ (MergeError::Missing { .. } | MergeError::Incomplete { .. })) => {
            tell!("loopmark: {error}");
            Ok(Exit::Undecided)
        }
        Err(MergeError::Results(error)) => Err(error.into()),
        Err(error) => Err(UsageError(error.to_string()).into()),
    }
}
