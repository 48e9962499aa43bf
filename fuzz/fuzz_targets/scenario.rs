//! A scenario file: it is refused with a sentence, or every run of it can be played.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use loopmark::scenario::Scenario;

/// The text claims to be the seed, whose data file is real.
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/seed.toml");

fuzz_target!(|text: String| {
    match Scenario::from_text(Path::new(PATH), text) {
        Ok(scenario) => {
            for run in [0, 1, u64::MAX] {
                assert_eq!(scenario.script(run).turns.len(), scenario.turn_count());
            }
            let _time = scenario.model_time();
            assert!(scenario.task().prompt_for(7).contains('7'));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
