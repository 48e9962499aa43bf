//! `loopmark verify`: does each row do the work?

use std::time::Duration;

use clap::Args;
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use loopmark_protocol::{Answers, Arrival};

use super::build::build_all;
use super::drive::{Drive, leave_the_runners_cpus};
use super::exit::Exit;
use super::measure::{interruption, runtime};
use super::progress::Progress;
use super::selection::Selection;
use crate::framework::{Framework, Variant};
use crate::layout::Layout;
use crate::measurement::{Outcome, TrialRecord};
use crate::plan::{Cell, PlannedTrial};
use crate::trial::Bench;

/// The model's time of a turn while verifying: nothing is measured here.
const LATENCY: Duration = Duration::from_millis(20);

/// What to verify.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    drive: Drive,
    /// How many runs, all at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
}

pub(super) fn verify(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let frameworks = options.selection.frameworks(layout)?;
    verify_rows(
        frameworks,
        &options.selection,
        &options.drive,
        options.runs,
        layout,
    )
}

/// Builds and verifies rows, in the variants that `selection` means.
pub(super) fn verify_rows(
    frameworks: Vec<Framework>,
    selection: &Selection,
    drive: &Drive,
    runs: u32,
    layout: &Layout,
) -> anyhow::Result<Exit> {
    let bench = drive.bench(layout.clone(), Some(LATENCY), Answers::Text)?;
    let built = build_all(frameworks, layout);
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["Row", "Variant", "Installed", "Did the work"]);
    let mut exit = Exit::Good;
    let trials: usize = built
        .iter()
        .map(|(framework, _)| selection.variants(framework).len())
        .sum();
    leave_the_runners_cpus(&bench)?;
    let mut progress = Progress::new(trials as u64);
    runtime()?.block_on(async {
        let mut interrupted = interruption()?;
        for (framework, result) in &built {
            if let Err(reason) = result {
                table.add_row([&framework.name, "", "", &format!("skipped: {reason}")]);
                exit = exit.max(Exit::Environment);
                continue;
            }
            for variant in selection.variants(framework) {
                progress.now(format!("{} ({})", framework.name, variant.name));
                let planned = planned(framework, variant, &bench, runs);
                let seed = jiff::Timestamp::now().as_millisecond() as u64;
                let (trial, _) = bench
                    .run_trial(framework, variant, &planned, seed, &mut interrupted)
                    .await;
                let verdict = verdict(&trial);
                progress.step(&format!("{} ({}): {verdict}", framework.name, variant.name));
                if !is_verified(&trial) && trial.outcome.not_offered().is_none() {
                    exit = Exit::Failed;
                    trial
                        .stderr_tail
                        .iter()
                        .for_each(|line| progress.line(&format!("    {line}")));
                }
                let version = trial.ready.as_ref().map_or(String::new(), |ready| {
                    format!("{} {}", ready.framework, ready.version)
                });
                table.add_row([&framework.name, &variant.name, &version, &verdict]);
                if *interrupted.borrow() {
                    exit = Exit::Interrupted;
                    return anyhow::Ok(());
                }
            }
        }
        Ok(())
    })?;
    drop(progress);
    put!("{table}\n")?;
    Ok(exit)
}

fn planned(framework: &Framework, variant: &Variant, bench: &Bench, runs: u32) -> PlannedTrial {
    PlannedTrial {
        trial: 0,
        repetition: 0,
        cell: Cell {
            framework: framework.name.clone(),
            variant: variant.name.clone(),
            api: variant.api,
            scenario: bench.scenario.name.clone(),
            level: runs,
            arrival: Arrival::Burst,
            aa_copy: false,
        },
        warm_up_runs: 0,
        measured_runs: runs,
    }
}

fn is_verified(trial: &TrialRecord) -> bool {
    trial.outcome == Outcome::Completed && trial.runs.verified == trial.runs.asked
}

fn verdict(trial: &TrialRecord) -> String {
    match &trial.outcome {
        Outcome::Failed { reason, .. } => format!("no: {reason}"),
        Outcome::NotOffered { .. } => trial.outcome.not_offered().unwrap_or_default(),
        Outcome::Completed if is_verified(trial) => {
            format!("yes, {} of {} runs", trial.runs.verified, trial.runs.asked)
        }
        Outcome::Completed => {
            let example = trial.runs.example.clone().unwrap_or_default();
            format!(
                "no: {} of {} runs: {example}",
                trial.runs.verified, trial.runs.asked
            )
        }
    }
}
