//! `loopmark record` as a proxy: what comes through, and what happens when either side has gone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recording;
mod support;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use recording::{KEY, Recording, command};
use serde_json::{Value, json};
use support::CHAT;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-limit: 7\r\n\
                    connection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n";

/// A server that does what the test does.
struct Server {
    listener: TcpListener,
    folder: tempfile::TempDir,
}

impl Server {
    async fn new() -> Server {
        Server {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn record(&self, options: &[&str]) -> Recording {
        let address = self.listener.local_addr().unwrap().to_string();
        Recording::start(&address, &self.output(), options)
    }

    fn output(&self) -> std::path::PathBuf {
        self.folder.path().join("scenario.toml")
    }

    /// A connection's first request, with its body.
    async fn request(&self, body: &Value) -> (TcpStream, String) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(body.to_string().as_bytes()) {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        (stream, String::from_utf8(request).unwrap())
    }
}

fn question() -> Value {
    json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "How many?"}]})
}

fn event(delta: &Value) -> String {
    let data = json!({"choices": [{"index": 0, "delta": delta}]});
    let event = format!("data: {data}\n\n");
    format!("{:x}\r\n{event}\r\n", event.len())
}

/// The next piece of a reply's body.
async fn piece(body: &mut Incoming) -> String {
    let frame = body.frame().await.unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn keys_and_headers_pass_and_each_piece_comes_before_the_next_one_is_sent() {
    let server = Server::new().await;
    let recording = server.record(&["--conversations", "1"]);
    let (asked, mut client) = (question(), recording.client().await);
    let (reply, (mut upstream, request)) = tokio::join!(client.begin(CHAT, &asked), async {
        let (mut stream, request) = server.request(&asked).await;
        stream.write_all(HEAD.as_bytes()).await.unwrap();
        (stream, request)
    });
    let lower = request.to_ascii_lowercase();
    assert!(
        request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains(&format!("Bearer {KEY}")), "{request}");
    let address = server.listener.local_addr().unwrap();
    assert!(lower.contains(&format!("host: {address}")), "{request}");
    assert_eq!(reply.headers()["x-limit"], "7");
    let mut body = reply.into_body();
    for word in ["one", "two", "three"] {
        let event = event(&json!({"content": word}));
        upstream.write_all(event.as_bytes()).await.unwrap();
        assert!(piece(&mut body).await.contains(word));
    }
    upstream
        .write_all(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(piece(&mut body).await, "data: [DONE]\n\n");
    let said = recording.finish();
    assert!(!said.contains(KEY), "{said}");
    assert!(server.output().is_file());
}

#[tokio::test]
async fn a_client_that_disconnects_closes_the_upstreams_request() {
    for begins_a_stream in [false, true] {
        let server = Server::new().await;
        let recording = server.record(&[]);
        let (asked, mut client) = (question(), recording.client().await);
        let mut upstream = if begins_a_stream {
            let (reply, mut upstream) = tokio::join!(client.begin(CHAT, &asked), async {
                let (mut stream, _) = server.request(&asked).await;
                let begun = HEAD.to_owned() + &event(&json!({"content": "one"}));
                stream.write_all(begun.as_bytes()).await.unwrap();
                stream
            });
            piece(&mut reply.into_body()).await;
            upstream.flush().await.unwrap();
            upstream
        } else {
            // Whichever is done first: the client never is, and is dropped.
            tokio::select! {
                _ = client.begin(CHAT, &asked) => panic!("nobody replied"),
                (upstream, _) = server.request(&asked) => upstream,
            }
        };
        drop(client);
        let mut rest = Vec::new();
        // A proxy that kept the connection would let the test hang.
        let ended = upstream.read_to_end(&mut rest).await;
        assert!(ended.is_err() || rest.is_empty(), "{rest:?}");
        recording.interrupt();
        let (status, said) = recording.end();
        assert_eq!(status.code(), Some(3), "{said}");
        assert!(said.contains("no conversation has ended"), "{said}");
        assert!(!server.output().exists());
    }
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_a_502_with_a_plain_message() {
    let Server { listener, folder } = Server::new().await;
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let output = folder.path().join("scenario.toml");
    let recording = Recording::start(&address, &output, &[]);
    let reply = recording.client().await.post(CHAT, &question()).await;
    assert_eq!(reply.status, 502);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    let message = body["error"]["message"].as_str().unwrap();
    let begin = format!("cannot reach the upstream http://{address}/v1: ");
    assert!(message.starts_with(&begin), "{message}");
    assert!(message.ends_with("check --upstream"), "{message}");
    recording.interrupt();
    let (_, said) = recording.end();
    assert!(said.contains(message) && !said.contains(KEY), "{said}");
}

#[tokio::test]
async fn ctrl_c_writes_what_has_ended_and_a_later_recording_overwrites_nothing() {
    let server = Server::new().await;
    let recording = server.record(&["--for", "3600"]);
    let (asked, mut client) = (question(), recording.client().await);
    let message = json!({"role": "assistant", "content": "Seven."});
    let reply = json!({"choices": [{"index": 0, "message": message}]}).to_string();
    let (reply, _upstream) = tokio::join!(client.post(CHAT, &asked), async {
        let (mut stream, _) = server.request(&asked).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", reply.len());
        stream.write_all((head + &reply).as_bytes()).await.unwrap();
        stream
    });
    assert_eq!(reply.status, 200);
    recording.interrupt();
    recording.finish();
    let written = recording::checked(&server.output());
    assert_eq!(written.case(None).unwrap().turn_count(), 1);
    for (name, message) in [
        ("scenario.toml", "already exists"),
        ("A b.toml", "lower-case"),
    ] {
        let again = command("127.0.0.1:9", &server.folder.path().join(name)).output();
        let again = again.unwrap();
        let said = String::from_utf8(again.stderr).unwrap();
        assert_eq!(again.status.code(), Some(2), "{said}");
        assert!(said.contains(message), "{said}");
    }
}
