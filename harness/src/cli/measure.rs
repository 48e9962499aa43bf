//! Executes a sweep for a command: handles its interruption, prints its table, sets its exit code.

use std::collections::BTreeSet;
use std::io::{IsTerminal, stdout};

use anyhow::Context;
use tokio::sync::watch;

use super::exit::Exit;
use super::messages::Messages;
use crate::analysis::is_flawless;
use crate::chart::{Drawing, Formats};
use crate::event::Event;
use crate::framework::Framework;
use crate::report::{self, Report, ReportError};
use crate::results::{ResultsFolder, RunInfo};
use crate::sweep::{Sweep, execute};
use crate::trial::Bench;

/// A runtime of one thread: the harness mostly waits, and its own work must not take CPU time from the runner.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't start the async runtime")
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

/// A command that measures.
pub(super) struct Measuring<'a> {
    pub benches: &'a [Bench],
    pub frameworks: &'a [Framework],
    pub baseline: Option<&'a str>,
    pub messages: &'a Messages,
}

impl Measuring<'_> {
    /// Executes the trials of `info.plan` that are not among `done`, writes the report and prints the table.
    pub async fn measure(
        &self,
        mut folder: ResultsFolder,
        info: RunInfo,
        done: &BTreeSet<u32>,
        interrupted: &mut watch::Receiver<bool>,
    ) -> anyhow::Result<Exit> {
        let sweep = Sweep {
            benches: self.benches,
            frameworks: self.frameworks,
            events: &|event| self.messages.tell(event),
        };
        let executed = execute(&sweep, &mut folder, info, done, interrupted).await;
        self.messages.clear();
        let go_on = format!(
            "what was measured is on disk; to resume: loopmark run --resume {}",
            folder.path().display()
        );
        let info = executed.inspect_err(|_| tell!("{go_on}"))?;
        let drawing = Drawing::new(Formats::Svg, self.frameworks);
        let report = report::write(folder.path(), self.baseline, &drawing)?;
        self.messages.tell(&Event::Recorded {
            folder: folder.path().display().to_string(),
            complete: info.complete,
        });
        if self.messages.is_human() {
            print(&report);
            tell!("\n{}", folder.path().join("README.md").display());
        }
        if !info.complete {
            tell!("ended early; {go_on}");
        }
        Ok(exit(&info, &report))
    }
}

/// Prints the tables. They are on disk already, so a closed standard output does not fail the sweep.
fn print(report: &Report) {
    tell!("");
    let processors = report::processors(&report.recorded);
    for scenario in &report.scenarios {
        let table = report::terminal_table(&report.recorded, scenario, stdout().is_terminal());
        if let Err(error) = put!("{table}\n{processors}\n") {
            tell!("{error}");
        }
    }
}

fn exit(info: &RunInfo, report: &Report) -> Exit {
    if !info.complete {
        Exit::Interrupted
    } else if !is_flawless(&report.recorded.trials, |cell| info.limit(cell).is_some()) {
        Exit::Failed
    } else if info.rows.iter().any(|row| row.skipped.is_some()) {
        Exit::Environment
    } else {
        Exit::Good
    }
}

/// A value that turns true at Ctrl-C or SIGTERM.
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
        tell!("interrupted: ending the runners; what was measured is on disk");
        // The receiver is gone when the sweep is over.
        let _ = sender.send(true);
        // A dropped sender would end every wait on the receiver with "closed" instead of true.
        sender.closed().await;
    });
    Ok(receiver)
}
