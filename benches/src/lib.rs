//! Code that the bench targets share: cargo's conventions, and the harness's own commands.

mod wanted;

use std::ffi::OsString;
use std::process::ExitCode;

pub use wanted::Wanted;

/// Runs `loopmark mock`, `loopmark supervise` or `loopmark known-truth` if this process was started for that.
///
/// The harness starts its own executable as the mock and as the supervisor of a runner. Under `cargo bench` that
/// executable is the bench target, so every target that starts one passes those commands on to the harness.
pub fn serve_the_harness() -> Option<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let command = arguments.get(1)?.to_str()?;
    matches!(command, "mock" | "supervise" | "known-truth").then(|| loopmark::cli::main(arguments))
}

/// The exit code of a target with one bench if nothing is to be measured: without `--bench`, with `--list` or `--test`,
/// or with a filter that does not match its name.
pub fn measures_nothing(name: &str) -> Option<ExitCode> {
    match Wanted::of(name, std::env::args_os().skip(1)) {
        Wanted::Nothing => Some(ExitCode::SUCCESS),
        Wanted::List => Some(list(name)),
        Wanted::Measure(_) => None,
    }
}

/// Like [`measures_nothing`], for a target with several benches that applies the filters itself.
pub fn measures_nothing_of_any(name: &str) -> Option<ExitCode> {
    let arguments = std::env::args_os().skip(1);
    let plain = arguments.filter(|argument| argument.to_string_lossy().starts_with('-'));
    match Wanted::of(name, plain) {
        Wanted::Nothing => Some(ExitCode::SUCCESS),
        Wanted::List => Some(list(name)),
        Wanted::Measure(_) => None,
    }
}

/// Lists a target's only bench as Rust's test harness does.
pub fn list(name: &str) -> ExitCode {
    println!("{name}: benchmark");
    ExitCode::SUCCESS
}
