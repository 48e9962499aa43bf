//! The packages of a row: which it locks, which are the newest, and how they are locked anew.

use std::path::PathBuf;

use super::super::error::BuildError;
use super::published::{Published, in_order};
use super::tools::{Release, Tools, Versions};
use super::{go, jvm, python, rust, typescript};
use crate::framework::{Framework, Language};
use crate::layout::Layout;

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

/// The stable releases of a row's package that its registry has and nobody withdrew, the newest last; `None` where the row
/// has no package.
///
/// # Errors
///
/// A missing tool, or one that failed, such as without a network.
pub fn published(
    framework: &Framework,
    layout: &Layout,
) -> Result<Option<Vec<Published>>, BuildError> {
    let Some(package) = &framework.package else {
        return Ok(None);
    };
    let tools = tools(framework, layout)?;
    let found = match framework.language {
        Language::Rust => rust::published(&tools, package),
        Language::Python => python::published(&tools, package),
        Language::TypeScript => typescript::published(&tools, package),
        Language::Go => go::published(&tools, package),
        Language::Jvm => jvm::published(&tools, package),
    };
    Ok(Some(in_order(found?)))
}

/// Writes a row's lock file anew. What it changes is among [`locked_files`].
///
/// # Errors
///
/// A missing tool, or one that failed. Files may be changed then.
pub fn lock(
    framework: &Framework,
    layout: &Layout,
    versions: Versions<'_>,
) -> Result<(), BuildError> {
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
    super::super::check_requirements(&framework.requires)?;
    Ok(Tools { framework, layout })
}
