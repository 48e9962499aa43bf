//! What the runs of a batch gave, kept until the batch has ended.

use std::collections::HashMap;

use loopmark_protocol::{Answers, Batch, Sample, digest};

use crate::Error;
use crate::error::{ERROR_LENGTH, beginning, with_causes};

/// 24 bytes a run (25 if the batch cancels runs), and a text only for the runs that failed and for
/// batches whose answers a person reads.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    outcomes: Vec<Outcome>,
    /// By a run's index; empty unless the batch cancels runs.
    cancelled: Vec<bool>,
    /// When callers saw the first text, by a run's index; empty unless they see any.
    first_texts: HashMap<u32, u64>,
    answers: Option<HashMap<u32, String>>,
    errors: HashMap<u32, String>,
}

#[derive(Debug)]
struct Outcome {
    start_ns: u64,
    end_ns: u64,
    index: u32,
    answer_crc32: u32,
}

/// How a run ended.
pub(crate) enum Ending {
    Done(Result<String, Error>),
    Cancelled,
}

impl Samples {
    pub(crate) fn for_batch(batch: &Batch) -> Samples {
        let runs = batch.runs as usize;
        let cancellable = if batch.cancel_after_ms.is_some() {
            runs
        } else {
            0
        };
        Samples {
            outcomes: Vec::with_capacity(runs),
            cancelled: vec![false; cancellable],
            first_texts: HashMap::new(),
            answers: (batch.answers == Answers::Text).then(HashMap::new),
            errors: HashMap::new(),
        }
    }

    /// How many runs have ended.
    pub(crate) fn len(&self) -> usize {
        self.outcomes.len()
    }

    pub(crate) fn push(&mut self, index: u32, start_ns: u64, end_ns: u64, ending: Ending) {
        let answer_crc32 = match &ending {
            Ending::Done(Ok(answer)) => digest(answer),
            Ending::Done(Err(_)) | Ending::Cancelled => 0,
        };
        self.outcomes.push(Outcome {
            start_ns,
            end_ns,
            index,
            answer_crc32,
        });
        match ending {
            Ending::Done(Ok(answer)) => {
                if let Some(answers) = &mut self.answers {
                    answers.insert(index, answer);
                }
            }
            Ending::Done(Err(error)) => {
                let text = beginning(with_causes(&*error), ERROR_LENGTH);
                self.errors.insert(index, text);
            }
            Ending::Cancelled => {
                if let Some(cancelled) = self.cancelled.get_mut(index as usize) {
                    *cancelled = true;
                }
            }
        }
    }

    /// Keeps when the caller of a run saw its first text.
    pub(crate) fn text_was_seen(&mut self, index: u32, first_text_ns: u64) {
        self.first_texts.insert(index, first_text_ns);
    }

    /// The lines of the batch, made one at a time.
    pub(crate) fn into_lines(mut self, batch: u32, first_run: u64) -> impl Iterator<Item = Sample> {
        self.outcomes.into_iter().map(move |outcome| {
            let index = outcome.index;
            let cancelled = self.cancelled.get(index as usize) == Some(&true);
            let error = self.errors.remove(&index);
            let answer = self.answers.as_mut().and_then(|texts| texts.remove(&index));
            let has_digest = error.is_none() && answer.is_none() && !cancelled;
            Sample {
                batch,
                run: first_run + u64::from(index),
                start_ns: outcome.start_ns,
                end_ns: outcome.end_ns,
                first_text_ns: self.first_texts.remove(&index),
                answer,
                answer_crc32: has_digest.then_some(outcome.answer_crc32),
                error,
                cancelled,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use loopmark_protocol::Arrival;

    use super::*;

    #[test]
    fn an_outcome_takes_24_bytes() {
        assert_eq!(size_of::<Outcome>(), 24);
    }

    #[test]
    fn a_failed_run_keeps_the_beginning_of_its_error() {
        let mut samples = Samples::for_batch(&Batch {
            batch: 1,
            first_run: 0,
            runs: 1,
            level: 1,
            arrival: Arrival::Closed,
            answers: Answers::Digest,
            ramp_ms: 0,
            cancel_after_ms: None,
            heartbeat: false,
        });
        samples.push(0, 1, 2, Ending::Done(Err("ä".repeat(1000).into())));
        let sample = samples.into_lines(1, 0).next().unwrap();
        assert_eq!(sample.error, Some("ä".repeat(300)));
        assert_eq!(sample.answer_crc32, None);
    }
}
