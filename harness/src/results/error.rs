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
    /// A file does not hold what it should.
    #[error("{path}:{line}: {message}", path = path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Nothing is appended to a record of an older format.
    #[error("{path}: a record of format {format} can be read, not resumed; start a new sweep", path = path.display())]
    Older {
        /// The folder.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// Two harnesses must not write to one folder.
    #[error("{path}: another loopmark is writing there; wait for its end", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
}

pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ResultsError {
    let path = path.to_owned();
    move |source| ResultsError::Io { path, source }
}

/// What helps against all that is found here.
pub(super) const REMEDY: &str = "the record is damaged: take it from a copy, or measure again";
/// What helps where only the end is missing.
const RESUME: &str = "`loopmark run --resume` measures what is missing";

/// An error of a record at a line, with what to do.
pub(super) fn content(path: &Path, line: usize, fault: &str) -> ResultsError {
    ResultsError::Content {
        path: path.to_owned(),
        line,
        message: format!("{fault}; {REMEDY}"),
    }
}

/// A complete sweep that lacks something behind `lines` lines.
pub(super) fn incomplete(path: &Path, lines: usize, what: &str) -> ResultsError {
    ResultsError::Content {
        path: path.to_owned(),
        line: lines + 1,
        message: format!("run.json calls the sweep complete, and {what} is missing; {RESUME}"),
    }
}
