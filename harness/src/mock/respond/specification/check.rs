//! Holds a request against what both APIs ask for, then against its own API.

use loopmark_protocol::Api;
use serde_json::Value;

use super::place::{Checked, Place, fault, kind};
use super::{chat, responses};

/// Holds a request's body against the API's specification.
pub(in crate::mock::respond) fn check(api: Api, body: &Value) -> Checked {
    let Value::Object(request) = body else {
        let message = format!(
            "the body of a {api} request must be an object, not {}",
            kind(body)
        );
        return Err(fault(message, None, "invalid_type"));
    };
    let at = Place("");
    at.required(request, "model")?;
    at.string(request, "model")?;
    match api {
        Api::ChatCompletions => chat::check(request),
        Api::Responses => responses::check(request),
    }
}
