//! Rust: cargo.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::error::BuildError;
use super::published::Published;
use super::tools::{Release, Tools, Versions, release, unclear};
use crate::build::environment::Environment;
use crate::build::toolchain::numbers;

const DRY_RUN: [&str; 6] = [
    "cargo",
    "update",
    "--dry-run",
    "--verbose",
    "--color",
    "never",
];

pub(super) fn look_up(tools: &Tools, package: &str) -> Result<Release, BuildError> {
    let lock = tools.read("Cargo.lock")?;
    let locked = locked(&lock, package).ok_or_else(|| tools.not_locked(package, "Cargo.lock"))?;
    let said = tools.run(&DRY_RUN)?.err;
    Ok(newest(&said, package, locked))
}

/// A release, as the registry's index has it.
#[derive(Deserialize)]
struct Indexed {
    name: String,
    vers: String,
    #[serde(default)]
    yanked: bool,
    pubtime: Option<String>,
}

/// The versions of the crate's file in the index that nobody yanked. cargo keeps the file once it was asked for the crate.
pub(super) fn published(tools: &Tools, package: &str) -> Result<Vec<Published>, BuildError> {
    let info = ["cargo", "info", "--quiet", "--color", "never", package];
    tools.run(&info)?;
    let index = Environment::here().folder("CARGO_HOME", ".cargo");
    let index = index.map(|home| home.join("registry/index"));
    let files = index.iter().flat_map(|index| kept_files(index, package));
    let contents = files.filter_map(|file| std::fs::read(file).ok());
    let found: Vec<Published> = contents
        .flat_map(|content| releases(&content, package))
        .collect();
    match found.is_empty() {
        true => Err(unclear(&info, "which versions there are")),
        false => Ok(found),
    }
}

/// The crate's file in each registry's index that cargo has a copy of.
fn kept_files(index: &Path, package: &str) -> Vec<PathBuf> {
    let name = package.to_lowercase();
    let part = |from: usize, to: usize| name.get(from..to).unwrap_or_default();
    let place = match name.len() {
        0..=2 => name.len().to_string(),
        3 => format!("3/{}", part(0, 1)),
        _ => format!("{}/{}", part(0, 2), part(2, 4)),
    };
    let registries = std::fs::read_dir(index).into_iter().flatten();
    let registries = registries.filter_map(|entry| Some(entry.ok()?.path()));
    registries
        .map(|registry| registry.join(".cache").join(&place).join(&name))
        .filter(|file| file.is_file())
        .collect()
}

/// Reads cargo's copy of a crate's file in the index: a head, then version and JSON of each release, each ended by a NUL.
fn releases(copy: &[u8], package: &str) -> Vec<Published> {
    let parts = copy.split(|byte| *byte == 0);
    let indexed = parts.filter_map(|part| serde_json::from_slice::<Indexed>(part).ok());
    let kept = indexed.filter(|release| release.name == package && !release.yanked);
    kept.map(|release| Published::new(&release.vers, release.pubtime.as_deref()))
        .collect()
}

pub(super) fn lock(tools: &Tools, versions: Versions<'_>) -> Result<(), BuildError> {
    if versions == Versions::Named {
        let lock = ["cargo", "update", "--workspace", "--color", "never"];
        return tools.run(&lock).map(drop);
    }
    if let Versions::Exactly { package, version } = versions {
        let lock = tools.read("Cargo.lock")?;
        let was = locked(&lock, package).ok_or_else(|| tools.not_locked(package, "Cargo.lock"))?;
        name_version(tools, &release(package, &was, version), version)?;
        let lock = ["cargo", "update", "--workspace", "--color", "never"];
        return tools.run(&lock).map(drop);
    }
    if let Some(package) = &tools.framework.package {
        let release = look_up(tools, package)?;
        if let (Some(newer), Some(obstacle)) = (&release.newer, &release.obstacle) {
            let message = format!("{package} {newer} {obstacle}");
            return Err(BuildError::Release(message));
        }
        if let Some(newer) = &release.newer {
            name_version(tools, &release, newer)?;
        }
    }
    tools
        .run(&["cargo", "update", "--color", "never"])
        .map(drop)
}

/// Has Cargo.toml name a version: exactly where it did so before, and for crates that are released in step, too.
fn name_version(tools: &Tools, release: &Release, newer: &str) -> Result<(), BuildError> {
    let manifest: toml::Table = tools
        .read("Cargo.toml")?
        .parse()
        .map_err(|_| tools.not_locked(&release.package, "Cargo.toml"))?;
    let named = named_anew(&manifest, release, newer);
    if named.is_empty() {
        return Err(tools.not_locked(&release.package, "Cargo.toml"));
    }
    let add = ["cargo", "add", "--quiet"].map(str::to_owned);
    named.into_iter().try_for_each(|crate_at_version| {
        let argv = [add.as_slice(), &[crate_at_version]].concat();
        tools.run(&argv).map(drop)
    })
}

/// What is handed to `cargo add`: the row's package, and those crates that the row holds at just its version.
fn named_anew(manifest: &toml::Table, release: &Release, newer: &str) -> Vec<String> {
    let exactly = format!("={}", release.locked);
    let requirement = |dependency: &toml::Value| {
        let version = dependency.get("version").unwrap_or(dependency);
        version.as_str().map(str::to_owned)
    };
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let dependencies = dependencies.into_iter().flatten();
    dependencies
        .filter_map(|(name, dependency)| Some((name, requirement(dependency)?)))
        .filter(|(name, requirement)| **name == release.package || *requirement == exactly)
        .map(|(name, requirement)| {
            let operator = if requirement.starts_with('=') {
                "="
            } else {
                ""
            };
            format!("{name}@{operator}{newer}")
        })
        .collect()
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// The version of a package in a lock file; the highest where it has several.
fn locked(lock: &str, package: &str) -> Option<String> {
    let lock: Lock = toml::from_str(lock).ok()?;
    lock.package
        .into_iter()
        .filter(|locked| locked.name == package)
        .map(|locked| locked.version)
        .max_by_key(|version| numbers(version))
}

/// Reads `Updating toy v1.0.0 -> v1.0.1` and `Unchanged toy v1.0.0 (available: v2.0.0, requires Rust 1.99)`; packages
/// that are at their newest have no line.
fn newest(said: &str, package: &str, locked: String) -> Release {
    let mut release = Release {
        package: package.to_owned(),
        locked,
        newer: None,
        obstacle: None,
    };
    let subject = format!("{package} v{}", release.locked);
    let rest = said.lines().find_map(|line| {
        let (_, rest) = line.split_once(&subject)?;
        rest.starts_with(' ').then_some(rest)
    });
    let Some(rest) = rest else { return release };
    let version = |(_, text): (&str, &str)| {
        let end = text.find([' ', ',', ')']).unwrap_or(text.len());
        text.get(..end).map(str::to_owned)
    };
    let available = rest.split_once("available: v").or(rest.split_once("-> v"));
    release.newer = available.and_then(version);
    let requires = rest.split_once("requires ").map(|(_, what)| what);
    release.obstacle = requires.map(|what| format!("requires {}", what.trim_end_matches(')')));
    release
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "    Updating crates.io index
   Unchanged hyper v0.14.32 (available: v1.12.0)
    Updating hyper v1.12.0 -> v1.12.1
   Unchanged rig v0.44.0 (available: v0.46.0, requires Rust 1.97.1)
    Updating autoagents v0.4.0 -> v0.4.1 (available: v0.5.0)
warning: not updating lockfile due to dry run
";

    #[test]
    fn the_releases_are_those_of_the_index_that_nobody_yanked() {
        let lines = include_str!("fixtures/cargo.jsonl").trim_end();
        let copy = format!("\u{3}head\0{}\0", lines.replace('\n', "\0"));
        let found = releases(copy.as_bytes(), "rig-core");
        let found: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|release| (release.version.as_str(), release.date.as_deref()))
            .collect();
        let expected = [
            ("0.46.0-rc.1", Some("2026-10-23")),
            ("0.46.0", Some("2026-10-31")),
        ];
        assert_eq!(found, expected);
        assert!(releases(copy.as_bytes(), "rig").is_empty());
    }

    #[test]
    fn the_newest_release_is_what_cargo_calls_available() {
        let newer = |package: &str, locked: &str| newest(SAID, package, locked.to_owned());
        assert_eq!(newer("hyper", "1.12.0").newer.as_deref(), Some("1.12.1"));
        assert_eq!(newer("autoagents", "0.4.0").newer.as_deref(), Some("0.5.0"));
        assert_eq!(newer("tokio", "1.54.0").newer, None);
        let rig = newer("rig", "0.44.0");
        assert_eq!(rig.newer.as_deref(), Some("0.46.0"));
        assert_eq!(rig.obstacle.as_deref(), Some("requires Rust 1.97.1"));
    }

    #[test]
    fn crates_that_are_held_at_the_framework_s_version_move_with_it() {
        let manifest = "[dependencies]\nautoagents = { version = \"=0.4.0\" }\n\
                        autoagents-derive = \"=0.4.0\"\nserde = \"1\"\nrunner = { path = \"..\" }\n";
        let release = newest(SAID, "autoagents", "0.4.0".to_owned());
        assert_eq!(
            named_anew(&manifest.parse().unwrap(), &release, "0.5.0"),
            ["autoagents@=0.5.0", "autoagents-derive@=0.5.0"]
        );
    }

    #[test]
    fn of_several_locked_versions_the_highest_is_the_framework_s() {
        let lock = "[[package]]\nname = \"hyper\"\nversion = \"0.14.32\"\n\
                    [[package]]\nname = \"hyper\"\nversion = \"1.12.0\"\n";
        assert_eq!(locked(lock, "hyper").as_deref(), Some("1.12.0"));
        assert_eq!(locked(lock, "rig"), None);
    }
}
