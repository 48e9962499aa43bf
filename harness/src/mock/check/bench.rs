//! What every part of a check needs, and what a load takes of a mock.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loopmark_protocol::Api;

use super::super::MockError;
use super::super::load::{self, Load};
use super::super::process::{MockOptions, MockProcess};
use super::super::requests::Requests;
use crate::scenario::Scenario;
use crate::system::CpuList;

/// What every part of a check needs.
pub(super) struct Bench {
    pub executable: PathBuf,
    pub scenario_path: PathBuf,
    pub scenario: Scenario,
    pub mock_cpus: Option<CpuList>,
}

impl Bench {
    pub fn new(
        executable: &Path,
        scenario: &Path,
        mock_cpus: Option<CpuList>,
    ) -> Result<Bench, MockError> {
        Ok(Bench {
            executable: executable.to_owned(),
            scenario_path: scenario.to_owned(),
            scenario: Scenario::load(scenario)?,
            mock_cpus,
        })
    }

    pub async fn start_mock(&self, latency: Duration) -> Result<MockProcess, MockError> {
        let options = MockOptions {
            latency: Some(latency),
            cpus: self.mock_cpus.clone(),
            ..MockOptions::new(&self.scenario_path)
        };
        MockProcess::start(&self.executable, &options).await
    }

    pub fn requests(&self, is_streamed: bool) -> Requests {
        Requests::first_of_runs(&self.scenario, Api::ChatCompletions, is_streamed)
    }

    /// How long the scenario's first turn is held: the one that is asked for.
    pub fn first_hold(&self) -> Duration {
        let turn = self.scenario.script(0).turns.into_iter().next();
        turn.map_or(Duration::ZERO, |turn| turn.latency)
    }
}

/// What a load took of a mock.
pub(super) struct Taken {
    pub replies: u64,
    pub elapsed: Duration,
    pub cpu: Duration,
    pub rss_before_bytes: Option<u64>,
    pub rss_after_bytes: Option<u64>,
}

impl Taken {
    pub fn cpu_share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }
}

pub(super) async fn load_it(
    mock: &MockProcess,
    load: &Load,
    requests: &Requests,
) -> Result<Taken, MockError> {
    let before = mock.health().await?;
    let start = Instant::now();
    let replies = load::closed_loop(mock.address(), load, requests, 0)
        .await
        .map_err(MockError::Connection)?;
    let elapsed = start.elapsed();
    let after = mock.health().await?;
    Ok(Taken {
        replies,
        elapsed,
        cpu: Duration::from_nanos(after.cpu_ns.saturating_sub(before.cpu_ns)),
        rss_before_bytes: before.rss_bytes,
        rss_after_bytes: after.rss_bytes,
    })
}
