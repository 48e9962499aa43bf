//! What a row is built from, as digests: of the whole, and of each step, so that a change repeats no more than it must.

use std::path::{Path, PathBuf};

use super::error::BuildError;
use super::{cargo, python};
use crate::digest::Digest;
use crate::framework::{BuildStep, Framework, Language};
use crate::layout::Layout;

/// Goes into every step's digest. Raised when the harness installs in another way.
const WAY: &str = "1";

/// What builds and tests leave in a folder, and what is no part of a program.
const LEFTOVERS: [&str; 6] = [
    ".env",
    "README.md",
    "__pycache__",
    "node_modules",
    "target",
    "tests",
];

/// What a row is built from.
#[derive(Debug)]
pub(super) struct Sources {
    /// SHA-256 of manifest, sources, lock file and the versions of what the row requires.
    pub whole: String,
    /// In the order of the steps.
    pub steps: Vec<StepSources>,
}

/// What a step is made from.
#[derive(Debug)]
pub(super) struct StepSources {
    /// SHA-256 of the step, of the files that it reads, and of the steps before it.
    pub sha256: String,
    /// What it makes in the build folder; empty where the manifest does not say.
    pub makes: Vec<String>,
}

impl Sources {
    /// Reads all that the row is built from; `tools` are the versions of what it requires.
    pub fn of(
        framework: &Framework,
        layout: &Layout,
        tools: &[String],
    ) -> Result<Sources, BuildError> {
        let mut whole = Digest::default();
        tools.iter().for_each(|version| whole.text(version));
        for folder in folders(framework, layout) {
            for path in source_files(&folder)? {
                add(&mut whole, &folder, &path)?;
            }
        }
        let whole = whole.finish();
        let mut before = tools.join("\n");
        let mut steps = Vec::new();
        for step in &framework.build {
            let sha256 = step_digest(step, framework, layout, &before, &whole)?;
            before.clone_from(&sha256);
            let makes = makes(step);
            steps.push(StepSources { sha256, makes });
        }
        Ok(Sources { whole, steps })
    }
}

/// The row's own folder, and those of the shared side that its language compiles in.
fn folders(framework: &Framework, layout: &Layout) -> Vec<PathBuf> {
    let shared: &[&str] = match framework.language {
        Language::Rust => &["frameworks/shared/rust", "harness/protocol"],
        Language::Python => &["frameworks/shared/python"],
        Language::TypeScript => &["frameworks/shared/typescript"],
        Language::Go => &["frameworks/shared/go"],
        Language::Jvm => &["frameworks/shared/jvm"],
    };
    let shared = shared.iter().map(|folder| layout.root().join(folder));
    std::iter::once(framework.dir.clone())
        .chain(shared)
        .collect()
}

/// What a step leaves in the build folder.
fn makes(step: &BuildStep) -> Vec<String> {
    match step {
        BuildStep::Argv { makes, .. } => makes.clone(),
        BuildStep::Venv { .. } => vec![python::VENV.to_owned()],
        BuildStep::Cargo { .. } => vec![cargo::BIN.to_owned()],
    }
}

fn step_digest(
    step: &BuildStep,
    framework: &Framework,
    layout: &Layout,
    before: &str,
    whole: &str,
) -> Result<String, BuildError> {
    let mut digest = Digest::default();
    [WAY, before].iter().for_each(|text| digest.text(text));
    let none = Vec::new();
    let (words, from) = match step {
        BuildStep::Argv { argv, from, .. } => (argv.clone(), from),
        BuildStep::Venv { venv } => (vec!["venv".to_owned()], &vec![venv.clone()]),
        BuildStep::Cargo { cargo } => (vec!["cargo".to_owned(), text(cargo)], &none),
    };
    words.iter().for_each(|word| digest.text(word));
    if from.is_empty() {
        digest.text(whole);
    }
    for file in from {
        let file = framework.expand(&text(file), layout);
        let path = framework.dir.join(file);
        add(&mut digest, &framework.dir, &path)?;
    }
    Ok(digest.finish())
}

fn add(digest: &mut Digest, folder: &Path, path: &Path) -> Result<(), BuildError> {
    let name = path.strip_prefix(folder).unwrap_or(path);
    let added = digest.file(&name.to_string_lossy(), path);
    added.map_err(|source| BuildError::Io {
        path: path.to_owned(),
        source,
    })
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// SHA-256 of a folder's sources.
pub(super) fn digest_of(folder: &Path) -> Result<String, BuildError> {
    let mut digest = Digest::default();
    for path in source_files(folder)? {
        add(&mut digest, folder, &path)?;
    }
    Ok(digest.finish())
}

/// The files of a folder in a fixed order, without what builds and tests leave there.
pub(super) fn source_files(folder: &Path) -> Result<Vec<PathBuf>, BuildError> {
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
