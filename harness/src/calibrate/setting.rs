//! Where and how often known runners are measured, and what may be in the way.

use std::path::PathBuf;
use std::time::Duration;

use crate::measurement::Network;
use crate::system::Pinning;

/// What the known runners, their row and their scenario are called.
pub(super) const NAME: &str = "known-truth";
/// The hidden subcommand of this program that is a known runner.
pub const SUBCOMMAND: &str = "known-truth";

/// Repetitions before a sweep.
pub const QUICK: u32 = 1;
/// Repetitions of a calibration by itself.
pub const THOROUGH: u32 = 5;

/// Each step of a known runner takes milliseconds: no machine is so busy that it takes this long.
pub(super) const DEADLINE: Duration = Duration::from_secs(600);
/// Where trials run.
#[derive(Debug, Clone)]
pub struct Setting {
    /// This program: it is the runner, the mock and the supervisor.
    pub executable: PathBuf,
    /// Who runs on which processors.
    pub pinning: Option<Pinning>,
    /// Network access for runners.
    pub network: Network,
}

/// A machine can't be calibrated.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// No temporary folder.
    #[error("no temporary folder for the known runners: {0}")]
    Folder(std::io::Error),
    /// A known runner can't be set up.
    #[error("the known runners can't be set up: {0}")]
    Lab(String),
    /// A trial did not come to its end.
    #[error("the known runner {role} can't be measured here: {reason}")]
    Trial {
        /// Which one.
        role: String,
        /// Why, in the trial's words.
        reason: String,
    },
    /// The bare exchange failed.
    #[error("two threads can't exchange a byte over the loopback device: {0}")]
    Exchange(std::io::Error),
    /// It was interrupted.
    #[error("interrupted")]
    Interrupted,
}
