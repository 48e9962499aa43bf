//! `loopmark report`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::exit::{Exit, UsageError};
use crate::chart::{Drawing, Formats};
use crate::framework::Framework;
use crate::layout::Layout;
use crate::report;

/// Which sweep.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The results folder [default: the newest of the checkout]
    folder: Option<PathBuf>,
    /// The row that others are compared with [default: floor-rust, else the first row]
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,
    /// Draw the charts as PNG too, for places that show no SVG
    #[arg(long)]
    png: bool,
}

pub(super) fn report(
    options: &Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    let folder = match &options.folder {
        Some(folder) => folder.clone(),
        None => newest(&layout()?.results())?,
    };
    if !folder.join("run.json").is_file() {
        return Err(UsageError(format!("{} is no results folder", folder.display())).into());
    }
    let formats = match options.png {
        true => Formats::SvgAndPng,
        false => Formats::Svg,
    };
    // For their colours. Where there is no checkout, or none that can be read, the record has those of its day.
    let rows = layout()
        .ok()
        .and_then(|layout| Framework::load_all(&layout).ok());
    let drawing = Drawing::new(formats, &rows.unwrap_or_default());
    let report = report::write(&folder, options.baseline.as_deref(), &drawing)?;
    put!("{}", report.table())?;
    tell!("\n{}", folder.join("README.md").display());
    Ok(Exit::Good)
}

/// The newest sweep: ids begin with their time.
fn newest(results: &PathBuf) -> anyhow::Result<PathBuf> {
    let entries = std::fs::read_dir(results).with_context(|| results.display().to_string())?;
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .filter(|folder| folder.join("run.json").is_file())
        .max()
        .ok_or_else(|| UsageError("there is no sweep yet: loopmark run".to_owned()).into())
}
