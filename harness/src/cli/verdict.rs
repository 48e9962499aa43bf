//! Asks one row to do the scenario's work, and judges whether it did.

use loopmark_protocol::Arrival;
use tokio::sync::watch;

use crate::framework::{Framework, Variant};
use crate::measurement::{Outcome, RunCounts, TrialRecord};
use crate::plan::{CellKey, PlannedTrial, RowKey};
use crate::trial::Bench;

/// One row in one variant.
pub(super) struct Row<'a> {
    pub bench: &'a Bench,
    pub framework: &'a Framework,
    pub variant: &'a Variant,
}

impl Row<'_> {
    /// The row's name and variant.
    pub fn key(&self) -> RowKey {
        RowKey::new(&self.framework.name, &self.variant.name)
    }

    /// Executes a trial of each case of the bench's scenario, or of its first case alone. Gives the first trial, and the
    /// verdict on all: the first bad one, else the counts together.
    pub async fn try_cases(
        &self,
        bench: &Bench,
        runs: u32,
        has_all: bool,
        interrupted: &mut watch::Receiver<bool>,
    ) -> (TrialRecord, Verdict) {
        let left_out = bench.left_out();
        let cases = bench.scenario.cases().iter();
        let names = cases.map(|case| case.name.as_deref());
        let mut names = names.filter(|name| !left_out.contains(name));
        let first = names.next().flatten();
        let trial = self.trial(bench, first, runs, interrupted).await;
        let mut verdict = Verdict::of(&trial, self.framework);
        let is_whole =
            |trial: &TrialRecord| trial.outcome == Outcome::Completed && trial.runs.is_flawless();
        let mut counts = RunCounts::default();
        // Cases that the row does not do, by its design or because it does not offer what they ask for.
        let mut others = Vec::new();
        match is_whole(&trial) {
            true => counts = trial.runs.clone(),
            false => others.extend(first),
        }
        for name in names.take_while(|_| has_all) {
            if verdict.is_bad || *interrupted.borrow() {
                return (trial, verdict);
            }
            let next = self.trial(bench, name, runs, interrupted).await;
            let of_next = Verdict::of(&next, self.framework);
            if of_next.is_bad {
                let case = name.unwrap_or_default();
                let text = of_next
                    .text
                    .replacen("no: ", &format!("no: case {case}: "), 1);
                verdict = Verdict { text, ..of_next };
            } else if is_whole(&next) {
                counts.asked += next.runs.asked;
                counts.verified += next.runs.verified;
                for (outcome, count) in &next.runs.outcomes {
                    *counts.outcomes.entry(outcome.clone()).or_default() += count;
                }
            } else {
                others.extend(name);
            }
        }
        if !verdict.is_bad && counts.asked > 0 {
            verdict.text = yes(&counts);
            if !others.is_empty() {
                verdict.text = format!("{}; not: {}", verdict.text, others.join(", "));
            }
        }
        (trial, verdict)
    }

    /// Executes one trial: a burst of `runs`.
    async fn trial(
        &self,
        bench: &Bench,
        case: Option<&str>,
        runs: u32,
        interrupted: &mut watch::Receiver<bool>,
    ) -> TrialRecord {
        let planned = PlannedTrial {
            trial: 0,
            repetition: 0,
            cell: CellKey {
                row: self.key(),
                api: self.variant.api,
                scenario: bench.scenario.name.clone(),
                case: case.map(str::to_owned),
                level: runs,
                arrival: Arrival::Burst,
                aa_copy: false,
            },
            warm_up_runs: 0,
            measured_runs: runs,
        };
        let seed = jiff::Timestamp::now().as_millisecond() as u64;
        let trial = bench.run_trial(self.framework, self.variant, &planned, seed, interrupted);
        trial.await.0
    }
}

/// `yes, 3 of 3 runs`; where something goes wrong on purpose, how the runs ended.
fn yes(runs: &RunCounts) -> String {
    if runs.verified == runs.asked {
        return format!("yes, {} of {} runs", runs.verified, runs.asked);
    }
    let ended = runs.outcomes.iter();
    let ended = ended.map(|(outcome, count)| format!("{count} {outcome}"));
    let ended = ended.collect::<Vec<_>>().join(", ");
    format!("yes, {} runs ended: {ended}", runs.asked)
}

/// Whether a row did what it was asked to do, in words.
pub(super) struct Verdict {
    pub text: String,
    pub is_bad: bool,
    /// The last lines of the runner's standard error.
    pub log: Vec<String>,
    /// What the runner says that it runs.
    pub installed: Option<String>,
}

impl Verdict {
    /// The verdict on a trial of `row`. What the manifest declares as a limit is not bad.
    pub fn of(trial: &TrialRecord, row: &Framework) -> Verdict {
        let verdict = Verdict::of_runs(trial);
        let mut limits = row.limits.iter();
        match limits.find(|limit| trial.planned.cell.is_within(limit)) {
            Some(limit) if verdict.is_bad => {
                Verdict::neither(format!("not done, by its design: {}", limit.reason))
            }
            _ => verdict,
        }
        .of_installed(trial)
    }

    fn of_installed(self, trial: &TrialRecord) -> Verdict {
        let installed = trial.ready.as_ref();
        let installed = installed.map(|ready| format!("{} {}", ready.framework, ready.version));
        Verdict { installed, ..self }
    }

    fn of_runs(trial: &TrialRecord) -> Verdict {
        let runs = &trial.runs;
        let (text, is_bad) = match &trial.outcome {
            Outcome::Failed { reason, .. } => (format!("no: {reason}"), true),
            Outcome::NotOffered { .. } => (trial.outcome.not_offered().unwrap_or_default(), false),
            Outcome::Completed if runs.is_flawless() => (yes(runs), false),
            Outcome::Completed => {
                let example = runs.example.clone().unwrap_or_default();
                let counts = format!("{} of {} runs", runs.verified, runs.asked);
                (format!("no: {counts}: {example}"), true)
            }
        };
        let log = trial.stderr_tail.clone();
        Verdict {
            text,
            is_bad,
            log,
            installed: None,
        }
    }

    pub fn yes() -> Verdict {
        Verdict::neither("yes".to_owned())
    }

    pub fn no(reason: &str) -> Verdict {
        Verdict {
            is_bad: true,
            ..Verdict::neither(format!("no: {reason}"))
        }
    }

    pub fn neither(text: String) -> Verdict {
        Verdict {
            text,
            is_bad: false,
            log: Vec::new(),
            installed: None,
        }
    }

    /// The verdict, followed by the runner's last line if the verdict is bad and lacks it: that line usually explains an
    /// exit code.
    pub fn with_the_last_line(&self) -> String {
        let last = self.log.iter().rev().find(|line| !line.trim().is_empty());
        match last {
            Some(line) if self.is_bad && !self.text.contains(line.trim()) => {
                format!("{}\n({})", self.text, line.trim())
            }
            _ => self.text.clone(),
        }
    }
}
