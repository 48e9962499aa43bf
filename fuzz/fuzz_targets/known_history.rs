#![no_main]

use libfuzzer_sys::fuzz_target;
use loopmark_fuzz::targets;

fuzz_target!(|bytes: &[u8]| targets::known_history(bytes));
