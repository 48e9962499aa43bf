//! The harness's side of the mock's own paths: one short connection a call.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::MockError;
use super::ledger::Drained;
use super::own::{Health, LOST_HEADER};
use super::paths::{DRAIN_PATH, HEALTH_PATH, RELEASE_PATH};

/// A mock that does not answer for so long has stopped.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes the finished entries out of the mock's ledger.
pub(super) async fn drain(mock: SocketAddr) -> Result<Drained, MockError> {
    let reply = call(mock, Method::POST, DRAIN_PATH).await?;
    let lost = reply.headers().get(LOST_HEADER);
    let lost = lost.and_then(|lost| lost.to_str().ok()?.parse().ok());
    let lost =
        lost.ok_or_else(|| MockError::Answer(format!("{DRAIN_PATH} lacks {LOST_HEADER}")))?;
    let mut body = reply.into_body();
    let mut entries = Vec::new();
    // The end of a line can come with the next part.
    let mut rest: Vec<u8> = Vec::new();
    while let Some(part) = next_part(&mut body).await? {
        let mut part = part;
        while let Some(end) = part.iter().position(|byte| *byte == b'\n') {
            rest.extend_from_slice(&part[..end]);
            entries.push(parse(&rest)?);
            rest.clear();
            part.advance(end + 1);
        }
        rest.extend_from_slice(&part);
    }
    if rest.is_empty() {
        Ok(Drained { entries, lost })
    } else {
        Err(MockError::Answer(
            "the ledger ends in the middle of a line".to_owned(),
        ))
    }
}

/// Has the dead sink answer.
pub(super) async fn release(mock: SocketAddr) -> Result<(), MockError> {
    call(mock, Method::POST, RELEASE_PATH).await.map(drop)
}

/// Asks the mock how it is.
pub(super) async fn health(mock: SocketAddr) -> Result<Health, MockError> {
    let mut body = call(mock, Method::GET, HEALTH_PATH).await?.into_body();
    let mut whole = Vec::new();
    while let Some(part) = next_part(&mut body).await? {
        whole.extend_from_slice(&part);
    }
    parse(&whole)
}

fn parse<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T, MockError> {
    serde_json::from_slice(json).map_err(|error| MockError::Answer(error.to_string()))
}

async fn call(
    mock: SocketAddr,
    method: Method,
    path: &str,
) -> Result<Response<Incoming>, MockError> {
    let answered = timeout(PATIENCE, async {
        let stream = TcpStream::connect(mock)
            .await
            .map_err(MockError::Connection)?;
        stream.set_nodelay(true).map_err(MockError::Connection)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the sender and the body.
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", mock.to_string())
            .body(Empty::<Bytes>::new())
            .map_err(|error| MockError::Answer(error.to_string()))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        if status.is_success() {
            Ok(response)
        } else {
            Err(MockError::Answer(format!("{path} gave status {status}")))
        }
    });
    answered.await.map_err(|_| MockError::Silent)?
}

async fn next_part(body: &mut Incoming) -> Result<Option<Bytes>, MockError> {
    let frame = timeout(PATIENCE, body.frame())
        .await
        .map_err(|_| MockError::Silent)?;
    Ok(frame.transpose()?.and_then(|frame| frame.into_data().ok()))
}
