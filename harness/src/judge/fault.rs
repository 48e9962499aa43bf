//! What is wrong with a run.

/// Why a run does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// One word for counting.
    pub reason: &'static str,
    /// In one sentence.
    pub detail: String,
}
