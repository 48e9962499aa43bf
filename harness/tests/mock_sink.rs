//! The sinks for traces: what they take is counted and in no ledger, and the dead one answers only when it is released.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hyper::Method;
use support::{Client, mock};

/// Long for an answer that comes; that none comes is no matter of time, since nothing sends one.
const A_MOMENT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_sink_takes_any_request_and_counts_it() {
    let mock = mock(0).await;
    let mut client = Client::connect(mock.address()).await;
    let paths = ["/sink", "/sink/v1/traces", "/sink/info"];
    for (path, body) in paths.into_iter().zip(["0123456789", "01234", ""]) {
        let reply = client.send(Method::POST, path, body).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "{}"), "{path}");
    }
    let other = client.send(Method::POST, "/sinks", "0").await;
    assert_eq!(other.status, 404);
    let health = mock.health().await.unwrap();
    assert_eq!((health.traces, health.trace_bytes), (3, 15));
    let ledger = mock.drain().await.unwrap();
    let statuses: Vec<Option<u16>> = ledger.iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [Some(404)], "only what is no trace");
}

#[tokio::test]
async fn the_dead_sink_answers_when_it_is_released() {
    let mock = mock(0).await;
    let mut client = Client::connect(mock.address()).await;
    let asked = tokio::spawn(async move {
        client
            .send(Method::POST, "/dead-sink/v1/traces", "0123")
            .await
    });
    while mock.health().await.unwrap().traces == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(A_MOMENT).await;
    assert!(!asked.is_finished());
    mock.release().await.unwrap();
    assert_eq!(asked.await.unwrap().status, 200);
    let mut client = Client::connect(mock.address()).await;
    let later = client.send(Method::POST, "/dead-sink", "01").await;
    assert_eq!(later.status, 200);
    assert_eq!(mock.health().await.unwrap().trace_bytes, 6);
}
