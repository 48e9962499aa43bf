//! A row's manifest: it is refused with a sentence, or it names a program to run.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use loopmark::framework::Framework;

const PATH: &str = "/rows/frameworks/rig/framework.toml";

fuzz_target!(|text: String| {
    match Framework::from_text(Path::new(PATH), text) {
        Ok(framework) => {
            assert_eq!(framework.name, "rig");
            assert!(!framework.run.argv.is_empty());
            assert!(framework.variant("default").is_some());
        }
        Err(error) => assert!(error.to_string().starts_with(PATH)),
    }
});
