//! The body of a request to the mock's Responses API: it is refused as OpenAI would, or answered with JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopmark_fuzz::assert_answered;
use loopmark_protocol::Api;

fuzz_target!(|body: &[u8]| assert_answered(Api::Responses, body));
