//! Servers behind TLS.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::Arc;

use loopmark_agent::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use loopmark_agent::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use loopmark_agent::{Agent, Api, Client, ClientBuilder, Error};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server of one reply with a certificate of its own; its URL and the certificate.
async fn serve_tls() -> (String, CertificateDer<'static>) {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = issued.cert.der().clone();
    let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let url = format!(
        "https://localhost:{}/v1",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (connection, _) = listener.accept().await.unwrap();
        // A client that does not trust the certificate hangs up.
        let Ok(mut connection) = acceptor.accept(connection).await else {
            return;
        };
        let mut request = Vec::new();
        while !request.ends_with(b"]}") {
            connection.read_buf(&mut request).await.unwrap();
        }
        let body = chat_completion(&Text("safe")).to_string();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        connection
            .write_all((head + &body).as_bytes())
            .await
            .unwrap();
        connection.shutdown().await.unwrap();
    });
    (url, certificate)
}

async fn run(client: ClientBuilder) -> Result<String, Error> {
    let client = client.max_retries(0).build().unwrap();
    let agent = Agent::builder(client, "m")
        .api(Api::ChatCompletions)
        .build()
        .unwrap();
    Ok(agent.run("Go.").await?.text)
}

#[tokio::test]
async fn a_certificate_that_the_user_trusts_is_accepted() {
    let (url, certificate) = serve_tls().await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    assert_eq!(
        run(Client::builder().base_url(url).tls_config(config))
            .await
            .unwrap(),
        "safe"
    );
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (url, _) = serve_tls().await;
    let error = run(Client::builder().base_url(url)).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error}");
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    assert!(
        causes.iter().any(|cause| cause.contains("UnknownIssuer")),
        "{causes:?}"
    );
}
