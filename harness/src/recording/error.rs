//! What can go wrong with a recording.

use std::io;
use std::path::PathBuf;

use crate::InputError;
use crate::mock::ListenAddress;

/// What can go wrong with a recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The scenario's file can't have this name.
    #[error(
        "cannot record to {path}: the file's name must be lower-case letters, digits and hyphens, then .toml",
        path = path.display()
    )]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A recording overwrites nothing.
    #[error("{path} already exists; choose another --output", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The address is taken, not this machine's or not known.
    #[error("cannot listen on {address}: {source}; port 0 takes a free port")]
    Listen {
        /// The address.
        address: ListenAddress,
        /// The system's reason.
        source: io::Error,
    },
    /// The machine has no certificates to know an upstream by.
    #[error(
        "this machine has no certificates to know an https upstream by; install ca-certificates or set SSL_CERT_FILE"
    )]
    NoCertificates,
    /// The system gives no signals.
    #[error("the system fails the recording: {0}")]
    Runtime(#[source] io::Error),
    /// There is nothing to write.
    #[error(
        "no conversation has ended, so nothing was written (requests to the model: {requests} understood, {not_understood} not); let the agent use the OPENAI_BASE_URL that was printed"
    )]
    NothingSeen {
        /// Requests that were understood.
        requests: u64,
        /// Requests that were not.
        not_understood: u64,
    },
    /// What was recorded makes no scenario.
    #[error("what was recorded makes no scenario: {0}")]
    Scenario(#[from] InputError),
    /// The file can't be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}
