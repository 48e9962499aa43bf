//! Replies that go wrong as the scenario wants it.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{HeaderValue, RETRY_AFTER};

use super::answer::{Answered, fault, respond_with};
use super::body::{Dropped, ReplyBody};
use super::connection::Exchange;
use super::respond::{ApiFault, Reply};
use super::state::State;
use crate::scenario::Faulty;

/// Answers a request that came at `start_ns` and meets a fault; `reply` is what it would have got.
///
/// # Errors
///
/// Where the connection is closed without a reply.
pub(super) async fn answer(
    state: &State,
    exchange: Exchange,
    faulty: Faulty,
    reply: Reply,
    start_ns: u64,
) -> Result<Answered, Dropped> {
    exchange.note(|entry| {
        entry.fault = Some(faulty.kind());
        entry.due_ns = Some(start_ns);
    });
    match faulty {
        Faulty::Status {
            status,
            retry_after,
        } => Ok(refuse(exchange, status, retry_after)),
        Faulty::Reset => {
            exchange.reset();
            Err(Dropped)
        }
        Faulty::Stall(time) => {
            let end_ns = start_ns + time.as_nanos() as u64;
            state.hub.wait_until(end_ns).await;
            Err(Dropped)
        }
        Faulty::Truncate => {
            exchange.note(|entry| entry.status = Some(200));
            let (content_type, bytes) = match reply {
                Reply::Whole(body) => ("application/json", body),
                Reply::Moments(moments) => ("text/event-stream; charset=utf-8", moments.concat()),
            };
            let body = ReplyBody::cut(bytes, &state.hub, exchange);
            Ok(respond_with(StatusCode::OK, content_type, body))
        }
    }
}

/// An error as OpenAI's API words it.
fn refuse(exchange: Exchange, status: u16, retry_after: Option<Duration>) -> Answered {
    let (message, code) = match status {
        429 => (
            "Rate limit reached for requests",
            Some("rate_limit_exceeded"),
        ),
        _ => (
            "The server had an error while processing your request",
            None,
        ),
    };
    let fault = ApiFault {
        code,
        ..fault(status, message.to_owned())
    };
    exchange.note(|entry| entry.status = Some(status));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = ReplyBody::whole(fault.body(), Some(exchange));
    let mut response = respond_with(status, "application/json", body);
    if let Some(wait) = retry_after {
        let seconds = HeaderValue::from(wait.as_secs());
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}
