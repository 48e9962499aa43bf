//! `loopmark run --resume`: the trials that a sweep did not come to.

use std::collections::BTreeSet;
use std::path::Path;

use loopmark_protocol::Answers;

use super::build::{BuildResult, build_all};
use super::debug_build::IS_DEBUG_BUILD;
use super::drive::{Drive, leave_the_runners_cpus};
use super::exit::{Exit, UsageError};
use super::measure::{interruption, measure, require_baseline, runtime};
use super::selection::Private;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::plan::RowKey;
use crate::results::same::{Difference, Place, Row, Setting, missing_frameworks, row_differences};
use crate::results::{
    ResultsFolder, RunInfo, ScenarioInfo, read_info, read_trials, require_planned,
};
use crate::system::{Machine, require_open_files};
use crate::trial::Bench;

/// Does what `folder` lacks, if everything is as it was.
pub(super) fn resume(
    drive: &Drive,
    private: &Private,
    layout: Layout,
    folder: &Path,
    baseline: Option<&str>,
) -> anyhow::Result<Exit> {
    let (mut info, trials) = (read_info(folder)?, read_trials(folder)?);
    require_planned(&folder.join("trials.jsonl"), &trials, &info.plan)?;
    // It is again when nothing is missing any more.
    info.complete = false;
    let scenario = info.scenarios.first().map(|scenario| scenario.name.clone());
    let bench = drive
        .of(&scenario.unwrap_or_default())
        .bench(layout, None, Answers::Digest)?;
    let require_none = |differences: Vec<Difference>| match differences.first() {
        None => Ok(()),
        Some(first) => {
            let folder = folder.display();
            let sentence = format!("{folder} can't be resumed: {first}; start a new sweep");
            Err(UsageError(sentence))
        }
    };
    let now = Setting {
        scenarios: ScenarioInfo::digests(&[ScenarioInfo::of(&bench.scenario)]),
        machine: Machine::with(bench.pinning.as_ref()),
        debug_build: IS_DEBUG_BUILD,
        place: Place {
            pinning: bench.pinning.clone(),
            network: bench.network,
        },
    };
    require_none(Setting::of(&info).differences(&now))?;
    let names: BTreeSet<&str> = info
        .rows
        .iter()
        .map(|row| row.key.framework.as_str())
        .collect();
    require_baseline(baseline, names.iter().copied())?;
    let mut frameworks = Framework::load_all(&bench.layout)?;
    frameworks.extend(private.frameworks(&frameworks, &bench.layout)?);
    frameworks.retain(|framework| names.contains(framework.name.as_str()));
    let here: Vec<&str> = frameworks.iter().map(|row| row.name.as_str()).collect();
    require_none(missing_frameworks(&names, &here))?;
    let built = build_all(frameworks, &bench.layout);
    require_none(row_differences(&Row::measured(&info), &rows_of(&built)))?;
    let highest = info
        .plan
        .trials
        .iter()
        .map(|planned| planned.cell.level)
        .max();
    require_open_files(highest.unwrap_or_default())?;

    let done: BTreeSet<u32> = trials.iter().map(|trial| trial.planned.trial).collect();
    tell!(
        "{} of {} trials are there",
        done.len(),
        info.plan.trials.len()
    );
    let frameworks: Vec<Framework> = built.into_iter().map(|(framework, _)| framework).collect();
    runtime()?.block_on(go_on(&bench, &frameworks, folder, info, &done, baseline))
}

async fn go_on(
    bench: &Bench,
    frameworks: &[Framework],
    folder: &Path,
    info: RunInfo,
    done: &BTreeSet<u32>,
    baseline: Option<&str>,
) -> anyhow::Result<Exit> {
    let mut interrupted = interruption()?;
    leave_the_runners_cpus(bench)?;
    let folder = ResultsFolder::reopen(folder)?;
    folder.write_info(&info)?;
    measure(
        bench,
        frameworks,
        folder,
        info,
        done,
        baseline,
        &mut interrupted,
    )
    .await
}

/// Every variant of every row, as it is built here.
fn rows_of(built: &[BuildResult]) -> Vec<Row> {
    let rows = built.iter().flat_map(|(framework, result)| {
        framework.variants.iter().map(move |variant| Row {
            key: RowKey::new(&framework.name, &variant.name),
            api: variant.api,
            sources_sha256: result.clone().ok(),
        })
    });
    rows.collect()
}
