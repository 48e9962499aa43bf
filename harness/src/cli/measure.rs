//! Executing a sweep on the command line: its progress, its interruption, its table.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;

use super::exit::Exit;
use super::progress::Progress;
use crate::analysis::{arrival_name, is_flawless};
use crate::capacity::{Load, Probe};
use crate::chart::{Drawing, Formats};
use crate::framework::{DEFAULT_VARIANT, Framework};
use crate::measurement::{Outcome, RunRecord, TrialRecord};
use crate::plan::PlannedTrial;
use crate::report::{self, ReportError};
use crate::results::{ResultsFolder, RunInfo};
use crate::stats;
use crate::sweep::{self, CapacityObserver, Observer};
use crate::trial::Bench;

/// One thread: the harness waits, and what it does must not take the runner's CPU.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")
}

/// Refuses a baseline that is not among the rows, before anything is measured.
pub(super) fn require_baseline<'a>(
    baseline: Option<&str>,
    rows: impl Iterator<Item = &'a str>,
) -> Result<(), ReportError> {
    let known: Vec<&str> = rows.collect();
    match baseline {
        Some(name) if !known.contains(&name) => Err(ReportError::Baseline {
            name: name.to_owned(),
            known: known.join(", "),
        }),
        _ => Ok(()),
    }
}

/// Executes the trials of `info.plan` that are not among `done`, writes the report and prints the table.
pub(super) async fn measure(
    bench: &Bench,
    frameworks: &[Framework],
    mut folder: ResultsFolder,
    mut info: RunInfo,
    done: &BTreeSet<u32>,
    baseline: Option<&str>,
    interrupted: &mut watch::Receiver<bool>,
) -> anyhow::Result<Exit> {
    let plan = info.plan.clone();
    let model_time = bench.scenario.model_time();
    let open: Vec<&PlannedTrial> = plan
        .trials
        .iter()
        .filter(|planned| !done.contains(&planned.trial))
        .collect();
    let expected: Duration = open
        .iter()
        .map(|planned| planned.expected(model_time))
        .sum();
    let progress = Progress::over(open.len() as u64, expected);
    let mut watcher = Watcher {
        progress,
        model_time,
    };
    let executed = sweep::execute(
        bench,
        frameworks,
        &open,
        &mut folder,
        &mut info,
        interrupted,
        &mut watcher,
    );
    let executed = executed.await;
    drop(watcher);
    let go_on = format!(
        "what was measured stays; to go on: loopmark run --resume {}",
        folder.path().display()
    );
    info.complete = executed.inspect_err(|_| tell!("{go_on}"))?;
    if let Some(capacity) = info.capacity.clone().filter(|_| info.complete) {
        tell!("searching capacities: the highest level and rate that each row carries");
        let mut teller = Teller;
        let searched = sweep::search_capacities(
            bench,
            frameworks,
            &capacity,
            &folder,
            &info,
            interrupted,
            &mut teller,
        );
        info.complete = searched.await.inspect_err(|_| tell!("{go_on}"))?;
    }
    info.finished_at = Some(
        jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string(),
    );
    folder.write_info(&info)?;
    if info.complete {
        folder.pack()?;
    }

    let drawing = Drawing::new(Formats::Svg, frameworks);
    let report = report::write(folder.path(), baseline, &drawing)?;
    tell!("");
    let processors = report::processors(&report.recorded);
    // The table is on disk already: nobody there to read it is no failure of the sweep.
    for scenario in &report.scenarios {
        let table = report::published_table(&report.recorded, scenario);
        if let Err(error) = put!("{table}\n{processors}\n") {
            tell!("{error}");
        }
    }
    tell!("\n{}", folder.path().join("README.md").display());
    if !info.complete {
        tell!("ended early; {go_on}");
        return Ok(Exit::Interrupted);
    }
    Ok(if !is_flawless(&report.recorded.trials) {
        Exit::Failed
    } else if info.rows.iter().any(|row| row.skipped.is_some()) {
        Exit::Environment
    } else {
        Exit::Good
    })
}

/// Turns true at Ctrl-C or SIGTERM.
pub(super) fn interruption() -> anyhow::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tell!("interrupted: ending the runners; what was measured stays");
        // Nobody listens any more when the sweep is over.
        let _ = sender.send(true);
        // The sender must live on: a receiver reads "closed" otherwise.
        sender.closed().await;
    });
    Ok(receiver)
}

/// Shows a sweep's progress.
struct Watcher {
    progress: Progress,
    model_time: Duration,
}

impl Observer for Watcher {
    fn begins(&mut self, planned: &PlannedTrial) {
        self.progress.now(describe(planned));
    }

    fn ended(&mut self, trial: &TrialRecord, runs: &[RunRecord]) {
        let what = describe(&trial.planned);
        let line = match (&trial.outcome, &trial.figures) {
            (Outcome::NotOffered { .. }, _) => {
                format!(
                    "{what}: {}",
                    trial.outcome.not_offered().unwrap_or_default()
                )
            }
            (Outcome::Failed { reason, .. }, _) => format!("{what}: failed: {reason}"),
            (Outcome::Completed, None) => format!("{what}: no figures"),
            (Outcome::Completed, Some(figures)) => {
                let verified = runs.iter().filter(|run| run.verified);
                let median = stats::median(verified.map(|run| run.latency_ms).collect());
                format!(
                    "{what}: median {} ms, CPU {:.2} s, peak {:.0} MiB, {} of {} runs verified{}",
                    median.map_or("–".to_owned(), |median| format!("{median:.0}")),
                    figures.cpu_s,
                    figures.peak_rss_bytes as f64 / (1024.0 * 1024.0),
                    trial.runs.verified,
                    trial.runs.asked,
                    trial
                        .runs
                        .example
                        .as_ref()
                        .map_or(String::new(), |why| format!(" ({why})"))
                )
            }
        };
        self.progress
            .step_of(&line, trial.planned.expected(self.model_time));
    }
}

/// Tells what the search for capacities tries.
struct Teller;

impl CapacityObserver for Teller {
    fn ended(&mut self, probe: &Probe) {
        let cell = &probe.trial.planned.cell;
        let what = match probe.load {
            Load::Level => format!("{} agents at once", probe.value),
            Load::Rate => format!("{} runs a second", probe.value),
        };
        let p95 = probe
            .p95_ms
            .map_or("–".to_owned(), |p95| format!("{p95:.0}"));
        let verdict = match &probe.why {
            None => format!("held, p95 {p95} ms"),
            Some(why) => format!("failed: {why}"),
        };
        tell!(
            "{} ({}), {what}: {verdict}",
            cell.row.framework,
            cell.row.variant
        );
    }
}

fn describe(planned: &PlannedTrial) -> String {
    let cell = &planned.cell;
    let variant = match cell.row.variant.as_str() {
        DEFAULT_VARIANT => String::new(),
        variant => format!(" ({variant})"),
    };
    let copy = if cell.aa_copy { " (A/A)" } else { "" };
    format!(
        "{}{variant}{copy}, {} at {}",
        cell.row.framework,
        arrival_name(cell.arrival),
        cell.level
    )
}
