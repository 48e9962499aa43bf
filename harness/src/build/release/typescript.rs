//! TypeScript: npm.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::error::BuildError;
use super::tools::{Release, Tools, Versions, release, unclear};

const LOCK: [&str; 7] = [
    "npm",
    "install",
    "--package-lock-only",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
];

/// The part of a package.json that is read. The Node that a row brings is among its optional dependencies: it is the
/// language's runtime, and stays where all rows have it.
#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
}

pub(super) fn look_up(tools: &Tools, package: &str) -> Result<Release, BuildError> {
    let dependencies = dependencies(tools)?;
    let locked = dependencies
        .get(package)
        .ok_or_else(|| tools.not_locked(package, "package.json"))?;
    let view = ["npm", "view", "--loglevel=error", package, "version"];
    let said = tools.run(&view)?.out;
    match said.trim() {
        "" => Err(unclear(&view, "a version")),
        newest => Ok(release(package, locked, newest)),
    }
}

pub(super) fn lock(tools: &Tools, versions: Versions<'_>) -> Result<(), BuildError> {
    let mut argv = LOCK.map(str::to_owned).to_vec();
    match versions {
        Versions::Named => {}
        Versions::Newest => {
            let newest = dependencies(tools)?.into_keys();
            argv.push("--save-exact".to_owned());
            argv.extend(newest.map(|package| format!("{package}@latest")));
        }
        Versions::Exactly { package, version } => {
            argv.extend(["--save-exact".to_owned(), format!("{package}@{version}")]);
        }
    }
    tools.run(&argv).map(drop)
}

fn dependencies(tools: &Tools) -> Result<BTreeMap<String, String>, BuildError> {
    let text = tools.read("package.json")?;
    let package: Package = serde_json::from_str(&text).map_err(|error| {
        let path = tools.dir().join("package.json");
        BuildError::Release(format!("{}: {error}", path.display()))
    })?;
    Ok(package.dependencies)
}
