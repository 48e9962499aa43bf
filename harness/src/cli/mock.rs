//! `loopmark mock`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::exit::Exit;
use super::number;
use crate::layout::Layout;
use crate::mock::{self, Limits, ListenAddress, ServeOptions};
use crate::system::CpuList;

/// What to serve, and where.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Play the scenario in FILE [default: the checkout's scenarios/seed.toml]
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Listen on this address or host name, and this port; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    listen: ListenAddress,
    /// Answer browsers: reply to OPTIONS requests, and let pages of any origin read the replies
    #[arg(long)]
    cors: bool,
    /// Use this latency for every turn instead of the scenario's
    #[arg(long, value_name = "MS", value_parser = number::milliseconds_or_none())]
    latency_ms: Option<u64>,
    /// Run only on these processors, such as 0-2,5
    #[arg(long, value_name = "LIST")]
    cpus: Option<CpuList>,
    /// Serve runners in a network namespace of this process's own (used by the harness)
    #[arg(long, hide = true)]
    isolate: bool,
    /// Wait this long between two chunks of a streamed reply, instead of the scenario's time
    #[arg(long, value_name = "MS", value_parser = number::milliseconds_or_none())]
    chunk_interval_ms: Option<u64>,
    /// Keep at most N connections open; close any further one at once
    #[arg(long, value_name = "N", default_value_t = 32_768, value_parser = number::count())]
    max_connections: u32,
    /// Close a connection whose request is not complete within MS milliseconds of its first byte
    #[arg(long, value_name = "MS", default_value_t = 30_000, value_parser = number::milliseconds())]
    request_time_ms: u64,
    /// Keep at most N ledger entries until they are drained; later ones are only counted
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = number::many())]
    ledger_entries: u64,
    /// Exit when standard input closes
    #[arg(long)]
    exit_with_stdin: bool,
}

pub(super) fn mock(
    options: Options,
    layout: impl FnOnce() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    let scenario = match options.scenario {
        Some(scenario) => scenario,
        None => layout()?.scenario("seed"),
    };
    mock::run(ServeOptions {
        scenario,
        listen: options.listen,
        cors: options.cors,
        latency: options.latency_ms.map(Duration::from_millis),
        cpus: options.cpus,
        isolate: options.isolate,
        chunk_interval: options.chunk_interval_ms.map(Duration::from_millis),
        limits: Limits {
            connections: options.max_connections,
            request_time: Duration::from_millis(options.request_time_ms),
            ledger_entries: usize::try_from(options.ledger_entries).unwrap_or(usize::MAX),
        },
        exit_with_stdin: options.exit_with_stdin,
    })?;
    Ok(Exit::Good)
}
