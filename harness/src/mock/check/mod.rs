//! The mock measures itself before a sweep: how late its holds and its streamed chunks are, how many requests it can
//! take, and whether its replies meet delayed acknowledgements.

mod ceiling;
mod delayed_ack;
mod held;
mod memory;
mod stream;
mod timer;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loopmark_protocol::Api;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use ceiling::Ceiling;
pub use delayed_ack::{DelayedAckCheck, Stalls};
pub use held::{LevelCheck, OpenConnectionsCheck};
pub use memory::{MemoryCheck, MemoryPoint, check_memory};
pub use stream::StreamCheck;
pub use timer::{BareTimer, bare_timer};

use super::MockError;
use super::load::{self, Load};
use super::process::{MockOptions, MockProcess};
use super::requests::Requests;
use crate::scenario::Scenario;
use crate::system::CpuList;

/// How many connections are held open, where the system allows so many files.
pub const OPEN_CONNECTIONS: u32 = 10_000;

/// What the mock measured of itself. What an earlier version did not measure is empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MockCheck {
    /// One a level, in the order asked for.
    pub levels: Vec<LevelCheck>,
    /// With [`OPEN_CONNECTIONS`]; none where the limit of open files does not allow them.
    #[serde(default)]
    pub open_connections: Vec<OpenConnectionsCheck>,
    /// Without a hold.
    pub ceiling: Ceiling,
    /// The chunks of streamed replies.
    #[serde(default)]
    pub stream: Option<StreamCheck>,
    /// Nagle's algorithm against delayed acknowledgements.
    #[serde(default)]
    pub delayed_ack: Option<DelayedAckCheck>,
}

/// What is checked, and for how long.
#[derive(Debug, Clone)]
pub struct CheckPlan {
    /// Requests in flight.
    pub levels: Vec<u32>,
    /// How long requests are started at each level.
    pub level_duration: Duration,
    /// How long the ceiling, the stream and the delayed acknowledgements are each measured.
    pub other_duration: Duration,
    /// Whether the system allows [`OPEN_CONNECTIONS`].
    pub with_open_connections: bool,
    /// Measures [`OPEN_CONNECTIONS`] a second time, with a request in flight on each of them.
    pub with_all_in_flight: bool,
    /// The mock's processors, as in a trial; the client runs on those of this process.
    pub mock_cpus: Option<CpuList>,
}

impl CheckPlan {
    /// What a sweep has time for: 15 s with five levels.
    pub fn before_a_sweep(levels: Vec<u32>) -> CheckPlan {
        CheckPlan {
            levels,
            level_duration: Duration::from_millis(1000),
            other_duration: Duration::from_millis(800),
            with_open_connections: false,
            with_all_in_flight: false,
            mock_cpus: None,
        }
    }

    /// With enough replies at each level for a 99th percentile: a minute and a half with five levels.
    pub fn thorough(levels: Vec<u32>) -> CheckPlan {
        CheckPlan {
            level_duration: Duration::from_secs(10),
            other_duration: Duration::from_secs(5),
            with_all_in_flight: true,
            ..CheckPlan::before_a_sweep(levels)
        }
    }
}

/// What every part of a check needs.
struct Bench {
    executable: PathBuf,
    scenario_path: PathBuf,
    scenario: Scenario,
    mock_cpus: Option<CpuList>,
}

/// Measures mocks of a scenario, each part with a fresh process.
///
/// # Errors
///
/// A mock that does not start, breaks off or does not count what it was sent.
pub async fn check_mock(
    executable: &Path,
    scenario: &Path,
    plan: &CheckPlan,
) -> Result<MockCheck, MockError> {
    let bench = Bench::new(executable, scenario, plan.mock_cpus.clone())?;
    let mut levels = Vec::new();
    for level in &plan.levels {
        levels.push(held::check_level(&bench, *level, plan.level_duration).await?);
    }
    let open_connections = held::check_open_connections(&bench, plan).await?;
    let ceiling = ceiling::check_ceiling(&bench, plan.other_duration).await?;
    let (stream, stalls) = stream::check_stream(&bench, plan.other_duration).await?;
    let delayed_ack = delayed_ack::check_delayed_ack(&bench, stalls, plan.other_duration).await?;
    Ok(MockCheck {
        levels,
        open_connections,
        ceiling,
        stream: Some(stream),
        delayed_ack: Some(delayed_ack),
    })
}

impl Bench {
    fn new(
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

    async fn start_mock(&self, latency: Duration) -> Result<MockProcess, MockError> {
        let options = MockOptions {
            latency: Some(latency),
            cpus: self.mock_cpus.clone(),
            ..MockOptions::new(&self.scenario_path)
        };
        MockProcess::start(&self.executable, &options).await
    }

    fn requests(&self, is_streamed: bool) -> Requests {
        Requests::first_of_runs(&self.scenario, Api::ChatCompletions, is_streamed)
    }

    /// How long the scenario's first turn is held: the one that is asked for.
    fn first_hold(&self) -> Duration {
        let turn = self.scenario.script(0).turns.into_iter().next();
        turn.map_or(Duration::ZERO, |turn| turn.latency)
    }
}

/// What a load took of a mock.
struct Taken {
    replies: u64,
    elapsed: Duration,
    cpu: Duration,
    rss_before_bytes: Option<u64>,
    rss_after_bytes: Option<u64>,
}

impl Taken {
    fn cpu_share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }
}

async fn load_it(mock: &MockProcess, load: &Load, requests: &Requests) -> Result<Taken, MockError> {
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
