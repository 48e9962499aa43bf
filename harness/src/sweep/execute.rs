//! Executes a plan: its trials, then the search for capacities.

use std::collections::BTreeSet;

use tokio::sync::watch;

use super::capacities::search_capacities;
use super::trials::{Sweep, execute_trials};
use crate::event::Event;
use crate::results::{ResultsError, ResultsFolder, RunInfo};

/// Executes the trials of `info.plan` that are not among `done`, then searches the capacities that it plans; gives what
/// `run.json` says now. It is complete unless `interrupted` turned true.
///
/// # Errors
///
/// When the record can't be read or the disk refuses it. A runner's failure is in the record, not an error.
pub async fn execute(
    sweep: &Sweep<'_>,
    folder: &mut ResultsFolder,
    mut info: RunInfo,
    done: &BTreeSet<u32>,
    interrupted: &mut watch::Receiver<bool>,
) -> Result<RunInfo, ResultsError> {
    info.complete = execute_trials(sweep, folder, &mut info, done, interrupted).await?;
    if let Some(plan) = info.capacity.clone().filter(|_| info.complete) {
        (sweep.events)(&Event::SearchBegins);
        let searched = search_capacities(sweep, &plan, folder, &info, interrupted);
        info.complete = searched.await?;
    }
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
    info.finished_at = Some(now.to_string());
    folder.write_info(&info)?;
    if info.complete {
        folder.pack()?;
    }
    Ok(info)
}
