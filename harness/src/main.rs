//! The `loopmark` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    loopmark::cli::main(std::env::args_os())
}
