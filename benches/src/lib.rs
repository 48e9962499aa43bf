//! What the bench targets share.
//!
//! The harness starts its own executable as the mock and as the supervisor of a runner. Under `cargo bench` that
//! executable is the bench target, so every target that starts one hands such commands on to the harness.

use std::ffi::OsString;
use std::process::ExitCode;

/// Does what `loopmark mock`, `loopmark supervise` and `loopmark known-truth` do, if this process was started for that.
pub fn serve_the_harness() -> Option<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let command = arguments.get(1)?.to_str()?;
    matches!(command, "mock" | "supervise" | "known-truth").then(|| loopmark::cli::main(arguments))
}
