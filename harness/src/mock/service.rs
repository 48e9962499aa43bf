//! What the server does with one request: the model's paths, and what else clients ask a server for.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ALLOW, CONNECTION, HeaderValue,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Version};
use loopmark_protocol::Api;
use serde_json::{Value, json};

use super::advice::advice;
use super::answer::{Answered, REQUEST_ID, fault, reply_with, respond_with, with_id};
use super::body::{Dropped, ReplyBody};
use super::connection::{Connection, Exchange};
use super::decode::{DecodeError, ENCODINGS, decode};
use super::faulty::{self, Meant};
use super::intake::{BodyError, MAX_REQUEST_BYTES, read_body};
use super::own;
use super::paths::{self, Route};
use super::respond::{Answer, ApiFault, Reply};
use super::state::State;

/// The code of a fault that [`advice`] helps with.
const UNKNOWN_RUN: &str = "unknown_run";
/// The code of a fault for a field that is not there.
const MISSING: &str = "missing_required_parameter";

/// Answers one request.
pub(super) async fn answer(
    state: Rc<State>,
    connection: Rc<Connection>,
    request: Request<Incoming>,
) -> Result<Answered, Dropped> {
    let version = request.version();
    if let Some(is_dead) = paths::sink(request.uri().path()) {
        let exchange = connection.skip(version == Version::HTTP_2);
        Box::pin(state.sink.take(request, is_dead)).await;
        let body = ReplyBody::whole(b"{}".to_vec(), None).of_own(exchange);
        let response = respond_with(StatusCode::OK, "application/json", body);
        return Ok(finish(&state, version, response));
    }
    if let Some(own) = paths::own(request.uri().path()) {
        let exchange = connection.skip(version == Version::HTTP_2);
        // Apart, so that the model's requests are not moved about together with it.
        let response = Box::pin(own::answer(&state, own, &request)).await;
        let response = response.map(|body| body.of_own(exchange));
        return Ok(finish(&state, version, response));
    }
    state.counts.requests.fetch_add(1, Ordering::Relaxed);
    let exchange = connection.begin(version == Version::HTTP_2);
    if *request.method() == Method::HEAD {
        // hyper never asks for the body.
        exchange.complete();
    }
    let (head, body) = request.into_parts();
    let route = paths::route(head.uri.path());
    let body = match read_body(body).await {
        Ok(body) => body,
        Err(error) => {
            let api = route.and_then(|route| route.api());
            match error {
                BodyError::TooLarge { bytes } => {
                    exchange.has_read(bytes);
                }
                BodyError::BrokenOff(_) => exchange.note(|entry| entry.aborted = true),
            }
            let refused = refuse(exchange, api, &error.into());
            return Ok(finish(&state, version, refused));
        }
    };
    let start_ns = exchange.has_read(body.len());
    let response = dispatch(&state, exchange, route, &head, body, start_ns).await?;
    Ok(finish(&state, version, response))
}

async fn dispatch(
    state: &State,
    exchange: Exchange,
    route: Option<Route>,
    head: &Parts,
    body: Bytes,
    start_ns: u64,
) -> Result<Answered, Dropped> {
    let (method, path) = (&head.method, head.uri.path());
    if *method == Method::OPTIONS && state.cors {
        return Ok(preflight(exchange, &head.headers));
    }
    let Some(route) = route else {
        return Ok(refuse(
            exchange,
            None,
            &fault(404, paths::unknown(method, path)),
        ));
    };
    if !route.takes(method) {
        return Ok(wrong_method(exchange, &route, method, path));
    }
    Ok(match route {
        Route::Model(api) => match decode(&head.headers, body, MAX_REQUEST_BYTES) {
            Ok(body) => return model(state, exchange, api, body, start_ns).await,
            Err(error) => cannot_decode(exchange, api, &error),
        },
        Route::Models => {
            let data = [model_object(&state.responder.scenario().model)];
            give(exchange, &json!({"object": "list", "data": data}))
        }
        Route::OneModel(id) => one_model(state, exchange, &id),
        Route::Response(id) => response(state, exchange, &id, head.uri.query(), start_ns),
        Route::Health => give(exchange, &json!({"status": "ok"})),
    })
}

/// What every reply has.
fn finish(state: &State, version: Version, mut response: Answered) -> Answered {
    let has_length = response.body().size_hint().exact().is_some();
    if version == Version::HTTP_10 && !has_length {
        // There are no chunks in HTTP/1.0: the body ends with the connection, whatever the client hoped for. hyper
        // promises a client that wishes it to keep the connection, unless the reply is itself of this version.
        *response.version_mut() = version;
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    if !response.headers().contains_key(&REQUEST_ID) {
        let number = state.counts.requests.load(Ordering::Relaxed);
        response = with_id(response, &format!("req_other_{number}"));
    }
    if state.cors {
        let headers = response.headers_mut();
        let any = HeaderValue::from_static("*");
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, any.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, any);
    }
    response
}

/// The model's answer, held until it is due. The request is understood and checked during the hold.
async fn model(
    state: &State,
    exchange: Exchange,
    api: Api,
    body: Bytes,
    start_ns: u64,
) -> Result<Answered, Dropped> {
    let answer = match state.responder.respond(api, &body) {
        Ok(answer) => answer,
        Err(fault) => return Ok(refuse_with_advice(state, exchange, api, fault)),
    };
    // Nothing of it is needed during the hold; thousands of requests may be held at once.
    drop(body);
    let (run, turn, latency) = (answer.run, answer.turn, answer.latency);
    let interval_ns = answer.interval.as_nanos() as u64;
    let due_ns = start_ns + latency.as_nanos() as u64;
    let reply = note(&exchange, api, due_ns, answer);
    if let Some(faulty) = state.attempts.meet(state.responder.scenario(), run, turn) {
        let meant = Meant {
            reply,
            due_ns,
            interval_ns,
        };
        // Apart, so that requests without a fault are held in no more memory for it.
        let response = Box::pin(faulty::answer(state, exchange, faulty, start_ns, meant)).await?;
        return Ok(with_id(response, &format!("req_{run}_{turn}")));
    }
    if !latency.is_zero() {
        state.hub.wait_until(due_ns).await;
    }
    exchange.note(|entry| entry.status = Some(200));
    let response = reply_with(state, exchange, reply, due_ns, interval_ns);
    Ok(with_id(response, &format!("req_{run}_{turn}")))
}

/// Notes an answer in the ledger; gives its reply.
fn note(exchange: &Exchange, api: Api, due_ns: u64, answer: Answer) -> Reply {
    exchange.note(|entry| {
        entry.run = Some(answer.run);
        entry.turn = Some(answer.turn);
        entry.api = Some(api);
        entry.stream = matches!(answer.reply, Reply::Moments(_));
        entry.due_ns = Some(due_ns);
        entry.problem = answer.problem;
        entry.leaves_out_text = answer.leaves_out_text;
        entry.other_words = answer.other_words;
        entry.is_told = answer.is_told;
    });
    answer.reply
}

fn model_object(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 0, "owned_by": "loopmark"})
}

fn one_model(state: &State, exchange: Exchange, id: &str) -> Answered {
    let model = &state.responder.scenario().model;
    if id == model {
        return give(exchange, &model_object(id));
    }
    let fault = ApiFault {
        param: Some("model".into()),
        code: Some("model_not_found"),
        ..fault(
            404,
            format!("the scenario's only model is `{model}`; there is no `{id}`"),
        )
    };
    refuse(exchange, None, &fault)
}

/// A reply of the Responses API again, plain or, if its query says so, streamed.
fn response(
    state: &State,
    exchange: Exchange,
    id: &str,
    query: Option<&str>,
    start_ns: u64,
) -> Answered {
    let mut wishes = query.unwrap_or_default().split('&');
    let is_streamed = wishes.any(|wish| wish == "stream=true");
    let (reply, interval) = match state.responder.retrieve(id, is_streamed) {
        Some(Ok(retrieved)) => retrieved,
        Some(Err(fault)) => return refuse(exchange, None, &fault),
        None => {
            let message = format!(
                "this mock has given and stored no response `{id}`; its ids are resp_<run>_<turn>"
            );
            return refuse(exchange, None, &fault(404, message));
        }
    };
    exchange.note(|entry| entry.status = Some(200));
    let interval_ns = interval.as_nanos() as u64;
    reply_with(state, exchange, reply, start_ns, interval_ns)
}

fn give(exchange: Exchange, value: &Value) -> Answered {
    exchange.note(|entry| entry.status = Some(200));
    let body = ReplyBody::whole(value.to_string().into_bytes(), Some(exchange));
    respond_with(StatusCode::OK, "application/json", body)
}

/// What a browser asks before it sends a request to another origin than its page's.
fn preflight(exchange: Exchange, asked: &HeaderMap) -> Answered {
    exchange.note(|entry| entry.status = Some(204));
    let body = ReplyBody::whole(Vec::new(), Some(exchange));
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    let any = HeaderValue::from_static("*");
    // `*` does not stand for `authorization`, which every client of this API sends.
    let wanted = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(any));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// The ledger keeps the fault alone; what to do about it is for whoever reads the reply.
fn refuse_with_advice(
    state: &State,
    exchange: Exchange,
    api: Api,
    mut fault: ApiFault,
) -> Answered {
    let problem = fault.message.clone();
    // A body that is no request at all, or lacks what every request has. One with a wrong parameter names that.
    let is_lost = fault.code == Some(UNKNOWN_RUN);
    let lacks = |param: &str| ["model", "messages", "input"].contains(&param);
    let is_no_request = fault.status == 400
        && match fault.param.as_deref() {
            None => true,
            Some(param) => fault.code == Some(MISSING) && lacks(param),
        };
    if is_lost || is_no_request {
        let scenario = state.responder.scenario();
        fault
            .message
            .push_str(&advice(scenario, api, &state.base_url));
    }
    refuse_as(exchange, Some(api), &fault, problem)
}

fn cannot_decode(exchange: Exchange, api: Api, error: &DecodeError) -> Answered {
    let status = match error {
        DecodeError::Unknown(_) => 415,
        DecodeError::TooLarge(_) => 413,
        DecodeError::TooMany | DecodeError::Malformed { .. } => 400,
    };
    let mut response = refuse(exchange, Some(api), &fault(status, error.to_string()));
    if status == 415 {
        let encodings = HeaderValue::from_static(ENCODINGS);
        response.headers_mut().insert(ACCEPT_ENCODING, encodings);
    }
    response
}

fn refuse(exchange: Exchange, api: Option<Api>, fault: &ApiFault) -> Answered {
    refuse_as(exchange, api, fault, fault.message.clone())
}

/// `problem` is what the ledger says of it.
fn refuse_as(exchange: Exchange, api: Option<Api>, fault: &ApiFault, problem: String) -> Answered {
    let mut id = String::new();
    exchange.note(|entry| {
        entry.api = api;
        entry.status = Some(fault.status);
        entry.problem = Some(problem);
        // By it the request's entry in the ledger is found.
        id = format!("req_refused_{}_{}", entry.connection, entry.first_byte_ns);
    });
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = ReplyBody::whole(fault.body(), Some(exchange));
    with_id(respond_with(status, "application/json", body), &id)
}

fn wrong_method(exchange: Exchange, route: &Route, method: &Method, path: &str) -> Answered {
    let allowed = route.allowed();
    let browsers = match *method {
        Method::OPTIONS => "; `loopmark mock --cors` answers browsers",
        _ => "",
    };
    let message = format!("{path} takes {allowed}, not {method}{browsers}");
    let mut response = refuse(exchange, route.api(), &fault(405, message));
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}
