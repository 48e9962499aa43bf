//! TypeScript: npm.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::error::BuildError;
use super::published::Published;
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

/// What npm says of all versions.
#[derive(Deserialize)]
struct Times {
    time: BTreeMap<String, String>,
}

/// What npm says of the stable versions: of one alone, or of each.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stable {
    One(Named),
    Several(Vec<Named>),
}

/// A version, with the reason where its authors advise against it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Version(String),
    Told {
        version: String,
        #[serde(default)]
        deprecated: serde_json::Value,
    },
}

/// The versions that npm names for any stable range, without those that are deprecated.
pub(super) fn published(tools: &Tools, package: &str) -> Result<Vec<Published>, BuildError> {
    let view = ["npm", "view", "--json", "--loglevel=error"];
    // `@*` is the newest one alone.
    let any = format!("{package}@>=0");
    let stable = [view.as_slice(), &[&any, "version", "deprecated"]].concat();
    let times = [view.as_slice(), &[package, "time", "versions"]].concat();
    let named = tools.run(&stable)?.out;
    let dated = tools.run(&times)?.out;
    releases(&named, &dated).map_err(|_| unclear(&stable, "which versions there are"))
}

fn releases(named: &str, dated: &str) -> Result<Vec<Published>, serde_json::Error> {
    let named = match serde_json::from_str(named)? {
        Stable::One(named) => vec![named],
        Stable::Several(named) => named,
    };
    let Times { time } = serde_json::from_str(dated)?;
    let kept = named.into_iter().filter_map(Named::kept);
    let dated = kept.map(|version| {
        let time = time.get(&version).map(String::as_str);
        Published::new(&version, time)
    });
    Ok(dated.collect())
}

impl Named {
    fn kept(self) -> Option<String> {
        match self {
            Named::Version(version) => Some(version),
            Named::Told {
                version,
                deprecated,
            } => {
                use serde_json::Value::{Bool, Null, String as Text};
                let is_kept = match deprecated {
                    Null | Bool(false) => true,
                    Text(reason) => reason.is_empty(),
                    _ => false,
                };
                is_kept.then_some(version)
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_releases_are_those_that_nobody_advises_against() {
        let dated = include_str!("fixtures/npm-times.json");
        let found = |named: &str| {
            let found = releases(named, dated).unwrap().into_iter();
            let found =
                found.map(|release| format!("{} {}", release.version, release.date.unwrap()));
            found.collect::<Vec<String>>()
        };
        let several = found(include_str!("fixtures/npm-versions.json"));
        assert_eq!(several, ["7.0.172 2026-11-13", "7.0.173 2026-11-13"]);
        // npm writes no list of one.
        assert_eq!(found("\"7.0.172\""), ["7.0.172 2026-11-13"]);
    }
}
