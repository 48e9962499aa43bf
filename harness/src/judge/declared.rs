//! What a row's variant declares of its requests, held against them.

use loopmark_protocol::Api;

use crate::framework::{Omission, Variant};
use crate::mock::{Entry, path_of};
use crate::scenario::Scenario;

/// What a row's variant declares of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// The API that they speak.
    pub api: Api,
    /// They leave out the texts that the model says beside tool calls.
    pub leaves_out_text: bool,
}

impl From<&Variant> for Declared {
    fn from(variant: &Variant) -> Declared {
        Declared {
            api: variant.api,
            leaves_out_text: variant.leaves_out.contains(&Omission::ReplyText),
        }
    }
}

/// What is wrong with a request for this row and this scenario, though a mock, which knows no rows, finds it right.
pub(super) fn undeclared(scenario: &Scenario, declared: Declared, call: &Entry) -> Option<String> {
    let asked = call.api?;
    if asked != declared.api {
        let (api, path) = (declared.api, path_of(asked));
        return Some(format!("the row declares {api}, asked {path}"));
    }
    if scenario.request_stream && !call.stream {
        return Some("the request has no `stream`, which the scenario asks for".to_owned());
    }
    (call.leaves_out_text && !declared.leaves_out_text).then(|| {
        "a text that the model said beside its calls is left out; if the framework does that, declare \
         leaves-out = [\"reply-text\"]"
            .to_owned()
    })
}
