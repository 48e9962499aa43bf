//! `loopmark build`.

use clap::Args;

use super::exit::Exit;
use super::messages::MessageOptions;
use super::selection::Selection;
use crate::layout::Layout;

/// What to install.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    messages: MessageOptions,
}

pub(super) fn build(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let frameworks = options.selection.frameworks(layout)?;
    let results = options.messages.open().build(frameworks, layout);
    let is_whole = results.iter().all(|(_, result)| result.is_ok());
    Ok(if is_whole {
        Exit::Good
    } else {
        Exit::Environment
    })
}
