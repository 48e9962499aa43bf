//! What a runner writes to standard output, as the lines of a batch of four runs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopmark::trial::{BatchSoFar, read_line};
use loopmark_protocol::{Answers, Arrival, Batch};

fuzz_target!(|text: &str| {
    let mut so_far = BatchSoFar::new(Batch {
        batch: 1,
        first_run: 0,
        runs: 4,
        level: 4,
        arrival: Arrival::Burst,
        answers: Answers::Digest,
        ramp_ms: 0,
        cancel_after_ms: None,
        heartbeat: false,
    });
    for line in text.lines() {
        match read_line(line).and_then(|line| so_far.take(line)) {
            Ok(false) => {}
            Ok(true) => {
                let samples = so_far.into_samples();
                assert_eq!(samples.len(), 4);
                assert!(samples.iter().all(|sample| sample.answer.is_none()));
                return;
            }
            Err(failure) => {
                assert!(!failure.reason.is_empty());
                return;
            }
        }
    }
});
