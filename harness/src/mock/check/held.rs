//! How late held replies are, with some requests in flight and with many connections open.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bench::{Bench, load_it};
use super::plan::{CheckPlan, OPEN_CONNECTIONS};
use super::timer::BareTimer;
use crate::mock::load::{Load, Until};
use crate::mock::{Entry, MockError};
use crate::stats::Lateness;

/// The number of replies that are wanted: at low levels, holds are shorter than the scenario's to get them in time.
const LEAST_REPLIES: f64 = 200.0;
/// With all connections open, a request starts so often: two cores have to serve it and to ask for it.
const REQUESTS_PER_S: u32 = 2_000;
/// How long requests are started with all connections open, beside the hold of the first ones.
const OPEN_DURATION: Duration = Duration::from_secs(2);

/// One level: a number of requests in flight, each held for the same time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LevelCheck {
    /// Requests in flight.
    pub level: u32,
    /// How long each was to be held: as the scenario's first turn, or shorter where too few replies would have come.
    pub hold_ms: f64,
    /// From the moment at which a reply was due to its first byte written.
    pub lateness: Lateness,
    /// A thread that did nothing but sleep in steps of 5 ms during the same seconds, on the mock's processors if it was
    /// held to some.
    pub os_timer: Lateness,
    /// CPU time of the mock over the time of the level: 1 is a whole core.
    pub cpu_share: f64,
    /// Resident memory of the mock before the first request.
    pub rss_before_bytes: Option<u64>,
    /// Resident memory of the mock after the last reply.
    pub rss_after_bytes: Option<u64>,
}

/// Many connections stand open, and requests start on one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OpenConnectionsCheck {
    /// All of them stood before the first request and until the last reply.
    pub connections: u32,
    /// How many requests started in a second.
    pub requests_per_s: f64,
    /// `level` is here the maximum number of requests in flight at once, by the ledger.
    #[serde(flatten)]
    pub held: LevelCheck,
}

pub(super) async fn check_level(
    bench: &Bench,
    level: u32,
    duration: Duration,
) -> Result<LevelCheck, MockError> {
    let for_enough_replies = duration.mul_f64(f64::from(level) / LEAST_REPLIES);
    let hold = whole_ms(bench.first_hold().min(for_enough_replies));
    let load = Load {
        connections: level,
        period: hold,
        until: Until::Elapsed(duration),
    };
    let (check, _) = check_held(bench, level, hold, &load).await?;
    Ok(check)
}

/// Of the connections a part is in flight, so long as each is held like the scenario's first turn; with
/// `with_all_in_flight` a second time with holds so long that all of them are.
pub(super) async fn check_open_connections(
    bench: &Bench,
    plan: &CheckPlan,
) -> Result<Vec<OpenConnectionsCheck>, MockError> {
    if !plan.with_open_connections {
        return Ok(Vec::new());
    }
    let period = Duration::from_secs(1) * OPEN_CONNECTIONS / REQUESTS_PER_S;
    let mut holds = vec![bench.first_hold().min(period)];
    if plan.with_all_in_flight {
        holds.push(period);
    }
    let mut checks = Vec::new();
    for hold in holds {
        let duration = hold + OPEN_DURATION.max(plan.level_duration);
        let load = Load {
            connections: OPEN_CONNECTIONS,
            period,
            until: Until::Elapsed(duration),
        };
        let (held, entries) = check_held(bench, OPEN_CONNECTIONS, hold, &load).await?;
        checks.push(OpenConnectionsCheck {
            connections: OPEN_CONNECTIONS,
            requests_per_s: entries.len() as f64 / duration.as_secs_f64(),
            held: LevelCheck {
                level: most_in_flight(&entries),
                ..held
            },
        });
    }
    Ok(checks)
}

async fn check_held(
    bench: &Bench,
    level: u32,
    hold: Duration,
    load: &Load,
) -> Result<(LevelCheck, Vec<Entry>), MockError> {
    let mock = bench.start_mock(hold).await?;
    let timer = BareTimer::start(bench.mock_cpus.as_ref());
    let taken = load_it(&mock, load, &bench.requests(false)).await;
    let os_timer = Lateness::of(timer.stop());
    let taken = taken?;
    let entries = mock.drain().await?;
    mock.stop().await?;
    require_flawless(&entries, taken.replies)?;
    let late = entries.iter().filter_map(Entry::late_ns);
    let check = LevelCheck {
        level,
        hold_ms: hold.as_secs_f64() * 1e3,
        lateness: Lateness::of(late),
        os_timer,
        cpu_share: taken.cpu_share(),
        rss_before_bytes: taken.rss_before_bytes,
        rss_after_bytes: taken.rss_after_bytes,
    };
    Ok((check, entries))
}

/// The ledger must have every reply, and nothing to complain of.
pub(super) fn require_flawless(entries: &[Entry], replies: u64) -> Result<(), MockError> {
    if let Some(problem) = entries.iter().find_map(|entry| entry.problem.as_ref()) {
        return Err(MockError::Answer(format!(
            "it refuses the self-check: {problem}"
        )));
    }
    if entries.len() as u64 == replies {
        return Ok(());
    }
    let entries = entries.len();
    Err(MockError::Answer(format!(
        "it gave {replies} replies and its ledger has {entries}"
    )))
}

/// A mock is told its latency in whole ms.
fn whole_ms(time: Duration) -> Duration {
    Duration::from_millis(time.as_micros().div_ceil(1000) as u64)
}

/// The maximum number of requests that were read and not yet answered.
fn most_in_flight(entries: &[Entry]) -> u32 {
    let held = entries
        .iter()
        .filter_map(|entry| Some([(entry.read_ns?, 1), (entry.first_write_ns?, -1)]));
    let mut edges: Vec<(u64, i64)> = held.flatten().collect();
    edges.sort_unstable();
    let mut open = 0;
    let most = edges.iter().map(|(_, step)| {
        open += step;
        open
    });
    most.max().map_or(0, |most| most.max(0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_as_another_begins_is_not_in_flight_with_it() {
        let held = |(read_ns, first_write_ns)| Entry {
            read_ns: Some(read_ns),
            first_write_ns: Some(first_write_ns),
            ..Entry::default()
        };
        let mut entries: Vec<Entry> = [(1, 5), (2, 6), (5, 9), (7, 9)].map(held).into();
        // Refused before it was read: it was never held.
        entries.push(Entry::default());
        assert_eq!(most_in_flight(&entries), 2);
        assert_eq!(most_in_flight(&[]), 0);
    }
}
