//! The client of an OpenAI-compatible server: connections, headers, limits, attempts.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use hyper::body::Incoming;

use crate::body::{self, RequestBody};
use crate::connect::Pool;
use crate::error::{BuildError, Error};
use crate::retry::{self, Failure, Policy};
use crate::sse::Parser;
use crate::wire::{Api, ApiError};

/// How the client names itself to servers.
const OWN_NAME: &str = concat!("loopmark-agent/", env!("CARGO_PKG_VERSION"));
const OPENAI: &str = "https://api.openai.com/v1";
/// How much of an error reply is read.
const ERROR_BYTES: usize = 64 * 1024;

/// A client of one OpenAI-compatible server.
///
/// Clones share the connections. It speaks HTTP/1.1: each request in flight has a connection of its
/// own, so that no run waits for another's. Connections are kept for reuse and not limited in
/// number: what bounds them is how many runs you let be in flight.
///
/// ```
/// # fn main() -> Result<(), loopmark_agent::BuildError> {
/// use std::time::Duration;
///
/// use loopmark_agent::Client;
///
/// let client = Client::builder()
///     .base_url("http://localhost:11434/v1")
///     .api_key("not needed here")
///     .request_timeout(Duration::from_secs(120))
///     .max_retries(4)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    base_url: String,
    chat_completions: Uri,
    responses: Uri,
    headers: HeaderMap,
    retry: Policy,
    limits: Limits,
}

/// What a request may take at most.
#[derive(Debug, Clone, Copy)]
struct Limits {
    timeout: Duration,
    reply_bytes: usize,
    line_bytes: usize,
}

impl Client {
    /// A client of the server that the environment names: `OPENAI_API_KEY`, and
    /// `OPENAI_BASE_URL` if the server is not OpenAI's own.
    ///
    /// # Errors
    ///
    /// If there is no key, or the URL is none.
    pub fn from_env() -> Result<Self, BuildError> {
        let key = std::env::var("OPENAI_API_KEY").map_err(|_| BuildError::MissingApiKey)?;
        let mut builder = Client::builder().api_key(key);
        if let Ok(url) = std::env::var("OPENAI_BASE_URL") {
            builder = builder.base_url(url);
        }
        builder.build()
    }

    /// A client with settings of its own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            base_url: OPENAI.to_owned(),
            api_key: None,
            headers: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            tls: None,
            retry: Policy {
                max_retries: 2,
                max_retry_after: Duration::from_secs(60),
            },
            limits: Limits {
                timeout: Duration::from_secs(600),
                reply_bytes: 16 * 1024 * 1024,
                line_bytes: 4 * 1024 * 1024,
            },
        }
    }

    /// Sends a request until a whole reply has come back.
    pub(crate) async fn fetch(&self, api: Api, body: &RequestBody) -> Result<Bytes, Error> {
        let limits = &self.inner.limits;
        self.inner
            .retry
            .run(|| {
                self.in_time(async {
                    let reply = self.send(api, body).await?;
                    let reply = body::read(reply.into_body(), limits.reply_bytes).await;
                    reply.map_err(|error| match error {
                        Error::Transport(_) => Failure::passing(error),
                        error => Failure::lasting(error),
                    })
                })
            })
            .await
    }

    /// Sends a request until a reply has begun, whose events then follow.
    pub(crate) async fn open(&self, api: Api, body: &RequestBody) -> Result<Events, Error> {
        let retry = &self.inner.retry;
        let reply = retry.run(|| self.in_time(self.send(api, body))).await?;
        let limits = self.inner.limits;
        Ok(Events {
            body: reply.into_body(),
            parser: Parser::new(limits.line_bytes),
            limits,
            read: 0,
        })
    }

    // Not an async function: it would hold room for the attempt twice.
    fn in_time<T>(
        &self,
        attempt: impl Future<Output = Result<T, Failure>>,
    ) -> impl Future<Output = Result<T, Failure>> {
        let timeout = self.inner.limits.timeout;
        let late = move |_| Err(Failure::passing(Error::RequestTimeout(timeout)));
        tokio::time::timeout(timeout, attempt).map(move |result| result.unwrap_or_else(late))
    }

    /// One attempt, up to the head of a reply that is not an error.
    fn send(
        &self,
        api: Api,
        body: &RequestBody,
    ) -> impl Future<Output = Result<Response<Incoming>, Failure>> + use<> {
        let mut request = Request::new(body.clone());
        *request.method_mut() = Method::POST;
        *request.headers_mut() = self.inner.headers.clone();
        *request.uri_mut() = match api {
            Api::ChatCompletions => self.inner.chat_completions.clone(),
            Api::Responses => self.inner.responses.clone(),
        };
        let reply = self.inner.pool.request(request);
        async {
            match reply.await {
                Ok(reply) if reply.status().is_success() => Ok(reply),
                // Rare, and large: not worth room in every run.
                Ok(reply) => Err(Box::pin(error_reply(reply)).await),
                Err(error) => Err(Failure::passing(Error::Transport(error.into()))),
            }
        }
    }
}

/// Reads what the server says is wrong.
async fn error_reply(reply: Response<Incoming>) -> Failure {
    let (head, body) = reply.into_parts();
    let verdict = retry::verdict(head.status, &head.headers, SystemTime::now());
    let body = match body::read(body, ERROR_BYTES).await {
        Ok(body) => body,
        Err(error) => return Failure { error, verdict },
    };
    let request_id = head
        .headers
        .get("x-request-id")
        .and_then(|id| id.to_str().ok());
    let mut error = ApiError::read(&body).into_error(head.status.as_u16());
    if let Error::Api { request_id: id, .. } = &mut error {
        *id = request_id.map(str::to_owned);
    }
    Failure { error, verdict }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold the key, or a proxy's secret.
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url)
            .field("retry", &self.inner.retry)
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}

/// The events of a reply that is being streamed.
#[derive(Debug)]
pub(crate) struct Events {
    body: Incoming,
    parser: Parser,
    limits: Limits,
    read: usize,
}

impl Events {
    /// Waits for more of the reply and gives the parser to take events from; `None` at the end.
    pub(crate) async fn more(&mut self) -> Result<Option<&mut Parser>, Error> {
        let (timeout, limit) = (self.limits.timeout, self.limits.reply_bytes);
        let chunk = tokio::time::timeout(timeout, body::next_chunk(&mut self.body)).await;
        let Some(chunk) = chunk.map_err(|_| Error::RequestTimeout(timeout))?? else {
            return Ok(None);
        };
        self.read += chunk.len();
        if self.read > limit {
            return Err(Error::ReplyTooLong { limit });
        }
        self.parser.push(&chunk);
        Ok(Some(&mut self.parser))
    }

    /// Waits for the end of the stream, but not for longer than this. What comes is dropped.
    pub(crate) async fn end_within(&mut self, time: Duration) {
        let end = async { while let Ok(Some(_)) = self.more().await {} };
        // Too late or broken: then the connection is closed instead of being used again.
        let _ = tokio::time::timeout(time, end).await;
    }
}

/// The settings of a [`Client`].
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: String,
    api_key: Option<String>,
    headers: Vec<(String, String)>,
    connect_timeout: Duration,
    tls: Option<rustls::ClientConfig>,
    retry: Policy,
    limits: Limits,
}

impl ClientBuilder {
    /// Where the API is, with its version: `https://api.openai.com/v1` if not set.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The key that goes into every request as a bearer token. Without one, none is sent.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// A header for every request, such as `OpenAI-Project`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// How long an attempt may take, from sending to the end of the reply; while a reply is
    /// streamed, how long the server may be silent. 10 minutes if not set.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// How long making a connection may take. 10 seconds if not set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How often a request is sent again that failed for a passing reason: no connection, a
    /// timeout, or status 408, 409, 429 or 500 and above. Twice if not set.
    ///
    /// The waits in between are the server's (`Retry-After`, in seconds or as a date, or
    /// `retry-after-ms`), else 0.5 s, 1 s, 2 s … 8 s, less up to a quarter at random. A reply that
    /// has begun to stream is not asked for again.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.retry.max_retries = retries;
        self
    }

    /// The longest wait that a server may ask for. If it asks for more, its error is returned at
    /// once. One minute if not set.
    pub fn max_retry_after(mut self, wait: Duration) -> Self {
        self.retry.max_retry_after = wait;
        self
    }

    /// The longest reply that is accepted, in bytes. 16 MiB if not set.
    pub fn max_reply_bytes(mut self, bytes: usize) -> Self {
        self.limits.reply_bytes = bytes;
        self
    }

    /// The longest line of a streamed reply that is accepted, in bytes. 4 MiB if not set.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.limits.line_bytes = bytes;
        self
    }

    /// What TLS trusts and speaks, for instance a company's own root certificate. If not set, the
    /// roots are Mozilla's, as compiled into the program. No ALPN protocol is offered, whatever it
    /// says.
    pub fn tls_config(mut self, config: rustls::ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Makes the client. No connection is made before the first request.
    ///
    /// # Errors
    ///
    /// If the URL, a header or the TLS configuration cannot be used.
    pub fn build(self) -> Result<Client, BuildError> {
        let headers = self.header_map()?;
        let base_url = self.base_url.trim_end_matches('/').to_owned();
        let bad_url = || BuildError::BaseUrl {
            url: base_url.clone(),
        };
        let uri = |api: Api| format!("{base_url}{}", api.path()).parse::<Uri>();
        let chat_completions = uri(Api::ChatCompletions).map_err(|_| bad_url())?;
        let responses = uri(Api::Responses).map_err(|_| bad_url())?;
        let pool = match chat_completions.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => Pool::plain(self.connect_timeout),
            Some(scheme) if *scheme == Scheme::HTTPS => Pool::tls(self.connect_timeout, self.tls)?,
            _ => return Err(bad_url()),
        };
        let (retry, limits) = (self.retry, self.limits);
        let inner = Inner {
            pool,
            base_url,
            chat_completions,
            responses,
            headers,
            retry,
            limits,
        };
        Ok(Client {
            inner: Arc::new(inner),
        })
    }

    fn header_map(&self) -> Result<HeaderMap, BuildError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(OWN_NAME));
        let bearer = self.api_key.as_ref().map(|key| format!("Bearer {key}"));
        let bearer = bearer.iter().map(|value| (AUTHORIZATION.as_str(), value));
        let own = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        for (name, value) in bearer.chain(own) {
            let bad_header = || BuildError::Header {
                name: name.to_owned(),
            };
            let mut value = HeaderValue::from_str(value).map_err(|_| bad_header())?;
            value.set_sensitive(true);
            headers.insert(name.parse::<HeaderName>().map_err(|_| bad_header())?, value);
        }
        Ok(headers)
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("retry", &self.retry)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_show_the_key() {
        let builder = Client::builder()
            .api_key("sk-secret")
            .header("x-proxy", "sk-secret");
        let client = builder.clone().build().unwrap();
        for shown in [format!("{builder:?}"), format!("{client:#?}")] {
            assert!(shown.contains("api.openai.com"), "{shown}");
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn a_url_that_is_not_absolute_http_is_refused() {
        for url in [
            "localhost:8080",
            "/v1",
            "ftp://host/v1",
            "",
            "http://",
            "http://a b/v1",
        ] {
            let error = Client::builder().base_url(url).build().unwrap_err();
            assert!(
                matches!(error, BuildError::BaseUrl { .. }),
                "{url}: {error}"
            );
        }
    }

    #[test]
    fn a_key_with_a_line_break_is_refused_without_showing_it() {
        let error = Client::builder()
            .api_key("sk-secret\n")
            .build()
            .unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    #[test]
    fn a_trailing_slash_of_the_url_does_not_matter() {
        let client = Client::builder()
            .base_url("http://localhost/v1/")
            .build()
            .unwrap();
        assert_eq!(client.inner.responses, "http://localhost/v1/responses");
    }
}
