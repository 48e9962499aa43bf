//! Checks a runner's lines during a batch, without I/O.

use std::collections::BTreeMap;

use loopmark_protocol::{Answers, Batch, FromRunner, Sample, digest};

use super::failure::Failure;
use crate::measurement::FailureKind;

/// The maximum length of a kept error of a runner, in characters.
const MAX_ERROR_CHARS: usize = 1000;

/// The samples of a batch so far.
#[derive(Debug)]
pub struct BatchSoFar {
    batch: Batch,
    samples: BTreeMap<u64, Sample>,
    heartbeat_late_us: Option<Vec<u32>>,
}

/// The result of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchResult {
    /// One sample per run, in the runs' order.
    pub samples: Vec<Sample>,
    /// How late each heartbeat was, in µs; `None` unless the batch asked for them.
    pub heartbeat_late_us: Option<Vec<u32>>,
}

/// Parses one line of a runner.
///
/// # Errors
///
/// If it is not a line of the protocol.
pub fn read_line(line: &str) -> Result<FromRunner, Failure> {
    let garbage = |why: &dyn std::fmt::Display| {
        let start: String = line.chars().take(80).collect();
        let reason = format!("not a line of the protocol: {start:?} ({why})");
        Failure::new(FailureKind::Garbage, reason)
    };
    // A derived deserializer would also accept an array of the object's values.
    if line.trim_start().starts_with('[') {
        return Err(garbage(&"an array is no object"));
    }
    serde_json::from_str(line).map_err(|error| garbage(&error))
}

/// The failure of a runner that sent something other than `wanted`.
pub(super) fn unexpected(wanted: &str, line: &FromRunner) -> Failure {
    let got = match line {
        FromRunner::Imported(_) => "imported".to_owned(),
        FromRunner::Ready(_) => "ready".to_owned(),
        FromRunner::Sample(sample) => format!("a sample of run {}", sample.run),
        FromRunner::BatchDone(done) => format!("batch_done of batch {}", done.batch),
    };
    protocol_error(format!("expected {wanted}, got {got}"))
}

fn protocol_error(reason: String) -> Failure {
    Failure::new(FailureKind::ProtocolError, reason)
}

impl BatchSoFar {
    /// Expects the samples of `batch`.
    pub fn new(batch: Batch) -> BatchSoFar {
        BatchSoFar {
            batch,
            samples: BTreeMap::new(),
            heartbeat_late_us: None,
        }
    }

    /// Takes a line: one sample of each run, then the end of the batch. Returns whether the batch is done.
    ///
    /// # Errors
    ///
    /// If the line does not fit the batch.
    pub fn take(&mut self, line: FromRunner) -> Result<bool, Failure> {
        match line {
            FromRunner::Sample(sample) => self.accept(sample).map(|()| false),
            FromRunner::BatchDone(done) if done.batch == self.batch.batch => {
                let missing = (self.batch.runs as usize).saturating_sub(self.samples.len());
                if missing > 0 {
                    let batch = self.batch.batch;
                    let reason = format!("batch {batch} is done without {missing} of its samples");
                    return Err(protocol_error(reason));
                }
                if self.batch.heartbeat && done.heartbeat_late_us.is_none() {
                    let batch = self.batch.batch;
                    let reason = format!("batch {batch} is done without its heartbeat");
                    return Err(protocol_error(reason));
                }
                self.heartbeat_late_us = done.heartbeat_late_us;
                Ok(true)
            }
            other => Err(unexpected("a sample or batch_done", &other)),
        }
    }

    fn accept(&mut self, sample: Sample) -> Result<(), Failure> {
        let run = sample.run;
        let is_asked = run
            .checked_sub(self.batch.first_run)
            .is_some_and(|n| n < u64::from(self.batch.runs));
        if sample.batch != self.batch.batch || !is_asked {
            let reason = format!(
                "a sample of batch {}, run {run}, which was not asked for",
                sample.batch
            );
            return Err(protocol_error(reason));
        }
        let sample = self.compact(sample);
        if self.samples.insert(run, sample).is_some() {
            return Err(protocol_error(format!("two samples of run {run}")));
        }
        Ok(())
    }

    /// Keeps only what is needed of a sample, so that a talkative runner can't fill the harness's memory.
    fn compact(&self, mut sample: Sample) -> Sample {
        if self.batch.answers == Answers::Digest
            && let Some(answer) = sample.answer.take()
        {
            sample.answer_crc32 = Some(digest(&answer));
        }
        if let Some(error) = &mut sample.error
            && let Some((end, _)) = error.char_indices().nth(MAX_ERROR_CHARS)
        {
            error.truncate(end);
            error.shrink_to_fit();
        }
        sample
    }

    /// The result, once the batch is done.
    pub fn into_result(self) -> BatchResult {
        BatchResult {
            samples: self.samples.into_values().collect(),
            heartbeat_late_us: self.heartbeat_late_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopmark_protocol::{Arrival, BatchDone};

    fn batch(answers: Answers) -> BatchSoFar {
        BatchSoFar::new(Batch {
            batch: 1,
            first_run: 10,
            runs: 1,
            level: 1,
            arrival: Arrival::Closed,
            answers,
            ramp_ms: 0,
            cancel_after_ms: None,
            heartbeat: false,
        })
    }

    fn sample(answer: Option<&str>, error: Option<String>) -> FromRunner {
        FromRunner::Sample(Sample {
            batch: 1,
            run: 10,
            start_ns: 1,
            end_ns: 2,
            first_text_ns: None,
            answer: answer.map(str::to_owned),
            answer_crc32: None,
            error,
            cancelled: false,
        })
    }

    #[test]
    fn a_batch_is_done_when_every_run_has_one_sample() {
        let mut batch = batch(Answers::Text);
        let done = || {
            FromRunner::BatchDone(BatchDone {
                batch: 1,
                heartbeat_late_us: None,
            })
        };
        let early = batch.take(done()).unwrap_err();
        assert_eq!(early.reason, "batch 1 is done without 1 of its samples");
        assert_eq!(batch.take(sample(Some("a"), None)), Ok(false));
        let twice = batch.take(sample(Some("a"), None)).unwrap_err();
        assert_eq!(twice.reason, "two samples of run 10");
        assert_eq!(batch.take(done()), Ok(true));
        assert_eq!(batch.into_result().samples[0].answer.as_deref(), Some("a"));
    }

    #[test]
    fn a_heartbeat_that_was_asked_for_has_to_come() {
        let mut asked = batch(Answers::Text);
        asked.batch.heartbeat = true;
        asked.take(sample(Some("a"), None)).unwrap();
        let done = |heartbeat_late_us| {
            FromRunner::BatchDone(BatchDone {
                batch: 1,
                heartbeat_late_us,
            })
        };
        let without = asked.take(done(None)).unwrap_err();
        assert_eq!(without.reason, "batch 1 is done without its heartbeat");
        assert_eq!(asked.take(done(Some(vec![7]))), Ok(true));
        assert_eq!(asked.into_result().heartbeat_late_us, Some(vec![7]));
    }

    #[test]
    fn an_array_is_no_line_even_where_a_reader_would_find_every_field() {
        for line in [
            r#"["imported"]"#,
            r#"["batch_done",1]"#,
            r#"["sample",1,10,1,2,"a"]"#,
            r#"["ready","toy","1","rust","hyper",[]]"#,
            "null",
            "3",
        ] {
            let failure = read_line(line).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Garbage, "{line}");
        }
        let object = r#" {"type":"batch_done","batch":1}"#;
        assert!(matches!(read_line(object), Ok(FromRunner::BatchDone(_))));
    }

    #[test]
    fn long_texts_are_not_kept() {
        let mut digests = batch(Answers::Digest);
        digests.take(sample(Some("123456789"), None)).unwrap();
        let kept = digests.into_result().samples.remove(0);
        assert_eq!((kept.answer, kept.answer_crc32), (None, Some(0xCBF4_3926)));
        let mut errors = batch(Answers::Digest);
        errors
            .take(sample(None, Some("é".repeat(100_000))))
            .unwrap();
        let kept = errors.into_result().samples.remove(0).error.unwrap();
        assert_eq!(kept, "é".repeat(MAX_ERROR_CHARS));
    }
}
