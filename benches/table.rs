//! The comparison itself: `loopmark run --quick` of the README's rows, with what follows `--` on the command line added.
//!
//! `cargo bench --bench table -- -f 'floor-*' --levels 10` measures the floors at level 10, and
//! `LOOPMARK_BENCH_ROWS='*' cargo bench` all rows, which takes about three times as long.

use std::ffi::OsString;
use std::process::ExitCode;

use loopmark_benches::serve_the_harness;

/// The rows of the README's table: a run of these ends within minutes, as a bench should.
const ROWS: &str = "ours,rig,langchain,openai-agents,floor-rust,floor-python";
/// Other rows, named as `-f` takes them: `cargo bench` hands what follows `--` to every bench, and this to none.
const CHOSEN: &str = "LOOPMARK_BENCH_ROWS";
/// Arguments that choose rows.
const CHOICES: [&str; 6] = [
    "-f",
    "--framework",
    "--language",
    "--kind",
    "--runner",
    "--resume",
];

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    // cargo adds `--bench`.
    let own: Vec<OsString> = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let mut run = ["loopmark", "run", "--quick"].map(OsString::from).to_vec();
    if !own
        .iter()
        .any(|argument| chooses_rows(&argument.to_string_lossy()))
    {
        let rows = std::env::var_os(CHOSEN).unwrap_or_else(|| ROWS.into());
        run.extend(["-f".into(), rows]);
    }
    loopmark::cli::main(run.into_iter().chain(own))
}

/// Whether an argument is one of [`CHOICES`], alone or with its value (`--kind=floor`, `-fours`).
fn chooses_rows(argument: &str) -> bool {
    let name = argument.split('=').next().unwrap_or(argument);
    CHOICES.contains(&name) || argument.starts_with("-f")
}
