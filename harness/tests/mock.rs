//! The mock server, as a process: whole runs, its ledger, and clients that behave badly.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use loopmark::mock::{MAX_REQUEST_BYTES, MockOptions, MockProcess};
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::Value;
use support::{CHAT, Client, drain, executable, mock, path, requests, seed, seed_path, text_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MS: u64 = 1_000_000;

/// Plays a run on one connection; gives the answer.
async fn play(mock: &MockProcess, api: Api, run: u64, stream: bool) -> String {
    let mut client = Client::connect(mock.address()).await;
    let mut answer = String::new();
    for request in requests(&seed(), api, run, stream) {
        let reply = client.post(path(api), &request).await;
        assert_eq!(
            (reply.status, reply.is_stream()),
            (200, stream),
            "{}",
            reply.body
        );
        if run_is_over(&request, run) {
            answer = text_of(api, &reply);
        }
    }
    answer
}

fn run_is_over(request: &Value, run: u64) -> bool {
    request.to_string().contains(&format!("call_{run}_2_0"))
}

#[tokio::test]
async fn a_run_is_played_and_seen_on_both_apis_plain_and_streaming() {
    let mock = mock(20).await;
    for (run, (api, stream)) in [ChatCompletions, Responses]
        .into_iter()
        .flat_map(|api| [(api, false), (api, true)])
        .enumerate()
    {
        let run = run as u64;
        assert_eq!(
            play(&mock, api, run, stream).await,
            seed().script(run).answer
        );
        let entries = drain(&mock, 4).await;
        for (turn, entry) in (0..).zip(&entries) {
            assert_eq!(
                (entry.run, entry.turn, entry.api),
                (Some(run), Some(turn), Some(api))
            );
            assert_eq!(
                (entry.stream, entry.http2, entry.status),
                (stream, false, Some(200))
            );
            assert_eq!((&entry.problem, entry.aborted), (&None, false));
            assert_eq!(entry.connection, entries[0].connection);
            assert!(entry.first_byte_ns > 0 && entry.first_byte_ns <= entry.read_ns.unwrap());
            assert_eq!(entry.due_ns, entry.read_ns.map(|read_ns| read_ns + 20 * MS));
            assert!(entry.first_write_ns >= entry.due_ns);
            assert!(entry.last_write_ns >= entry.first_write_ns);
            assert!(entry.is_llm_call() && entry.gone_ns.is_none());
            assert!(entry.request_body_bytes > 1000);
            assert!(entry.request_bytes > entry.request_body_bytes);
            assert!(entry.reply_bytes > 500);
        }
        let gaps = entries
            .windows(2)
            .map(|two| two[1].read_ns?.checked_sub(two[0].last_write_ns?));
        assert!(gaps.into_iter().all(|gap| gap.is_some()));
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn runs_at_once_do_not_disturb_each_other() {
    let mock = mock(10).await;
    let runs = (0..40).map(|run| {
        let mock = &mock;
        let api = if run % 2 == 0 {
            ChatCompletions
        } else {
            Responses
        };
        async move { (run, play(mock, api, run, run % 3 == 0).await) }
    });
    for (run, answer) in join_all(runs).await {
        assert_eq!(answer, seed().script(run).answer);
    }
    let entries = drain(&mock, 160).await;
    assert!(entries.iter().all(|entry| entry.problem.is_none()));
    let connections: BTreeSet<u32> = entries.iter().map(|entry| entry.connection).collect();
    assert_eq!(connections.len(), 40);
}

/// Polls all of them on this task.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *output = Some(value);
            }
        }
        if outputs.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_wrong_result_is_answered_and_noted() {
    let mock = mock(0).await;
    let mut client = Client::connect(mock.address()).await;
    let mut request = requests(&seed(), ChatCompletions, 5, false)[1].clone();
    request["messages"][3]["content"] = "{}".into();
    assert_eq!(client.post(CHAT, &request).await.status, 200);
    let entries = drain(&mock, 1).await;
    let problem = entries[0].problem.as_deref().unwrap();
    assert!(
        problem.contains("search_papers (call_5_0_0) is wrong"),
        "{problem}"
    );
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_and_noted() {
    let mock = mock(0).await;
    let mut client = Client::connect(mock.address()).await;
    let too_large = vec![b' '; MAX_REQUEST_BYTES + 1];
    let cases: [(Method, &str, Vec<u8>, u16); 6] = [
        (Method::POST, CHAT, b"{".to_vec(), 400),
        (Method::GET, CHAT, Vec::new(), 405),
        (Method::POST, "/v1/models", Vec::new(), 405),
        (Method::POST, "/v1/embeddings", b"{}".to_vec(), 404),
        (Method::GET, "/v1/models", Vec::new(), 200),
        (Method::POST, CHAT, too_large, 413),
    ];
    let count = cases.len();
    for (method, path, body, status) in cases {
        let reply = client.send(method.clone(), path, body).await;
        assert_eq!(reply.status, status, "{method} {path}");
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(
            body["error"]["message"].is_string(),
            status != 200,
            "{body}"
        );
        assert_eq!(reply.headers.contains_key("allow"), status == 405);
    }
    let entries = drain(&mock, count).await;
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry.status.unwrap(), entry.problem.is_some()))
        .collect();
    let noted = [
        (400, true),
        (405, true),
        (405, true),
        (404, true),
        (200, false),
        (413, true),
    ];
    assert_eq!(seen, noted);
    assert!(
        entries
            .iter()
            .all(|entry| entry.run.is_none() && entry.due_ns.is_none())
    );
}

#[tokio::test]
async fn http2_streams_share_a_connection() {
    let mock = mock(20).await;
    let stream = TcpStream::connect(mock.address()).await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let replies = (0..10).map(|run| {
        let mut sender = sender.clone();
        let body = requests(&seed(), Responses, run, run % 2 == 0)[0].to_string();
        let uri = format!("http://{}/v1/responses", mock.address());
        async move {
            let request = Request::post(uri)
                .body(Full::new(Bytes::from(body)))
                .unwrap();
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(response.status(), 200);
            response.into_body().collect().await.unwrap().to_bytes()
        }
    });
    assert!(join_all(replies).await.iter().all(|body| !body.is_empty()));
    let entries = drain(&mock, 10).await;
    for entry in &entries {
        assert!(entry.http2 && !entry.aborted && entry.connection == 1);
        assert!(entry.first_byte_ns <= entry.read_ns.unwrap());
        assert!(
            entry.first_write_ns >= entry.due_ns && entry.last_write_ns >= entry.first_write_ns
        );
        assert_eq!(entry.request_bytes, entry.request_body_bytes);
    }
    let runs: BTreeSet<_> = entries.iter().map(|entry| entry.run).collect();
    assert_eq!(runs.len(), 10);
}

#[tokio::test]
async fn an_upgrade_to_http2_is_ignored() {
    let mock = mock(0).await;
    let mut stream = TcpStream::connect(mock.address()).await.unwrap();
    let head = "GET /v1/models HTTP/1.1\r\nhost: mock\r\nconnection: Upgrade, HTTP2-Settings, close\r\n\
                upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
}

#[tokio::test]
async fn a_client_that_goes_away_during_the_hold_is_noted() {
    let mock = mock(60_000).await;
    let body = requests(&seed(), ChatCompletions, 3, false)[0].to_string();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: mock\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(mock.address()).await.unwrap();
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .unwrap();
    while mock.health().await.unwrap().requests == 0 {}
    assert_eq!(
        mock.drain().await.unwrap(),
        [],
        "the request is still under way"
    );
    drop(stream);
    let entries = drain(&mock, 1).await;
    assert_eq!((entries[0].run, entries[0].aborted), (Some(3), true));
    assert_eq!((entries[0].status, entries[0].first_write_ns), (None, None));
    assert!(entries[0].gone_ns >= entries[0].read_ns);

    // One that goes away before its body has come whole.
    let mut stream = TcpStream::connect(mock.address()).await.unwrap();
    stream
        .write_all(format!("{head}{{").as_bytes())
        .await
        .unwrap();
    while mock.health().await.unwrap().requests == 1 {}
    drop(stream);
    let entries = drain(&mock, 1).await;
    assert_eq!(
        (entries[0].run, entries[0].aborted, entries[0].read_ns),
        (None, true, None)
    );
}

#[tokio::test]
async fn a_request_written_in_two_parts_is_read_when_the_second_one_came() {
    let mock = mock(0).await;
    let body = requests(&seed(), ChatCompletions, 3, false)[0].to_string();
    let mut stream = TcpStream::connect(mock.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: mock\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    while mock.health().await.unwrap().requests == 0 {}
    tokio::time::sleep(Duration::from_millis(20)).await;
    stream.write_all(body.as_bytes()).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    let entry = &drain(&mock, 1).await[0];
    assert!(
        entry.read_ns.unwrap() - entry.first_byte_ns >= 20 * MS,
        "{entry:?}"
    );
    assert_eq!(entry.request_bytes, (head.len() + body.len()) as u64);
    assert_eq!(entry.request_body_bytes, body.len() as u64);
}

#[tokio::test]
async fn the_moments_of_a_stream_come_at_their_own_times() {
    let folder = tempfile::tempdir().unwrap();
    let seed_text = std::fs::read_to_string(seed_path()).unwrap();
    let stream = "[stream]\nchunk-chars = 10\nchunk-interval-ms = 5\n\n[data]\n";
    let scenario = folder.path().join("seed.toml");
    std::fs::write(&scenario, seed_text.replace("[data]\n", stream)).unwrap();
    let papers = seed_path().with_file_name("seed.papers.json");
    std::fs::copy(papers, folder.path().join("seed.papers.json")).unwrap();
    let options = MockOptions {
        latency: Some(Duration::from_millis(10)),
        ..MockOptions::new(&scenario)
    };
    let mock = MockProcess::start(executable(), &options).await.unwrap();
    let mut client = Client::connect(mock.address()).await;
    let last = requests(&seed(), ChatCompletions, 3, true)[3].clone();
    let reply = client.post(CHAT, &last).await;
    let answer = seed().script(3).answer;
    assert_eq!(text_of(ChatCompletions, &reply), answer);
    let entry = &drain(&mock, 1).await[0];
    let moments = answer.chars().count().div_ceil(10) as u64;
    let span_ns = entry.last_write_ns.unwrap() - entry.due_ns.unwrap();
    assert!(
        span_ns >= (moments - 1) * 5 * MS,
        "{span_ns} ns for {moments} moments"
    );
}

#[tokio::test]
async fn draining_forgets_and_health_counts_on() {
    let mock = mock(0).await;
    assert_eq!(
        play(&mock, ChatCompletions, 1, false).await,
        seed().script(1).answer
    );
    drain(&mock, 4).await;
    assert_eq!(mock.drain().await.unwrap(), []);
    let health = mock.health().await.unwrap();
    assert_eq!(
        (health.ok, health.requests, health.lost_entries),
        (true, 4, 0)
    );
    assert!(health.accepted_connections >= 3 && health.cpu_ns > 0);
}

#[tokio::test]
async fn a_mock_that_cannot_start_says_why() {
    let missing = MockOptions::new("no-such-scenario.toml");
    let error = MockProcess::start(executable(), &missing)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("cannot read no-such-scenario.toml"),
        "{error}"
    );

    let first = mock(0).await;
    let taken = MockOptions {
        listen: first.address(),
        ..MockOptions::new(seed_path())
    };
    let error = MockProcess::start(executable(), &taken)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&format!("cannot listen on {}", first.address())),
        "{error}"
    );

    let nothing = MockProcess::start("/no/such/program".as_ref(), &taken)
        .await
        .unwrap_err();
    assert!(
        nothing
            .to_string()
            .contains("cannot start the mock /no/such/program"),
        "{nothing}"
    );
    first.stop().await.unwrap();
}
