//! One command of a build: run to its end, and told with its last lines where it fails.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use super::environment::Environment;
use super::error::BuildError;
use super::{jdk, settings};

/// How many of a failed step's last lines are shown.
const TAIL_LINES: usize = 12;
/// What cargo says for programs: noise among a failed step's last lines.
const FOR_PROGRAMS: &str = "{\"reason\":";

/// What a command said.
pub(super) struct Said {
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// Where commands are run, and who hears of them.
pub(super) struct Bench<'a> {
    dir: &'a Path,
    held: Option<&'a File>,
    on_step: &'a mut dyn FnMut(&str),
}

impl<'a> Bench<'a> {
    /// In a folder, telling nobody.
    pub fn quiet(dir: &'a Path, nobody: &'a mut dyn FnMut(&str)) -> Bench<'a> {
        Bench {
            dir,
            held: None,
            on_step: nobody,
        }
    }

    /// In a row's folder, while its lock is held.
    pub fn of_row(dir: &'a Path, lock: &'a File, on_step: &'a mut dyn FnMut(&str)) -> Bench<'a> {
        Bench {
            dir,
            held: Some(lock),
            on_step,
        }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.dir
    }

    /// Runs one command to its end and gives its standard output.
    pub fn run<T: AsRef<str>>(&mut self, argv: &[T]) -> Result<String, BuildError> {
        self.run_with(argv, &[]).map(|said| said.out)
    }

    /// Runs one command to its end with more in its environment.
    pub fn run_with<T: AsRef<str>>(
        &mut self,
        argv: &[T],
        env: &[(String, String)],
    ) -> Result<Said, BuildError> {
        let argv: Vec<String> = argv.iter().map(|part| part.as_ref().to_owned()).collect();
        let step = argv.join(" ");
        (self.on_step)(&step);
        let failed = |status: String, tail: String| BuildError::Step {
            step: step.clone(),
            status,
            tail,
        };
        let Some((program, arguments)) = argv.split_first() else {
            return Err(failed("no program".to_owned(), String::new()));
        };
        let environment = jdk::for_program(program, Environment::here())?;
        let mut command = settings::for_command(&argv, environment).command(program);
        command
            .args(arguments)
            .envs(env.iter().map(|(key, value)| (key, value)))
            .current_dir(self.dir)
            .stdin(self.stdin());
        let (is_good, status, said) =
            finish(&mut command).map_err(|error| failed(error.to_string(), String::new()))?;
        if is_good {
            return Ok(said);
        }
        Err(failed(status, tail(&said)))
    }

    /// An empty file. It is the lock's own where one is held, so that the lock lives as long as the command does, even
    /// when the harness is killed: the next build waits for its end.
    fn stdin(&self) -> Stdio {
        let lock = self.held.and_then(|lock| lock.try_clone().ok());
        lock.map_or_else(Stdio::null, Stdio::from)
    }
}

/// Runs a command to its end: whether it was good, how it ended, and what it said.
fn finish(command: &mut Command) -> std::io::Result<(bool, String, Said)> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take();
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    let output = child.wait_with_output()?;
    let said = Said {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: errors.join().unwrap_or_default(),
    };
    Ok((output.status.success(), output.status.to_string(), said))
}

/// Some tools tell on standard output what is wrong, Maven and npm among them.
fn tail(said: &Said) -> String {
    let for_people = |line: &&str| !line.starts_with(FOR_PROGRAMS);
    let lines: Vec<&str> = said
        .out
        .lines()
        .chain(said.err.lines())
        .filter(for_people)
        .collect();
    let last = lines.get(lines.len().saturating_sub(TAIL_LINES)..);
    last.unwrap_or_default().join("\n")
}
