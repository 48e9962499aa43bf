//! How connections are made: TCP for `http`, TLS by rustls on top of it for `https`.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

use crate::body::RequestBody;
use crate::error::BuildError;

/// An idle connection is probed this often: a model may think for longer than a NAT remembers.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// A pool of connections for URLs of one scheme.
///
/// There are two types, so that a connection without TLS holds no room for its state.
pub(crate) enum Pool {
    /// For `http`: no TLS configuration is made.
    Plain(legacy::Client<HttpConnector, RequestBody>),
    /// For `https`.
    Tls(legacy::Client<HttpsConnector<HttpConnector>, RequestBody>),
}

impl Pool {
    pub(crate) fn plain(connect_timeout: Duration) -> Self {
        Pool::Plain(settings().build(tcp(connect_timeout)))
    }

    /// Trusts the roots of `config`, or Mozilla's if there is none.
    pub(crate) fn tls(
        connect_timeout: Duration,
        config: Option<ClientConfig>,
    ) -> Result<Self, BuildError> {
        let mut config = match config {
            Some(config) => config,
            None => mozilla_roots().map_err(BuildError::Tls)?,
        };
        // The connector panics at any: it fills them in by what it is told to speak.
        config.alpn_protocols.clear();
        let mut tcp = tcp(connect_timeout);
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Pool::Tls(settings().build(connector)))
    }

    /// Sends a request on a connection of the pool, or on a new one.
    pub(crate) fn request(&self, request: Request<RequestBody>) -> ResponseFuture {
        match self {
            Pool::Plain(client) => client.request(request),
            Pool::Tls(client) => client.request(request),
        }
    }
}

fn settings() -> legacy::Builder {
    let mut settings = legacy::Client::builder(TokioExecutor::new());
    // Closes connections that have not been used for 90 s.
    settings.pool_timer(TokioTimer::new());
    settings
}

fn tcp(connect_timeout: Duration) -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_keepalive(Some(TCP_KEEPALIVE));
    connector.set_connect_timeout(Some(connect_timeout));
    connector
}

fn mozilla_roots() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
