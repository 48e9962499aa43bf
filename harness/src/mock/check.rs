//! The mock measures itself before a sweep: how late its holds are, and how many requests it can take.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use loopmark_protocol::{RUN_PLACEHOLDER, monotonic_ns};
use rustix::thread::{ClockId, clock_nanosleep_absolute};
use rustix::time::Timespec;
use serde::{Deserialize, Serialize};

use super::MockError;
use super::load::{self, Load};
use super::process::{MockOptions, MockProcess};
use crate::scenario::Scenario;
use crate::stats::Lateness;

/// How long requests are started at each level.
const LEVEL_DURATION: Duration = Duration::from_millis(2_500);
const CEILING_DURATION: Duration = Duration::from_millis(1_500);
const CEILING_CONNECTIONS: u32 = 100;
/// The steps of the bare timer beside it.
const TIMER_STEP_NS: u64 = 5_000_000;
const NS_PER_S: u64 = 1_000_000_000;

/// What the mock measured of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MockCheck {
    /// One a level, in the order asked for.
    pub levels: Vec<LevelCheck>,
    /// Without a hold.
    pub ceiling: Ceiling,
}

/// One level: so many requests in flight, each held for the scenario's first turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelCheck {
    /// Requests in flight.
    pub level: u32,
    /// How long each was to be held.
    pub hold_ms: f64,
    /// From the moment at which a reply was due to its first byte written.
    pub lateness: Lateness,
    /// A thread that did nothing but sleep in steps of 5 ms during the same seconds.
    pub os_timer: Lateness,
    /// CPU time of the mock over the time of the level: 1 is a whole core.
    pub cpu_share: f64,
    /// Resident memory of the mock before the first request.
    pub rss_before_bytes: Option<u64>,
    /// Resident memory of the mock after the last reply.
    pub rss_after_bytes: Option<u64>,
}

/// How many requests the mock can take with 100 in flight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ceiling {
    /// Requests in flight.
    pub connections: u32,
    /// Replies.
    pub requests: u64,
    /// Replies a second; what the client takes of the machine is in it.
    pub requests_per_s: f64,
    /// CPU time of the mock over that time: below 1 it was not the mock that was at its limit.
    pub cpu_share: f64,
    /// Resident memory of the mock before the first request.
    pub rss_before_bytes: Option<u64>,
    /// Resident memory of the mock after the last reply.
    pub rss_after_bytes: Option<u64>,
}

/// Measures mocks of a scenario at some levels, each in a fresh process: about 3 s a level and 2 s for the ceiling.
///
/// # Errors
///
/// A mock that does not start, breaks off or does not count what it was sent.
pub async fn check_mock(
    executable: &Path,
    scenario: &Path,
    levels: &[u32],
) -> Result<MockCheck, MockError> {
    let played = Scenario::load(scenario)?;
    let mut checks = Vec::new();
    for level in levels {
        checks.push(check_level(executable, scenario, &played, *level).await?);
    }
    Ok(MockCheck {
        levels: checks,
        ceiling: check_ceiling(executable, scenario, &played).await?,
    })
}

async fn check_level(
    executable: &Path,
    scenario: &Path,
    played: &Scenario,
    level: u32,
) -> Result<LevelCheck, MockError> {
    let mock = MockProcess::start(executable, &MockOptions::new(scenario)).await?;
    let hold = played
        .script(0)
        .turns
        .first()
        .map_or(Duration::ZERO, |turn| turn.latency);
    let load = Load {
        connections: level,
        stagger: hold,
        duration: LEVEL_DURATION,
    };
    let timer = BareTimer::start();
    let measured = measure(&mock, played, &load).await;
    let os_timer = Lateness::of(timer.stop());
    let measured = measured?;
    let entries = mock.drain().await?;
    mock.stop().await?;
    if let Some(problem) = entries.iter().find_map(|entry| entry.problem.clone()) {
        return Err(MockError::Answer(format!(
            "it refuses the self-check: {problem}"
        )));
    }
    if entries.len() as u64 != measured.replies {
        let (replies, entries) = (measured.replies, entries.len());
        return Err(MockError::Answer(format!(
            "it gave {replies} replies and its ledger has {entries}"
        )));
    }
    let late = entries
        .iter()
        .map(|entry| entry.first_write_ns.saturating_sub(entry.due_ns));
    Ok(LevelCheck {
        level,
        hold_ms: hold.as_secs_f64() * 1e3,
        lateness: Lateness::of(late),
        os_timer,
        cpu_share: measured.cpu_share(),
        rss_before_bytes: measured.rss_before_bytes,
        rss_after_bytes: measured.rss_after_bytes,
    })
}

async fn check_ceiling(
    executable: &Path,
    scenario: &Path,
    played: &Scenario,
) -> Result<Ceiling, MockError> {
    let options = MockOptions {
        latency: Some(Duration::ZERO),
        ..MockOptions::new(scenario)
    };
    let mock = MockProcess::start(executable, &options).await?;
    let load = Load {
        connections: CEILING_CONNECTIONS,
        stagger: Duration::ZERO,
        duration: CEILING_DURATION,
    };
    let measured = measure(&mock, played, &load).await?;
    mock.stop().await?;
    Ok(Ceiling {
        connections: CEILING_CONNECTIONS,
        requests: measured.replies,
        requests_per_s: measured.replies as f64 / measured.elapsed.as_secs_f64(),
        cpu_share: measured.cpu_share(),
        rss_before_bytes: measured.rss_before_bytes,
        rss_after_bytes: measured.rss_after_bytes,
    })
}

struct Measured {
    replies: u64,
    elapsed: Duration,
    cpu: Duration,
    rss_before_bytes: Option<u64>,
    rss_after_bytes: Option<u64>,
}

impl Measured {
    fn cpu_share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }
}

async fn measure(
    mock: &MockProcess,
    played: &Scenario,
    load: &Load,
) -> Result<Measured, MockError> {
    let before = mock.health().await?;
    let start = Instant::now();
    let body = first_requests(played);
    let replies = load::closed_loop(mock.address(), load, "/v1/chat/completions", body);
    let replies = replies.await.map_err(MockError::Connection)?;
    let elapsed = start.elapsed();
    let after = mock.health().await?;
    Ok(Measured {
        replies,
        elapsed,
        cpu: Duration::from_nanos(after.cpu_ns.saturating_sub(before.cpu_ns)),
        rss_before_bytes: before.rss_bytes,
        rss_after_bytes: after.rss_bytes,
    })
}

/// The first request of any run, as a framework would send it. Each run is new to the mock, which costs it most.
fn first_requests(scenario: &Scenario) -> impl Fn(u64) -> Vec<u8> + Send + Sync + 'static {
    let task = scenario.task();
    let messages = serde_json::json!([
        {"role": "system", "content": task.instructions},
        {"role": "user", "content": task.prompt},
    ]);
    let tools: Vec<_> = task
        .tools
        .iter()
        .map(|tool| serde_json::json!({"type": "function", "function": tool}))
        .collect();
    let request =
        serde_json::json!({"model": scenario.model, "messages": messages, "tools": tools});
    let request = request.to_string();
    move |run| {
        request
            .replace(RUN_PLACEHOLDER, &run.to_string())
            .into_bytes()
    }
}

/// How late a thread wakes that does nothing but sleep to absolute times, for `duration`.
pub fn bare_timer(duration: Duration) -> Lateness {
    let timer = BareTimer::start();
    std::thread::sleep(duration);
    Lateness::of(timer.stop())
}

/// A thread that sleeps to absolute times and notes how late it woke.
struct BareTimer {
    is_over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Vec<u64>>,
}

impl BareTimer {
    fn start() -> BareTimer {
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let mut late_ns = Vec::new();
            let mut due_ns = monotonic_ns();
            while !ends.load(Ordering::Relaxed) {
                due_ns += TIMER_STEP_NS;
                let due = Timespec {
                    tv_sec: (due_ns / NS_PER_S).cast_signed(),
                    tv_nsec: (due_ns % NS_PER_S).cast_signed(),
                };
                if clock_nanosleep_absolute(ClockId::Monotonic, &due).is_ok() {
                    late_ns.push(monotonic_ns().saturating_sub(due_ns));
                }
            }
            late_ns
        });
        BareTimer { is_over, thread }
    }

    fn stop(self) -> Vec<u64> {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_timer_wakes_every_step_and_never_early() {
        let timer = BareTimer::start();
        std::thread::sleep(Duration::from_millis(60));
        let late = Lateness::of(timer.stop());
        assert!((1..=20).contains(&late.count), "{late:?}");
        assert!(late.p50_us <= late.p99_us && late.p99_us <= late.max_us);
    }
}
