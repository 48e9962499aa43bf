//! Whether replies meet the 40 ms for which a receiver may put off its acknowledgement.
//!
//! A sender that leaves Nagle's algorithm on keeps a small segment back until the one before is acknowledged, which
//! Linux does after 40 ms if it has nothing to send meanwhile. The mock turns the algorithm off, so none of its replies
//! may be late by about that time: neither a chunk of a streamed one, nor one whose request came in two segments.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::bench::Bench;
use crate::mock::MockError;
use crate::mock::load::read_reply;
use crate::mock::requests::Requests;

const CONNECTIONS: u64 = 4;
const HOLD: Duration = Duration::from_millis(10);
/// Replies that are late by so much have waited for a delayed acknowledgement.
const STALL_NS: std::ops::RangeInclusive<u64> = 35_000_000..=60_000_000;
/// Runs of one connection, so that numbers differ between connections.
const RUNS: u64 = 1 << 32;

/// Nagle's algorithm against delayed acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DelayedAckCheck {
    /// Streamed replies with small chunks 5 ms apart. None may be stalled.
    pub streamed: Stalls,
    /// Replies to a client that writes head and body apart, without Nagle's algorithm. None may be stalled.
    pub in_two_parts: Stalls,
    /// The same with the client's algorithm on: its own stalls, which show that the check can see them.
    pub control: Stalls,
}

/// Replies, and how many of them were stalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stalls {
    /// All of them.
    pub replies: u64,
    /// Late by 35 to 60 ms.
    pub stalled: u64,
}

impl Stalls {
    /// Counts the replies that were late by at least this many ns.
    pub(super) fn among(late_ns: impl IntoIterator<Item = u64>) -> Stalls {
        let mut stalls = Stalls {
            replies: 0,
            stalled: 0,
        };
        for late_ns in late_ns {
            stalls.replies += 1;
            stalls.stalled += u64::from(STALL_NS.contains(&late_ns));
        }
        stalls
    }
}

pub(super) async fn check_delayed_ack(
    bench: &Bench,
    streamed: Stalls,
    duration: Duration,
) -> Result<DelayedAckCheck, MockError> {
    let mock = bench.start_mock(HOLD).await?;
    let requests = bench.requests(false);
    let stalls = async |nodelay| {
        let late = in_two_parts(mock.address(), &requests, nodelay, duration / 2).await;
        late.map(Stalls::among).map_err(MockError::Connection)
    };
    let check = DelayedAckCheck {
        streamed,
        in_two_parts: stalls(true).await?,
        control: stalls(false).await?,
    };
    mock.stop().await?;
    Ok(check)
}

/// How late replies came, in ns, to clients that write head and body apart.
async fn in_two_parts(
    server: SocketAddr,
    requests: &Requests,
    nodelay: bool,
    duration: Duration,
) -> io::Result<Vec<u64>> {
    let end = Instant::now() + duration;
    let mut loops = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let requests = requests.clone();
        loops.spawn(async move {
            let mut stream = TcpStream::connect(server).await?;
            stream.set_nodelay(nodelay)?;
            let (mut request, mut reply) = (Vec::new(), Vec::new());
            let mut late_ns = Vec::new();
            let mut run = connection * RUNS;
            while Instant::now() < end {
                let head = requests.write(server, run, &mut request);
                let sent = Instant::now();
                stream.write_all(&request[..head]).await?;
                stream.write_all(&request[head..]).await?;
                read_reply(&mut stream, &mut reply).await?;
                late_ns.push(sent.elapsed().saturating_sub(HOLD).as_nanos() as u64);
                run += 1;
            }
            io::Result::Ok(late_ns)
        });
    }
    let mut late_ns = Vec::new();
    while let Some(ended) = loops.join_next().await {
        late_ns.extend(ended.map_err(io::Error::other)??);
    }
    Ok(late_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_late_by_a_delayed_acknowledgement_is_stalled() {
        let late_ms = [0, 1, 34, 35, 41, 60, 61, 400];
        let stalls = Stalls::among(late_ms.map(|ms| ms * 1_000_000));
        assert_eq!((stalls.replies, stalls.stalled), (8, 3));
    }
}
