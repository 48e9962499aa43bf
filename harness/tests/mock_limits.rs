//! The mock's limits: what a client can take of it is bounded, and more is refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use hyper::Method;
use loopmark::mock::{
    Entry, Load, MAX_REQUEST_BYTES, MockError, MockOptions, MockProcess, Requests, Until,
    closed_loop,
};
use loopmark_protocol::Api;
use support::served::Served;
use support::{CHAT, Client, executable, mock, requests, seed, seed_path};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MIB: u64 = 1 << 20;

fn served(arguments: &[&str]) -> Served {
    Served::start("127.0.0.1:0", arguments)
}

/// Sends what is given and reads to the end of the connection; empty when the mock closed it without a word.
async fn said_to(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The mock may close before it has read all of it.
    let _ = stream.write_all(bytes).await;
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8(reply).unwrap()
}

#[tokio::test]
async fn bodies_that_are_too_long_are_refused_in_bounded_memory() {
    let mock = served(&[]);
    let before = mock.memory();
    let body = vec![b' '; 6 * MAX_REQUEST_BYTES];
    for _ in 0..3 {
        let mut client = Client::connect(mock.address).await;
        let reply = client.send(Method::POST, CHAT, body.clone()).await;
        assert_eq!(reply.status, 413);
    }
    let grown = mock.memory().peak_rss_bytes - before.peak_rss_bytes;
    assert!(grown < 3 * MAX_REQUEST_BYTES as u64, "{grown} bytes");
    mock.end();
}

#[tokio::test]
async fn heads_with_too_many_or_too_long_headers_are_refused_in_bounded_memory() {
    let mock = served(&[]);
    let before = mock.memory();
    let many = "x-filler: 1\r\n".repeat(200);
    let long = format!("x-filler: {}\r\n", "1".repeat(200_000));
    for headers in [many, long] {
        let head =
            format!("POST {CHAT} HTTP/1.1\r\nhost: mock\r\n{headers}content-length: 0\r\n\r\n");
        let reply = said_to(mock.address, head.as_bytes()).await;
        // A client that is still writing when the connection is closed may not see the reply.
        assert!(
            reply.is_empty() || reply.starts_with("HTTP/1.1 431 "),
            "{reply}"
        );
    }
    // A head that never ends.
    let reply = said_to(mock.address, &vec![b'x'; 32 << 20]).await;
    assert!(!reply.starts_with("HTTP/1.1 2"), "{reply}");
    let grown = mock.memory().peak_rss_bytes - before.peak_rss_bytes;
    assert!(grown < 4 * MIB, "{grown} bytes");
    assert_eq!(mock.health().await["open_connections"], 1);
    mock.end();
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_counted() {
    let mock = served(&["--max-connections", "3"]);
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut client = Client::connect(mock.address).await;
        // Served, so that it is known to be one of the three.
        assert_eq!(client.send(Method::GET, "/v1/models", "").await.status, 200);
        open.push(client);
    }
    let head = b"GET /v1/models HTTP/1.1\r\nhost: mock\r\n\r\n";
    assert_eq!(said_to(mock.address, head).await, "");
    drop(open);
    // The mock sees an end when it is on the CPU again.
    while said_to(
        mock.address,
        b"GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n",
    )
    .await
    .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let health = mock.health().await;
    assert!(
        health["refused_connections"].as_u64() >= Some(1),
        "{health}"
    );
    mock.end();
}

#[tokio::test]
async fn a_request_that_does_not_come_to_its_end_is_closed_and_others_are_not() {
    let mock = served(&["--request-time-ms", "200", "--latency-ms", "600"]);
    let mut idle = TcpStream::connect(mock.address).await.unwrap();
    let half_a_head = format!("POST {CHAT} HTTP/1.1\r\nhost: m");
    let half_a_body = format!("POST {CHAT} HTTP/1.1\r\nhost: mock\r\ncontent-length: 9\r\n\r\n{{");
    for (half, reply) in [(half_a_head, ""), (half_a_body, "HTTP/1.1 400 ")] {
        let ended = said_to(mock.address, half.as_bytes());
        let said = tokio::time::timeout(Duration::from_secs(60), ended).await;
        let said = said.unwrap();
        assert!(
            said.starts_with(reply) && said.is_empty() == reply.is_empty(),
            "{said}"
        );
    }
    // A reply that is held for longer than a request may take, on a connection that is used again.
    let mut client = Client::connect(mock.address).await;
    for turn in 0..2 {
        let request = &requests(&seed(), Api::ChatCompletions, 3, false)[turn];
        assert_eq!(client.post(CHAT, request).await.status, 200);
    }
    // One that has sent nothing yet.
    idle.write_all(b"GET /v1/models HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut reply = String::new();
    idle.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    mock.end();
}

#[test]
fn only_a_mock_that_others_can_reach_warns() {
    let said = served(&[]).end();
    assert!(!said.contains("WARNING"), "{said}");
    let said = Served::start("0.0.0.0:0", &[]).end();
    assert!(
        said.contains("WARNING: the mock listens on 0.0.0.0:0, which other machines can reach"),
        "{said}"
    );
}

#[tokio::test]
async fn memory_does_not_grow_with_requests_when_nobody_drains_the_ledger() {
    let mock = served(&["--latency-ms", "0", "--ledger-entries", "1000"]);
    let requests = Requests::first_of_runs(&seed(), Api::ChatCompletions, false);
    const PART: u64 = 10_000;
    let load = Load {
        connections: 20,
        period: Duration::ZERO,
        until: Until::Requests(PART),
    };
    let mut rss_bytes = Vec::new();
    for part in 0..3 {
        let replies = closed_loop(mock.address, &load, &requests, part * PART).await;
        assert_eq!(replies.unwrap(), PART);
        rss_bytes.push(mock.memory().rss_bytes);
    }
    // 80 bytes a request would be seen.
    assert!(rss_bytes[2] < rss_bytes[0] + 3 * MIB / 2, "{rss_bytes:?}");
    assert_eq!(mock.health().await["lost_entries"], 3 * PART - 1000);
    let said = mock.end();
    assert!(
        said.contains("the ledger is full with 1000 entries"),
        "{said}"
    );
}

#[tokio::test]
async fn a_full_ledger_says_what_is_lost_where_it_is_read_and_where_it_is_drained() {
    let mock = served(&["--ledger-entries", "2"]);
    let mut client = Client::connect(mock.address).await;
    for _ in 0..5 {
        client.send(Method::GET, "/v1/models", "").await;
    }
    let mut own = Client::connect(mock.address).await;
    for (method, path, lost, entries) in [
        (Method::GET, "/loopmark/ledger", "3", 2),
        (Method::GET, "/loopmark/ledger", "3", 2),
        (Method::POST, "/loopmark/drain", "3", 2),
        (Method::GET, "/loopmark/ledger", "0", 0),
        (Method::POST, "/loopmark/drain", "0", 0),
    ] {
        let reply = own.send(method, path, "").await;
        assert_eq!(reply.headers["x-loopmark-lost"], lost, "{path}");
        assert_eq!(reply.body.lines().count(), entries, "{path}");
    }
    for (method, path, allow) in [
        (Method::GET, "/loopmark/drain", "POST"),
        (Method::POST, "/loopmark/ledger", "GET"),
        (Method::DELETE, "/loopmark/health", "GET"),
    ] {
        let reply = own.send(method, path, "").await;
        assert_eq!(
            (reply.status, &reply.headers["allow"]),
            (405, &allow.parse().unwrap())
        );
    }
    assert_eq!(mock.health().await["lost_entries"], 3);
    mock.end();
}

#[tokio::test]
async fn the_harness_does_not_take_a_part_of_a_ledger_for_the_whole() {
    let options = MockOptions {
        ledger_entries: 1,
        ..MockOptions::new(seed_path())
    };
    let mock = MockProcess::start(executable(), &options).await.unwrap();
    let mut client = Client::connect(mock.address()).await;
    for _ in 0..3 {
        client.send(Method::GET, "/v1/models", "").await;
    }
    let error = mock.drain().await.unwrap_err();
    assert!(
        matches!(error, MockError::Lost { lost: 2, kept: 1 }),
        "{error}"
    );
    assert_eq!(
        mock.drain().await.unwrap(),
        [],
        "what was lost is told once"
    );
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_hundred_connections_are_served_without_an_error() {
    let mock = mock(0).await;
    const REQUESTS: u64 = 3_000;
    let load = Load {
        connections: 100,
        period: Duration::ZERO,
        until: Until::Requests(REQUESTS),
    };
    for (number, api) in (0..).zip([Api::ChatCompletions, Api::Responses]) {
        let requests = Requests::first_of_runs(&seed(), api, false);
        let replies = closed_loop(mock.address(), &load, &requests, number * REQUESTS).await;
        assert_eq!(replies.unwrap(), REQUESTS);
        let entries = mock.drain().await.unwrap();
        assert_eq!(entries.len() as u64, REQUESTS);
        let is_right =
            |entry: &Entry| entry.is_llm_call() && entry.problem.is_none() && !entry.aborted;
        assert!(entries.iter().all(is_right));
    }
    mock.stop().await.unwrap();
}
