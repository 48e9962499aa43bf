//! `loopmark build`.

use clap::Args;

use super::exit::Exit;
use super::progress::Progress;
use super::selection::Selection;
use crate::build::{self, Built};
use crate::framework::Framework;
use crate::layout::Layout;

/// What to install.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    selection: Selection,
}

/// A row, and the digest of what it was built from or why it can't be measured here.
pub(super) type BuildResult = (Framework, Result<String, String>);

pub(super) fn build(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let results = build_all(options.selection.frameworks(layout)?, layout);
    let is_whole = results.iter().all(|(_, result)| result.is_ok());
    Ok(if is_whole {
        Exit::Good
    } else {
        Exit::Environment
    })
}

/// Builds rows one after the other; a row that fails does not keep the others from it.
pub(super) fn build_all(frameworks: Vec<Framework>, layout: &Layout) -> Vec<BuildResult> {
    let mut progress = Progress::new(frameworks.len() as u64);
    let results = frameworks.into_iter().map(|framework| {
        progress.now(format!("building {}", framework.name));
        let built = {
            let on_step = |step: &str| {
                let step: String = step.chars().take(100).collect();
                progress.now(format!("building {}: {step}", framework.name));
            };
            build::build(&framework, layout, &mut { on_step })
        };
        let result = match built {
            Ok(Built::UpToDate { sources }) => {
                progress.step(&format!("{}: up to date", framework.name));
                Ok(sources)
            }
            Ok(Built::Fresh { sources }) => {
                progress.step(&format!("{}: built", framework.name));
                Ok(sources)
            }
            Err(error) => {
                progress.step(&format!("{}: skipped: {error}", framework.name));
                Err(error.to_string())
            }
        };
        (framework, result)
    });
    results.collect()
}
