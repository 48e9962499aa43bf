//! A trial from its plan to its record.

use tokio::sync::watch;

use super::bench::Bench;
use super::drive::{Progress, drive, figures, watch_runner};
use super::failure::{Failure, mock_failed};
use crate::framework::{Framework, Variant};
use crate::judge;
use crate::measurement::{
    FailureKind, Network, Outcome, RunCounts, RunOutcome, RunRecord, TrialRecord,
};
use crate::mock::Entry;
use crate::plan::PlannedTrial;
use crate::probe::{self, NoiseProbe, SocketWatch};
use crate::scenario::{Case, Tracing};

impl Bench {
    /// Executes one trial and returns its record, which includes any failure of the runner. `interrupted` turning true
    /// ends the trial early.
    pub async fn run_trial(
        &self,
        framework: &Framework,
        variant: &Variant,
        planned: &PlannedTrial,
        seed: u64,
        interrupted: &mut watch::Receiver<bool>,
    ) -> (TrialRecord, Vec<RunRecord>) {
        let ran = self.run_trial_with_ledger(framework, variant, planned, seed, interrupted);
        let (record, runs, _) = ran.await;
        (record, runs)
    }

    /// Like [`Bench::run_trial`], and also returns the ledger's entries of the measured batch.
    pub async fn run_trial_with_ledger(
        &self,
        framework: &Framework,
        variant: &Variant,
        planned: &PlannedTrial,
        seed: u64,
        interrupted: &mut watch::Receiver<bool>,
    ) -> (TrialRecord, Vec<RunRecord>, Vec<Entry>) {
        let started_at = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        let noise = NoiseProbe::start();
        let mut progress = Progress::default();
        let ended = self
            .attempt(
                framework,
                variant,
                planned,
                seed,
                &mut progress,
                interrupted,
            )
            .await;
        let outcome = ended.unwrap_or_else(|failure| Outcome::Failed {
            failure: failure.kind,
            reason: failure.reason,
        });
        let (records, runs) = self.judged(variant, planned, &outcome, &progress);
        let is_clean = runs.is_flawless();
        let conditions = std::mem::take(&mut progress.conditions);
        let ready = progress.ready.take();
        let stderr_tail = std::mem::take(&mut progress.stderr_tail);
        let figures = match outcome {
            Outcome::Completed => figures(&self.scenario, &mut progress),
            _ => None,
        };
        let record = TrialRecord {
            planned: planned.clone(),
            started_at,
            conditions,
            outcome,
            ready,
            figures,
            runs,
            noise: noise.finish(),
            series: std::mem::take(&mut progress.series),
            stderr_tail: if is_clean { Vec::new() } else { stderr_tail },
        };
        (record, records, progress.ledger)
    }

    fn case_of(&self, planned: &PlannedTrial) -> &Case {
        let case = self.scenario.case(planned.cell.case.as_deref());
        case.unwrap_or_else(|| self.scenario.case_of(0))
    }

    /// The records of the measured batch's runs, and the counts of verified ones.
    fn judged(
        &self,
        variant: &Variant,
        planned: &PlannedTrial,
        outcome: &Outcome,
        progress: &Progress,
    ) -> (Vec<RunRecord>, RunCounts) {
        let cancel_after_ms = self.case_of(planned).measure.cancel_after_ms;
        match (outcome, cancel_after_ms) {
            (Outcome::Completed, Some(after_ms)) => judge::verify_cancelled(
                planned.trial,
                &self.scenario,
                variant.into(),
                &progress.samples,
                &progress.ledger,
                after_ms,
            ),
            (Outcome::Completed, None) if self.case_of(planned).has_outcomes() => {
                judge::verify_outcomes(
                    planned.trial,
                    &self.scenario,
                    variant.into(),
                    planned.cell.arrival,
                    &progress.samples,
                    &progress.ledger,
                    &progress.asked_ns,
                )
            }
            (Outcome::Completed, None) => judge::verify(
                planned.trial,
                &self.scenario,
                variant.into(),
                planned.cell.arrival,
                &progress.samples,
                &progress.ledger,
                &progress.asked_ns,
            ),
            (Outcome::NotOffered { .. }, _) => (Vec::new(), RunCounts::default()),
            (Outcome::Failed { failure, reason }, _) => {
                let is_dead = self.case_of(planned).tracing == Tracing::DeadSink;
                let is_by_design = is_dead && *failure == FailureKind::Hung;
                let counts = no_run_counts(planned.measured_runs, reason, is_by_design);
                (Vec::new(), counts)
            }
        }
    }

    /// Starts mock and runner, drives the runner, and ends both whatever happens.
    async fn attempt(
        &self,
        framework: &Framework,
        variant: &Variant,
        planned: &PlannedTrial,
        seed: u64,
        progress: &mut Progress,
        interrupted: &mut watch::Receiver<bool>,
    ) -> Result<Outcome, Failure> {
        let mock = self.start_mock().await?;
        let attempts_before = probe::namespace_attempts(mock.pid()).unwrap_or_default();
        progress.conditions.network = Some(self.network);
        progress.conditions.mock_cpus = self.mock_cpus();
        let (runs, level) = (planned.measured_runs, planned.cell.level);
        let case = self.case_of(planned);
        let cpus = self.runner_cpus(case);
        progress.conditions.runner_cpus = cpus.clone();
        let started = self.start_runner(framework, variant, &mock, cpus, runs, level);
        let mut runner = match started.await {
            Ok(runner) => runner,
            Err(failure) => {
                mock.stop().await.map_err(mock_failed)?;
                return Err(failure);
            }
        };
        let hello = self.hello(&mock, variant, case);
        let mut batches = planned.batches(seed, &self.scenario);
        batches
            .iter_mut()
            .for_each(|(_, batch)| batch.answers = self.answers);
        let (pid, spawned) = (runner.session.pid(), runner.session.spawned());
        let watch = (self.network == Network::Shared).then(|| SocketWatch::new(pid));
        let watched = tokio::spawn(watch_runner(pid, spawned, watch));
        let result = tokio::select! {
            result = drive(&mut runner.session, &mock, (&self.scenario, variant.into()), hello, batches, progress) => result,
            _ = interrupted.wait_for(|interrupted| *interrupted) => {
                Err(Failure::new(FailureKind::Interrupted, "the sweep was interrupted"))
            }
        };
        progress.stderr_tail = runner.session.end().await;
        if let Ok((taken, watch)) = watched.await {
            progress.keep_watched(taken, watch);
        }
        let conditions = &mut progress.conditions;
        if self.network == Network::Namespace {
            let attempts = probe::namespace_attempts(mock.pid()).unwrap_or_default();
            conditions.egress_attempts = attempts.saturating_sub(attempts_before);
        }
        mock.stop().await.map_err(mock_failed)?;
        result
    }
}

/// The counts of a trial that failed. With `is_hung`, that its runs hang is what the scenario shows of them.
fn no_run_counts(asked: u32, reason: &str, is_hung: bool) -> RunCounts {
    let hung = RunOutcome::Hung.to_string();
    let why = match is_hung {
        true => hung.clone(),
        false => "trial-failed".to_owned(),
    };
    RunCounts {
        asked,
        verified: 0,
        unverified: [(why, asked)].into(),
        example: Some(reason.to_owned()),
        outcomes: is_hung.then_some((hung, asked)).into_iter().collect(),
        ..RunCounts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_hang_where_the_scenario_lets_them_are_an_outcome_and_no_failure() {
        let hung = no_run_counts(300, "batch 2 was not done", true);
        assert!(hung.is_flawless());
        assert_eq!(hung.ended(RunOutcome::Hung), 300);
        assert_eq!(hung.unverified.get("hung"), Some(&300));
        let failed = no_run_counts(300, "batch 2 was not done", false);
        assert!(!failed.is_flawless());
        assert_eq!(failed.ended(RunOutcome::Hung), 0);
        assert_eq!(failed.unverified.get("trial-failed"), Some(&300));
    }
}
