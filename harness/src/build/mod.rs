//! Installs the runners: what a row requires is looked for, its build steps are run, and what is up to date is skipped.

mod python;
pub mod release;
mod size;
mod step;
mod toolchain;

use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::framework::{BuildStep, Framework, Language, Requirement};
use crate::layout::Layout;

pub use size::installed_bytes;
use step::{run_step, run_with};

/// Why a row can't be measured here.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A program is not on this machine.
    #[error("needs {command} {version} or later, which is not here: {get}")]
    Missing {
        /// The program.
        command: String,
        /// The least version.
        version: String,
        /// What a person does to get it.
        get: String,
    },
    /// A program is too old.
    #[error("needs {command} {version} or later, here is {found}: {get}")]
    TooOld {
        /// The program.
        command: String,
        /// The least version.
        version: String,
        /// What is here.
        found: String,
        /// What a person does to get it.
        get: String,
    },
    /// A step of the build failed.
    #[error("`{step}` failed ({status}); its last lines:\n{tail}")]
    Step {
        /// The command.
        step: String,
        /// How it ended.
        status: String,
        /// What it said last.
        tail: String,
    },
    /// A tool ended well, but what it said can't be understood.
    #[error("`{step}` does not say {what}")]
    Unclear {
        /// The command.
        step: String,
        /// What was looked for.
        what: String,
    },
    /// A row can't be moved to a release of its framework.
    #[error("{0}")]
    Release(String),
    /// A file or folder of the build can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

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

/// Builds a row, unless it is up to date; `on_step` is told each step's command before it runs.
///
/// # Errors
///
/// A missing program with the sentence that helps, or the step that failed with its last lines.
pub fn build(
    framework: &Framework,
    layout: &Layout,
    on_step: &mut dyn FnMut(&str),
) -> Result<Built, BuildError> {
    let mut versions = Vec::new();
    for requirement in &framework.requires {
        versions.push(toolchain::check(requirement)?);
    }
    let sources = source_digest(framework, layout, &versions)?;
    let folder = layout.build(&framework.name);
    let stamp = folder.join("built-from");
    if std::fs::read_to_string(&stamp).is_ok_and(|built| built == sources) {
        return Ok(Built::UpToDate { sources });
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| BuildError::Io { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(io(&folder))?;
    // From here to the end the build is half done: without its stamp, the next one starts afresh.
    if stamp.exists() {
        std::fs::remove_file(&stamp).map_err(io(&stamp))?;
    }
    for step in &framework.build {
        match step {
            BuildStep::Argv { argv } => {
                let argv: Vec<String> = argv
                    .iter()
                    .map(|part| framework.expand(part, layout))
                    .collect();
                run_step(&argv, &framework.dir, on_step)?;
            }
            BuildStep::Venv { venv } => {
                python::install(framework, layout, &framework.dir.join(venv), on_step)?;
            }
        }
    }
    size::keep(framework, layout).map_err(io(&folder))?;
    std::fs::write(&stamp, &sources).map_err(io(&stamp))?;
    Ok(Built::Fresh { sources })
}

/// Whether a build of the row has come to its end, of whatever sources.
pub fn is_built(framework: &Framework, layout: &Layout) -> bool {
    layout.build(&framework.name).join("built-from").is_file()
}

/// What the row's `[version]` prints: the framework and its installed version.
///
/// # Errors
///
/// When the program can't be run or fails.
pub fn installed_version(framework: &Framework, layout: &Layout) -> Result<String, BuildError> {
    let argv: Vec<String> = framework
        .version
        .iter()
        .map(|part| framework.expand(part, layout))
        .collect();
    let env = framework.run.env.iter();
    let env: Vec<(String, String)> = env
        .map(|(key, value)| (key.clone(), framework.expand(value, layout)))
        .collect();
    let said = run_with(&argv, &framework.dir, &env, &mut |_| {})?;
    Ok(said.out.trim().to_owned())
}

/// SHA-256 over everything that a build is made from.
fn source_digest(
    framework: &Framework,
    layout: &Layout,
    versions: &[String],
) -> Result<String, BuildError> {
    let shared = match framework.language {
        Language::Rust => vec!["frameworks/shared/rust", "harness/protocol"],
        Language::Python => vec!["frameworks/shared/python"],
        Language::TypeScript => vec!["frameworks/shared/typescript"],
        Language::Go => vec!["frameworks/shared/go"],
        Language::Jvm => vec!["frameworks/shared/jvm"],
    };
    let mut digest = Digest::default();
    versions.iter().for_each(|version| digest.text(version));
    let shared = shared.into_iter().map(|folder| layout.root().join(folder));
    for folder in std::iter::once(framework.dir.clone()).chain(shared) {
        for path in source_files(&folder)? {
            let name = path
                .strip_prefix(&folder)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            digest
                .file(&name, &path)
                .map_err(|source| BuildError::Io { path, source })?;
        }
    }
    Ok(digest.finish())
}

/// The files of a folder in a fixed order, without what builds and tests leave there.
fn source_files(folder: &Path) -> Result<Vec<PathBuf>, BuildError> {
    const LEFTOVERS: [&str; 5] = [
        "target",
        "node_modules",
        "__pycache__",
        "tests",
        "README.md",
    ];
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let entry = entry.map_err(|source| BuildError::Io {
                path: folder.clone(),
                source,
            })?;
            let name = entry.file_name();
            if LEFTOVERS.iter().any(|leftover| name == *leftover) {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files.sort();
    Ok(files)
}

/// What of a row's requirements is not here, without building anything.
///
/// # Errors
///
/// The first requirement that is missing or too old.
pub fn check_requirements(requirements: &[Requirement]) -> Result<(), BuildError> {
    requirements
        .iter()
        .try_for_each(|requirement| toolchain::check(requirement).map(drop))
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
            toy("[[build]]\nargv = [\"sh\", \"-c\", \"echo built >> {build}/log\"]");
        let log = layout.build("toy").join("log");
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

    #[test]
    fn the_installed_version_is_asked_of_the_runner() {
        let (_folder, toy, layout) = toy("");
        assert_eq!(installed_version(&toy, &layout).unwrap(), "toy 1.0");
    }
}
