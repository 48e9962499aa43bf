//! Why a row can't be created.

use std::path::{Path, PathBuf};

use crate::InputError;

/// A row can't be created.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// What was asked for is not possible; the sentence says why.
    #[error("{0}")]
    Wrong(String),
    /// A manifest of the checkout is wrong.
    #[error(transparent)]
    Manifest(#[from] InputError),
    /// A file or folder can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

pub(super) fn wrong(sentence: impl Into<String>) -> ScaffoldError {
    ScaffoldError::Wrong(sentence.into())
}

pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ScaffoldError {
    let path = path.to_owned();
    move |source| ScaffoldError::Io { path, source }
}
