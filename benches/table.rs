//! The comparison itself: `loopmark run --quick`, with what follows `--` on the command line added.
//!
//! `cargo bench --bench table -- -f 'floor-*' --levels 10` measures the floors at level 10.

use std::ffi::OsString;
use std::process::ExitCode;

use loopmark_benches::serve_the_harness;

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    // cargo adds `--bench`.
    let own = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let run = ["loopmark", "run", "--quick"].map(OsString::from);
    loopmark::cli::main(run.into_iter().chain(own))
}
