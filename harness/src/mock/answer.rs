//! Replies as the server sends them.

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::body::ReplyBody;
use super::connection::Exchange;
use super::respond::{ApiFault, Reply};
use super::state::State;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(super) type Answered = Response<ReplyBody>;

/// The id by which the API's makers find a request.
pub(super) fn with_id(mut response: Answered, id: &str) -> Answered {
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A reply of a status and a type.
pub(super) fn respond_with(
    status: StatusCode,
    content_type: &'static str,
    body: ReplyBody,
) -> Answered {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// A reply of the model; the first moment of a streamed one is due at `due_ns`.
pub(super) fn reply_with(
    state: &State,
    exchange: Exchange,
    reply: Reply,
    due_ns: u64,
    interval_ns: u64,
) -> Answered {
    match reply {
        Reply::Whole(body) => {
            let body = ReplyBody::whole(body, Some(exchange));
            respond_with(StatusCode::OK, "application/json", body)
        }
        Reply::Moments(parts) => {
            let body = ReplyBody::moments(parts, &state.hub, due_ns, interval_ns, exchange);
            let content_type = "text/event-stream; charset=utf-8";
            let mut response = respond_with(StatusCode::OK, content_type, body);
            let no_cache = HeaderValue::from_static("no-cache");
            response.headers_mut().insert(CACHE_CONTROL, no_cache);
            response
        }
    }
}

/// A fault of a status, in words.
pub(super) fn fault(status: u16, message: String) -> ApiFault {
    ApiFault {
        status,
        message,
        param: None,
        code: None,
    }
}
