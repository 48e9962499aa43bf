//! The record that a build leaves beside what it made: what it was made from and with, and whether it is still there.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::toolchain;
use crate::digest::Digest;
use crate::framework::Framework;
use crate::layout::Layout;

/// The record's file in a build folder.
pub(super) const STAMP: &str = "built-with.json";
/// The list of the files that a build made, with their lengths.
pub(super) const FILES: &str = "installed-files";
/// Python writes there what it has compiled, at any time.
const BYTECODE: &str = "__pycache__";

/// What a row was built from and with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltWith {
    /// Whether the build finished; if not, `steps` holds those that did.
    pub complete: bool,
    /// SHA-256 of manifest, sources, lock file and the versions of what the row requires.
    pub sources_sha256: String,
    /// The versions of the programs that the row requires, as they say them themselves.
    pub tools: Vec<String>,
    /// The names of the variables that passed to the tools; their values may be secret.
    pub environment: Vec<String>,
    /// SHA-256 of what each step was made from, and what it made.
    pub steps: Vec<BuiltStep>,
    /// The row's programs, by the name that the manifest gives them.
    pub programs: BTreeMap<String, Program>,
    /// The bytes that the row takes, without its language's own runtime.
    pub installed_bytes: u64,
}

/// A step that finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltStep {
    /// SHA-256 of what it was made from.
    pub sha256: String,
    /// What it made in the build folder.
    pub makes: Vec<String>,
    /// How long it took, in seconds.
    pub took_s: u64,
}

/// A program, or a file that one is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// Of its content, where the build made it.
    pub sha256: Option<String>,
}

impl BuiltWith {
    /// The record in a build folder; `None` where there is none that can be read.
    pub fn read(folder: &Path) -> Option<BuiltWith> {
        let text = std::fs::read_to_string(folder.join(STAMP)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes the record at once or not at all.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        text.push('\n');
        let whole = folder.join(STAMP);
        let part = whole.with_extension("json.part");
        std::fs::write(&part, text)?;
        std::fs::rename(part, whole)
    }

    /// Whether everything that was built is there, and the programs are those that were.
    pub(super) fn is_intact(&self, folder: &Path) -> bool {
        let is_same = |program: &Program| match &program.sha256 {
            Some(sha256) => Digest::of_content(&program.path).is_ok_and(|now| now == *sha256),
            None => program.path.exists(),
        };
        self.programs.values().all(is_same) && are_there(folder).unwrap_or(false)
    }
}

/// The programs of a row: those that its commands begin with, and what these are given of the build.
pub(super) fn programs(
    framework: &Framework,
    layout: &Layout,
) -> io::Result<BTreeMap<String, Program>> {
    let variants = framework.variants.iter();
    let commands = variants.map(|variant| framework.runner(variant));
    let mut programs = BTreeMap::new();
    for command in commands.chain([framework.version.as_slice()]) {
        for (at, part) in command.iter().enumerate() {
            let expanded = framework.expand(part, layout);
            if at == 0 && !expanded.contains('/') {
                if let Some(path) = toolchain::real_program(&expanded) {
                    programs.insert(part.clone(), Program { path, sha256: None });
                }
                continue;
            }
            for file in expanded.split(':').map(PathBuf::from) {
                if file.starts_with(layout.builds()) && file.is_file() {
                    let sha256 = Some(Digest::of_content(&file)?);
                    programs.insert(part.clone(), Program { path: file, sha256 });
                }
            }
        }
    }
    Ok(programs)
}

/// Lists the files of a build folder, so that a later look finds what is missing.
pub(super) fn list_files(folder: &Path) -> io::Result<()> {
    let mut list = String::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(&inner)? {
            let entry = entry?;
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
            if entry.file_type()?.is_dir() {
                if entry.file_name() != BYTECODE {
                    folders.push(path);
                }
            } else if ![STAMP, FILES].contains(&name.as_ref()) && !name.contains('\n') {
                list += &format!("{} {name}\n", entry.metadata()?.len());
            }
        }
    }
    std::fs::write(folder.join(FILES), list)
}

/// Whether each file of the list is there, and as long as it was.
fn are_there(folder: &Path) -> Option<bool> {
    let list = std::fs::read_to_string(folder.join(FILES)).ok()?;
    let is_there = |line: &str| {
        let (length, name) = line.split_once(' ')?;
        let file = std::fs::symlink_metadata(folder.join(name)).ok()?;
        (file.len().to_string() == length).then_some(())
    };
    Some(list.lines().all(|line| is_there(line).is_some()))
}
