//! How far off the figures are on this machine: `loopmark calibrate`, with what follows `--` on the command line added.

use std::ffi::OsString;
use std::process::ExitCode;

use loopmark_benches::serve_the_harness;

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    let (added, own): (Vec<OsString>, Vec<OsString>) = std::env::args_os()
        .skip(1)
        .partition(|argument| argument == "--bench");
    // Without what cargo bench adds it is a test's run, which measures nothing.
    if added.is_empty() {
        return ExitCode::SUCCESS;
    }
    let calibrate = ["loopmark", "calibrate"].map(OsString::from);
    loopmark::cli::main(calibrate.into_iter().chain(own))
}
