//! What the languages' tools are run with, and what they tell of a package.

use std::path::Path;

use super::super::error::BuildError;
use super::super::step::{Bench, Said};
use super::super::toolchain;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::scratch::Scratch;

/// The framework's package in a row, and in its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The package.
    pub package: String,
    /// The version that the row locks.
    pub locked: String,
    /// The registry's newest release, if it is newer.
    pub newer: Option<String>,
    /// Why that one can't be had here, as the language's tool says it.
    pub obstacle: Option<String>,
}

/// Which versions [`lock`] locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions<'a> {
    /// Those that the row names.
    Named,
    /// The newest, which the row then names.
    Newest,
    /// This one of the framework's package, which the row then names, with what goes with it.
    Exactly {
        /// The package, as the manifest has it.
        package: &'a str,
        /// The release.
        version: &'a str,
    },
}

/// Runs a language's tools for a row.
pub(super) struct Tools<'a> {
    pub framework: &'a Framework,
    pub layout: &'a Layout,
}

impl Tools<'_> {
    pub fn dir(&self) -> &Path {
        &self.framework.dir
    }

    pub fn run<T: AsRef<str>>(&self, argv: &[T]) -> Result<Said, BuildError> {
        Bench::quiet(self.dir(), &mut |_| {}).run_with(argv, &[])
    }

    pub fn read(&self, name: &str) -> Result<String, BuildError> {
        let path = self.dir().join(name);
        std::fs::read_to_string(&path).map_err(|source| BuildError::Io { path, source })
    }

    pub fn write(&self, name: &str, text: &str) -> Result<(), BuildError> {
        let path = self.dir().join(name);
        std::fs::write(&path, text).map_err(|source| BuildError::Io { path, source })
    }

    /// The row names no such package: its manifest or its lock file is wrong.
    pub fn not_locked(&self, package: &str, file: &str) -> BuildError {
        let row = &self.framework.name;
        BuildError::Release(format!(
            "{file} of {row} does not hold the manifest's package `{package}`"
        ))
    }

    pub fn folder(&self) -> Result<Scratch, BuildError> {
        Scratch::new().map_err(|source| BuildError::Io {
            path: std::env::temp_dir(),
            source,
        })
    }
}

pub(super) fn unclear<T: AsRef<str>>(argv: &[T], what: &str) -> BuildError {
    let argv: Vec<&str> = argv.iter().map(AsRef::as_ref).collect();
    BuildError::Unclear {
        step: argv.join(" "),
        what: what.to_owned(),
    }
}

/// A release, where `newest` is what the registry has: newer only if its numbers are higher.
pub(super) fn release(package: &str, locked: &str, newest: &str) -> Release {
    let is_newer = toolchain::numbers(newest) > toolchain::numbers(locked);
    Release {
        package: package.to_owned(),
        locked: locked.to_owned(),
        newer: is_newer.then(|| newest.to_owned()),
        obstacle: None,
    }
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn a_release_is_newer_by_its_numbers() {
        let newer = |locked, newest| release("toy", locked, newest).newer;
        assert_eq!(newer("1.9.0", "1.10.0").as_deref(), Some("1.10.0"));
        assert_eq!(newer("1.9.0", "1.9.0"), None);
        assert_eq!(newer("2.0.0", "1.9.0"), None);
    }
}
