//! `loopmark verify`: does each row do the work?

use std::time::Duration;

use clap::Args;
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use loopmark_protocol::{Answers, Feature};
use tokio::sync::watch;

use super::build::build_all;
use super::drive::{Drive, leave_the_runners_cpus};
use super::exit::Exit;
use super::measure::{interruption, runtime};
use super::offers;
use super::progress::Progress;
use super::selection::Selection;
use super::verdict::{Row, Verdict};
use crate::framework::{Framework, LEFT_OPEN};
use crate::layout::Layout;
use crate::measurement::TrialRecord;

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
    /// Try everything that a row says it offers beyond plain runs, too: streaming, an agent per run, cancellation, the
    /// heartbeat, synthetic tools
    #[arg(long)]
    offers: bool,
}

/// How rows are verified.
pub(super) struct Plan<'a> {
    pub selection: &'a Selection,
    pub drive: &'a Drive,
    pub runs: u32,
    pub offers: bool,
}

pub(super) fn verify(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let frameworks = options.selection.frameworks(layout)?;
    let plan = Plan {
        selection: &options.selection,
        drive: &options.drive,
        runs: options.runs,
        offers: options.offers,
    };
    verify_rows(frameworks, &plan, layout)
}

/// Builds and verifies rows, in the variants that are meant.
pub(super) fn verify_rows(
    frameworks: Vec<Framework>,
    plan: &Plan,
    layout: &Layout,
) -> anyhow::Result<Exit> {
    let bench = plan
        .drive
        .bench(layout.clone(), Some(LATENCY), Answers::Text)?;
    let built = build_all(frameworks, layout);
    let trials: usize = built
        .iter()
        .map(|(framework, _)| plan.selection.variants(framework).len())
        .sum();
    leave_the_runners_cpus(&bench)?;
    let mut verdicts = Verdicts::new(trials as u64);
    runtime()?.block_on(async {
        let mut interrupted = interruption()?;
        for (framework, result) in &built {
            if let Err(reason) = result {
                verdicts.skip(framework, reason);
                continue;
            }
            for variant in plan.selection.variants(framework) {
                let row = Row {
                    bench: &bench,
                    framework,
                    variant,
                };
                row.verify(plan, &mut verdicts, &mut interrupted).await?;
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

impl Row<'_> {
    async fn verify(
        &self,
        plan: &Plan<'_>,
        verdicts: &mut Verdicts,
        interrupted: &mut watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let (framework, variant) = (&self.framework.name, &self.variant.name);
        verdicts.progress.now(format!("{framework} ({variant})"));
        let trial = self.trial(self.bench, plan.runs, interrupted).await;
        let version = trial.ready.as_ref().map_or(String::new(), |ready| {
            format!("{} {}", ready.framework, ready.version)
        });
        let mut words = vec![verdicts.plain(self, &Verdict::of(&trial))];
        words.extend(
            self.claims(&trial)
                .map(|claim| verdicts.claim(self, &claim)),
        );
        if let Some(ready) = trial.ready.filter(|_| plan.offers) {
            let offered = offers::of(&ready.offers);
            for (feature, is_offered) in offered {
                if *interrupted.borrow() {
                    break;
                }
                let tried = format!("{framework} ({variant}), {feature}");
                verdicts.progress.now(tried);
                let verdict = if is_offered {
                    offers::try_one(self, plan.runs, feature, interrupted).await?
                } else {
                    Verdict::neither("not offered".to_owned())
                };
                words.push(verdicts.feature(self, feature, &verdict));
            }
        }
        verdicts
            .table
            .add_row([framework, variant, &version, &words.join("\n")]);
        Ok(())
    }

    /// What the row says of itself and its runner denies, and where it says nothing yet.
    fn claims(&self, trial: &TrialRecord) -> impl Iterator<Item = Verdict> {
        let denied = trial.ready.iter();
        let denied = denied.flat_map(|ready| self.framework.denied_by(ready));
        let files = self.framework.left_open();
        // Nothing that is measured depends on it: a row may be verified before it is described.
        let open = (!files.is_empty()).then(|| {
            let files = files.join(", ");
            Verdict::neither(format!("note: {LEFT_OPEN} is left in {files}"))
        });
        denied.map(|sentence| Verdict::no(&sentence)).chain(open)
    }
}

/// The table that `verify` prints, and what it shows while it works.
struct Verdicts {
    table: Table,
    progress: Progress,
    exit: Exit,
}

impl Verdicts {
    fn new(trials: u64) -> Verdicts {
        let mut table = Table::new();
        table.load_style(UTF8_HORIZONTAL_ONLY);
        table.set_header(["Row", "Variant", "Installed", "Did the work"]);
        Verdicts {
            table,
            progress: Progress::new(trials),
            exit: Exit::Good,
        }
    }

    fn skip(&mut self, framework: &Framework, reason: &str) {
        let reason = format!("skipped: {reason}");
        self.table.add_row([&framework.name, "", "", &reason]);
        self.exit = self.exit.max(Exit::Environment);
    }

    /// Shows how plain runs went; gives the words for the table.
    fn plain(&mut self, row: &Row, verdict: &Verdict) -> String {
        let (framework, variant) = (&row.framework.name, &row.variant.name);
        self.progress
            .step(&format!("{framework} ({variant}): {}", verdict.text));
        self.count(verdict);
        verdict.with_the_last_line()
    }

    /// Shows what a row says wrongly or not yet; gives the words for the table.
    fn claim(&mut self, row: &Row, verdict: &Verdict) -> String {
        let (framework, variant) = (&row.framework.name, &row.variant.name);
        self.progress
            .line(&format!("{framework} ({variant}): {}", verdict.text));
        self.count(verdict);
        verdict.text.clone()
    }

    /// Shows how a feature went; gives the words for the table.
    fn feature(&mut self, row: &Row, feature: Feature, verdict: &Verdict) -> String {
        let (framework, variant) = (&row.framework.name, &row.variant.name);
        self.progress.line(&format!(
            "{framework} ({variant}), {feature}: {}",
            verdict.text
        ));
        self.count(verdict);
        format!("{feature}: {}", verdict.with_the_last_line())
    }

    fn count(&mut self, verdict: &Verdict) {
        if verdict.is_bad {
            self.exit = self.exit.max(Exit::Failed);
            let log = verdict.log.iter();
            log.for_each(|line| self.progress.line(&format!("    {line}")));
        }
    }

    fn print(self) -> anyhow::Result<Exit> {
        drop(self.progress);
        put!("{}\n", self.table)?;
        Ok(self.exit)
    }
}
