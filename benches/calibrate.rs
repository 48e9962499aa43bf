//! How far off the figures are on this machine: `loopmark calibrate`, with the arguments after `--` added.

use std::ffi::OsString;
use std::process::ExitCode;

use loopmark_benches::{Wanted, list, serve_the_harness};

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    let own = match Wanted::of("calibrate", std::env::args_os().skip(1)) {
        Wanted::Nothing => return ExitCode::SUCCESS,
        Wanted::List => return list("calibrate"),
        Wanted::Measure(own) => own,
    };
    let calibrate = ["loopmark", "calibrate"].map(OsString::from);
    loopmark::cli::main(calibrate.into_iter().chain(own))
}
