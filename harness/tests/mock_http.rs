//! HTTP's corners: versions, packed and chunked bodies, clients that stop talking, requests that come before their turn.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Write;
use std::net::SocketAddr;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use loopmark::mock::{MAX_REQUEST_BYTES, MockProcess};
use loopmark_protocol::Api::{ChatCompletions, Responses};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::Value;
use support::{CHAT, Reply, mock, path, requests, seed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The first request of a run.
fn first(run: u64, stream: bool) -> String {
    requests(&seed(), ChatCompletions, run, stream)[0].to_string()
}

/// A request with its length; `head` ends without an empty line.
fn with_length(head: &str, body: &[u8]) -> Vec<u8> {
    let length = format!("{head}\r\ncontent-length: {}\r\n\r\n", body.len());
    [length.as_bytes(), body].concat()
}

/// Sends what is given and reads to the end of the connection.
async fn said_to(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

/// Reads one reply that says its length.
async fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8(read.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                return Reply::parse(&text);
            }
        }
        assert!(stream.read_buf(&mut read).await.unwrap() > 0, "{text}");
    }
}

async fn entry_of(mock: &MockProcess, run: u64) -> loopmark::mock::Entry {
    loop {
        let entries = mock.drain().await.unwrap();
        if let Some(entry) = entries.into_iter().find(|entry| entry.run == Some(run)) {
            return entry;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn packed_bodies_are_read_and_the_ledger_has_what_came_over_the_wire() {
    let mock = mock(0).await;
    let body = first(3, false);
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let zlib = |bytes: &[u8]| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let raw = |bytes: &[u8]| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |bytes: &[u8]| compress_to_vec(bytes, CompressionLevel::Fastest);
    let bomb = vec![b' '; MAX_REQUEST_BYTES + 1];
    for (encoding, packed, status) in [
        ("gzip", gzip(body.as_bytes()), 200),
        ("deflate", zlib(body.as_bytes()), 200),
        ("deflate", raw(body.as_bytes()), 200),
        ("zstd", zstd(body.as_bytes()), 200),
        ("identity", body.clone().into_bytes(), 200),
        ("zstd, gzip", gzip(&zstd(body.as_bytes())), 200),
        ("gzip", gzip(&bomb), 413),
        ("deflate", zlib(&bomb), 413),
        ("zstd", zstd(&bomb), 413),
        ("br", body.clone().into_bytes(), 415),
        ("gzip", body.clone().into_bytes(), 400),
    ] {
        let head = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: mock\r\nconnection: close\r\ncontent-encoding: {encoding}"
        );
        let request = with_length(&head, &packed);
        let reply = Reply::parse(&said_to(mock.address(), &request).await);
        assert_eq!(reply.status, status, "{encoding}: {}", reply.body);
        let entry = mock.drain().await.unwrap().remove(0);
        assert_eq!(entry.request_body_bytes, packed.len() as u64);
        assert_eq!(entry.request_bytes, request.len() as u64);
        assert_eq!(
            entry.problem.is_none(),
            status == 200,
            "{:?}",
            entry.problem
        );
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(body["error"]["message"].is_string(), status != 200);
        assert_eq!(reply.headers.contains_key("accept-encoding"), status == 415);
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_waits_to_be_told_to_go_on_is_told() {
    let mock = mock(0).await;
    let body = first(3, false);
    let mut stream = TcpStream::connect(mock.address()).await.unwrap();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: mock\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.unwrap();
    assert_eq!(read_reply(&mut stream).await.status, 200);
    let entry = entry_of(&mock, 3).await;
    assert_eq!(entry.request_bytes, (head.len() + body.len()) as u64);
    assert!(
        entry.first_write_ns >= entry.due_ns,
        "what was written before is no reply"
    );
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn chunked_bodies_are_read() {
    let mock = mock(0).await;
    let body = first(3, false);
    let chunks: Vec<String> = body
        .as_bytes()
        .chunks(100)
        .map(|chunk| {
            format!(
                "{:x};note=1\r\n{}\r\n",
                chunk.len(),
                str::from_utf8(chunk).unwrap()
            )
        })
        .collect();
    let request = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: mock\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{}0\r\nx-trailer: 1\r\n\r\n",
        chunks.concat()
    );
    let reply = Reply::parse(&said_to(mock.address(), request.as_bytes()).await);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let entry = entry_of(&mock, 3).await;
    assert_eq!(entry.request_body_bytes, body.len() as u64);
    assert_eq!(entry.request_bytes, request.len() as u64);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn http_1_0_keeps_a_connection_for_plain_replies_if_asked_to() {
    let mock = mock(0).await;
    let head = format!("POST {CHAT} HTTP/1.0\r\nconnection: keep-alive");
    let mut stream = TcpStream::connect(mock.address()).await.unwrap();
    for run in 0..3 {
        let request = with_length(&head, first(run, false).as_bytes());
        stream.write_all(&request).await.unwrap();
        let reply = read_reply(&mut stream).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.headers["connection"], "keep-alive");
    }
    drop(stream);
    // Without the wish the connection ends with the reply.
    let request = with_length(&format!("POST {CHAT} HTTP/1.0"), first(3, false).as_bytes());
    let reply = Reply::parse(&said_to(mock.address(), &request).await);
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .headers
            .get("connection")
            .is_none_or(|said| said == "close")
    );
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn http_1_0_is_told_that_a_streamed_reply_ends_with_the_connection() {
    let mock = mock(0).await;
    for connection in ["keep-alive", "close"] {
        for api in [ChatCompletions, Responses] {
            let body = requests(&seed(), api, 3, true)[0].to_string();
            let head = format!("POST {} HTTP/1.0\r\nconnection: {connection}", path(api));
            let reply = said_to(mock.address(), &with_length(&head, body.as_bytes())).await;
            let reply = Reply::parse(&reply);
            assert_eq!(reply.status, 200);
            assert_eq!(reply.headers["connection"], "close");
            assert!(!reply.headers.contains_key("transfer-encoding"));
            assert!(!reply.events().is_empty(), "{}", reply.body);
        }
    }
    let drain = b"POST /loopmark/drain HTTP/1.0\r\nconnection: keep-alive\r\n\r\n";
    let reply = Reply::parse(&said_to(mock.address(), drain).await);
    assert_eq!(reply.headers["connection"], "close");
    assert_eq!(reply.body.lines().count(), 4);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_has_nothing_more_to_send_gets_its_reply() {
    let mock = mock(50).await;
    for (version, stream) in [("1.1", false), ("1.1", true), ("1.0", false), ("1.0", true)] {
        let mut client = TcpStream::connect(mock.address()).await.unwrap();
        let head = format!("POST {CHAT} HTTP/{version}\r\nhost: mock");
        let request = with_length(&head, first(3, stream).as_bytes());
        client.write_all(&request).await.unwrap();
        client.shutdown().await.unwrap();
        let mut reply = String::new();
        // The mock ends the connection when the reply is out.
        client.read_to_string(&mut reply).await.unwrap();
        let reply = Reply::parse(&reply);
        assert_eq!(
            (reply.status, reply.is_stream()),
            (200, stream),
            "HTTP/{version}"
        );
        let entry = entry_of(&mock, 3).await;
        assert_eq!((entry.status, entry.aborted), (Some(200), false));
        assert_eq!(entry.gone_ns, None);
    }
    let mut client = TcpStream::connect(mock.address()).await.unwrap();
    let own = b"GET /loopmark/health HTTP/1.1\r\nhost: mock\r\n\r\n";
    client.write_all(own).await.unwrap();
    client.shutdown().await.unwrap();
    let mut reply = String::new();
    client.read_to_string(&mut reply).await.unwrap();
    assert_eq!(Reply::parse(&reply).status, 200);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_stops_sending_and_then_goes_away_is_noted_at_once() {
    // Nobody waits for the end of this hold.
    let mock = mock(3_600_000).await;
    for is_shut_down_first in [false, true] {
        let mut client = TcpStream::connect(mock.address()).await.unwrap();
        let request = with_length(
            &format!("POST {CHAT} HTTP/1.1\r\nhost: mock"),
            first(3, false).as_bytes(),
        );
        client.write_all(&request).await.unwrap();
        let before = mock.health().await.unwrap().open_connections;
        if is_shut_down_first {
            client.shutdown().await.unwrap();
            // The mock looks for the client a few times and finds it.
            for _ in 0..5 {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                assert_eq!(mock.health().await.unwrap().open_connections, before);
            }
        }
        drop(client);
        let entry = entry_of(&mock, 3).await;
        assert_eq!((entry.status, entry.aborted), (None, true));
        assert!(entry.gone_ns > entry.read_ns);
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn requests_that_come_before_their_turn_have_their_own_bytes_and_times() {
    let mock = mock(20).await;
    let post = |run, filler: &str, connection: &str| {
        let head = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: mock\r\nx-filler: {filler}\r\nconnection: {connection}"
        );
        with_length(&head, first(run, run == 1).as_bytes())
    };
    let requests = [
        post(0, "", "keep-alive"),
        post(1, &"f".repeat(1000), "keep-alive"),
        post(2, "ff", "close"),
    ];
    // In one piece; with the end of one request beside the start of the next one; byte by byte.
    let whole = requests.concat();
    let cut = requests[0].len() + 10;
    for parts in [
        vec![&whole[..]],
        vec![&whole[..cut], &whole[cut..]],
        whole.chunks(1).collect(),
    ] {
        let mut client = TcpStream::connect(mock.address()).await.unwrap();
        client.set_nodelay(true).unwrap();
        for part in parts {
            client.write_all(part).await.unwrap();
        }
        let mut replies = String::new();
        client.read_to_string(&mut replies).await.unwrap();
        assert_eq!(replies.matches("HTTP/1.1 200 OK\r\n").count(), 3);
        let mut entries = Vec::new();
        while entries.len() < 3 {
            entries.extend(mock.drain().await.unwrap());
        }
        let mut total = 0;
        for ((run, request), entry) in (0..).zip(&requests).zip(&entries) {
            assert_eq!((entry.run, entry.aborted), (Some(run), false));
            assert_eq!(entry.request_bytes, request.len() as u64, "run {run}");
            assert!(entry.first_byte_ns <= entry.read_ns.unwrap());
            assert!(entry.first_write_ns >= entry.due_ns, "run {run}");
            total += entry.reply_bytes;
        }
        assert_eq!(total, replies.len() as u64);
        for pair in entries.windows(2) {
            // The model begins with a request when the reply before it is out, and is not late for that.
            let base_ns = pair[1].read_ns.max(pair[0].last_write_ns);
            assert_eq!(pair[1].due_ns, base_ns.map(|base_ns| base_ns + 20_000_000));
            assert!(pair[1].first_byte_ns >= pair[0].first_byte_ns);
        }
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_body_that_is_too_long_leaves_the_next_request_its_own_bytes() {
    let mock = mock(0).await;
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: mock");
    let too_long = with_length(&head, &vec![b' '; MAX_REQUEST_BYTES + 1]);
    let next = with_length(
        &format!("{head}\r\nconnection: close"),
        first(3, false).as_bytes(),
    );
    let mut client = TcpStream::connect(mock.address()).await.unwrap();
    client.write_all(&too_long).await.unwrap();
    assert_eq!(read_reply(&mut client).await.status, 413);
    client.write_all(&next).await.unwrap();
    assert_eq!(read_reply(&mut client).await.status, 200);
    let mut entries = Vec::new();
    while entries.len() < 2 {
        entries.extend(mock.drain().await.unwrap());
    }
    let bytes: Vec<u64> = entries.iter().map(|entry| entry.request_bytes).collect();
    assert_eq!(bytes, [too_long.len() as u64, next.len() as u64]);
    assert!(entries.iter().all(|entry| entry.read_ns.is_some()));
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_request_that_offers_an_upgrade_to_http_2_is_answered_as_it_came() {
    let mock = mock(0).await;
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: mock\r\nconnection: Upgrade, HTTP2-Settings, close\r\n\
         upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__"
    );
    let request = with_length(&head, first(3, false).as_bytes());
    let reply = said_to(mock.address(), &request).await;
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    let entry = entry_of(&mock, 3).await;
    assert!(!entry.http2 && entry.problem.is_none());
    assert_eq!(entry.request_bytes, request.len() as u64);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_body_of_3_mb_is_read() {
    let mock = mock(0).await;
    let padded = format!("{}{}", first(3, false), " ".repeat(3_000_000));
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: mock\r\nconnection: close");
    let request = with_length(&head, padded.as_bytes());
    let reply = Reply::parse(&said_to(mock.address(), &request).await);
    assert_eq!(reply.status, 200);
    let entry = entry_of(&mock, 3).await;
    assert_eq!(entry.request_body_bytes, padded.len() as u64);
    mock.stop().await.unwrap();
}
