//! The `loopmark` command.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use loopmark::mock::{self, ServeOptions};

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!(
            "usage: loopmark mock --scenario PATH [--latency-ms N] [--listen ADDRESS] [--exit-with-stdin]"
        );
        return ExitCode::from(2);
    };
    match mock::run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

fn options() -> Option<ServeOptions> {
    let mut words = std::env::args().skip(1);
    if words.next()? != "mock" {
        return None;
    }
    let mut options = ServeOptions {
        scenario: PathBuf::new(),
        listen: ([127, 0, 0, 1], 0).into(),
        latency: None,
        exit_with_stdin: false,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--scenario" => options.scenario = words.next()?.into(),
            "--listen" => options.listen = words.next()?.parse().ok()?,
            "--latency-ms" => {
                options.latency = Some(Duration::from_millis(words.next()?.parse().ok()?));
            }
            "--exit-with-stdin" => options.exit_with_stdin = true,
            _ => return None,
        }
    }
    Some(options)
}
