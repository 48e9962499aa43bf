//! Go: the go command. It never fetches another toolchain for this: the one that is here builds the row.

use serde::Deserialize;

use super::super::error::BuildError;
use super::super::step::Said;
use super::published::{Published, is_stable};
use super::tools::{Release, Tools, Versions, release, unclear};
use crate::build::step::Bench;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    version: String,
    update: Option<Update>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    version: String,
}

/// A module with what its proxy says of it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Known {
    #[serde(default)]
    version: String,
    #[serde(default)]
    versions: Vec<String>,
    update: Option<Update>,
    time: Option<String>,
    /// Why it was taken back.
    #[serde(default)]
    retracted: Vec<String>,
}

/// What `go mod edit -json` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GoMod {
    require: Option<Vec<Required>>,
    replace: Option<Vec<Replaced>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Required {
    path: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    indirect: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replaced {
    old: Required,
}

pub(super) fn look_up(tools: &Tools, package: &str) -> Result<Release, BuildError> {
    let list = ["go", "list", "-m", "-u", "-json", package];
    let said = go(tools, &list)?.out;
    let module: Module =
        serde_json::from_str(&said).map_err(|_| unclear(&list, "the module's version"))?;
    let newest = module
        .update
        .map_or(module.version.clone(), |update| update.version);
    let plain = |version: &str| version.trim_start_matches('v').to_owned();
    Ok(release(package, &plain(&module.version), &plain(&newest)))
}

/// The versions of the module's list, and when each was tagged. The go command leaves out those that were retracted.
pub(super) fn published(tools: &Tools, package: &str) -> Result<Vec<Published>, BuildError> {
    let list = ["go", "list", "-m", "-u", "-versions", "-json", package];
    let said = go(tools, &list)?.out;
    let known = known(&said).map_err(|_| unclear(&list, "the module's versions"))?;
    let versions = known.into_iter().flat_map(Known::versions);
    let modules: Vec<String> = versions
        .filter(|version| is_stable(version))
        .map(|version| format!("{package}@{version}"))
        .collect();
    if modules.is_empty() {
        return Ok(Vec::new());
    }
    let dates = ["go", "list", "-m", "-json"].map(str::to_owned).to_vec();
    let said = go(tools, &[dates, modules].concat())?.out;
    releases(&said).map_err(|_| unclear(&list, "when the versions were tagged"))
}

impl Known {
    /// Those of the list, the row's own and the newest one: a proxy's list may be shorter than what it has.
    fn versions(self) -> Vec<String> {
        let update = self.update.map(|update| update.version);
        let others = std::iter::once(self.version).chain(update);
        let mut all: Vec<String> = self.versions.into_iter().chain(others).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Reads one JSON object behind the other.
fn known(said: &str) -> Result<Vec<Known>, serde_json::Error> {
    serde_json::Deserializer::from_str(said)
        .into_iter()
        .collect()
}

fn releases(said: &str) -> Result<Vec<Published>, serde_json::Error> {
    let modules = known(said)?.into_iter();
    let kept = modules.filter(|module| module.retracted.is_empty());
    let release = |module: Known| {
        let version = module.version.trim_start_matches('v');
        Published::new(version, module.time.as_deref())
    };
    Ok(kept.map(release).collect())
}

pub(super) fn lock(tools: &Tools, versions: Versions<'_>) -> Result<(), BuildError> {
    match versions {
        Versions::Named => {}
        Versions::Newest => {
            let newest = go_mod(tools)?.direct().into_iter();
            get(tools, newest.map(Required::newest))?;
        }
        Versions::Exactly { package, version } => {
            let number = version.trim_start_matches('v');
            let module = format!("{package}@v{number}");
            go(tools, &["go", "get", &module])?;
        }
    }
    let before = go_mod(tools)?;
    go(tools, &["go", "mod", "tidy"])?;
    let after = go_mod(tools)?;
    get(tools, before.not_imported_yet(&after).into_iter())
}

/// `go get` of modules at their versions; nothing if there are none.
fn get(tools: &Tools, modules: impl Iterator<Item = Required>) -> Result<(), BuildError> {
    let named: Vec<String> = modules
        .map(|module| format!("{}@{}", module.path, module.version))
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let argv = [["go", "get"].map(str::to_owned).to_vec(), named].concat();
    go(tools, &argv).map(drop)
}

fn go_mod(tools: &Tools) -> Result<GoMod, BuildError> {
    let edit = ["go", "mod", "edit", "-json"];
    let said = go(tools, &edit)?.out;
    serde_json::from_str(&said).map_err(|_| unclear(&edit, "what the row requires"))
}

impl Required {
    fn newest(self) -> Required {
        Required {
            version: "latest".to_owned(),
            ..self
        }
    }
}

impl GoMod {
    /// The modules that the row names itself, without the shared side.
    fn direct(&self) -> Vec<Required> {
        let modules = self.modules();
        modules.filter(|module| !module.indirect).cloned().collect()
    }

    /// All that is required but the shared side.
    fn modules(&self) -> impl Iterator<Item = &Required> {
        let replaced = self.replace.as_deref().unwrap_or_default();
        let is_replaced = |path: &str| replaced.iter().any(|replaced| replaced.old.path == path);
        let required = self.require.as_deref().unwrap_or_default().iter();
        required.filter(move |module| !is_replaced(&module.path))
    }

    /// What `go mod tidy`, which left `after`, has dropped although the row is going to need it. It drops whatever no
    /// source imports, so a row whose agent is still to be written would lose the framework that it names. `go get`
    /// marks such modules as indirect; so where no module at all is imported yet, every one stays.
    fn not_imported_yet(&self, after: &GoMod) -> Vec<Required> {
        let nothing_is_imported = after.direct().is_empty();
        let is_dropped = |module: &&Required| !after.modules().any(|kept| kept.path == module.path);
        let modules = self.modules().filter(is_dropped);
        modules
            .filter(|module| nothing_is_imported || !module.indirect)
            .cloned()
            .collect()
    }
}

fn go<T: AsRef<str>>(tools: &Tools, argv: &[T]) -> Result<Said, BuildError> {
    let local = ("GOTOOLCHAIN".to_owned(), "local".to_owned());
    Bench::quiet(tools.dir(), &mut |_| {}).run_with(argv, &[local])
}

#[cfg(test)]
mod tests {
    use super::GoMod;

    fn go_mod(require: &str) -> GoMod {
        let replace = r#"[{"Old": {"Path": "loopmark/runner"}, "New": {"Path": "../shared/go"}}]"#;
        let text = format!(r#"{{"Require": [{require}], "Replace": {replace}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn paths(modules: Vec<super::Required>) -> Vec<String> {
        modules.into_iter().map(|module| module.path).collect()
    }

    #[test]
    fn the_releases_are_what_the_go_command_says_of_each_version() {
        let said = include_str!("fixtures/go.json");
        let found = super::releases(said).unwrap();
        let found: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|release| (release.version.as_str(), release.date.as_deref()))
            .collect();
        let expected = [("0.5.0", Some("2025-09-10")), ("0.5.1", Some("2025-09-12"))];
        assert_eq!(found, expected);
        let list = super::known(include_str!("fixtures/go-versions.json")).unwrap();
        let versions: Vec<String> = list.into_iter().flat_map(super::Known::versions).collect();
        let expected = [
            "v0.3.27",
            "v0.5.0",
            "v0.5.1",
            "v0.7.0-beta.1",
            "v0.9.21",
            "v0.9.22",
        ];
        assert_eq!(versions, expected);
    }

    const SHARED: &str = r#"{"Path": "loopmark/runner", "Version": "v0.0.0"}"#;
    const TOY: &str = r#"{"Path": "example.org/toy", "Version": "v1.0.0"}"#;
    const DEEP: &str = r#"{"Path": "example.org/deep", "Version": "v1.0.0", "Indirect": true}"#;

    #[test]
    fn the_shared_side_and_indirect_modules_are_not_the_row_s_own() {
        let go_mod = go_mod(&[TOY, DEEP, SHARED].join(","));
        assert_eq!(paths(go_mod.direct()), ["example.org/toy"]);
    }

    #[test]
    fn a_module_that_no_source_imports_yet_is_kept() {
        let tidied = go_mod(SHARED);
        // `go get` has just added both, and marks both as indirect.
        let indirect = TOY.replace("v1.0.0\"", "v1.0.0\", \"Indirect\": true");
        let got = go_mod(&[&indirect, DEEP, SHARED].join(","));
        let kept = paths(got.not_imported_yet(&tidied));
        assert_eq!(kept, ["example.org/toy", "example.org/deep"]);
        // Written by hand, it has no such mark.
        let kept = paths(go_mod(&[TOY, SHARED].join(",")).not_imported_yet(&tidied));
        assert_eq!(kept, ["example.org/toy"]);
    }

    #[test]
    fn an_indirect_module_that_is_no_longer_needed_goes() {
        let before = go_mod(&[TOY, DEEP, SHARED].join(","));
        let tidied = go_mod(&[TOY, SHARED].join(","));
        assert!(before.not_imported_yet(&tidied).is_empty());
    }
}
