//! Python: uv.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::super::error::BuildError;
use super::published::Published;
use super::tools::{Release, Tools, Versions, release, unclear};
use crate::build::python::{find_uv, real_interpreter};
use crate::build::step::Bench;

/// What a person writes: `package==version`, one a line.
pub(super) const NAMED: &str = "requirements.in";
/// What uv makes of it, with hashes.
pub(super) const LOCKED: &str = "requirements.txt";

/// Prints what pip's own registry says of a package: uv lists no versions, and `pip index` has no dates.
const ASK: &str = include_str!("ask_pip.py");

/// A page of the registry's simple index, as PEP 691 and PEP 700 have it.
#[derive(Deserialize)]
struct Page {
    files: Vec<PublishedFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PublishedFile {
    filename: String,
    upload_time: Option<String>,
    /// Whether it was withdrawn, or why.
    #[serde(default)]
    yanked: serde_json::Value,
}

/// The versions of the files that the registry has and nobody withdrew, and when each one's first file came.
pub(super) fn published(tools: &Tools, package: &str) -> Result<Vec<Published>, BuildError> {
    let python = real_interpreter(&mut Bench::quiet(tools.dir(), &mut |_| {}))?;
    let said = tools.run(&[&python, "-c", ASK, &normal(package)])?.out;
    releases(&said).map_err(|_| unclear(&["pip"], "which versions there are"))
}

fn releases(said: &str) -> Result<Vec<Published>, serde_json::Error> {
    let page: Page = serde_json::from_str(said)?;
    let mut times: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let is_kept = |file: &&PublishedFile| !file.is_yanked();
    for file in page.files.iter().filter(is_kept) {
        let Some(version) = version_of_file(&file.filename) else {
            continue;
        };
        let time = file.upload_time.as_deref();
        let first = times.entry(version).or_insert(time);
        if time.is_some() && (first.is_none() || time < *first) {
            *first = time;
        }
    }
    let releases = times.into_iter();
    Ok(releases
        .map(|(version, time)| Published::new(version, time))
        .collect())
}

impl PublishedFile {
    /// `true`, or a reason that is no empty text.
    fn is_yanked(&self) -> bool {
        let has_reason = self
            .yanked
            .as_str()
            .is_some_and(|reason| !reason.is_empty());
        has_reason || self.yanked == serde_json::Value::Bool(true)
    }
}

/// The version in the name of a wheel or a source archive.
fn version_of_file(name: &str) -> Option<&str> {
    if let Some(wheel) = name.strip_suffix(".whl") {
        return wheel.split('-').nth(1);
    }
    let endings = [".tar.gz", ".zip"].iter();
    let archive = endings
        .filter_map(|ending| name.strip_suffix(ending))
        .next()?;
    archive.rsplit_once('-').map(|(_, version)| version)
}

pub(super) fn look_up(tools: &Tools, package: &str) -> Result<Release, BuildError> {
    let named = tools.read(NAMED)?;
    let locked = version_of(&named, package).ok_or_else(|| tools.not_locked(package, NAMED))?;
    let newest = newest(tools, &named)?;
    let newest = version_of(&newest, package)
        .ok_or_else(|| unclear(&["uv", "pip", "compile"], "a version of the package"))?;
    Ok(release(package, locked, newest))
}

pub(super) fn lock(tools: &Tools, versions: Versions<'_>) -> Result<(), BuildError> {
    let mut argv = compile(tools)?;
    argv.extend(["--generate-hashes", "--no-header"].map(str::to_owned));
    argv.extend([NAMED, "--output-file", LOCKED].map(str::to_owned));
    match versions {
        Versions::Named => {}
        Versions::Newest => {
            let named = tools.read(NAMED)?;
            let newest = newest(tools, &named)?;
            tools.write(NAMED, &with_versions_of(&newest, &named))?;
            argv.push("--upgrade".to_owned());
        }
        Versions::Exactly { package, version } => {
            let named = tools.read(NAMED)?;
            tools.write(NAMED, &with_only(package, version, &named))?;
            argv.push("--upgrade".to_owned());
        }
    }
    tools.run(&argv).map(drop)
}

/// What uv resolves the named packages to if none of them is held at a version: lines of `package==version`.
fn newest(tools: &Tools, named: &str) -> Result<String, BuildError> {
    let folder = tools.folder()?;
    let path = folder.path().join(NAMED);
    let free: Vec<&str> = named.lines().map(|line| split(line).0).collect();
    std::fs::write(&path, free.join("\n")).map_err(|source| BuildError::Io {
        path: path.clone(),
        source,
    })?;
    let mut argv = compile(tools)?;
    argv.extend(["--no-header", "--no-annotate"].map(str::to_owned));
    argv.push(path.to_string_lossy().into_owned());
    tools.run(&argv).map(|said| said.out)
}

/// `uv pip compile` for any platform and for the Python that the manifest requires.
fn compile(tools: &Tools) -> Result<Vec<String>, BuildError> {
    let root = tools.layout.root();
    let mut nobody = |_: &str| {};
    let mut bench = Bench::quiet(root, &mut nobody);
    let python = real_interpreter(&mut bench)?;
    let Some(uv) = find_uv(&python, tools.layout, &mut bench) else {
        let message = "needs uv, which is neither here nor can be fetched: see `pip install uv`";
        return Err(BuildError::Release(message.to_owned()));
    };
    let requires = &tools.framework.requires;
    let python = requires.iter().find(|program| is_python(&program.command));
    let mut argv = [&uv, "pip", "compile", "--quiet", "--universal"]
        .map(str::to_owned)
        .to_vec();
    if let Some(python) = python {
        argv.extend(["--python-version".to_owned(), python.version.clone()]);
    }
    Ok(argv)
}

fn is_python(command: &str) -> bool {
    Path::new(command)
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("python"))
}

/// A line `package[extra]==version ; marker` as what comes before `==`, and the version.
fn split(line: &str) -> (&str, &str) {
    let line = line.split_once('#').map_or(line, |(line, _)| line).trim();
    match line.split_once("==") {
        Some((package, rest)) => {
            let end = rest.find([' ', ';', '\\']).unwrap_or(rest.len());
            (package.trim(), rest.get(..end).unwrap_or_default().trim())
        }
        None => (line, ""),
    }
}

/// A package's name without extras, spelt as registries compare it.
fn normal(package: &str) -> String {
    let name = package.split_once('[').map_or(package, |(name, _)| name);
    name.trim().to_lowercase().replace(['_', '.'], "-")
}

fn version_of<'a>(requirements: &'a str, package: &str) -> Option<&'a str> {
    requirements
        .lines()
        .map(split)
        .find(|(name, version)| normal(name) == normal(package) && !version.is_empty())
        .map(|(_, version)| version)
}

/// The lines of `named` with the versions that `newest` has.
fn with_versions_of(newest: &str, named: &str) -> String {
    let line = |line: &str| {
        let (package, version) = split(line);
        let newer = version_of(newest, package).filter(|_| !version.is_empty());
        newer.map_or(line.to_owned(), |newer| {
            line.replacen(&format!("=={version}"), &format!("=={newer}"), 1)
        })
    };
    named.lines().map(|text| line(text) + "\n").collect()
}

/// Names this version of `package`, and leaves the others to what goes with it.
fn with_only(package: &str, version: &str, named: &str) -> String {
    let line = |line: &str| {
        let (name, was) = split(line);
        match normal(name) == normal(package) {
            _ if was.is_empty() => line.to_owned(),
            true => line.replacen(&format!("=={was}"), &format!("=={version}"), 1),
            false => line.replacen(&format!("=={was}"), "", 1),
        }
    };
    named.lines().map(|text| line(text) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_releases_are_those_of_the_files_that_nobody_withdrew() {
        let found = releases(include_str!("fixtures/pypi.json")).unwrap();
        let found: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|release| (release.version.as_str(), release.date.as_deref()))
            .collect();
        let expected = [("0.9.2", Some("2026-02-19")), ("0.9.3", Some("2026-02-20"))];
        assert_eq!(found, expected);
        assert_eq!(
            version_of_file("llama-index-core-0.9.1.tar.gz"),
            Some("0.9.1")
        );
        assert_eq!(version_of_file("toy-1.0-py3.11.egg"), None);
    }

    #[test]
    fn named_packages_get_their_newest_versions_and_keep_the_rest_of_their_lines() {
        let named =
            "# toy\nPydantic_AI-slim[openai]==2.68.0\nother==1.0 ; sys_platform == 'linux'\nfree\n";
        let newest = "anyio==4.0\npydantic-ai-slim==2.70.1\nother==1.2\nfree==9\n";
        assert_eq!(
            with_versions_of(newest, named),
            "# toy\nPydantic_AI-slim[openai]==2.70.1\nother==1.2 ; sys_platform == 'linux'\nfree\n"
        );
        assert_eq!(version_of(named, "pydantic-ai-slim"), Some("2.68.0"));
        assert_eq!(version_of(named, "free"), None);
        assert_eq!(
            with_only("pydantic-ai-slim", "1.9", named),
            "# toy\nPydantic_AI-slim[openai]==1.9\nother ; sys_platform == 'linux'\nfree\n"
        );
    }
}
