//! Why a row can't be explained.

use std::path::{Path, PathBuf};

use crate::build::BuildError;

/// Why a row can't be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The machine has no sampler, or does not let it work: a sentence with what to do.
    #[error("{0}")]
    Sampler(String),
    /// What the sampler wrote can't be understood.
    #[error("{path}: {reason}", path = path.display())]
    Unclear {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The sampler can't be installed.
    #[error(transparent)]
    Install(#[from] BuildError),
    /// A file can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl ExplainError {
    pub(super) fn unclear(path: &Path, reason: impl ToString) -> ExplainError {
        ExplainError::Unclear {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ExplainError {
        let path = path.to_owned();
        move |source| ExplainError::Io { path, source }
    }
}

/// Reads a file that a sampler wrote.
pub(super) fn read(path: &Path) -> Result<String, ExplainError> {
    std::fs::read_to_string(path).map_err(ExplainError::io(path))
}
