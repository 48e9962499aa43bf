//! Why a trial ended early.

use crate::measurement::FailureKind;

/// Why a trial ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// The reason in one sentence.
    pub reason: String,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, reason: impl Into<String>) -> Failure {
        Failure {
            kind,
            reason: reason.into(),
        }
    }
}

/// The failure of a mock that does not do what it is asked to do.
pub(super) fn mock_failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::MockFailed, error.to_string())
}
