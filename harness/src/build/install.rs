//! A build: which steps must be run again, and running them.

use std::path::Path;
use std::time::Instant;

use super::environment::Environment;
use super::error::BuildError;
use super::room::Room;
use super::sources::{Sources, StepSources};
use super::stamp::{self, BuiltStep, BuiltWith};
use super::step::Bench;
use super::{cargo, python, size, toolchain};
use crate::framework::{BuildStep, Framework};
use crate::layout::Layout;

/// What [`build`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// Manifest, sources, lock file and toolchain are as they were.
    UpToDate {
        /// SHA-256 of what the build was made from.
        sources: String,
    },
    /// All steps were run.
    Fresh {
        /// SHA-256 of what the build was made from.
        sources: String,
    },
}

impl Built {
    /// SHA-256 of manifest, sources, lock file and the versions of what the row requires.
    pub fn sources(&self) -> &str {
        match self {
            Built::UpToDate { sources } | Built::Fresh { sources } => sources,
        }
    }
}

/// Builds a row, unless it is up to date and all of it is there; `on_step` is told each step's command before it runs.
///
/// Only what must be is built again, in an environment of its own. A build that fails leaves the row as it was.
///
/// # Errors
///
/// A missing program with the sentence that helps, or the step that failed with its last lines.
pub fn build(
    framework: &Framework,
    layout: &Layout,
    on_step: &mut dyn FnMut(&str),
) -> Result<Built, BuildError> {
    let mut tools = Vec::new();
    for requirement in &framework.requires {
        tools.push(toolchain::check(requirement)?);
    }
    let sources = Sources::of(framework, layout, &tools)?;
    let mut room = Room::enter(layout, &framework.name)?;
    let before = BuiltWith::read(room.folder());
    let before = before.filter(|built| !built.complete || built.is_intact(room.folder()));
    if before
        .as_ref()
        .is_some_and(|built| built.complete && built.sources_sha256 == sources.whole)
    {
        return Ok(Built::UpToDate {
            sources: sources.whole,
        });
    }
    let kept = kept_steps(before, &sources, room.folder());
    let staying: Vec<String> = kept.iter().flat_map(|step| step.makes.clone()).collect();
    room.open(&staying)?;
    let mut built = BuiltWith {
        complete: false,
        sources_sha256: sources.whole.clone(),
        tools,
        environment: Environment::here().names(),
        steps: kept,
        programs: Default::default(),
        installed_bytes: 0,
    };
    let folder = room.folder().to_owned();
    let io = |source| failed(&folder, source);
    let mut bench = Bench::of_row(&framework.dir, room.lock(), on_step);
    run_steps(framework, layout, &sources, &mut built, &mut bench)?;
    built.installed_bytes = size::measure(framework, layout).map_err(io)?;
    built.programs = stamp::programs(framework, layout).map_err(io)?;
    built.complete = true;
    stamp::list_files(&folder).map_err(io)?;
    built.write(&folder).map_err(io)?;
    room.close()?;
    Ok(Built::Fresh {
        sources: sources.whole,
    })
}

/// The steps of the build before that need not be done again: the first ones that were made from the same, as long as
/// what they made is known and there.
fn kept_steps(before: Option<BuiltWith>, sources: &Sources, folder: &Path) -> Vec<BuiltStep> {
    let before = before.map_or(Vec::new(), |built| built.steps);
    let is_kept = |(step, of): &(BuiltStep, &StepSources)| {
        let are_there = step.makes.iter().all(|name| folder.join(name).exists());
        step.sha256 == of.sha256 && !step.makes.is_empty() && are_there
    };
    let pairs = before.into_iter().zip(&sources.steps).take_while(is_kept);
    pairs.map(|(step, _)| step).collect()
}

/// Runs the steps that are not `built` yet; what is done is written down after each.
fn run_steps(
    framework: &Framework,
    layout: &Layout,
    sources: &Sources,
    built: &mut BuiltWith,
    bench: &mut Bench,
) -> Result<(), BuildError> {
    let folder = layout.build(&framework.name);
    let steps = framework.build.iter().zip(&sources.steps);
    for (step, of) in steps.skip(built.steps.len()) {
        let started = Instant::now();
        run_step(step, framework, layout, bench)?;
        built.steps.push(BuiltStep {
            sha256: of.sha256.clone(),
            makes: of.makes.clone(),
            took_s: started.elapsed().as_secs(),
        });
        built
            .write(&folder)
            .map_err(|source| failed(&folder, source))?;
    }
    Ok(())
}

fn failed(folder: &Path, source: std::io::Error) -> BuildError {
    BuildError::Io {
        path: folder.to_owned(),
        source,
    }
}

fn run_step(
    step: &BuildStep,
    framework: &Framework,
    layout: &Layout,
    bench: &mut Bench,
) -> Result<(), BuildError> {
    let folder = layout.build(&framework.name);
    match step {
        BuildStep::Argv { argv, .. } => {
            let argv: Vec<String> = argv
                .iter()
                .map(|part| framework.expand(part, layout))
                .collect();
            bench.run(&argv).map(drop)
        }
        BuildStep::Venv { venv } => {
            python::install(&framework.dir.join(venv), &folder, layout, bench)
        }
        BuildStep::Cargo { cargo } => {
            cargo::install(&framework.dir.join(cargo), &folder, layout, bench)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toy(build: &str) -> (tempfile::TempDir, Framework, Layout) {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("frameworks/toy");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(folder.path().join("scenarios")).unwrap();
        let manifest = format!(
            "name = \"toy\"\nlabel = \"toy\"\nlanguage = \"go\"\nkind = \"framework\"\nupstream = \"\"\n\
             idiom = \"\"\n{build}\n[version]\nargv = [\"echo\", \"toy 1.0\"]\n[run]\nargv = [\"toy\"]\n\
             [[variant]]\nname = \"default\"\napi = \"responses\"\n[features]\nstreaming = true\n\
             parallel-tools = true\n"
        );
        std::fs::write(dir.join("framework.toml"), manifest).unwrap();
        let toy = Framework::load(&dir.join("framework.toml")).unwrap();
        let layout = Layout::find(folder.path()).unwrap();
        (folder, toy, layout)
    }

    #[test]
    fn a_build_runs_once_until_a_source_changes() {
        let (_folder, toy, layout) =
            toy("[[build]]\nargv = [\"sh\", \"-c\", \"echo built >> {root}/log\"]");
        let log = layout.root().join("log");
        let mut steps = 0;
        assert!(matches!(
            build(&toy, &layout, &mut |_| steps += 1).unwrap(),
            Built::Fresh { .. }
        ));
        assert!(matches!(
            build(&toy, &layout, &mut |_| steps += 1).unwrap(),
            Built::UpToDate { .. }
        ));
        assert_eq!(
            (steps, std::fs::read_to_string(&log).unwrap().as_str()),
            (1, "built\n")
        );
        std::fs::write(toy.dir.join("main.go"), "package main").unwrap();
        assert!(matches!(
            build(&toy, &layout, &mut |_| ()).unwrap(),
            Built::Fresh { .. }
        ));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "built\nbuilt\n");
    }

    #[test]
    fn a_failed_step_is_told_with_its_last_lines_and_tried_again() {
        let (_folder, toy, layout) =
            toy("[[build]]\nargv = [\"sh\", \"-c\", \"echo no luck >&2; exit 3\"]");
        for _ in 0..2 {
            let error = build(&toy, &layout, &mut |_| ()).unwrap_err().to_string();
            assert!(
                error.contains("no luck") && error.contains("exit status: 3"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_missing_program_is_told_with_what_to_do() {
        let (_folder, toy, layout) = toy(
            "[[requires]]\ncommand = \"no-such-tool\"\nversion = \"2.0\"\nget = \"install it\"",
        );
        let error = build(&toy, &layout, &mut |_| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "needs no-such-tool 2.0 or later, which is not here: install it"
        );
    }
}
