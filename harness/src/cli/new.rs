//! `loopmark new`: the folder of a row whose agent is still to be written.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::exit::{Exit, UsageError};
use crate::framework::Language;
use crate::layout::Layout;

/// The row to begin.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The row's name, and its folder's in frameworks/: lower-case letters, digits and hyphens
    name: String,
    /// The language that the framework is used from
    #[arg(long, value_name = "LANGUAGE")]
    language: Language,
    /// As the table prints it [default: the name with the language]
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
}

/// A file of a template: its path in the row's folder, and its text with places such as `@name@`.
type File = (&'static str, &'static str);

macro_rules! template {
    ($language:literal: $($file:literal),*) => {
        &[$(($file, include_str!(concat!("../../templates/", $language, "/", $file)))),*]
    };
}

const README: File = ("README.md", include_str!("../../templates/README.md"));

/// What pins Node is the floor's: every row in TypeScript runs on the same one.
const NODE: &[File] = &[
    (
        ".npmrc",
        include_str!("../../../frameworks/floor-typescript/.npmrc"),
    ),
    (
        "package.json",
        include_str!("../../../frameworks/floor-typescript/package.json"),
    ),
    (
        "package-lock.json",
        include_str!("../../../frameworks/floor-typescript/package-lock.json"),
    ),
];

fn files(language: Language) -> Vec<File> {
    let own: &[File] = match language {
        Language::Rust => template!("rust": "framework.toml", "Cargo.toml", "src/main.rs"),
        Language::Python => {
            template!("python": "framework.toml", "requirements.in", "requirements.txt", "runner.py")
        }
        Language::TypeScript => template!("typescript": "framework.toml", "runner.ts"),
        Language::Go => template!("go": "framework.toml", "go.mod", "main.go"),
        Language::Jvm => {
            template!("jvm": "framework.toml", "pom.xml", "dependencies.sha256", "src/Main.java")
        }
    };
    let more = match language {
        Language::TypeScript => NODE,
        _ => &[],
    };
    [&[README], own, more].concat()
}

pub(super) fn new(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let (name, language) = (&options.name, options.language);
    let label = match &options.label {
        Some(label) => label.clone(),
        None => format!("{name} ({})", language.name()),
    };
    check(name, &label)?;
    let folder = layout.frameworks().join(name);
    if folder.exists() {
        let message = format!("{} is there already", folder.display());
        return Err(UsageError(message).into());
    }
    for (path, template) in files(language) {
        let text = template
            .replace("loopmark-floor-typescript", "loopmark-@name@")
            .replace("@name@", name)
            .replace("@label@", &label);
        write(&folder.join(path), &text)?;
    }
    print!("{}", what_next(name, language, &folder));
    Ok(Exit::Good)
}

/// Refuses names that some language could not have for a package, or that would break the manifest's text.
fn check(name: &str, label: &str) -> Result<(), UsageError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins_well || name.ends_with('-') || !name.chars().all(is_plain) {
        return Err(UsageError(format!(
            "`{name}` can't be a row's name: lower-case letters, digits and hyphens, a letter first"
        )));
    }
    if name == "shared" {
        return Err(UsageError(
            "frameworks/shared is no row's folder".to_owned(),
        ));
    }
    if label.contains(['"', '\\', '\n']) {
        let message = format!("`{label}` can't be a label: no quotes, backslashes or line ends");
        return Err(UsageError(message));
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder: PathBuf = path.parent().unwrap_or(path).to_owned();
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

fn what_next(name: &str, language: Language, folder: &Path) -> String {
    let folder = folder.display();
    let (packages, runner) = match language {
        Language::Rust => ("Cargo.toml", "src/main.rs"),
        Language::Python => ("requirements.in", "runner.py"),
        Language::TypeScript => ("package.json", "runner.ts"),
        Language::Go => ("go.mod (go get)", "main.go"),
        Language::Jvm => ("pom.xml", "src/Main.java"),
    };
    format!(
        "{folder} is made. What is left is marked FILL IN:\n\
         \x20 1. name the framework's package in {packages}\n\
         \x20 2. loopmark update {name} --lock-only     # writes the lock file\n\
         \x20 3. loopmark verify -f {name}              # \"the agent is not written yet\"\n\
         \x20 4. write the agent in {runner}, then verify again\n\
         \x20 5. say in framework.toml and README.md what it is\n\
         docs/ADDING-A-FRAMEWORK.md goes this way.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_are_those_that_every_language_can_have_for_a_package() {
        for name in ["toy", "openai-agents-js", "langchain4j"] {
            assert!(check(name, "Toy").is_ok(), "{name}");
        }
        for name in [
            "", "Toy", "4toy", "-toy", "toy-", "to_y", "../toy", "shared",
        ] {
            assert!(check(name, "Toy").is_err(), "{name}");
        }
        assert!(check("toy", "the \"toy\"").is_err());
    }
}
