//! How late the chunks of streamed replies come, as a client sees them.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use loopmark_protocol::{Api, monotonic_ns};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::bench::Bench;
use super::delayed_ack::Stalls;
use super::held::require_flawless;
use super::timer::BareTimer;
use crate::mock::process::{MockOptions, MockProcess};
use crate::mock::requests::Requests;
use crate::mock::respond::{Reply, Responder};
use crate::mock::{Entry, MockError};
use crate::stats::Lateness;

const CONNECTIONS: u32 = 20;
const HOLD: Duration = Duration::from_millis(20);
/// Shorter than a delayed acknowledgement, so that one would be seen.
const INTERVAL: Duration = Duration::from_millis(5);

/// The chunks of streamed replies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StreamCheck {
    /// One streamed reply under way on each.
    pub connections: u32,
    /// The time between two chunks of a reply.
    pub interval_ms: f64,
    /// Replies.
    pub replies: u64,
    /// From the moment at which a chunk was due to its last byte read by the client.
    pub lateness: Lateness,
    /// A thread that did nothing but sleep in steps of 5 ms during the same seconds.
    pub os_timer: Lateness,
}

/// What a client saw of one streamed reply.
pub(super) struct Streamed {
    run: u64,
    /// Bytes of the body so far, and when they had come.
    parts: Vec<(usize, u64)>,
}

pub(super) async fn check_stream(
    bench: &Bench,
    duration: Duration,
) -> Result<(StreamCheck, Stalls), MockError> {
    let (late, os_timer) = streamed_late_ns(bench, CONNECTIONS, INTERVAL, duration).await?;
    let check = StreamCheck {
        connections: CONNECTIONS,
        interval_ms: INTERVAL.as_secs_f64() * 1e3,
        replies: late.len() as u64,
        lateness: Lateness::of(late.iter().flatten().copied()),
        os_timer,
    };
    // A reply is as late as the latest of its chunks.
    let latest = late.iter().filter_map(|chunks| chunks.iter().max());
    Ok((check, Stalls::among(latest.copied())))
}

/// How late each chunk of each reply came, in ns, and a bare timer meanwhile: one streamed reply after the other on each
/// connection, its chunks `interval` apart.
pub(super) async fn streamed_late_ns(
    bench: &Bench,
    connections: u32,
    interval: Duration,
    duration: Duration,
) -> Result<(Vec<Vec<u64>>, Lateness), MockError> {
    let options = MockOptions {
        latency: Some(HOLD),
        chunk_interval: Some(interval),
        ..MockOptions::new(&bench.scenario_path)
    };
    let mock = MockProcess::start(&bench.executable, &options).await?;
    let requests = bench.requests(true);
    let timer = BareTimer::start(None);
    let streamed = closed_loop(mock.address(), &requests, connections, duration).await;
    let os_timer = Lateness::of(timer.stop());
    let streamed = streamed.map_err(MockError::Connection)?;
    let entries = mock.drain().await?;
    mock.stop().await?;
    require_flawless(&entries, streamed.len() as u64)?;
    let late = chunks_late_ns(bench, &requests, &streamed, &entries, interval)?;
    Ok((late, os_timer))
}

/// How late each chunk of each reply was, in ns. The ledger has when the first one was due.
fn chunks_late_ns(
    bench: &Bench,
    requests: &Requests,
    streamed: &[Streamed],
    entries: &[Entry],
    interval: Duration,
) -> Result<Vec<Vec<u64>>, MockError> {
    let due_ns: BTreeMap<Option<u64>, u64> = entries
        .iter()
        .filter_map(|entry| Some((entry.run, entry.due_ns?)))
        .collect();
    let responder = Responder::new(bench.scenario.clone());
    let interval_ns = interval.as_nanos() as u64;
    streamed
        .iter()
        .map(|reply| {
            let answer = responder.respond(Api::ChatCompletions, &requests.body(reply.run));
            let (Ok(Reply::Moments(chunks)), Some(due_ns)) = (
                answer.map(|answer| answer.reply),
                due_ns.get(&Some(reply.run)),
            ) else {
                let run = reply.run;
                return Err(MockError::Answer(format!("run {run} was not streamed")));
            };
            let ends = chunks.iter().scan(0, |end, chunk| {
                *end += chunk.len();
                Some(*end)
            });
            ends.zip(0..)
                .map(|(end, index)| {
                    let came = reply.parts.iter().find(|(bytes, _)| *bytes >= end);
                    let (_, came_ns) = came.ok_or_else(|| {
                        MockError::Answer("a streamed reply is shorter than its script".to_owned())
                    })?;
                    Ok(came_ns.saturating_sub(due_ns + index * interval_ns))
                })
                .collect()
        })
        .collect()
}

/// Asks for one streamed reply after the other on each connection.
pub(super) async fn closed_loop(
    server: SocketAddr,
    requests: &Requests,
    connections: u32,
    duration: Duration,
) -> io::Result<Vec<Streamed>> {
    let next_run = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + duration;
    let mut loops = JoinSet::new();
    for _ in 0..connections {
        let (next_run, requests) = (Arc::clone(&next_run), requests.clone());
        loops.spawn(async move { one_connection(server, &requests, &next_run, end).await });
    }
    let mut streamed = Vec::new();
    while let Some(ended) = loops.join_next().await {
        streamed.extend(ended.map_err(io::Error::other)??);
    }
    Ok(streamed)
}

async fn one_connection(
    server: SocketAddr,
    requests: &Requests,
    next_run: &AtomicU64,
    end: Instant,
) -> io::Result<Vec<Streamed>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    // It ends with the sender.
    tokio::spawn(connection);
    let mut streamed = Vec::new();
    while Instant::now() < end {
        let run = next_run.fetch_add(1, Ordering::Relaxed);
        let request = Request::post(requests.path())
            .header("host", server.to_string())
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(requests.body(run))))
            .map_err(io::Error::other)?;
        sender.ready().await.map_err(io::Error::other)?;
        let response = sender.send_request(request).await;
        let mut body = response.map_err(io::Error::other)?.into_body();
        let mut bytes = 0;
        let mut parts = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(io::Error::other)?;
            bytes += frame.data_ref().map_or(0, Bytes::len);
            parts.push((bytes, monotonic_ns()));
        }
        streamed.push(Streamed { run, parts });
    }
    Ok(streamed)
}
