//! The harness's own paths, as the mock answers them: the ledger, and how the mock is.

use std::sync::atomic::{AtomicU32, Ordering};

use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Request, StatusCode};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::answer::{Answered, respond_with};
use super::body::ReplyBody;
use super::paths::OwnPath;
use super::respond::ApiFault;
use super::state::State;
use crate::probe::memory;

/// The header of a ledger that says how many entries found no place in it since it was last drained.
pub(super) const LOST_HEADER: &str = "x-loopmark-lost";

/// What the mock says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Always true: a mock that is not well does not answer.
    pub ok: bool,
    /// With the one that asks.
    pub open_connections: u32,
    /// Since the mock was started, with the harness's own.
    pub accepted_connections: u32,
    /// Connections that were closed at once because too many were open.
    pub refused_connections: u32,
    /// Requests since the mock was started, without the harness's own.
    pub requests: u64,
    /// Ledger entries that found no place and are lost, since the mock was started.
    pub lost_entries: u64,
    /// Requests with traces that a sink has taken, since the mock was started.
    pub traces: u64,
    /// The bytes of their bodies.
    pub trace_bytes: u64,
    /// CPU time of the mock, user and system, in ns.
    pub cpu_ns: u64,
    /// Resident memory of the mock; `None` where the system does not tell.
    pub rss_bytes: Option<u64>,
}

/// Answers a request to one of the harness's own paths.
pub(super) async fn answer(state: &State, own: OwnPath, request: &Request<Incoming>) -> Answered {
    let takes = match own {
        OwnPath::Drain | OwnPath::Release => Method::POST,
        OwnPath::Ledger | OwnPath::Health => Method::GET,
    };
    if *request.method() != takes {
        return wrong_method(own, request, &takes);
    }
    state.threads.settle().await;
    match own {
        OwnPath::Drain => {
            state.attempts.forget();
            let drained = state.ledger.lock().drain();
            entries(drained.lost, ReplyBody::entries(drained.entries))
        }
        OwnPath::Ledger => {
            let ledger = state.ledger.lock();
            let copy = ledger.entries().to_vec();
            entries(ledger.lost_since_drain(), ReplyBody::entries(copy))
        }
        OwnPath::Release => {
            state.sink.release();
            let body = ReplyBody::whole(b"{}".to_vec(), None);
            respond_with(StatusCode::OK, "application/json", body)
        }
        OwnPath::Health => {
            let health = serde_json::to_vec(&health(state)).unwrap_or_default();
            let body = ReplyBody::whole(health, None);
            respond_with(StatusCode::OK, "application/json", body)
        }
    }
}

fn entries(lost: u64, body: ReplyBody) -> Answered {
    let mut response = respond_with(StatusCode::OK, "application/x-ndjson", body);
    response.headers_mut().insert(LOST_HEADER, lost.into());
    response
}

fn wrong_method(own: OwnPath, request: &Request<Incoming>, takes: &Method) -> Answered {
    let path = request.uri().path();
    let why = match own {
        OwnPath::Drain => ": it forgets what it gives; GET /loopmark/ledger does not",
        OwnPath::Ledger => ": it only reads; POST /loopmark/drain empties the ledger",
        OwnPath::Health | OwnPath::Release => "",
    };
    let fault = ApiFault {
        status: 405,
        message: format!("{path} takes {takes}, not {}{why}", request.method()),
        param: None,
        code: None,
    };
    let body = ReplyBody::whole(fault.body(), None);
    let mut response = respond_with(StatusCode::METHOD_NOT_ALLOWED, "application/json", body);
    if let Ok(takes) = HeaderValue::from_str(takes.as_str()) {
        response.headers_mut().insert(ALLOW, takes);
    }
    response
}

fn health(state: &State) -> Health {
    let read = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let counts = &state.counts;
    let (traces, trace_bytes) = state.sink.taken();
    Health {
        ok: true,
        open_connections: read(&counts.open_connections),
        accepted_connections: read(&counts.accepted_connections),
        refused_connections: read(&counts.refused_connections),
        requests: counts.requests.load(Ordering::Relaxed),
        lost_entries: state.ledger.lock().lost(),
        traces,
        trace_bytes,
        // CPU time is never negative.
        cpu_ns: cpu.tv_sec as u64 * 1_000_000_000 + cpu.tv_nsec as u64,
        rss_bytes: memory(std::process::id())
            .ok()
            .map(|memory| memory.rss_bytes),
    }
}
