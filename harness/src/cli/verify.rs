//! `loopmark verify`: checks that each row does the work.

use std::time::Duration;

use clap::Args;
use loopmark_protocol::{Answers, Ready};
use tokio::sync::watch;

use super::drive::Drive;
use super::exit::Exit;
use super::measure::{interruption, runtime};
use super::messages::{MessageOptions, Messages};
use super::offers;
use super::selection::Selection;
use super::verdict::{Row, Verdict};
use super::verdicts::Verdicts;
use crate::event::WhatVerified;
use crate::framework::{DEFAULT_VARIANT, Framework, LEFT_OPEN};
use crate::layout::Layout;
use crate::measurement::TrialRecord;
use crate::system::leave_the_runners_cpus;

/// The latency of each turn while verifying; nothing is measured, so it is short.
const LATENCY: Duration = Duration::from_millis(20);

/// What to verify.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    drive: Drive,
    /// Start N runs at once, and check each of them
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Play every case of each scenario, and not only its first one
    #[arg(long)]
    all_cases: bool,
    /// Try every feature that a row's runner offers, too: streaming, an agent per run, cancellation, the heartbeat,
    /// synthetic tools
    #[arg(long)]
    offers: bool,
    #[command(flatten)]
    messages: MessageOptions,
}

/// How rows are verified.
pub(super) struct Plan<'a> {
    pub selection: &'a Selection,
    pub drive: &'a Drive,
    pub runs: u32,
    pub all_cases: bool,
    pub offers: bool,
    pub messages: &'a Messages,
}

pub(super) fn verify(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let frameworks = options.selection.frameworks(layout)?;
    let plan = Plan {
        selection: &options.selection,
        drive: &options.drive,
        runs: options.runs,
        all_cases: options.all_cases,
        offers: options.offers,
        messages: &options.messages.open(),
    };
    verify_rows(frameworks, &plan, layout)
}

/// Builds and verifies rows, in the selected variants.
pub(super) fn verify_rows(
    frameworks: Vec<Framework>,
    plan: &Plan,
    layout: &Layout,
) -> anyhow::Result<Exit> {
    let mut benches = plan.drive.benches(layout, Some(LATENCY), Answers::Text)?;
    for bench in &mut benches {
        let mut cases = bench.scenario.cases().iter();
        // A run that is to be cancelled must not have ended by then.
        if cases.any(|case| case.measure.cancel_after_ms.is_some()) {
            bench.latency = None;
        }
    }
    let built = plan.messages.build(frameworks, layout);
    let rows: usize = built
        .iter()
        .map(|(framework, _)| plan.selection.variants(framework).len())
        .sum();
    let pinning = benches.iter().find_map(|bench| bench.pinning.as_ref());
    leave_the_runners_cpus(pinning)?;
    let mut verdicts = Verdicts::new(plan.messages, rows, benches.len());
    runtime()?.block_on(async {
        let mut interrupted = interruption()?;
        for (framework, result) in &built {
            if let Err(reason) = result {
                verdicts.skip(framework, reason);
                continue;
            }
            for variant in plan.selection.variants(framework) {
                let rows = benches.iter().map(|bench| Row {
                    bench,
                    framework,
                    variant,
                });
                let rows: Vec<Row> = rows.collect();
                verify_row(&rows, plan, &mut verdicts, &mut interrupted).await?;
                if *interrupted.borrow() {
                    verdicts.exit = Exit::Interrupted;
                    return anyhow::Ok(());
                }
            }
        }
        Ok(())
    })?;
    verdicts.print()
}

/// Verifies a variant, given once for each scenario: the first one is played in full, with what the row claims and
/// offers; of the others, its runs alone are judged.
async fn verify_row(
    rows: &[Row<'_>],
    plan: &Plan<'_>,
    verdicts: &mut Verdicts<'_>,
    interrupted: &mut watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let Some((first, others)) = rows.split_first() else {
        return Ok(());
    };
    let (version, mut words) = first.verify(plan, verdicts, interrupted).await?;
    if let (Some(word), false) = (words.first_mut(), others.is_empty()) {
        *word = format!("{}: {word}", first.bench.scenario.name);
    }
    for row in others {
        if *interrupted.borrow() {
            break;
        }
        verdicts.begin(row, None);
        let tried = row.try_cases(row.bench, plan.runs, plan.all_cases, interrupted);
        let (_, verdict) = tried.await;
        verdicts.tell(row, WhatVerified::Runs, &verdict);
        let name = &row.bench.scenario.name;
        words.push(format!("{name}: {}", verdict.with_the_last_line()));
    }
    verdicts.add_row(first, &version, &words.join("\n"));
    Ok(())
}

impl Row<'_> {
    /// The installed version, and the verdicts in words.
    async fn verify(
        &self,
        plan: &Plan<'_>,
        verdicts: &mut Verdicts<'_>,
        interrupted: &mut watch::Receiver<bool>,
    ) -> anyhow::Result<(String, Vec<String>)> {
        verdicts.begin(self, None);
        let tried = self.try_cases(self.bench, plan.runs, plan.all_cases, interrupted);
        let (trial, verdict) = tried.await;
        let version = verdict.installed.clone().unwrap_or_default();
        verdicts.tell(self, WhatVerified::Runs, &verdict);
        let mut words = vec![verdict.with_the_last_line()];
        for claim in self.claims(&trial) {
            verdicts.tell(self, WhatVerified::Claim, &claim);
            words.push(claim.text);
        }
        if let Some(ready) = trial.ready.filter(|_| plan.offers) {
            for (feature, is_offered) in offers::of(&ready.offers) {
                if *interrupted.borrow() {
                    break;
                }
                verdicts.begin(self, Some(feature));
                let verdict = if is_offered {
                    offers::try_one(self, plan.runs, feature, interrupted).await?
                } else {
                    let reason = self.framework.lacks.get(&feature);
                    let reason = reason.map_or("framework.toml does not say why", String::as_str);
                    Verdict::neither(format!("not offered: {reason}"))
                };
                verdicts.tell(self, WhatVerified::Feature { feature }, &verdict);
                words.push(format!("{feature}: {}", verdict.with_the_last_line()));
            }
        }
        Ok((version, words))
    }

    /// What the manifest says and the runner contradicts, and the files in which something is not filled in yet.
    fn claims(&self, trial: &TrialRecord) -> impl Iterator<Item = Verdict> {
        let denied = trial.ready.iter();
        let denied = denied.flat_map(|ready| self.framework.denied_by(ready));
        let files = self.framework.left_open();
        // Only a note, since no measurement depends on these texts: a row may be verified before it is described.
        let open = (!files.is_empty()).then(|| {
            let files = files.join(", ");
            Verdict::neither(format!(
                "note: complete the parts marked {LEFT_OPEN} in {files}"
            ))
        });
        let denied = denied.map(|sentence| Verdict::no(&sentence));
        let lacks = trial.ready.iter().flat_map(|ready| self.lacks(ready));
        denied.chain(self.unneeded(trial)).chain(open).chain(lacks)
    }

    /// Features that the runner offers although the manifest says why it does not. A variant may offer more than the
    /// default.
    fn lacks(&self, ready: &Ready) -> Vec<Verdict> {
        let declared = self.framework.lacks.keys();
        let declared = declared.filter(|_| self.variant.name == DEFAULT_VARIANT);
        let offered = declared.filter(|feature| ready.offers.contains(feature));
        let verdicts = offered.map(|feature| {
            Verdict::no(&format!(
                "framework.toml says why {feature} is not offered, but the runner offers it"
            ))
        });
        verdicts.collect()
    }

    /// Deviations that the variant declares and that no run had: the framework may have learned to do without, or the
    /// scenario has nothing that it could leave out.
    fn unneeded(&self, trial: &TrialRecord) -> Vec<Verdict> {
        // Runs that went wrong may have ended before they came to it.
        let Some(occurred) = trial
            .runs
            .deviations
            .as_ref()
            .filter(|_| trial.runs.is_flawless())
        else {
            return Vec::new();
        };
        let declared = self.variant.deviations();
        let unneeded = declared.filter(|deviation| !occurred.contains(deviation));
        let (runs, scenario) = (trial.runs.asked, &trial.planned.cell.scenario);
        let word = if runs == 1 { "run" } else { "runs" };
        let notes = unneeded.map(|deviation| {
            Verdict::neither(format!(
                "warning: declares {deviation}, which did not occur in {runs} {word} of {scenario}"
            ))
        });
        notes.collect()
    }
}
