//! What a mock is told when it starts.

use std::path::PathBuf;
use std::time::Duration;

use super::listen::ListenAddress;
use crate::system::CpuList;

/// What `loopmark mock` is told on the command line.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The scenario's file.
    pub scenario: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: ListenAddress,
    /// Answer browsers: `OPTIONS` requests, and headers that let any page read the replies.
    pub cors: bool,
    /// Replaces the latency of every turn.
    pub latency: Option<Duration>,
    /// Run on these processors only.
    pub cpus: Option<CpuList>,
    /// Serve runners in a new network namespace of this process; `listen` stays for the harness.
    pub isolate: bool,
    /// Replaces the time between two chunks of a streamed reply.
    pub chunk_interval: Option<Duration>,
    /// What clients may take of the mock.
    pub limits: Limits,
    /// Exit when standard input ends, so that a harness that is killed leaves no mock behind.
    pub exit_with_stdin: bool,
}

/// What clients may take of a mock.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections that are open at once; one more is closed at once.
    pub connections: u32,
    /// From the first byte of a request to its last one; a connection that takes longer is closed.
    pub request_time: Duration,
    /// Entries that the ledger keeps until it is drained; later ones are counted and lost.
    pub ledger_entries: usize,
}
