//! Replies that go wrong as the scenario wants it.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{HeaderValue, RETRY_AFTER};

use super::answer::{Answered, fault, reply_with, respond_with};
use super::body::{Dropped, ReplyBody};
use super::connection::{Exchange, HangUp};
use super::respond::{ApiFault, Reply};
use super::state::State;
use crate::scenario::Faulty;

/// What a request would have got.
pub(super) struct Meant {
    pub reply: Reply,
    pub due_ns: u64,
    /// Between two moments of a streamed reply.
    pub interval_ns: u64,
}

/// Answers a request that came at `start_ns` and meets a fault. A refusal comes at once; a reply that is cut comes when
/// the whole one would have.
///
/// # Errors
///
/// Where the connection is closed without a reply.
pub(super) async fn answer(
    state: &State,
    exchange: Exchange,
    faulty: Faulty,
    start_ns: u64,
    meant: Meant,
) -> Result<Answered, Dropped> {
    exchange.note(|entry| {
        entry.fault = Some(faulty.kind());
        if faulty != Faulty::Truncate {
            entry.due_ns = Some(start_ns);
        }
    });
    match faulty {
        Faulty::Status {
            status,
            retry_after,
        } => Ok(refuse(exchange, status, retry_after)),
        Faulty::Reset => {
            exchange.hang_up(HangUp::Reset);
            Err(Dropped)
        }
        Faulty::Stall(time) => {
            let end_ns = start_ns + time.as_nanos() as u64;
            state.hub.wait_until(end_ns).await;
            exchange.hang_up(HangUp::Close);
            Err(Dropped)
        }
        Faulty::Truncate => {
            state.hub.wait_until(meant.due_ns).await;
            Ok(cut(state, exchange, meant))
        }
    }
}

/// The first half of a reply, at the pace of the whole one, then the connection's end.
fn cut(state: &State, exchange: Exchange, meant: Meant) -> Answered {
    exchange.note(|entry| entry.status = Some(200));
    let (half, length) = match meant.reply {
        Reply::Whole(body) => {
            let length = body.len() as u64;
            let half = first_half(vec![body]).concat();
            (Reply::Whole(half), Some(length))
        }
        Reply::Moments(moments) => (Reply::Moments(first_half(moments)), None),
    };
    let half = reply_with(state, exchange, half, meant.due_ns, meant.interval_ns);
    half.map(|half| half.cut(length, &state.hub))
}

/// The first half of the parts' bytes.
fn first_half(parts: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut left = parts.iter().map(Vec::len).sum::<usize>() / 2;
    let cut = |mut part: Vec<u8>| {
        part.truncate(left);
        left -= part.len();
        (!part.is_empty()).then_some(part)
    };
    parts.into_iter().map_while(cut).collect()
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
