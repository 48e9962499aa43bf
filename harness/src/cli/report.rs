//! `loopmark report`.

use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::exit::{Exit, UsageError};
use super::splice;
use crate::chart::{Drawing, Formats};
use crate::framework::Framework;
use crate::layout::Layout;
use crate::report::{self, terminal_table};

/// Which sweep.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The results folder [default: the checkout's newest]
    folder: Option<PathBuf>,
    /// Compare the other rows with row NAME [default: floor-rust, else the first row]
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,
    /// Draw the charts as PNG too, for places that can't show SVG
    #[arg(long)]
    png: bool,
    /// Write `tables.tex` too: the main table of each scenario, those of each API, ratios and versions, for a paper
    #[arg(long)]
    latex: bool,
    /// Fill templates with figures and write their documents; without TEMPLATE, fill all of docs/templates/. With
    /// FOLDER, also change the templates so that they name that folder
    #[arg(long, value_name = "TEMPLATE", num_args = 0.., conflicts_with_all = ["baseline", "png", "latex"])]
    splice: Option<Vec<PathBuf>>,
    /// Write nothing; exit with 1 if a document differs from what its template produces
    #[arg(long, requires = "splice", conflicts_with = "folder")]
    check: bool,
}

pub(super) fn report(
    options: &Options,
    layout: impl Fn() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    if let Some(templates) = &options.splice {
        let asked = options.folder.as_deref();
        let folder = asked.map(|folder| results_folder(Some(folder), &layout));
        let folder = folder.transpose()?;
        return splice::splice(&layout()?, templates, folder.as_deref(), options.check);
    }
    let folder = results_folder(options.folder.as_deref(), &layout)?;
    let formats = match options.png {
        true => Formats::SvgAndPng,
        false => Formats::Svg,
    };
    // The rows are read for their colours. Without a readable checkout, the record's own colours serve.
    let rows = layout()
        .ok()
        .and_then(|layout| Framework::load_all(&layout).ok());
    let drawing = Drawing::new(formats, &rows.unwrap_or_default());
    let report = report::write(&folder, options.baseline.as_deref(), &drawing)?;
    for scenario in &report.scenarios {
        let table = terminal_table(&report.recorded, scenario, stdout().is_terminal());
        put!("{table}")?;
    }
    if options.latex {
        report::write_latex(&folder, &report)?;
    }
    tell!("\n{}", folder.join("README.md").display());
    Ok(Exit::Good)
}

/// The folder `asked` for, else the newest sweep of the checkout.
pub(super) fn results_folder(
    asked: Option<&Path>,
    layout: impl FnOnce() -> anyhow::Result<Layout>,
) -> anyhow::Result<PathBuf> {
    let folder = match asked {
        Some(folder) => folder.to_owned(),
        None => newest(&layout()?.results())?,
    };
    require_sweep(&folder)?;
    Ok(folder)
}

/// Refuses a folder that holds no sweep.
pub(super) fn require_sweep(folder: &Path) -> Result<(), UsageError> {
    if folder.join("run.json").is_file() {
        return Ok(());
    }
    let folder = folder.display();
    let message = format!("{folder} is not a results folder: it has no run.json");
    Err(UsageError(message))
}

/// The newest sweep: ids begin with their time.
pub(super) fn newest(results: &Path) -> anyhow::Result<PathBuf> {
    let entries = std::fs::read_dir(results).with_context(|| results.display().to_string())?;
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .filter(|folder| folder.join("run.json").is_file())
        .max()
        .ok_or_else(|| {
            UsageError("no sweep has been recorded yet; use `loopmark run`".to_owned()).into()
        })
}
