//! The synthetic tools (`docs/TOOLS.md`) as plain functions.

use std::time::Duration;

use loopmark_protocol::LOOKUP_PREFIX;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// What a payload is made of, again and again.
const PATTERN: &str = "0123456789abcdef";

/// What `wait` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// As the call asked.
    pub waited_ms: u64,
}

/// What `block` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// As the call asked.
    pub blocked_ms: u64,
}

/// What `compute` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// As the call asked.
    pub computed_ms: u64,
}

/// What `payload` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The characters.
    pub payload: String,
}

/// What `tally` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many items there are.
    pub count: usize,
}

/// What a lookup gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The section that was looked into.
    pub section: u32,
    /// As the call asked.
    pub topic: String,
    /// As the call asked.
    pub entries: i64,
}

/// What `fail` fails with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// `wait`: returns after `ms` milliseconds, by the runtime's timer.
pub async fn wait(ms: u64) -> Waited {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    Waited { waited_ms: ms }
}

/// `block`: sleeps for `ms` milliseconds in the calling thread.
pub fn block(ms: u64) -> Blocked {
    std::thread::sleep(Duration::from_millis(ms));
    Blocked { blocked_ms: ms }
}

/// `compute`: keeps the calling thread busy until it has used `ms` milliseconds of CPU time.
pub fn compute(ms: u64) -> Computed {
    let end = thread_cpu_time() + Duration::from_millis(ms);
    while thread_cpu_time() < end {
        std::hint::spin_loop();
    }
    Computed { computed_ms: ms }
}

/// `payload`: so many characters, `0123456789abcdef` again and again.
pub fn payload(bytes: usize) -> Payload {
    let mut payload = PATTERN.repeat(bytes.div_ceil(PATTERN.len()));
    payload.truncate(bytes);
    Payload { payload }
}

/// `tally`: counts the items.
pub fn tally(items: &[String]) -> Tally {
    Tally { count: items.len() }
}

/// `lookup_<section>`: looks a topic up in a section of the handbook.
pub fn lookup(section: u32, topic: String, limit: i64) -> Found {
    Found {
        section,
        topic,
        entries: limit,
    }
}

/// The section of a lookup's name, from 1; `None` for another tool's.
pub fn section_of(tool: &str) -> Option<u32> {
    let section = tool.strip_prefix(LOOKUP_PREFIX)?.parse().ok()?;
    (section > 0).then_some(section)
}

/// `fail`: fails with this message.
///
/// # Errors
///
/// Always.
pub fn fail(message: String) -> Result<(), Failure> {
    Err(Failure(message))
}

/// The CPU time of the calling thread.
fn thread_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // Both parts count up from 0.
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_wait_together_and_leave_the_thread_to_others() {
        let begin = tokio::time::Instant::now();
        let both = tokio::spawn(wait(500));
        assert_eq!(wait(500).await, Waited { waited_ms: 500 });
        assert_eq!(both.await.unwrap(), Waited { waited_ms: 500 });
        // The clock is paused: it goes on only when every task of this one thread waits.
        assert!(begin.elapsed() < Duration::from_millis(999));
    }

    #[test]
    fn block_takes_its_time_and_compute_its_cpu() {
        let (begin, cpu) = (Instant::now(), thread_cpu_time());
        assert_eq!(block(30), Blocked { blocked_ms: 30 });
        assert!(begin.elapsed() >= Duration::from_millis(30));
        assert!(thread_cpu_time() - cpu < Duration::from_millis(30));

        let cpu = thread_cpu_time();
        assert_eq!(compute(20), Computed { computed_ms: 20 });
        assert!(thread_cpu_time() - cpu >= Duration::from_millis(20));
    }

    #[test]
    fn a_payload_has_its_length() {
        assert_eq!(payload(0).payload, "");
        assert_eq!(payload(18).payload, "0123456789abcdef01");
        assert_eq!(payload(4096).payload.len(), 4096);
    }

    #[test]
    fn a_lookup_is_known_by_its_name() {
        let sections = ["lookup_1", "lookup_80", "lookup_0", "lookup_x", "wait"].map(section_of);
        assert_eq!(sections, [Some(1), Some(80), None, None, None]);
    }

    #[test]
    fn fail_fails_with_the_message() {
        assert_eq!(fail("broken".into()).unwrap_err().to_string(), "broken");
    }

    #[tokio::test]
    async fn results_have_exactly_the_documented_fields() {
        let json = [
            serde_json::to_string(&wait(0).await).unwrap(),
            serde_json::to_string(&block(0)).unwrap(),
            serde_json::to_string(&compute(0)).unwrap(),
            serde_json::to_string(&payload(1)).unwrap(),
            serde_json::to_string(&tally(&["a".into(), "b".into()])).unwrap(),
            serde_json::to_string(&lookup(3, "leave".into(), 4)).unwrap(),
        ];
        let expected = [
            r#"{"waited_ms":0}"#,
            r#"{"blocked_ms":0}"#,
            r#"{"computed_ms":0}"#,
            r#"{"payload":"0"}"#,
            r#"{"count":2}"#,
            r#"{"section":3,"topic":"leave","entries":4}"#,
        ];
        assert_eq!(json, expected);
    }
}
