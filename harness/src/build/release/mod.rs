//! Releases of the frameworks: which rows have a newer one in their registry, and how a row is locked anew.
//!
//! The languages' own tools are asked: they know their registries, and how to reach them.

mod go;
mod jvm;
mod python;
mod rust;
mod typescript;

use std::path::{Path, PathBuf};

use super::error::BuildError;
use super::step::{Bench, Said};
use super::toolchain;
use crate::framework::{Framework, Language};
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
pub enum Versions {
    /// Those that the row names.
    Named,
    /// The newest, which the row then names.
    Newest,
}

/// Looks a row's package up in its registry; `None` where the row has none: it comes with the toolchain.
///
/// # Errors
///
/// A missing tool, or one that failed, such as without a network.
pub fn look_up(framework: &Framework, layout: &Layout) -> Result<Option<Release>, BuildError> {
    let Some(package) = &framework.package else {
        return Ok(None);
    };
    let tools = tools(framework, layout)?;
    match framework.language {
        Language::Rust => rust::look_up(&tools, package),
        Language::Python => python::look_up(&tools, package),
        Language::TypeScript => typescript::look_up(&tools, package),
        Language::Go => go::look_up(&tools, package),
        Language::Jvm => jvm::look_up(&tools, package),
    }
    .map(Some)
}

/// Writes a row's lock file anew. What it changes is among [`locked_files`].
///
/// # Errors
///
/// A missing tool, or one that failed. Files may be changed then.
pub fn lock(framework: &Framework, layout: &Layout, versions: Versions) -> Result<(), BuildError> {
    let tools = tools(framework, layout)?;
    match framework.language {
        Language::Rust => rust::lock(&tools, versions),
        Language::Python => python::lock(&tools, versions),
        Language::TypeScript => typescript::lock(&tools, versions),
        Language::Go => go::lock(&tools, versions),
        Language::Jvm => jvm::lock(&tools, versions),
    }
}

/// The files that say which versions a row has: what a person writes, and the lock file made of it.
pub fn locked_files(framework: &Framework) -> Vec<PathBuf> {
    let names = match framework.language {
        Language::Rust => ["Cargo.toml", "Cargo.lock"],
        Language::Python => [python::NAMED, python::LOCKED],
        Language::TypeScript => ["package.json", "package-lock.json"],
        Language::Go => ["go.mod", "go.sum"],
        Language::Jvm => ["pom.xml", jvm::LOCKED],
    };
    names.map(|name| framework.dir.join(name)).to_vec()
}

fn tools<'a>(framework: &'a Framework, layout: &'a Layout) -> Result<Tools<'a>, BuildError> {
    super::check_requirements(&framework.requires)?;
    Ok(Tools { framework, layout })
}

/// Runs a language's tools for a row.
struct Tools<'a> {
    framework: &'a Framework,
    layout: &'a Layout,
}

impl Tools<'_> {
    fn dir(&self) -> &Path {
        &self.framework.dir
    }

    fn run<T: AsRef<str>>(&self, argv: &[T]) -> Result<Said, BuildError> {
        Bench::quiet(self.dir(), &mut |_| {}).run_with(argv, &[])
    }

    fn read(&self, name: &str) -> Result<String, BuildError> {
        let path = self.dir().join(name);
        std::fs::read_to_string(&path).map_err(|source| BuildError::Io { path, source })
    }

    fn write(&self, name: &str, text: &str) -> Result<(), BuildError> {
        let path = self.dir().join(name);
        std::fs::write(&path, text).map_err(|source| BuildError::Io { path, source })
    }

    /// The row names no such package: its manifest or its lock file is wrong.
    fn not_locked(&self, package: &str, file: &str) -> BuildError {
        let row = &self.framework.name;
        BuildError::Release(format!(
            "{file} of {row} does not hold the manifest's package `{package}`"
        ))
    }

    fn folder(&self) -> Result<Scratch, BuildError> {
        Scratch::new().map_err(|source| BuildError::Io {
            path: std::env::temp_dir(),
            source,
        })
    }
}

fn unclear<T: AsRef<str>>(argv: &[T], what: &str) -> BuildError {
    let argv: Vec<&str> = argv.iter().map(AsRef::as_ref).collect();
    BuildError::Unclear {
        step: argv.join(" "),
        what: what.to_owned(),
    }
}

/// A release, where `newest` is what the registry has: newer only if its numbers are higher.
fn release(package: &str, locked: &str, newest: &str) -> Release {
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
