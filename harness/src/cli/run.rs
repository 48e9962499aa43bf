//! `loopmark run`: a sweep from its options to its table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use loopmark_protocol::Answers;

use super::debug_build::IS_DEBUG_BUILD;
use super::exit::Exit;
use super::measure::{Measuring, interruption, require_baseline, runtime};
use super::resume::resume;
pub(super) use super::sweep_args::Options;
use crate::console;
use crate::event::Event;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::results::{self, ResultsFolder, RunInfo};
use crate::sweep::{CheckError, Checks, Preparation, Wishes, check};
use crate::trial::Bench;

pub(super) fn run(options: &Options, layout: Layout, command: Vec<String>) -> anyhow::Result<Exit> {
    console::outlive_the_terminal()?;
    let messages = options.messages.open();
    let baseline = options.baseline.as_deref();
    if let Some(folder) = &options.resume {
        options.debug_build.require_meant()?;
        let private = &options.selection.rows.private;
        return resume(&options.drive, private, layout, folder, baseline, &messages);
    }
    // Report a person's mistakes before anything is built or written: building can take minutes.
    options.require_sense()?;
    options.debug_build.require_meant()?;
    let benches = options.drive.benches(&layout, None, Answers::Digest)?;
    let frameworks = options.frameworks(&layout)?;
    let ran = run_rows(
        options,
        options.seed,
        &layout,
        &benches,
        command,
        frameworks,
    )?;
    Ok(ran.exit)
}

/// A sweep that was executed.
pub(super) struct Ran {
    /// How the command ends.
    pub exit: Exit,
    /// Its results folder; `None` where it was interrupted before there was one.
    pub folder: Option<PathBuf>,
}

/// A sweep of these rows, from the options to its table.
pub(super) fn run_rows(
    options: &Options,
    seed: Option<u64>,
    layout: &Layout,
    benches: &[Bench],
    command: Vec<String>,
    frameworks: Vec<Framework>,
) -> anyhow::Result<Ran> {
    let messages = options.messages.open();
    let baseline = options.baseline.as_deref();
    let names = frameworks.iter().map(|framework| framework.name.as_str());
    require_baseline(baseline, names)?;
    let preparation = Preparation {
        benches,
        layout,
        wishes: &Wishes {
            seed,
            ..options.wishes()?
        },
        command,
        debug_build: IS_DEBUG_BUILD,
    };
    preparation.require_open_files()?;

    for bench in benches {
        for case in bench.left_out() {
            messages.tell(&Event::CaseLeftOut {
                scenario: bench.scenario.name.clone(),
                case: case.map(str::to_owned),
            });
        }
    }
    let built = messages.build(frameworks, layout);
    let info = preparation.info(&built)?;
    let frameworks: Vec<Framework> = built.into_iter().map(|(framework, _)| framework).collect();
    let checks = Checks {
        mock: (!options.no_mock_check).then(|| preparation.checked_levels()),
        calibration: !options.no_mock_check && !options.no_calibration,
    };
    let results = options.results.clone();
    let results = results.unwrap_or_else(|| layout.results());
    let measuring = Measuring {
        benches,
        frameworks: &frameworks,
        baseline,
        messages: &messages,
    };
    runtime()?.block_on(start(&measuring, checks, &results, info))
}

async fn start(
    measuring: &Measuring<'_>,
    checks: Checks,
    results: &Path,
    mut info: RunInfo,
) -> anyhow::Result<Ran> {
    let mut interrupted = interruption()?;
    results::require_writable(results)?;
    let events = &|event: &_| measuring.messages.tell(event);
    let checked = check(
        measuring.benches,
        checks,
        &mut info,
        &mut interrupted,
        events,
    )
    .await;
    let checked = checked.map_err(|error| match error {
        CheckError::Mock(error) => anyhow::Error::from(error),
        error => error.into(),
    })?;
    if !checked {
        return Ok(Ran {
            exit: Exit::Interrupted,
            folder: None,
        });
    }
    let folder = ResultsFolder::create(results, &mut info)?;
    let path = folder.path().to_owned();
    let none = BTreeSet::new();
    let exit = measuring
        .measure(folder, info, &none, &mut interrupted)
        .await?;
    Ok(Ran {
        exit,
        folder: Some(path),
    })
}
