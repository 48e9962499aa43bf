//! One request: to the server, and its reply back to the client.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, HeaderName,
    HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Version};
use loopmark_protocol::Api;
use serde_json::json;

use super::pass::Passed;
use super::recorder::{Exchange, Reading, Recorder};
use super::upstream::{Connector, Upstream};

/// The longest body of a request.
const MAX_REQUEST_BYTES: usize = 64 << 20;
/// They are about one connection, not about the request (RFC 9110, 7.6.1).
const OF_A_CONNECTION: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The proxy's own reply, or one that passes.
pub(super) type Answered = Response<Either<Full<Bytes>, Passed>>;

/// What every request needs.
pub(super) struct Forwarder {
    pub upstream: Upstream,
    pub connector: Connector,
    pub recorder: Recorder,
}

impl Forwarder {
    /// Answers one request. Dropping the future ends the upstream's request.
    pub async fn answer(
        self: Arc<Forwarder>,
        request: Request<Incoming>,
    ) -> Result<Answered, Infallible> {
        let (mut head, body) = request.into_parts();
        let body = match Limited::new(body, MAX_REQUEST_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return Ok(refuse_body(&*error)),
        };
        let api = api_of(head.uri.path()).filter(|_| head.method == Method::POST);
        let exchange = api.and_then(|api| self.recorder.begin(api, &body));
        let uri = match self.upstream.uri(&head.uri) {
            Ok(uri) => uri,
            Err(error) => return Ok(own(StatusCode::BAD_REQUEST, &error.to_string())),
        };
        remove_those_of_a_connection(&mut head.headers);
        for name in [HOST, CONTENT_LENGTH, EXPECT] {
            head.headers.remove(name);
        }
        if exchange.is_some() {
            // A packed reply could not be read.
            let identity = HeaderValue::from_static("identity");
            head.headers.insert(ACCEPT_ENCODING, identity);
        }
        head.uri = uri;
        head.version = Version::HTTP_11;
        let request = Request::from_parts(head, Full::new(body));
        Ok(match self.connector.send(request).await {
            Ok(response) => pass(response, exchange),
            Err(error) => self.unreachable(&error),
        })
    }

    fn unreachable(&self, error: &(dyn Error + 'static)) -> Answered {
        let mut reason = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            // The last one says most.
            reason = error.to_string();
            cause = error.source();
        }
        let message = format!(
            "cannot reach the upstream {}: {reason}; check --upstream",
            self.upstream
        );
        tell!("loopmark record: {message}");
        own(StatusCode::BAD_GATEWAY, &message)
    }
}

/// The model's API that a path is of, whatever the base URL's path is.
fn api_of(path: &str) -> Option<Api> {
    let path = path.trim_end_matches('/');
    if path.ends_with("/chat/completions") {
        Some(Api::ChatCompletions)
    } else if path.ends_with("/responses") {
        Some(Api::Responses)
    } else {
        None
    }
}

fn pass(response: Response<Incoming>, exchange: Option<Exchange>) -> Answered {
    let (mut head, body) = response.into_parts();
    remove_those_of_a_connection(&mut head.headers);
    head.version = Version::HTTP_11;
    let kind = head.headers.get(CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    // Dropping the exchange of another reply notes that it failed.
    let exchange = exchange.filter(|_| head.status.is_success());
    let reading = exchange.map(|exchange| Reading::new(exchange, is_stream));
    Response::from_parts(head, Either::Right(Passed::new(body, reading)))
}

/// Removes the headers that are about one connection, and those that `Connection` names.
fn remove_those_of_a_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in OF_A_CONNECTION.iter().chain(&named) {
        headers.remove(name);
    }
}

fn refuse_body(error: &(dyn Error + Send + Sync + 'static)) -> Answered {
    if error.is::<LengthLimitError>() {
        let message = format!("the body is longer than {MAX_REQUEST_BYTES} bytes");
        return own(StatusCode::PAYLOAD_TOO_LARGE, &message);
    }
    own(
        StatusCode::BAD_REQUEST,
        &format!("the body broke off: {error}"),
    )
}

/// An error in the form that clients of the APIs know.
fn own(status: StatusCode, message: &str) -> Answered {
    let error = json!({"message": message, "type": "proxy_error", "param": null, "code": null});
    let body = json!({"error": error}).to_string();
    let mut response = Response::new(Either::Left(Full::new(body.into())));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_paths_are_known_below_any_base() {
        let chat = Some(Api::ChatCompletions);
        for (path, api) in [
            ("/v1/chat/completions", chat),
            ("/api/v1/chat/completions/", chat),
            ("/v1/responses", Some(Api::Responses)),
            ("/v1/responses/resp_1", None),
            ("/v1/models", None),
            ("/v1/completions", None),
        ] {
            assert_eq!(api_of(path), api, "{path}");
        }
    }

    #[test]
    fn headers_of_a_connection_stay_on_it() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, X-Hop"),
            ("keep-alive", "timeout=5"),
            ("x-hop", "1"),
            ("authorization", "Bearer k"),
        ] {
            let name: HeaderName = name.parse().unwrap();
            headers.insert(name, HeaderValue::from_static(value));
        }
        remove_those_of_a_connection(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["authorization"]);
    }
}
