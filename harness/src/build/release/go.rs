//! Go: the go command. It never fetches another toolchain for this: the one that is here builds the row.

use serde::Deserialize;

use super::{BuildError, Release, Said, Tools, Versions, release, unclear};
use crate::build::step::run_with;

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

/// What `go mod edit -json` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GoMod {
    require: Option<Vec<Required>>,
    replace: Option<Vec<Replaced>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Required {
    path: String,
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

pub(super) fn lock(tools: &Tools, versions: Versions) -> Result<(), BuildError> {
    if versions == Versions::Newest {
        let edit = ["go", "mod", "edit", "-json"];
        let said = go(tools, &edit)?.out;
        let go_mod: GoMod =
            serde_json::from_str(&said).map_err(|_| unclear(&edit, "what the row requires"))?;
        let newest = go_mod
            .direct()
            .into_iter()
            .map(|path| format!("{path}@latest"));
        let argv: Vec<String> = ["go", "get"]
            .map(str::to_owned)
            .into_iter()
            .chain(newest)
            .collect();
        go(tools, &argv)?;
    }
    go(tools, &["go", "mod", "tidy"]).map(drop)
}

impl GoMod {
    /// The modules that the row names itself, without the shared side.
    fn direct(self) -> Vec<String> {
        let replaced = self.replace.unwrap_or_default();
        let is_replaced = |path: &str| replaced.iter().any(|replaced| replaced.old.path == path);
        let required = self.require.unwrap_or_default().into_iter();
        required
            .filter(|module| !module.indirect && !is_replaced(&module.path))
            .map(|module| module.path)
            .collect()
    }
}

fn go<T: AsRef<str>>(tools: &Tools, argv: &[T]) -> Result<Said, BuildError> {
    let argv: Vec<String> = argv.iter().map(|part| part.as_ref().to_owned()).collect();
    let local = ("GOTOOLCHAIN".to_owned(), "local".to_owned());
    run_with(&argv, tools.dir(), &[local], &mut |_| {})
}

#[cfg(test)]
mod tests {
    use super::GoMod;

    #[test]
    fn the_shared_side_and_indirect_modules_are_not_the_row_s_own() {
        let go_mod: GoMod = serde_json::from_str(
            r#"{"Require": [
                {"Path": "example.org/toy", "Version": "v1.0.0"},
                {"Path": "example.org/deep", "Version": "v1.0.0", "Indirect": true},
                {"Path": "loopmark/runner", "Version": "v0.0.0"}
            ], "Replace": [{"Old": {"Path": "loopmark/runner"}, "New": {"Path": "../shared/go"}}]}"#,
        )
        .unwrap();
        assert_eq!(go_mod.direct(), ["example.org/toy"]);
    }
}
