//! `loopmark site`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::exit::{Exit, UsageError};
use super::report::require_sweep;
use crate::layout::Layout;
use crate::report::write_site;

/// Which sweeps.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The results folders [default: all sweeps of the checkout]
    folders: Vec<PathBuf>,
    /// Where the site goes; what is there already is replaced where it is a site
    #[arg(long, value_name = "FOLDER", default_value = "site")]
    to: PathBuf,
}

pub(super) fn site(
    options: &Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    let folders = match options.folders.is_empty() {
        true => sweeps(&layout()?.results())?,
        false => options.folders.clone(),
    };
    for folder in &folders {
        require_sweep(folder)?;
    }
    if folders.is_empty() {
        return Err(
            UsageError("no sweep has been recorded yet; use `loopmark run`".to_owned()).into(),
        );
    }
    require_site_or_nothing(&options.to)?;
    write_site(&folders, &options.to)?;
    put!("{}\n", options.to.join("index.html").display())?;
    Ok(Exit::Good)
}

/// All sweeps of a folder of results.
fn sweeps(results: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(results).with_context(|| results.display().to_string())?;
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(folders
        .filter(|folder| folder.join("run.json").is_file())
        .collect())
}

/// A folder with other things in it is nobody's to write into.
fn require_site_or_nothing(to: &Path) -> anyhow::Result<()> {
    let is_empty = match std::fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => true,
    };
    if is_empty || to.join("index.json").is_file() {
        return Ok(());
    }
    let message = format!("{} has other things in it than a site", to.display());
    Err(UsageError(message).into())
}
