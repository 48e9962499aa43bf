//! Whether the mock's memory stays the same over millions of requests.

use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bench::Bench;
use crate::mock::MockError;
use crate::mock::load::{self, Load, Until};

const CONNECTIONS: u32 = 100;
/// The ledger is drained each time, as a trial does after a batch.
const DRAINED_EVERY: u64 = 100_000;
/// Growth that is no leak: the allocator's own.
const ALLOWED_BYTES: u64 = 5 << 20;
const ALLOWED_SHARE: f64 = 0.05;

/// Resident memory of one mock over many requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryCheck {
    /// All of them, each of a new run.
    pub requests: u64,
    /// After how many requests the ledger was drained each time.
    pub drained_every: u64,
    /// One after every tenth of the requests.
    pub points: Vec<MemoryPoint>,
}

/// Resident memory at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryPoint {
    /// Requests since the mock was started.
    pub requests: u64,
    /// With a ledger that was just drained.
    pub rss_bytes: u64,
}

impl MemoryCheck {
    /// Whether the last point is at most 5 MiB or 5 % above the first one, whichever is more.
    pub fn is_flat(&self) -> bool {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return false;
        };
        let allowed = ALLOWED_BYTES.max((first.rss_bytes as f64 * ALLOWED_SHARE) as u64);
        last.rss_bytes <= first.rss_bytes + allowed
    }
}

/// Sends `requests` requests to one mock; `progress` gets each point.
///
/// # Errors
///
/// A mock that does not start, breaks off, loses entries or says nothing of its memory.
pub async fn check_memory(
    executable: &Path,
    scenario: &Path,
    requests: u64,
    mut progress: impl FnMut(&MemoryPoint),
) -> Result<MemoryCheck, MockError> {
    let bench = Bench::new(executable, scenario, None)?;
    let mock = bench.start_mock(Duration::ZERO).await?;
    let wire = bench.requests(false);
    let step = requests.div_ceil(10).max(1);
    let mut sent = 0;
    let mut points = Vec::new();
    while sent < requests {
        let point = (sent + step).min(requests);
        while sent < point {
            let part = DRAINED_EVERY.min(point - sent);
            let load = Load {
                connections: CONNECTIONS,
                period: Duration::ZERO,
                until: Until::Requests(part),
            };
            let replies = load::closed_loop(mock.address(), &load, &wire, sent)
                .await
                .map_err(MockError::Connection)?;
            super::held::require_flawless(&mock.drain().await?, replies)?;
            sent += part;
        }
        let rss_bytes =
            mock.health().await?.rss_bytes.ok_or_else(|| {
                MockError::Answer("the system says nothing of its memory".to_owned())
            })?;
        let point = MemoryPoint {
            requests: sent,
            rss_bytes,
        };
        progress(&point);
        points.push(point);
    }
    mock.stop().await?;
    Ok(MemoryCheck {
        requests,
        drained_every: DRAINED_EVERY,
        points,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_grows_by_a_few_bytes_a_request_is_not_flat() {
        let check = |last_bytes| MemoryCheck {
            requests: 10_000_000,
            drained_every: DRAINED_EVERY,
            points: [(1_000_000, 20 << 20), (10_000_000, last_bytes)]
                .map(|(requests, rss_bytes)| MemoryPoint {
                    requests,
                    rss_bytes,
                })
                .into(),
        };
        assert!(check(25 << 20).is_flat());
        assert!(!check((20 << 20) + 9_000_000).is_flat());
    }
}
