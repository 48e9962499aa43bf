//! The client of the mock's self-check: a closed loop of one request in flight on each connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// The longest reply that the client takes.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// What is asked, how often and for how long.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub connections: u32,
    /// The connections start their first requests spread evenly over this time.
    pub stagger: Duration,
    /// No request starts after this time; the last ones are waited for.
    pub duration: Duration,
}

/// Sends request after request, numbered from 0; gives how many replies of status 200 came.
pub(super) async fn closed_loop(
    server: SocketAddr,
    load: &Load,
    path: &'static str,
    body: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
) -> io::Result<u64> {
    // All connections stand before the first request: what is measured is requests.
    let mut streams = Vec::new();
    for _ in 0..load.connections {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let next = AtomicU64::new(0);
    let next_request = move || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        request(server, path, &body(number))
    };
    let next_request = Arc::new(next_request);
    let start = Instant::now();
    let mut loops = JoinSet::new();
    for (stream, index) in streams.into_iter().zip(0..) {
        let next_request = Arc::clone(&next_request);
        let first = start + load.stagger * index / load.connections.max(1);
        let end = start + load.duration;
        loops.spawn(async move {
            sleep_until(first).await;
            one_connection(stream, &*next_request, end).await
        });
    }
    let mut replies = 0;
    while let Some(ended) = loops.join_next().await {
        replies += ended.map_err(io::Error::other)??;
    }
    Ok(replies)
}

fn request(server: SocketAddr, path: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

async fn one_connection(
    mut stream: TcpStream,
    next_request: &(impl Fn() -> Vec<u8> + Sync),
    end: Instant,
) -> io::Result<u64> {
    let mut buffer = Vec::with_capacity(8 * 1024);
    let mut replies = 0;
    loop {
        stream.write_all(&next_request()).await?;
        read_reply(&mut stream, &mut buffer).await?;
        replies += 1;
        if Instant::now() >= end {
            return Ok(replies);
        }
    }
}

async fn read_reply(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    loop {
        if let Some(bytes) = reply_bytes(buffer)? {
            if buffer.len() == bytes {
                return Ok(());
            }
            if buffer.len() > bytes {
                return Err(invalid("more bytes than one reply"));
            }
        }
        if buffer.len() > MAX_REPLY_BYTES {
            return Err(invalid("an endless reply"));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// How long the reply is, head and body, once its head is there.
fn reply_bytes(buffer: &[u8]) -> io::Result<Option<usize>> {
    let Some(head_end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head =
        std::str::from_utf8(&buffer[..head_end]).map_err(|_| invalid("a head of no text"))?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(invalid(&format!("the status line {status:?}")));
    }
    let body = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .ok_or_else(|| invalid("no content-length"))?;
    Ok(Some(head_end + 4 + body))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the reply has {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::matchers::{body_json, header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    #[test]
    fn a_replys_length_is_known_with_its_head() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel";
        assert_eq!(reply_bytes(head).unwrap(), Some(head.len() + 2));
        assert_eq!(reply_bytes(b"HTTP/1.1 200 OK\r\nconte").unwrap(), None);
        assert!(reply_bytes(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(reply_bytes(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[tokio::test]
    async fn another_server_understands_every_request_and_counts_the_same() {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/v1/chat/completions"))
            .and(header("content-type", "application/json"))
            .and(body_json(serde_json::json!({"hello": "you"})))
            .respond_with(ResponseTemplate::new(200).set_body_string("a reply of some length"))
            .mount(&server)
            .await;
        let load = Load {
            connections: 5,
            stagger: Duration::from_millis(10),
            duration: Duration::from_millis(100),
        };
        let body = |_| br#"{"hello":"you"}"#.to_vec();
        let sent = closed_loop(*server.address(), &load, "/v1/chat/completions", body);
        let sent = sent.await.unwrap();
        let received = server.received_requests().await.unwrap();
        assert!(sent >= 5, "{sent}");
        assert_eq!(sent, received.len() as u64);
    }

    #[tokio::test]
    async fn a_refusal_is_an_error() {
        let server = MockServer::start().await;
        let load = Load {
            connections: 1,
            stagger: Duration::ZERO,
            duration: Duration::ZERO,
        };
        let refused = closed_loop(*server.address(), &load, "/", |_| Vec::new()).await;
        assert!(refused.unwrap_err().to_string().contains("404"));
    }
}
