//! Why a results folder can't be written or read.

use std::path::{Path, PathBuf};

/// A results folder can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// A file or folder can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file has invalid content.
    #[error("{path}:{line}: {message}", path = path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A record of an older format cannot be appended to.
    #[error("{path}: a record of format {format} can be read but not resumed; start a new sweep", path = path.display())]
    Older {
        /// The folder.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// Two harnesses must not write to one folder.
    #[error("{path}: another loopmark process is writing there; wait until it ends", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
}

pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ResultsError {
    let path = path.to_owned();
    move |source| ResultsError::Io { path, source }
}

/// The remedy for invalid content.
pub(super) const REMEDY: &str = "the record is damaged: restore it from a copy, or measure again";
/// The remedy where only the end is missing.
const RESUME: &str = "run `loopmark run --resume` to measure the missing trials";

/// An error at a line of a record, with its remedy.
pub(super) fn content(path: &Path, line: usize, fault: &str) -> ResultsError {
    ResultsError::Content {
        path: path.to_owned(),
        line,
        message: format!("{fault}; {REMEDY}"),
    }
}

/// A complete sweep that lacks something after `lines` lines.
pub(super) fn incomplete(path: &Path, lines: usize, what: &str) -> ResultsError {
    ResultsError::Content {
        path: path.to_owned(),
        line: lines + 1,
        message: format!(
            "run.json says that the sweep is complete, but {what} is missing; {RESUME}"
        ),
    }
}
