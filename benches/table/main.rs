//! The comparison itself: `loopmark run --quick` of the README's rows, with the arguments after `--` added.
//!
//! `cargo bench -- -f 'floor-*' --levels 10,50` measures the floors at two levels. `cargo bench -- -f '*'` measures all
//! rows, which takes about seven times as long.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use loopmark::framework::{Framework, Set};
use loopmark::layout::Layout;
use loopmark_benches::{Wanted, serve_the_harness};

/// The bench's name, for filters and lists.
const NAME: &str = "table";
/// Further rows, named as for `-f`.
const CHOSEN: &str = "LOOPMARK_BENCH_ROWS";
/// The levels that are measured besides the table's burst; each further one takes a minute.
const LEVELS: &str = "10";
/// Arguments that choose rows.
const ROW_CHOICES: [&str; 7] = [
    "-f",
    "--framework",
    "--language",
    "--kind",
    "--set",
    "--runner",
    "--resume",
];
/// Arguments that choose levels.
const LEVEL_CHOICES: [&str; 4] = ["-l", "--levels", "--table-only", "--resume"];

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    let own = match Wanted::of(NAME, std::env::args_os().skip(1)) {
        Wanted::Nothing => return ExitCode::SUCCESS,
        Wanted::List => return loopmark_benches::list(NAME),
        Wanted::Measure(own) => own,
    };
    let mut run = ["loopmark", "run"].map(OsString::from).to_vec();
    if !chooses(&own, &["--resume"]) {
        run.push("--quick".into());
    }
    if !chooses(&own, &ROW_CHOICES) {
        let rows = match std::env::var_os(CHOSEN) {
            Some(rows) => rows,
            None => match rows_of_the_bench() {
                Ok(rows) => rows.into(),
                Err(error) => {
                    eprintln!("error: {error}");
                    return ExitCode::from(2);
                }
            },
        };
        run.extend(["-f".into(), rows]);
    }
    if !chooses(&own, &LEVEL_CHOICES) {
        run.extend(["--levels", LEVELS].map(OsString::from));
    }
    loopmark::cli::main(run.into_iter().chain(own))
}

/// Those of the short table: a run of these ends within minutes, as a bench should.
fn rows_of_the_bench() -> Result<String, Box<dyn std::error::Error>> {
    let layout = Layout::find(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    let mut rows = Framework::load_all(&layout)?;
    rows.retain(|row| row.sets.contains(&Set::Table));
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    Ok(names.join(","))
}

/// Whether one of the arguments is among `choices`, alone or with its value (`--kind=floor`, `-fours`).
fn chooses(arguments: &[OsString], choices: &[&str]) -> bool {
    arguments.iter().any(|argument| {
        let argument = argument.to_string_lossy();
        let name = argument.split('=').next().unwrap_or(&argument);
        let short = |choice: &&&str| choice.len() == 2 && !argument.starts_with("--");
        choices.contains(&name)
            || choices
                .iter()
                .filter(short)
                .any(|choice| argument.starts_with(choice))
    })
}
