//! A debug build of the harness measures itself: its mock is late and takes the time of others.

use clap::Args;

use super::exit::UsageError;

/// Whether this harness was built without optimisation.
pub(super) const IS_DEBUG_BUILD: bool = cfg!(debug_assertions);

/// For those who mean it.
#[derive(Debug, Clone, Args)]
pub(super) struct DebugBuild {
    /// Measure although this harness is a debug build; every cell is marked `debug-build`
    #[arg(long)]
    allow_debug_build: bool,
}

impl DebugBuild {
    /// Refuses a debug build that nobody asked for.
    pub fn require_meant(&self) -> Result<(), UsageError> {
        if IS_DEBUG_BUILD && !self.allow_debug_build {
            let message = "this is a debug build of loopmark, whose mock is slow: \
                           measure with `cargo run --release -p loopmark -- run`, or say --allow-debug-build";
            return Err(UsageError(message.to_owned()));
        }
        Ok(())
    }
}
