//! Where and how often known runners are measured, and why that can fail.

use std::path::PathBuf;
use std::time::Duration;

use crate::measurement::Network;
use crate::system::Pinning;

/// The name of the known runners' row and scenario.
pub(super) const NAME: &str = "known-truth";
/// The hidden subcommand that runs a known runner.
pub const SUBCOMMAND: &str = "known-truth";

/// Repetitions before a sweep.
pub const QUICK: u32 = 1;
/// Repetitions of `loopmark calibrate`.
pub const THOROUGH: u32 = 5;

/// The deadline of every step. A step takes milliseconds, so that even a busy machine meets it.
pub(super) const DEADLINE: Duration = Duration::from_secs(600);
/// Where trials run.
#[derive(Debug, Clone)]
pub struct Setting {
    /// This program, which also runs as runner, mock and supervisor.
    pub executable: PathBuf,
    /// The processors of runner and mock; `None` if nothing is pinned.
    pub pinning: Option<Pinning>,
    /// Network access for runners.
    pub network: Network,
}

/// A machine can't be calibrated.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// No temporary folder.
    #[error("can't create a temporary folder for the known runners: {0}")]
    Folder(std::io::Error),
    /// A known runner can't be set up.
    #[error("can't set up the known runners: {0}")]
    Lab(String),
    /// A trial failed.
    #[error("can't measure the known runner {role}: {reason}")]
    Trial {
        /// The runner's role.
        role: String,
        /// The trial's reason.
        reason: String,
    },
    /// The bare exchange failed.
    #[error("can't exchange bytes between two threads over the loopback device: {0}")]
    Exchange(std::io::Error),
    /// It was interrupted.
    #[error("interrupted")]
    Interrupted,
}
