//! `loopmark build`.

use anyhow::Context;
use clap::Args;

use super::exit::Exit;
use super::messages::MessageOptions;
use super::selection::Selection;
use super::words::mebibytes;
use crate::build::prune;
use crate::framework::Framework;
use crate::layout::Layout;

/// What to install.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    selection: Selection,
    /// Build nothing; remove what was built for rows that are gone, and the target folder that Rust rows share. Name
    /// private rows that are to stay with --runner
    #[arg(long, conflicts_with_all = ["frameworks", "language", "kind", "sets", "variants"])]
    prune: bool,
    #[command(flatten)]
    messages: MessageOptions,
}

pub(super) fn build(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    if options.prune {
        return remove(options, layout);
    }
    let frameworks = options.selection.frameworks(layout)?;
    let results = options.messages.open().build(frameworks, layout);
    let is_whole = results.iter().all(|(_, result)| result.is_ok());
    Ok(if is_whole {
        Exit::Good
    } else {
        Exit::Environment
    })
}

fn remove(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let mut rows = Framework::load_all(layout)?;
    let private = options.selection.rows.private.frameworks(&rows, layout)?;
    rows.extend(private);
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let gone = prune(&names, layout).context("can't remove all that was built")?;
    for pruned in &gone {
        let (folder, bytes) = (pruned.folder.display(), mebibytes(pruned.bytes));
        put!("removed {folder}: {bytes} MiB\n")?;
    }
    let bytes = gone.iter().map(|pruned| pruned.bytes).sum();
    put!("{} MiB are free again\n", mebibytes(bytes))?;
    Ok(Exit::Good)
}
