//! What can go wrong with a mock server.

use std::io;
use std::path::PathBuf;

use super::listen::ListenAddress;
use crate::InputError;
use crate::system::CpuList;

/// What can go wrong with a mock server.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// The scenario can't be played.
    #[error(transparent)]
    Scenario(#[from] InputError),
    /// The address is taken, not this machine's or not known.
    #[error("cannot listen on {address}: {source}; port 0 takes a free port")]
    Listen {
        /// The address.
        address: ListenAddress,
        /// The system's reason.
        source: io::Error,
    },
    /// The system gives no process, thread, timer or signal.
    #[error("the system fails the mock: {0}")]
    Runtime(#[source] io::Error),
    /// The mock can't run on the processors that it is given.
    #[error("cannot run on processors {cpus}: {source}")]
    Cpus {
        /// Which.
        cpus: CpuList,
        /// The system's reason.
        source: io::Error,
    },
    /// The system gives no network namespace.
    #[error("cannot make a network namespace: {0}")]
    Namespace(#[source] io::Error),
    /// The mock's executable can't be started.
    #[error("cannot start the mock {executable}: {source}", executable = executable.display())]
    Spawn {
        /// The executable.
        executable: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The scenario of the streams that are measured has no place.
    #[error("cannot write a temporary file: {0}; set TMPDIR to a folder that can be written to")]
    Temporary(#[source] io::Error),
    /// The mock was started but does not listen.
    #[error("the mock did not start: {0}")]
    NotReady(String),
    /// The mock does not take connections any more.
    #[error("cannot connect to the mock: {0}")]
    Connection(#[source] io::Error),
    /// The connection broke.
    #[error("the mock's connection broke: {0}")]
    Http(#[from] hyper::Error),
    /// The mock's answer is not what it should be.
    #[error("the mock's answer makes no sense: {0}")]
    Answer(String),
    /// The ledger was full.
    #[error(
        "the mock's ledger was full with {kept} entries, and {lost} later ones are lost; ask for fewer runs in a batch"
    )]
    Lost {
        /// How many are lost.
        lost: u64,
        /// How many it had.
        kept: usize,
    },
    /// The mock takes too long.
    #[error("the mock does not answer")]
    Silent,
    /// The mock ended otherwise than well.
    #[error("the mock {0}")]
    Ended(String),
}
