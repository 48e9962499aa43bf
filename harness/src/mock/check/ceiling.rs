//! How many requests the mock can take.

use std::time::Duration;

use loopmark_protocol::Api;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bench::{Bench, load_it};
use crate::mock::MockError;
use crate::mock::load::{Load, Until};
use crate::mock::requests::Requests;

const CONNECTIONS: u32 = 100;

/// How many requests of whole runs the mock can take with 100 in flight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ceiling {
    /// Requests in flight.
    pub connections: u32,
    /// Replies.
    pub requests: u64,
    /// Replies a second; what the client takes of the machine is in it.
    pub requests_per_s: f64,
    /// Replies a second of the mock's CPU time: what it could take of a core that it had for itself.
    #[serde(default)]
    pub requests_per_cpu_s: Option<f64>,
    /// CPU time of the mock over that time: below 1, or 2 where it had more than one processor, it was not the mock that
    /// was at its limit.
    pub cpu_share: f64,
    /// Resident memory of the mock before the first request.
    pub rss_before_bytes: Option<u64>,
    /// Resident memory of the mock after the last reply.
    pub rss_after_bytes: Option<u64>,
}

pub(super) async fn check_ceiling(bench: &Bench, duration: Duration) -> Result<Ceiling, MockError> {
    let mock = bench.start_mock(Duration::ZERO).await?;
    let load = Load {
        connections: CONNECTIONS,
        period: Duration::ZERO,
        until: Until::Elapsed(duration),
    };
    let requests = Requests::of_whole_runs(&bench.scenario, Api::ChatCompletions, false);
    let taken = load_it(&mock, &load, &requests).await?;
    mock.stop().await?;
    let cpu_s = taken.cpu.as_secs_f64();
    Ok(Ceiling {
        connections: CONNECTIONS,
        requests: taken.replies,
        requests_per_s: taken.replies as f64 / taken.elapsed.as_secs_f64(),
        requests_per_cpu_s: (cpu_s > 0.0).then(|| taken.replies as f64 / cpu_s),
        cpu_share: taken.cpu_share(),
        rss_before_bytes: taken.rss_before_bytes,
        rss_after_bytes: taken.rss_after_bytes,
    })
}
