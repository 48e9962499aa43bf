//! The client that loads a mock, and any server like it: a closed loop with one request under way on each connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::requests::Requests;

/// The longest reply that the client takes.
const MAX_REPLY_BYTES: usize = 1024 * 1024;
/// What most replies fit into; a connection keeps so much for its replies.
const REPLY_BYTES: usize = 4096;

/// How often requests are sent, and for how long.
#[derive(Debug, Clone)]
pub struct Load {
    /// All stand before the first request is sent; the first requests are spread evenly over `period`.
    pub connections: u32,
    /// From one request of a connection to its next one, which waits for the reply in any case.
    pub period: Duration,
    /// When the last request starts; the last replies are waited for.
    pub until: Until,
}

/// When a load ends.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// No request starts after this time, but the first one of each connection.
    Elapsed(Duration),
    /// Exactly this many requests.
    Requests(u64),
}

/// Sends requests from number `first` on; gives how many replies of status 200 came.
///
/// # Errors
///
/// A connection that breaks, a reply of another status or of no length.
pub async fn closed_loop(
    server: SocketAddr,
    load: &Load,
    requests: &Requests,
    first: u64,
) -> io::Result<u64> {
    let mut streams = Vec::new();
    for _ in 0..load.connections {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let start = Instant::now();
    let (last, end) = match load.until {
        Until::Elapsed(duration) => (u64::MAX, Some(start + duration)),
        Until::Requests(requests) => (first + requests, None),
    };
    let shared = Arc::new(Shared {
        server,
        requests: requests.clone(),
        next: AtomicU64::new(first),
        last,
        period: load.period,
        end,
    });
    let mut loops = JoinSet::new();
    for (stream, index) in streams.into_iter().zip(0..) {
        let begin = start + load.period * index / load.connections.max(1);
        loops.spawn(one_connection(stream, Arc::clone(&shared), begin));
    }
    let mut replies = 0;
    while let Some(ended) = loops.join_next().await {
        replies += ended.map_err(io::Error::other)??;
    }
    Ok(replies)
}

struct Shared {
    server: SocketAddr,
    requests: Requests,
    /// The number of the next request.
    next: AtomicU64,
    /// The first number that is not sent.
    last: u64,
    period: Duration,
    end: Option<Instant>,
}

async fn one_connection(
    mut stream: TcpStream,
    shared: Arc<Shared>,
    begin: Instant,
) -> io::Result<u64> {
    let (mut request, mut reply) = (Vec::new(), Vec::new());
    let mut replies = 0;
    let mut next = begin;
    loop {
        if !shared.period.is_zero() {
            sleep_until(next).await;
            next += shared.period;
        }
        // At least once: a connection whose turn comes late on a busy machine would show nothing.
        if replies > 0 && shared.end.is_some_and(|end| Instant::now() >= end) {
            return Ok(replies);
        }
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        if number >= shared.last {
            return Ok(replies);
        }
        shared.requests.write(shared.server, number, &mut request);
        stream.write_all(&request).await?;
        read_reply(&mut stream, &mut reply).await?;
        replies += 1;
    }
}

/// Reads one reply of status 200 whole.
pub(super) async fn read_reply(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    buffer.reserve(REPLY_BYTES);
    let mut wanted = None;
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if wanted.is_none() {
            wanted = reply_bytes(buffer)?;
        }
        match wanted {
            Some(bytes) if buffer.len() == bytes => return Ok(()),
            Some(bytes) if buffer.len() > bytes => {
                return Err(invalid("more bytes than one reply"));
            }
            _ if buffer.len() > MAX_REPLY_BYTES => return Err(invalid("an endless reply")),
            _ => {}
        }
    }
}

/// How long the reply is, head and body, once its head is there.
fn reply_bytes(buffer: &[u8]) -> io::Result<Option<usize>> {
    let Some(head_end) = memmem::find(buffer, b"\r\n\r\n") else {
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
    use crate::scenario::Scenario;
    use loopmark_protocol::Api;
    use serde_json::Value;
    use std::path::Path;
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    fn seed() -> Scenario {
        Scenario::load(Path::new("../scenarios/seed.toml")).unwrap()
    }

    fn load(connections: u32, until: Until) -> Load {
        Load {
            connections,
            period: Duration::from_millis(10),
            until,
        }
    }

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
            .and(path("/v1/responses"))
            .and(header("content-type", "application/json"))
            .respond_with(ResponseTemplate::new(200).set_body_string("a reply of some length"))
            .mount(&server)
            .await;
        let scenario = seed();
        let requests = Requests::first_of_runs(&scenario, Api::Responses, false);
        let asked = [
            Until::Elapsed(Duration::from_millis(100)),
            Until::Requests(7),
        ];
        let mut sent = Vec::new();
        for until in asked {
            let load = load(5, until);
            sent.push(
                closed_loop(*server.address(), &load, &requests, 40)
                    .await
                    .unwrap(),
            );
        }
        assert!(sent[0] >= 5 && sent[1] == 7, "{sent:?}");
        let received = server.received_requests().await.unwrap();
        assert_eq!(sent.iter().sum::<u64>(), received.len() as u64);
        let body: Value = serde_json::from_slice(&received[0].body).unwrap();
        let prompt = body["input"][1]["content"].as_str().unwrap();
        assert_eq!(scenario.run_of(prompt), Some(40));
    }

    #[tokio::test]
    async fn a_refusal_is_an_error() {
        let server = MockServer::start().await;
        let requests = Requests::first_of_runs(&seed(), Api::Responses, false);
        let load = load(1, Until::Requests(1));
        let refused = closed_loop(*server.address(), &load, &requests, 0).await;
        assert!(refused.unwrap_err().to_string().contains("404"));
    }
}
