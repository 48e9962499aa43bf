//! Tries the features that a batch asks for, if a runner offers them: cancellation and the heartbeat.
//!
//! The features that a hello asks for (streaming, an agent per run, synthetic tools) are tried by a trial of a scenario
//! that asks for them.

use std::time::Duration;

use loopmark_protocol::{Answers, Arrival, Batch, Feature, Sample};

use super::batch::BatchResult;
use super::bench::Bench;
use super::failure::Failure;
use super::failure::mock_failed;
use crate::framework::{Framework, Variant};
use crate::measurement::FailureKind;

/// How many runs are tried at once.
const RUNS: u32 = 3;
/// When they are cancelled. They can't end earlier, since the model takes [`PATIENCE`] per turn.
const CANCEL_AFTER_MS: u32 = 200;
const PATIENCE: Duration = Duration::from_secs(2);

impl Bench {
    /// Starts the runner and asks it for a batch that needs `feature`, one of cancellation and heartbeat.
    ///
    /// # Errors
    ///
    /// What the runner does instead.
    pub async fn try_in_a_batch(
        &self,
        framework: &Framework,
        variant: &Variant,
        feature: Feature,
    ) -> Result<(), Failure> {
        let is_cancelled = feature == Feature::Cancellation;
        let latency = if is_cancelled {
            Some(PATIENCE)
        } else {
            self.latency
        };
        let bench = Bench {
            latency,
            ..self.clone()
        };
        let batch = Batch {
            batch: 0,
            first_run: 0,
            runs: RUNS,
            level: RUNS,
            arrival: Arrival::Closed,
            answers: Answers::Text,
            ramp_ms: 0,
            cancel_after_ms: is_cancelled.then_some(CANCEL_AFTER_MS),
            heartbeat: feature == Feature::Heartbeat,
        };
        let mock = bench.start_mock().await?;
        let done = bench.one_batch(framework, variant, &mock, batch).await;
        mock.stop().await.map_err(mock_failed)?;
        let problem = match feature {
            Feature::Cancellation => not_cancelled(&done?),
            _ => no_heartbeat(&done?),
        };
        match problem {
            Some(reason) => Err(Failure::new(FailureKind::ProtocolError, reason)),
            None => Ok(()),
        }
    }

    async fn one_batch(
        &self,
        framework: &Framework,
        variant: &Variant,
        mock: &crate::mock::MockProcess,
        batch: Batch,
    ) -> Result<BatchResult, Failure> {
        let cpus = self.runner_cpus(self.scenario.case_of(0));
        let started = self.start_runner(framework, variant, mock, cpus, 1, 1);
        let mut runner = started.await?;
        let exchange = async {
            runner.session.imported().await?;
            runner
                .session
                .ready(self.hello(mock, variant, self.scenario.case_of(0)))
                .await?;
            let done = runner.session.batch(batch).await?;
            runner.session.finish().await?;
            Ok(done)
        };
        let done = exchange.await;
        runner.session.end().await;
        done
    }
}

/// A run that was not cancelled, and how it ended; `None` if all were.
fn not_cancelled(done: &BatchResult) -> Option<String> {
    let sample = done.samples.iter().find(|sample| !sample.cancelled)?;
    let run = sample.run;
    Some(match &sample.error {
        Some(error) => format!("run {run} was not cancelled; it reports {error}"),
        None => format!("run {run} was not cancelled, but went on to its answer"),
    })
}

/// What is wrong with a batch that must have a heartbeat. How late the beats were does not matter.
fn no_heartbeat(done: &BatchResult) -> Option<String> {
    let error = |sample: &Sample| {
        let error = sample.error.as_ref()?;
        Some(format!("run {} reports {error}", sample.run))
    };
    if let Some(error) = done.samples.iter().find_map(error) {
        return Some(error);
    }
    let is_silent = done.heartbeat_late_us.as_ref().is_none_or(Vec::is_empty);
    is_silent.then(|| "the batch ended without a beat of its heartbeat".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(run: u64, error: Option<&str>, cancelled: bool) -> Sample {
        Sample {
            batch: 0,
            run,
            start_ns: 1,
            end_ns: 2,
            first_text_ns: None,
            answer: None,
            answer_crc32: None,
            error: error.map(str::to_owned),
            cancelled,
        }
    }

    fn done(samples: Vec<Sample>, heartbeat_late_us: Option<Vec<u32>>) -> BatchResult {
        BatchResult {
            samples,
            heartbeat_late_us,
        }
    }

    #[test]
    fn every_run_has_to_be_cancelled() {
        let cancelled = || sample(0, None, true);
        assert_eq!(not_cancelled(&done(vec![cancelled()], None)), None);
        let went_on = done(vec![cancelled(), sample(1, None, false)], None);
        assert_eq!(
            not_cancelled(&went_on).unwrap(),
            "run 1 was not cancelled, but went on to its answer"
        );
        let failed = done(vec![sample(2, Some("TimeoutError"), false)], None);
        assert_eq!(
            not_cancelled(&failed).unwrap(),
            "run 2 was not cancelled; it reports TimeoutError"
        );
    }

    #[test]
    fn a_heartbeat_has_a_beat_and_its_runs_end_well() {
        let good = || sample(0, None, false);
        assert_eq!(no_heartbeat(&done(vec![good()], Some(vec![900]))), None);
        assert!(no_heartbeat(&done(vec![good()], Some(Vec::new()))).is_some());
        assert!(no_heartbeat(&done(vec![good()], None)).is_some());
        let failed = done(vec![sample(0, Some("no"), false)], Some(vec![900]));
        assert_eq!(no_heartbeat(&failed).unwrap(), "run 0 reports no");
    }
}
