//! `loopmark export`: prints a record in formats for other programs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::report::results_folder;
use crate::layout::Layout;
use crate::results::read_runs;

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
}

pub(super) fn export(
    options: &Options,
    layout: impl FnOnce() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    let What::Samples { folder } = &options.what;
    let folder = results_folder(folder.as_deref(), layout)?;
    let mut lines = csv::Writer::from_writer(Vec::new());
    let mut written = Ok(());
    read_runs(&folder, &mut |run| {
        if written.is_ok() {
            written = lines.serialize(run);
        }
    })?;
    written?;
    let text = String::from_utf8(lines.into_inner()?)?;
    put!("{text}")?;
    Ok(Exit::Good)
}
