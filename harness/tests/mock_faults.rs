//! Faults as a client's socket sees them, and as the ledger keeps them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use loopmark::mock::{Entry, MockOptions, MockProcess};
use loopmark::scenario::FaultKind;
use loopmark_protocol::Api::ChatCompletions;
use serde_json::Value;
use support::{CHAT, Client, Reply, drain, executable, requests, seed, seed_path};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A mock of the seed without latency, whose turns meet a fault.
struct Faulty {
    mock: MockProcess,
    /// The scenario's folder.
    _folder: tempfile::TempDir,
}

impl Faulty {
    async fn with(fault: &str) -> Faulty {
        let folder = tempfile::tempdir().unwrap();
        let seed = seed_path();
        let papers = "seed.papers.json";
        std::fs::copy(seed.with_file_name(papers), folder.path().join(papers)).unwrap();
        let text = std::fs::read_to_string(&seed).unwrap();
        let scenario = folder.path().join("seed.toml");
        std::fs::write(&scenario, format!("{text}\n[[fault]]\n{fault}\n")).unwrap();
        Faulty {
            mock: start(&scenario).await,
            _folder: folder,
        }
    }

    async fn client(&self) -> Client {
        Client::connect(self.mock.address()).await
    }

    /// What comes on a connection of its own, and how the connection ends.
    async fn raw(&self, body: &Value) -> (String, Result<(), ErrorKind>) {
        said_to(self.mock.address(), &body.to_string()).await
    }

    async fn only_entry(&self) -> Entry {
        drain(&self.mock, 1).await.remove(0)
    }
}

async fn start(scenario: &Path) -> MockProcess {
    let options = MockOptions {
        latency: Some(Duration::ZERO),
        ..MockOptions::new(scenario.to_owned())
    };
    MockProcess::start(executable(), &options).await.unwrap()
}

async fn said_to(address: SocketAddr, body: &str) -> (String, Result<(), ErrorKind>) {
    let length = body.len();
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: mock\r\ncontent-length: {length}\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    let end = stream.read_to_end(&mut said).await;
    let end = end.map(|_| ()).map_err(|error| error.kind());
    (String::from_utf8(said).unwrap(), end)
}

/// The first request of a run.
fn first(run: u64, stream: bool) -> Value {
    requests(&seed(), ChatCompletions, run, stream).remove(0)
}

#[tokio::test]
async fn a_status_comes_with_openais_words_and_its_retry_after_for_as_many_requests_as_it_says() {
    let keys = "turn = 0\nkind = \"status\"\nstatus = 429\nretry-after-s = 3\nattempts = 2";
    let faulty = Faulty::with(keys).await;
    let mut client = faulty.client().await;
    for _ in 0..2 {
        let limited = client.post(CHAT, &first(0, false)).await;
        assert_eq!(limited.status, 429);
        assert_eq!(limited.headers["retry-after"], "3");
        let error: Value = serde_json::from_str(&limited.body).unwrap();
        assert_eq!(error["error"]["type"], "requests");
        assert_eq!(error["error"]["code"], "rate_limit_exceeded");
    }
    // The same connection goes on.
    assert_eq!(client.post(CHAT, &first(0, false)).await.status, 200);
    let entries = drain(&faulty.mock, 3).await;
    let kinds: Vec<_> = entries.iter().map(|entry| entry.fault).collect();
    assert_eq!(
        kinds,
        [Some(FaultKind::Status), Some(FaultKind::Status), None]
    );
    assert_eq!(entries[0].status, Some(429));
    assert_eq!(entries[0].problem, None, "the client is not to blame");
}

#[tokio::test]
async fn an_error_of_the_server_names_no_wait() {
    let faulty = Faulty::with("turn = 0\nkind = \"status\"\nstatus = 500").await;
    let failed = faulty.client().await.post(CHAT, &first(0, true)).await;
    assert_eq!(failed.status, 500);
    assert!(!failed.headers.contains_key("retry-after"));
    let error: Value = serde_json::from_str(&failed.body).unwrap();
    assert_eq!(error["error"]["type"], "server_error");
    assert_eq!(error["error"]["code"], Value::Null);
}

#[tokio::test]
async fn a_reset_is_one_for_the_clients_socket_before_a_byte_of_the_reply() {
    let faulty = Faulty::with("turn = 0\nkind = \"reset\"").await;
    let (said, end) = faulty.raw(&first(0, false)).await;
    assert_eq!((said.as_str(), end), ("", Err(ErrorKind::ConnectionReset)));
    let entry = faulty.only_entry().await;
    assert_eq!(entry.fault, Some(FaultKind::Reset));
    assert_eq!(entry.status, None);
    assert!(!entry.aborted, "it is the mock that went");
}

#[tokio::test]
async fn a_stall_says_nothing_for_its_time_and_closes_the_connection() {
    let faulty = Faulty::with("turn = 0\nkind = \"stall\"\nstall-s = 1").await;
    let began = std::time::Instant::now();
    let (said, end) = faulty.raw(&first(0, false)).await;
    assert_eq!((said.as_str(), end), ("", Ok(())));
    assert!(began.elapsed() >= Duration::from_secs(1));
    let entry = faulty.only_entry().await;
    assert_eq!(entry.fault, Some(FaultKind::Stall));
    assert_eq!((entry.status, entry.aborted), (None, false));
}

#[tokio::test]
async fn a_client_that_does_not_wait_for_a_stalls_end_is_one_that_went_away() {
    let faulty = Faulty::with("turn = 0\nkind = \"stall\"\nstall-s = 120").await;
    let body = first(0, false).to_string();
    let said = tokio::time::timeout(
        Duration::from_millis(50),
        said_to(faulty.mock.address(), &body),
    );
    said.await.unwrap_err();
    let entry = faulty.only_entry().await;
    assert_eq!(entry.fault, Some(FaultKind::Stall));
    assert!(entry.aborted);
}

#[tokio::test]
async fn a_plain_reply_is_cut_within_the_body_whose_length_its_head_promises() {
    let faulty = Faulty::with("turn = 0\nkind = \"truncate\"").await;
    let (said, end) = faulty.raw(&first(0, false)).await;
    assert_eq!(end, Ok(()));
    let cut = Reply::parse(&said);
    let promised: usize = cut.headers["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!((cut.status, cut.body.len()), (200, promised / 2));
    let whole = faulty.client().await.post(CHAT, &first(0, false)).await;
    assert_eq!(whole.body.len(), promised);
    assert!(whole.body.starts_with(&cut.body));
    let entries = drain(&faulty.mock, 2).await;
    let kinds: Vec<_> = entries.iter().map(|entry| entry.fault).collect();
    assert_eq!(kinds, [Some(FaultKind::Truncate), None]);
    assert!(!entries[0].aborted, "it is the mock that went");
}

#[tokio::test]
async fn a_streamed_reply_is_cut_between_its_first_event_and_its_last_one() {
    let faulty = Faulty::with("turn = 0\nkind = \"truncate\"").await;
    let (said, end) = faulty.raw(&first(0, true)).await;
    assert_eq!(end, Ok(()));
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert!(body.contains("data: {"), "{body}");
    assert!(!body.contains("[DONE]"), "{body}");
    assert!(!body.ends_with("0\r\n\r\n"), "no last chunk: {body}");
    let whole = faulty.client().await.post(CHAT, &first(0, true)).await;
    assert!(whole.body.contains("[DONE]"), "{}", whole.body);
}

#[tokio::test]
async fn only_runs_and_turns_that_the_schedule_names_meet_a_fault() {
    let keys = "turn = 1\nkind = \"status\"\nstatus = 503\nevery = 2";
    let faulty = Faulty::with(keys).await;
    let mut client = faulty.client().await;
    let mut statuses = Vec::new();
    for run in 0..3 {
        for request in requests(&seed(), ChatCompletions, run, false) {
            statuses.push(client.post(CHAT, &request).await.status);
        }
    }
    let met = [200, 503, 200, 200];
    let unharmed = [200; 4];
    assert_eq!(statuses, [met, unharmed, met].concat());
}

#[tokio::test]
async fn a_drained_mock_begins_its_schedule_again() {
    let faulty = Faulty::with("turn = 0\nkind = \"status\"\nstatus = 500").await;
    let mut client = faulty.client().await;
    for round in 0..2 {
        let status = client.post(CHAT, &first(0, false)).await.status;
        assert_eq!(status, 500, "round {round}");
        let status = client.post(CHAT, &first(0, false)).await.status;
        assert_eq!(status, 200, "round {round}");
        drain(&faulty.mock, 2).await;
    }
}
