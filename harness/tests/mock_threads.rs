//! A mock of several serving threads is one mock: one ledger, one memory of what it has given.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;

use hyper::Method;
use loopmark::mock::{self, MockOptions, MockProcess};
use loopmark::system::CpuList;
use loopmark_protocol::Api;
use procfs::net::{TcpNetEntry, TcpState};
use serde_json::{Value, json};
use support::{CHAT, Client, RESPONSES, executable, mock, path, seed, seed_path};

/// More than there are threads, so that each has some.
const CONNECTIONS: usize = 8;

#[tokio::test]
async fn what_was_answered_on_any_connection_is_in_the_ledger_at_once() {
    let mock = mock(0).await;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(mock.address()).await);
    }
    let mut numbers = BTreeSet::new();
    for run in 0..50 {
        let mut turns = Vec::new();
        let bodies = mock::of_run(&seed(), Api::ChatCompletions, run, false);
        for (turn, body) in bodies.into_iter().enumerate() {
            // A run's turns come on connections of different threads.
            let client = &mut clients[(run as usize + turn) % CONNECTIONS];
            let reply = client.send(Method::POST, path(Api::ChatCompletions), body);
            assert_eq!(reply.await.status, 200);
            let entries = mock.drain().await.unwrap();
            assert_eq!(entries.len(), 1, "run {run}, turn {turn}");
            assert_eq!(
                (entries[0].run, entries[0].problem.as_ref()),
                (Some(run), None)
            );
            turns.extend(entries[0].turn);
            numbers.insert(entries[0].connection);
        }
        assert_eq!(turns, [0, 1, 2, 3]);
    }
    assert_eq!(numbers.len(), CONNECTIONS);
    let health = mock.health().await.unwrap();
    assert_eq!(health.requests, 200);
    // The one that asks is the last of those that drained.
    assert_eq!(health.open_connections as usize, CONNECTIONS + 1);
    assert_eq!(health.accepted_connections as usize, CONNECTIONS + 200 + 1);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_response_that_one_thread_gave_is_continued_on_another() {
    let mock = mock(0).await;
    for run in 0..CONNECTIONS as u64 {
        let bodies = mock::of_run(&seed(), Api::Responses, run, false).into_iter();
        for (turn, body) in bodies.enumerate() {
            let mut request: Value = serde_json::from_slice(&body).unwrap();
            if turn > 0 {
                let new = request["input"].as_array().unwrap().last().unwrap().clone();
                request["input"] = json!([new]);
                request["previous_response_id"] = json!(format!("resp_{run}_{}", turn - 1));
            }
            // A connection for each request: they go to the threads by turns.
            let mut client = Client::connect(mock.address()).await;
            let reply = client.send(Method::POST, RESPONSES, request.to_string());
            let reply = reply.await;
            assert_eq!(reply.status, 200, "run {run}, turn {turn}: {}", reply.body);
        }
    }
    let entries = mock.drain().await.unwrap();
    assert_eq!(entries.len(), 4 * CONNECTIONS);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_mock_that_is_held_to_one_processor_serves_on_one_thread() {
    let serving = async |cpus: Option<CpuList>| {
        let options = MockOptions {
            cpus,
            ..MockOptions::new(seed_path())
        };
        let mock = MockProcess::start(executable(), &options).await.unwrap();
        let threads = std::fs::read_dir(format!("/proc/{}/task", mock.pid())).unwrap();
        let names = threads.map(|thread| {
            let name = std::fs::read_to_string(thread.unwrap().path().join("comm"));
            name.unwrap().trim().to_owned()
        });
        let count = names.filter(|name| name == "mock-serves").count();
        mock.stop().await.unwrap();
        count
    };
    let first = CpuList::allowed().unwrap().first();
    // The first thread has the name of the process.
    assert_eq!(serving(Some(first)).await, 0);
    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!(serving(None).await, usize::from(processors > 1));
}

#[tokio::test]
async fn clients_that_have_gone_are_in_the_next_ledger_whichever_thread_they_had() {
    let mock = mock(600_000).await;
    let body = mock::of_run(&seed(), Api::ChatCompletions, 0, false).remove(0);
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ");
    for round in 1..=20 {
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut client = TcpStream::connect(mock.address()).unwrap();
            let head = format!("{head}{}\r\n\r\n", body.len());
            client.write_all(head.as_bytes()).unwrap();
            client.write_all(&body).unwrap();
            clients.push(client);
        }
        while mock.health().await.unwrap().requests < round * CONNECTIONS as u64 {}
        drop(clients);
        // The system tells the mock of each client's end in its own time, which the mock can't know.
        while established(mock.address().port()) > 0 {
            // Those of the harness's own requests are closed by tasks of this thread.
            tokio::task::yield_now().await;
        }
        let entries = mock.drain().await.unwrap();
        assert_eq!(entries.len(), CONNECTIONS, "round {round}");
        assert!(entries.iter().all(|entry| entry.aborted));
        assert_eq!(mock.health().await.unwrap().open_connections, 1);
    }
    mock.stop().await.unwrap();
}

/// Connections to a port of this machine whose client has not closed them, as the system sees it.
fn established(port: u16) -> usize {
    let sockets = procfs::net::tcp().unwrap().into_iter();
    let is_one = |socket: &TcpNetEntry| {
        socket.local_address.port() == port && socket.state == TcpState::Established
    };
    sockets.filter(is_one).count()
}
