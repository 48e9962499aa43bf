//! What the server does with one request: the model's paths, and the harness's own.

use std::convert::Infallible;
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use loopmark_protocol::Api;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::body::ReplyBody;
use super::connection::{Connection, Exchange};
use super::respond::{Answer, ApiFault, Reply};
use super::state::{State, count};

/// The longest body of a request: far more than a scripted conversation has.
pub const MAX_REQUEST_BYTES: usize = 8 * 1024 * 1024;
/// A longer body is read and thrown away up to here; then the connection is closed.
const MAX_DISCARDED_BYTES: usize = 8 * MAX_REQUEST_BYTES;

/// Where the harness drains the ledger.
pub(super) const DRAIN_PATH: &str = "/loopmark/drain";
/// Where the harness asks for [`Health`].
pub(super) const HEALTH_PATH: &str = "/loopmark/health";

const MODELS_PATH: &str = "/v1/models";

/// Where an API's requests are posted to.
pub(super) fn path_of(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions => "/v1/chat/completions",
        Api::Responses => "/v1/responses",
    }
}

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
    /// Ledger entries that found no place and are lost.
    pub lost_entries: u64,
    /// CPU time of the mock, user and system, in ns.
    pub cpu_ns: u64,
    /// Resident memory of the mock; none where the system does not tell.
    pub rss_bytes: Option<u64>,
}

type Answered = Response<ReplyBody>;

/// Answers one request.
pub(super) async fn answer(
    state: Rc<State>,
    connection: Rc<Connection>,
    request: Request<Incoming>,
) -> Result<Answered, Infallible> {
    let path = request.uri().path();
    if path == DRAIN_PATH || path == HEALTH_PATH {
        connection.skip();
        return Ok(control(&state, &request));
    }
    count(&state.counts.requests);
    let exchange = connection.begin(request.version() == Version::HTTP_2);
    if *request.method() == Method::HEAD {
        // hyper never asks for the body.
        exchange.complete();
    }
    let api = [Api::ChatCompletions, Api::Responses]
        .into_iter()
        .find(|api| path_of(*api) == path);
    let (head, body) = request.into_parts();
    let body = match read_body(body).await {
        Ok(body) => body,
        Err(error) => {
            exchange.note(|entry| entry.aborted = matches!(error, BodyError::BrokenOff(_)));
            return Ok(refuse(exchange, api, &error.into()));
        }
    };
    let read_ns = exchange.has_read(body.len());
    let (method, path) = (&head.method, head.uri.path());
    Ok(match (api, method) {
        (Some(api), &Method::POST) => model(&state, exchange, api, body, read_ns).await,
        (None, &Method::GET) if path == MODELS_PATH => models(&state, exchange),
        (Some(_), _) => wrong_method(exchange, api, method, path, "POST"),
        (None, _) if path == MODELS_PATH => wrong_method(exchange, None, method, path, "GET"),
        (None, _) => refuse(exchange, api, &unknown_path(method, path)),
    })
}

/// Why a request's body can't be had.
enum BodyError {
    TooLarge,
    /// The client has gone; nobody reads the refusal.
    BrokenOff(hyper::Error),
}

/// The whole body; most come in one piece, which is not copied.
async fn read_body(mut body: Incoming) -> Result<Bytes, BodyError> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(BodyError::BrokenOff)?.into_data() else {
            continue;
        };
        bytes += data.len();
        if bytes > MAX_DISCARDED_BYTES {
            return Err(BodyError::TooLarge);
        }
        if bytes > MAX_REQUEST_BYTES {
            // Read to its end, because a client that still writes would not see the refusal.
            whole = BytesMut::new();
        } else if first.is_empty() {
            first = data;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&data);
        }
    }
    match bytes {
        _ if bytes > MAX_REQUEST_BYTES => Err(BodyError::TooLarge),
        _ if whole.is_empty() => Ok(first),
        _ => Ok(whole.freeze()),
    }
}

impl From<BodyError> for ApiFault {
    fn from(error: BodyError) -> ApiFault {
        match error {
            BodyError::TooLarge => {
                let message = format!("the body is longer than {MAX_REQUEST_BYTES} bytes");
                fault(413, message)
            }
            BodyError::BrokenOff(error) => fault(400, format!("the body broke off: {error}")),
        }
    }
}

/// The model's answer, held until it is due. The request is understood and checked during the hold.
async fn model(state: &State, exchange: Exchange, api: Api, body: Bytes, read_ns: u64) -> Answered {
    let answer = match state.responder.respond(api, &body) {
        Ok(answer) => answer,
        Err(fault) => return refuse(exchange, Some(api), &fault),
    };
    // Nothing of it is needed during the hold; thousands of requests may be held at once.
    drop(body);
    let Answer {
        run,
        turn,
        latency,
        problem,
        reply,
        interval,
    } = answer;
    let is_stream = matches!(reply, Reply::Moments(_));
    let due_ns = read_ns + latency.as_nanos() as u64;
    exchange.note(|entry| {
        entry.run = Some(run);
        entry.turn = Some(turn);
        entry.api = Some(api);
        entry.stream = is_stream;
        entry.due_ns = Some(due_ns);
        entry.problem = problem;
    });
    if !latency.is_zero() {
        state.hub.wait_until(due_ns).await;
    }
    exchange.note(|entry| entry.status = Some(200));
    let (body, content_type) = match reply {
        Reply::Whole(body) => (ReplyBody::whole(body, Some(exchange)), "application/json"),
        Reply::Moments(parts) => {
            let interval_ns = interval.as_nanos() as u64;
            let body = ReplyBody::moments(parts, &state.hub, due_ns, interval_ns, exchange);
            (body, "text/event-stream; charset=utf-8")
        }
    };
    let mut response = respond_with(StatusCode::OK, content_type, body);
    if is_stream {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    with_id(response, &format!("req_{run}_{turn}"))
}

fn models(state: &State, exchange: Exchange) -> Answered {
    exchange.note(|entry| entry.status = Some(200));
    let model = &state.responder.scenario().model;
    let list = json!({"object": "list", "data": [
        {"id": model, "object": "model", "created": 0, "owned_by": "loopmark"}
    ]});
    let body = ReplyBody::whole(list.to_string().into_bytes(), Some(exchange));
    respond_with(StatusCode::OK, "application/json", body)
}

fn refuse(exchange: Exchange, api: Option<Api>, fault: &ApiFault) -> Answered {
    let mut id = String::new();
    exchange.note(|entry| {
        entry.api = api;
        entry.status = Some(fault.status);
        entry.problem = Some(fault.message.clone());
        // By it the request's entry in the ledger is found.
        id = format!("req_refused_{}_{}", entry.connection, entry.first_byte_ns);
    });
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = ReplyBody::whole(fault.body(), Some(exchange));
    with_id(respond_with(status, "application/json", body), &id)
}

/// The id by which the API's makers find a request.
fn with_id(mut response: Answered, id: &str) -> Answered {
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// The harness's own paths.
fn control(state: &State, request: &Request<Incoming>) -> Answered {
    if request.uri().path() == HEALTH_PATH {
        let health = serde_json::to_vec(&health(state)).unwrap_or_default();
        let body = ReplyBody::whole(health, None);
        return respond_with(StatusCode::OK, "application/json", body);
    }
    if *request.method() != Method::POST {
        let fault = fault(
            405,
            format!("{DRAIN_PATH} takes POST: it forgets what it gives"),
        );
        let body = ReplyBody::whole(fault.body(), None);
        return respond_with(StatusCode::METHOD_NOT_ALLOWED, "application/json", body);
    }
    let entries = state.ledger.borrow_mut().drain();
    let body = ReplyBody::entries(entries);
    respond_with(StatusCode::OK, "application/x-ndjson", body)
}

fn health(state: &State) -> Health {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let counts = &state.counts;
    Health {
        ok: true,
        open_connections: counts.open_connections.get(),
        accepted_connections: counts.accepted_connections.get(),
        refused_connections: counts.refused_connections.get(),
        requests: counts.requests.get(),
        lost_entries: state.ledger.borrow().lost(),
        // CPU time is never negative.
        cpu_ns: cpu.tv_sec as u64 * 1_000_000_000 + cpu.tv_nsec as u64,
        rss_bytes: rss_bytes(),
    }
}

fn rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn respond_with(status: StatusCode, content_type: &'static str, body: ReplyBody) -> Answered {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn fault(status: u16, message: String) -> ApiFault {
    ApiFault {
        status,
        message,
        param: None,
        code: None,
    }
}

fn unknown_path(method: &Method, path: &str) -> ApiFault {
    fault(404, format!("this mock has no {method} {path}"))
}

fn wrong_method(
    exchange: Exchange,
    api: Option<Api>,
    method: &Method,
    path: &str,
    allowed: &'static str,
) -> Answered {
    let fault = fault(405, format!("{path} takes {allowed}, not {method}"));
    let mut response = refuse(exchange, api, &fault);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
