//! Replies as the server sends them.

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::body::ReplyBody;
use super::respond::ApiFault;

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

/// A fault of a status, in words.
pub(super) fn fault(status: u16, message: String) -> ApiFault {
    ApiFault {
        status,
        message,
        param: None,
        code: None,
    }
}
