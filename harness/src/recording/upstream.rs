//! The model's server, to which every request goes on.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioExecutor;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// A server's base URL, such as `https://api.openai.com/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    scheme: Scheme,
    authority: Authority,
    /// Without the slash at its end.
    path: String,
}

/// Why a text is not an [`Upstream`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnUpstream {
    /// Not shown, because there may be a key in it.
    #[error(
        "the URL holds a user, a password or a query; give the server's base URL alone: keys are the client's to send"
    )]
    Secret,
    /// It is no URL of a web server.
    #[error(
        "`{0}` is not a base URL such as https://api.openai.com/v1 or http://127.0.0.1:8080/v1"
    )]
    Malformed(String),
}

impl FromStr for Upstream {
    type Err = NotAnUpstream;

    fn from_str(text: &str) -> Result<Upstream, NotAnUpstream> {
        if text.contains(['@', '?', '#']) {
            return Err(NotAnUpstream::Secret);
        }
        let malformed = || NotAnUpstream::Malformed(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| malformed())?;
        let parts = uri.into_parts();
        let is_web = |scheme: &Scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme);
        let path = parts.path_and_query;
        let path = path.as_ref().map_or("", |path| path.path());
        Ok(Upstream {
            scheme: parts.scheme.filter(is_web).ok_or_else(malformed)?,
            authority: parts.authority.ok_or_else(malformed)?,
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl Upstream {
    /// The path of the base URL that clients are given: the server's own, so that paths pass unchanged.
    pub(super) fn client_path(&self) -> &str {
        match self.path.as_str() {
            "" => "/v1",
            path => path,
        }
    }

    /// Where a request with this path and query goes on to.
    pub(super) fn uri(&self, asked: &Uri) -> Result<Uri, hyper::http::Error> {
        let path = asked.path_and_query().map_or("/", |path| path.as_str());
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
    }

    /// What connects to it. Fails on a machine without certificates, if it is an https server.
    pub(super) fn connector(&self) -> io::Result<Connector> {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let builder = Client::builder(TokioExecutor::new());
        if self.scheme == Scheme::HTTP {
            return Ok(Connector::Http(builder.build(http)));
        }
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new().with_native_roots()?;
        let https = https.https_only().enable_http1().wrap_connector(http);
        Ok(Connector::Https(builder.build(https)))
    }
}

/// Sends requests, and keeps connections for the next ones.
#[derive(Debug, Clone)]
pub(super) enum Connector {
    Http(Client<HttpConnector, Full<Bytes>>),
    Https(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Connector {
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, legacy::Error> {
        match self {
            Connector::Http(client) => client.request(request).await,
            Connector::Https(client) => client.request(request).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_on_as_they_came() {
        for (url, path) in [
            ("http://127.0.0.1:8080", "/v1"),
            ("http://127.0.0.1:8080/", "/v1"),
            ("https://api.openai.com/v1/", "/v1"),
            ("https://example.com/api/v1", "/api/v1"),
        ] {
            let upstream: Upstream = url.parse().unwrap();
            assert_eq!(upstream.client_path(), path);
            let asked = format!("{path}/responses?stream=true").parse().unwrap();
            let (host, _) = url.split_at(url.rfind(|c: char| c.is_ascii_digit()).unwrap_or(0));
            let uri = upstream.uri(&asked).unwrap().to_string();
            assert!(
                uri.ends_with(&format!("{path}/responses?stream=true")),
                "{host}: {uri}"
            );
        }
    }

    #[test]
    fn a_url_with_a_key_is_refused_without_being_shown() {
        for url in [
            "https://user:sk-secret@example.com/v1",
            "https://example.com/v1?key=sk-secret",
        ] {
            let error = url.parse::<Upstream>().unwrap_err().to_string();
            assert!(!error.contains("sk-secret"), "{error}");
        }
        for url in ["", "example.com/v1", "ftp://example.com", "/v1", "https://"] {
            let error = url.parse::<Upstream>().unwrap_err().to_string();
            assert!(error.contains("base URL"), "{url}: {error}");
        }
    }
}
