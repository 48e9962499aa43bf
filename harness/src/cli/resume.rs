//! `loopmark run --resume`: runs the trials that an interrupted sweep lacks.

use std::collections::BTreeSet;
use std::path::Path;

use loopmark_protocol::Answers;

use super::debug_build::IS_DEBUG_BUILD;
use super::drive::Drive;
use super::exit::{Exit, UsageError};
use super::measure::{Measuring, interruption, require_baseline, runtime};
use super::messages::Messages;
use super::selection::{Private, releases};
use crate::event::Event;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::results::ResultsFolder;
use crate::results::same::{Difference, missing_frameworks};
use crate::sweep::{Resumed, require_same_rows, require_same_setting};
use crate::system::{leave_the_runners_cpus, require_open_files};

/// Runs the trials that `folder` lacks, unless anything has changed since they were planned.
pub(super) fn resume(
    drive: &Drive,
    private: &Private,
    layout: Layout,
    folder: &Path,
    baseline: Option<&str>,
    messages: &Messages,
) -> anyhow::Result<Exit> {
    let resumed = Resumed::read(folder)?;
    let scenarios = resumed.info.scenarios.iter();
    let drive = drive.of(scenarios.map(|scenario| scenario.name.clone()).collect());
    let benches = drive.benches(&layout, None, Answers::Digest)?;
    let shown = folder.display();
    let changed = |difference: Difference| {
        UsageError(format!(
            "{shown} can't be resumed: {difference}; start a new sweep"
        ))
    };
    require_same_setting(&resumed.info, &benches, IS_DEBUG_BUILD).map_err(changed)?;
    let names = resumed.frameworks();
    require_baseline(baseline, names.iter().copied())?;
    let frameworks = rows(&names, private, &layout)?;
    let here: Vec<&str> = frameworks.iter().map(|row| row.name.as_str()).collect();
    let missing = missing_frameworks(&names, &here).into_iter().next();
    missing.map_or(Ok(()), |missing| Err(changed(missing)))?;
    let built = messages.build(frameworks, &layout);
    require_same_rows(&resumed.info, &built).map_err(changed)?;
    require_open_files(resumed.highest_level())?;

    let Resumed { info, done } = resumed;
    messages.tell(&Event::Resumed {
        there: done.len(),
        trials: info.trials().count(),
    });
    let frameworks: Vec<Framework> = built.into_iter().map(|(framework, _)| framework).collect();
    let sweep = Measuring {
        benches: &benches,
        frameworks: &frameworks,
        baseline,
        messages,
    };
    runtime()?.block_on(async {
        let mut interrupted = interruption()?;
        leave_the_runners_cpus(benches.first().and_then(|bench| bench.pinning.as_ref()))?;
        let folder = ResultsFolder::reopen(folder)?;
        folder.write_info(&info)?;
        sweep.measure(folder, info, &done, &mut interrupted).await
    })
}

/// Those of the checkout's and the private rows that `names` contains.
fn rows(
    names: &BTreeSet<&str>,
    private: &Private,
    layout: &Layout,
) -> anyhow::Result<Vec<Framework>> {
    let mut rows = Framework::load_all(layout)?;
    let private = private.frameworks(&rows, layout)?;
    let owned: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let releases = releases(&owned, &rows, &private, layout)?;
    rows.extend(private);
    rows.extend(releases);
    rows.retain(|row| names.contains(row.name.as_str()));
    Ok(rows)
}
