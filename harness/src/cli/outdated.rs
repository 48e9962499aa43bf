//! `loopmark outdated`: lists the rows whose registry has a newer release.

use clap::Args;
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};

use super::exit::Exit;
use super::progress::Progress;
use super::selection::Rows;
use crate::build::BuildError;
use crate::build::release::{self, Release};
use crate::layout::Layout;

/// Which rows to look up.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    rows: Rows,
}

pub(super) fn outdated(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["Row", "Package", "Locked", "Newer"]);
    let mut exit = Exit::Good;
    let frameworks = options.rows.frameworks(layout)?;
    let mut progress = Progress::new(frameworks.len() as u64);
    for framework in &frameworks {
        progress.now(format!("looking up {}", framework.name));
        let found = release::look_up(framework, layout);
        exit = exit.max(verdict(&found));
        let [package, locked, newer] = line(&found);
        progress.step(&format!("{}: {newer}", framework.name));
        table.add_row([framework.name.clone(), package, locked, newer]);
    }
    drop(progress);
    put!("{table}\n")?;
    Ok(exit)
}

type Found = Result<Option<Release>, BuildError>;

fn verdict(found: &Found) -> Exit {
    match found {
        Err(_) => Exit::Environment,
        Ok(Some(release)) if release.newer.is_some() => Exit::Failed,
        Ok(_) => Exit::Good,
    }
}

/// Package, locked version, and the newer version.
fn line(found: &Found) -> [String; 3] {
    match found {
        Err(error) => ["–".to_owned(), "–".to_owned(), format!("unknown: {error}")],
        Ok(None) => ["–", "–", "part of the toolchain or the checkout"].map(str::to_owned),
        Ok(Some(release)) => {
            let newer = match (&release.newer, &release.obstacle) {
                (None, _) => "none".to_owned(),
                (Some(newer), None) => newer.clone(),
                (Some(newer), Some(obstacle)) => format!("{newer} ({obstacle})"),
            };
            [release.package.clone(), release.locked.clone(), newer]
        }
    }
}
