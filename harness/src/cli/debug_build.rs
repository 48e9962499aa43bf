//! Refuses to measure with a debug build of the harness: its mock is late and takes CPU time from the runners.

use clap::Args;

use super::exit::UsageError;

/// Whether this harness was built without optimisation.
pub(super) const IS_DEBUG_BUILD: bool = cfg!(debug_assertions);

/// The option that allows a debug build.
#[derive(Debug, Clone, Args)]
pub(super) struct DebugBuild {
    /// Measure even with a debug build of loopmark; every cell is marked `debug-build`
    #[arg(long)]
    allow_debug_build: bool,
}

impl DebugBuild {
    /// Whether the option is given.
    pub fn is_allowed(&self) -> bool {
        self.allow_debug_build
    }

    /// Refuses a debug build unless the option allows it.
    pub fn require_meant(&self) -> Result<(), UsageError> {
        if IS_DEBUG_BUILD && !self.allow_debug_build {
            let message = "this is a debug build of loopmark, whose mock is slow: \
                           measure with `cargo run --release -p loopmark -- run`, or pass --allow-debug-build";
            return Err(UsageError(message.to_owned()));
        }
        Ok(())
    }
}
