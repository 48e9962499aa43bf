//! `loopmark update`: moves a row to the newest release of its framework, provided that the row still does the work.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::drive::Drive;
use super::exit::Exit;
use super::messages::MessageOptions;
use super::selection::{Private, Rows, Selection};
use super::verify;
use crate::build::release::{self, Versions};
use crate::framework::Framework;
use crate::layout::Layout;

/// The number of runs that must be verified; CI asks for the same number.
const RUNS: u32 = 21;

/// Which row to update.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The row
    name: String,
    #[command(flatten)]
    private: Private,
    #[command(flatten)]
    drive: Drive,
    /// Only write the lock file, with the versions that the row names; build and verify nothing
    #[arg(long)]
    lock_only: bool,
}

pub(super) fn update(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let row = options.private.row(&options.name, layout)?;
    let before = Kept::of(&row)?;
    if options.lock_only {
        tell!("locking {}", row.name);
        let locked = release::lock(&row, layout, Versions::Named);
        return before.keep_if(locked.map(|()| Exit::Good));
    }
    tell!("locking the newest release for {}", row.name);
    if let Err(error) = release::lock(&row, layout, Versions::Newest) {
        return before.keep_if(Err(error));
    }
    if Kept::of(&row)?.files == before.files {
        put!(
            "{} already has the newest release; nothing has changed\n",
            row.name
        )?;
        return Ok(Exit::Good);
    }
    let selection = Selection {
        rows: Rows::default(),
        variants: "all".to_owned(),
    };
    let name = row.name.clone();
    let plan = verify::Plan {
        selection: &selection,
        drive: &options.drive,
        runs: RUNS,
        all_cases: false,
        offers: false,
        messages: &MessageOptions::default().open(),
    };
    let verified = verify::verify_rows(vec![row], &plan, layout);
    let exit = before.keep_if(verified)?;
    if exit == Exit::Good {
        put!(
            "{name} does the work with the newest release, which is now locked; see `git diff`\n"
        )?;
    }
    Ok(exit)
}

/// The files that an update changes, as they were before it; `None` for a file that did not exist.
struct Kept {
    row: String,
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl Kept {
    fn of(row: &Framework) -> anyhow::Result<Kept> {
        let read = |path: PathBuf| match std::fs::read(&path) {
            Ok(bytes) => Ok((path, Some(bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok((path, None)),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        };
        let files = release::locked_files(row).into_iter().map(read);
        Ok(Kept {
            row: row.name.clone(),
            files: files.collect::<anyhow::Result<_>>()?,
        })
    }

    /// Restores the files unless `ended` is good, and returns `ended`.
    fn keep_if<E>(&self, ended: Result<Exit, E>) -> anyhow::Result<Exit>
    where
        anyhow::Error: From<E>,
    {
        if !matches!(ended, Ok(Exit::Good)) {
            self.restore()?;
            tell!("{}: restored its old lock file", self.row);
        }
        Ok(ended?)
    }

    fn restore(&self) -> anyhow::Result<()> {
        for (path, bytes) in &self.files {
            let restored = match bytes {
                Some(bytes) => std::fs::write(path, bytes),
                None => match std::fs::remove_file(path) {
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                    removed => removed,
                },
            };
            restored.with_context(|| format!("can't restore {}", path.display()))?;
        }
        Ok(())
    }
}
