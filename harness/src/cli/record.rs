//! `loopmark record`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::exit::Exit;
use super::measure::runtime;
use super::number;
use crate::mock::ListenAddress;
use crate::recording::{self, Recording, Upstream};

/// What to record, and where to.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Pass every request on to the server with this base URL, such as https://api.openai.com/v1; its keys pass too, and
    /// are never written
    #[arg(long, value_name = "URL")]
    upstream: Upstream,
    /// Listen on this address or host name, and this port; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    listen: ListenAddress,
    /// Write the scenario to FILE, which must not exist; in the checkout's scenarios/ `run` finds it
    #[arg(long, value_name = "FILE", default_value = "scenario.toml")]
    output: PathBuf,
    /// End when N conversations have ended [default: at Ctrl-C]
    #[arg(long, value_name = "N", value_parser = number::count())]
    conversations: Option<u32>,
    /// End after SECONDS [default: at Ctrl-C]
    #[arg(long = "for", value_name = "SECONDS", value_parser = number::seconds())]
    time: Option<u64>,
    /// Write instructions, prompts and answers as they were, instead of filler of the same length
    #[arg(long)]
    with_texts: bool,
}

pub(super) fn record(options: Options) -> anyhow::Result<Exit> {
    let output = options.output.clone();
    let recording = Recording {
        upstream: options.upstream,
        listen: options.listen,
        output: options.output,
        with_texts: options.with_texts,
        conversations: options.conversations.map(u64::from),
        time: options.time.map(Duration::from_secs),
    };
    let counts = runtime()?.block_on(recording::record(&recording))?;
    let output = output.display();
    tell!(
        "wrote {output}: {}; to see it: loopmark check {output}",
        counts.in_words()
    );
    Ok(Exit::Good)
}
