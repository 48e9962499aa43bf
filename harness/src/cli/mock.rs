//! `loopmark mock`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::exit::Exit;
use crate::cpus::CpuList;
use crate::layout::Layout;
use crate::mock::{self, ServeOptions};

/// What to serve, and where.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The scenario's file [default: the checkout's scenarios/seed.toml]
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The latency of every turn, instead of the scenario's
    #[arg(long, value_name = "MS")]
    latency_ms: Option<u64>,
    /// Run on these processors only, such as 0-2,5
    #[arg(long, value_name = "LIST")]
    cpus: Option<CpuList>,
    /// Serve runners in a network namespace of this process's own (used by the harness)
    #[arg(long, hide = true)]
    isolate: bool,
    /// Exit when standard input ends
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
        latency: options.latency_ms.map(Duration::from_millis),
        cpus: options.cpus,
        isolate: options.isolate,
        exit_with_stdin: options.exit_with_stdin,
    })?;
    Ok(Exit::Good)
}
