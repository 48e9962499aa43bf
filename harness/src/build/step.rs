//! One command of a build: run to its end, and told with its last lines where it fails.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use super::BuildError;

/// So many of a failed step's last lines are shown.
const TAIL_LINES: usize = 12;

/// What a command said.
pub(super) struct Said {
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// Runs one command to its end and gives its standard output.
pub(super) fn run_step(
    argv: &[String],
    dir: &Path,
    on_step: &mut dyn FnMut(&str),
) -> Result<String, BuildError> {
    run_with(argv, dir, &[], on_step).map(|said| said.out)
}

/// Runs one command to its end with more in its environment.
pub(super) fn run_with(
    argv: &[String],
    dir: &Path,
    env: &[(String, String)],
    on_step: &mut dyn FnMut(&str),
) -> Result<Said, BuildError> {
    let step = argv.join(" ");
    on_step(&step);
    let failed = |status: String, tail: String| BuildError::Step {
        step: step.clone(),
        status,
        tail,
    };
    let Some((program, arguments)) = argv.split_first() else {
        return Err(failed("no program".to_owned(), String::new()));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .envs(env.iter().map(|(key, value)| (key, value)))
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string(), String::new()))?;
    let stderr = child.stderr.take();
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    let output = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string(), String::new()))?;
    let err = errors.join().unwrap_or_default();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(Said { out, err });
    }
    // Some tools tell on standard output what is wrong, Maven and npm among them.
    let lines: Vec<&str> = out.lines().chain(err.lines()).collect();
    let tail = lines
        .get(lines.len().saturating_sub(TAIL_LINES)..)
        .unwrap_or_default()
        .join("\n");
    Err(failed(output.status.to_string(), tail))
}
