//! What the targets share.

use std::path::Path;
use std::sync::LazyLock;

use loopmark::mock::{Reply, Responder};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api;
use serde_json::Value;

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/seed.toml");

thread_local! {
    static RESPONDER: LazyLock<Responder> = LazyLock::new(|| {
        Responder::new(Scenario::load(Path::new(SEED)).expect("the seed scenario"))
    });
}

/// Has the seed's mock answer a request: whatever the body is, what comes back is whole.
///
/// # Panics
///
/// When it is not.
pub fn assert_answered(api: Api, body: &[u8]) {
    RESPONDER.with(|responder| match responder.respond(api, body) {
        Ok(answer) => match answer.reply {
            Reply::Whole(body) => assert!(serde_json::from_slice::<Value>(&body).is_ok()),
            Reply::Moments(moments) => assert_events(&moments.concat()),
        },
        Err(fault) => {
            assert_eq!(fault.status, 400, "{fault}");
            assert!(serde_json::from_slice::<Value>(&fault.body()).is_ok());
        }
    });
}

/// Every `data:` line of a stream is JSON, but for the mark of its end.
fn assert_events(stream: &[u8]) {
    let text = str::from_utf8(stream).expect("a stream is text");
    for data in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
        assert!(data == "[DONE]" || serde_json::from_str::<Value>(data).is_ok());
    }
}
