//! What can go wrong with a mock server.

use std::io;
use std::net::SocketAddr;

use crate::InputError;

/// What can go wrong with a mock server.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// The scenario can't be played.
    #[error(transparent)]
    Scenario(#[from] InputError),
    /// The address is taken or not this machine's.
    #[error("cannot listen on {address}: {source}; port 0 takes a free port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The system gives no thread, timer or signal.
    #[error("cannot start the mock's runtime: {0}")]
    Runtime(#[source] io::Error),
}
