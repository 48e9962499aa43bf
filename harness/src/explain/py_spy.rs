//! py-spy, for Python: it reads the interpreter's stacks from outside.

use std::path::{Path, PathBuf};

use super::error::{ExplainError, read};
use super::stacks::Stacks;
use crate::build;
use crate::layout::Layout;

pub(super) const DESCRIPTION: &str = "py-spy, 100 samples per second of the thread that holds the interpreter's lock (its garbage collector is not told apart)";

/// Its version, with its hashes.
const REQUIREMENTS: &str = include_str!("py-spy.txt");
const FILE: &str = "py-spy.txt";

/// The program, installed into the ignored folder if it is not there.
pub(super) fn program(layout: &Layout) -> Result<PathBuf, ExplainError> {
    let fix = |error| {
        ExplainError::Sampler(format!(
            "py-spy, which samples programs in Python, can't be installed here ({error}): give pip a way to its \
             registry, or install Python with venv"
        ))
    };
    build::python_tool("py-spy", REQUIREMENTS, layout).map_err(fix)
}

/// py-spy writes to standard output, which is the protocol's; the runner gets that, and py-spy standard error. It fails
/// where it has reaped its child itself, after it has written all: its file decides.
pub(super) fn wrap(program: &Path, argv: &[String], folder: &Path) -> Vec<String> {
    let script = "file=$1; shift; exec 3>&1 1>&2; \"$@\"; test -s \"$file\"";
    let inner = "exec 1>&3 3>&-; exec \"$@\"";
    let file = folder.join(FILE);
    let (program, file) = (program.to_string_lossy(), file.to_string_lossy());
    let start = [
        "sh", "-c", script, "sh", &file, &program, "record", "--format", "raw",
    ];
    let options = ["--gil", "--rate", "100", "--full-filenames", "--function"];
    let rest = ["--output", &file, "--", "sh", "-c", inner, "sh"];
    let words = start.into_iter().chain(options).chain(rest);
    words
        .map(str::to_owned)
        .chain(argv.iter().cloned())
        .collect()
}

pub(super) fn stacks(folder: &Path) -> Result<Stacks, ExplainError> {
    let path = folder.join(FILE);
    let stacks =
        Stacks::parse(&read(&path)?).map_err(|reason| ExplainError::unclear(&path, reason))?;
    Ok(shortened(&stacks))
}

pub(super) fn shortened(stacks: &Stacks) -> Stacks {
    stacks.map(|frames| Some(frames.iter().map(|frame| name(frame)).collect()))
}

/// What py-spy writes for a thread that holds the lock without running Python code, as at the start and the end.
const NO_FRAME: &str = "[no Python code]";

/// `langchain/agents/factory.py:create_agent` of `create_agent (/…/site-packages/langchain/agents/factory.py)`.
fn name(frame: &str) -> String {
    if frame.is_empty() {
        return NO_FRAME.to_owned();
    }
    let parts = frame
        .strip_suffix(')')
        .and_then(|frame| frame.rsplit_once(" ("));
    let Some((function, file)) = parts else {
        return frame.to_owned();
    };
    let file = match file.rsplit_once(':') {
        Some((file, line)) if line.parse::<u32>().is_ok() => file,
        _ => file,
    };
    format!("{}:{function}", module(file))
}

/// A file's path from the folder of packages, of the standard library or of the rows on.
fn module(file: &str) -> &str {
    if let Some((_, module)) = file.rsplit_once("/site-packages/") {
        return module;
    }
    if let Some((_, rest)) = file.split_once("/lib/python3")
        && let Some((_, module)) = rest.split_once('/')
    {
        return module;
    }
    match file.find("/frameworks/") {
        Some(at) => &file[at + 1..],
        None => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_their_package_on() {
        let read = Stacks::parse(include_str!("fixtures/py-spy.txt")).unwrap();
        let stacks = shortened(&read);
        assert_eq!(stacks.samples(), read.samples());
        let leaves: Vec<&str> = stacks
            .iter()
            .map(|(frames, _)| frames.last().unwrap().as_str())
            .collect();
        assert!(leaves.contains(&NO_FRAME), "{leaves:?}");
        assert!(
            leaves.iter().any(|leaf| leaf.starts_with("openai/")),
            "{leaves:?}"
        );
        assert!(
            leaves
                .iter()
                .any(|leaf| leaf.starts_with("json/decoder.py:")),
            "{leaves:?}"
        );
        assert!(!stacks.to_string().contains(".pyenv"), "{stacks}");
    }

    #[test]
    fn a_row_s_own_file_is_not_taken_for_a_package() {
        let frame = "run (/home/x/frameworks/langchain/runner.py:9)";
        assert_eq!(name(frame), "frameworks/langchain/runner.py:run");
        assert_eq!(
            name("load (<frozen importlib._bootstrap>:1)"),
            "<frozen importlib._bootstrap>:load"
        );
        assert_eq!(name("process 7"), "process 7");
    }

    /// As py-spy does: says something on standard output, runs the command, fails. The protocol's line is alone.
    #[test]
    fn standard_output_stays_the_runner_s_and_the_file_decides_the_exit() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let spy = folder.path().join("spy");
        let script = "#!/bin/sh\necho sampling\nwhile [ \"$1\" != -- ]; do [ \"$1\" = --output ] && out=$2; shift; done\n\
                      shift\n\"$@\"\necho 'run 1' > \"$out\"\nexit 1\n";
        std::fs::write(&spy, script).unwrap();
        std::fs::set_permissions(&spy, std::fs::Permissions::from_mode(0o755)).unwrap();
        let argv = ["echo".to_owned(), "two  words".to_owned()];
        let wrapped = wrap(&spy, &argv, folder.path());
        let output = std::process::Command::new(&wrapped[0])
            .args(&wrapped[1..])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "two  words\n");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "sampling\n");
        assert!(output.status.success());
    }
}
