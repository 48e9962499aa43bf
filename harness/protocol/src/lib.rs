//! The runner protocol, version 2: one JSON object a line between the harness and a runner.
//!
//! The harness writes [`ToRunner`] lines to the runner's standard input, the runner answers with
//! [`FromRunner`] lines on its standard output. `docs/PROTOCOL.md` says the same in prose, for
//! runners in other languages.

use serde::{Deserialize, Serialize};

mod absent;
mod feature;
mod hello;

use absent::{is_false, is_one, is_zero, one};
pub use feature::{Feature, LOOKUP_PREFIX, SYNTHETIC_TOOLS, TALLY};
pub use hello::{AgentLife, Handoff, Hello, Output, RUN_PLACEHOLDER, Task, Tool};

/// The newest version: what [`Hello::protocol`] carries is the oldest one that has all of its fields.
pub const VERSION: u32 = 2;

/// A line from the harness to a runner.
#[allow(
    clippy::large_enum_variant,
    reason = "a process gets one hello, and the lines are not kept"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToRunner {
    /// The first line: where the model is and what the agent is to do.
    Hello(Hello),
    /// Do these runs, then report them.
    Batch(Batch),
}

/// A line from a runner to the harness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromRunner {
    /// The framework's code is loaded; nothing is built yet.
    Imported(Imported),
    /// The agent is built.
    Ready(Ready),
    /// What one run gave.
    Sample(Sample),
    /// Every sample of the batch has been written.
    BatchDone(BatchDone),
}

/// The framework's code is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The newest version of the protocol that the runner reads. One that does not say reads version 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub protocol: u32,
}

/// An OpenAI API.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    /// `POST /v1/chat/completions`
    ChatCompletions,
    /// `POST /v1/responses`
    Responses,
}

impl std::fmt::Display for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Api::ChatCompletions => "chat-completions",
            Api::Responses => "responses",
        })
    }
}

/// A batch of runs, numbered from `first_run` on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The batch's number, echoed by its samples.
    pub batch: u32,
    /// The number of the first run.
    pub first_run: u64,
    /// How many runs.
    pub runs: u32,
    /// How many of them are in flight at once.
    pub level: u32,
    /// When runs start.
    pub arrival: Arrival,
    /// How samples carry the answers.
    pub answers: Answers,
    /// A closed loop's worker *i* starts *i* / level × this many ms after the batch began; 0: all at once.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ramp_ms: u32,
    /// Cancel each run this many ms after its start; `None` lets it end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_after_ms: Option<u32>,
    /// Whether a heartbeat of 10 ms runs beside the batch, in the runner's own event loop or scheduler.
    #[serde(default, skip_serializing_if = "is_false")]
    pub heartbeat: bool,
}

/// When the runs of a batch start.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// `level` workers, each of which starts its next run when its last one has ended.
    Closed,
    /// All runs at once.
    Burst,
    /// Open loop: this many runs are started per second, whether or not earlier ones have ended.
    Rate(f64),
}

/// How samples carry the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// In full, for a person to read.
    Text,
    /// As [`digest`]: what a runner keeps until the batch has ended counts as the framework's
    /// memory, so it keeps four bytes instead of a text.
    Digest,
}

/// The runner is ready for its first batch.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// The framework's name, as its package is called.
    pub framework: String,
    /// The framework's version, read from what is installed.
    pub version: String,
    /// The language's runtime and its version.
    pub runtime: String,
    /// The HTTP client that the framework uses here, and its version.
    pub http_client: String,
    /// What the runner can do beyond plain runs.
    #[serde(default)]
    pub offers: Vec<Feature>,
}

/// What one run gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The batch's number.
    pub batch: u32,
    /// The run's number.
    pub run: u64,
    /// `CLOCK_MONOTONIC` just before the agent was given the prompt, in ns.
    pub start_ns: u64,
    /// `CLOCK_MONOTONIC` just after the agent gave the answer, in ns.
    pub end_ns: u64,
    /// `CLOCK_MONOTONIC` when the agent's caller saw the first text of the run, in ns; absent where it saw none before the
    /// answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_text_ns: Option<u64>,
    /// The answer, if the batch asked for [`Answers::Text`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The answer's [`digest`], if the batch asked for [`Answers::Digest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_crc32: Option<u32>,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The run was cancelled, as the batch asked; `end_ns` is when control came back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
}

/// Every sample of the batch has been written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchDone {
    /// The batch's number.
    pub batch: u32,
    /// How late each beat of the heartbeat was, in µs, in order; absent unless the batch asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_late_us: Option<Vec<u32>>,
}

/// The heartbeat's period.
pub const HEARTBEAT_MS: u64 = 10;

/// CRC-32 (ISO-HDLC, as in zlib and gzip) of the answer's UTF-8 bytes.
///
/// Every language's standard library has it, but for Rust's.
pub fn digest(answer: &str) -> u32 {
    crc32fast::hash(answer.as_bytes())
}

/// The time of `CLOCK_MONOTONIC`, in ns: one clock for all processes of a machine.
pub fn monotonic_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    // The monotonic clock starts at boot: both parts are non-negative and fit for 584 years.
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_reads_as_the_design_writes_it() {
        let line = r#"{"type":"batch","batch":1,"first_run":0,"runs":200,"level":50,"arrival":{"rate":2.5},"answers":"digest"}"#;
        let ToRunner::Batch(batch) = serde_json::from_str(line).unwrap() else {
            panic!("not a batch")
        };
        assert_eq!(batch.arrival, Arrival::Rate(2.5));
        assert_eq!(
            serde_json::to_string(&ToRunner::Batch(batch)).unwrap(),
            line
        );
        assert_eq!(
            serde_json::to_string(&Arrival::Closed).unwrap(),
            r#""closed""#
        );
    }

    #[test]
    fn a_runner_that_says_no_version_reads_the_first() {
        let imported = |line| match serde_json::from_str(line) {
            Ok(FromRunner::Imported(imported)) => imported.protocol,
            other => panic!("{other:?}"),
        };
        assert_eq!(imported(r#"{"type":"imported"}"#), 1);
        assert_eq!(imported(r#"{"type":"imported","protocol":2}"#), 2);
        let first = FromRunner::Imported(Imported { protocol: 1 });
        assert_eq!(
            serde_json::to_string(&first).unwrap(),
            r#"{"type":"imported"}"#
        );
    }

    #[test]
    fn an_unknown_field_of_a_sample_is_refused() {
        let line = r#"{"type":"sample","batch":1,"run":0,"start_ns":1,"end_ns":2,"anwser":"x"}"#;
        assert!(serde_json::from_str::<FromRunner>(line).is_err());
    }

    #[test]
    fn the_digest_is_zlibs_crc32() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(digest("123456789"), 0xCBF4_3926);
    }

    #[test]
    fn the_monotonic_clock_is_the_standard_librarys() {
        let elapsed_ns = |since: std::time::Instant| since.elapsed().as_nanos() as u64;
        let outer = std::time::Instant::now();
        let before = monotonic_ns();
        let inner = std::time::Instant::now();
        std::thread::sleep(std::time::Duration::from_millis(20));
        let inner_ns = elapsed_ns(inner);
        let between = monotonic_ns() - before;
        let outer_ns = elapsed_ns(outer);
        assert!(
            (inner_ns..=outer_ns).contains(&between),
            "{between} ns are not in {inner_ns}..={outer_ns}"
        );
    }
}
