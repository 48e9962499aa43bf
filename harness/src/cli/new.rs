//! `loopmark new`: creates the folder of a row whose agent you write.

use std::path::PathBuf;

use clap::Args;

use super::exit::{Exit, UsageError};
use crate::framework::{Kind, Language};
use crate::layout::Layout;
use crate::scaffold::{NewRow, Place, ScaffoldError, begin};

/// The row to create.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Name the row: NAME creates frameworks/NAME, and a path such as ./toy creates a row outside the checkout. Names
    /// consist of lower-case letters, digits and hyphens
    #[arg(value_name = "NAME|PATH")]
    row: PathBuf,
    /// Use the templates of this language
    #[arg(long, value_name = "LANGUAGE")]
    language: Language,
    /// Set what the row is: a framework, a loop on the vendor's SDK, or the floor of its language
    #[arg(long, value_name = "KIND", default_value = "framework")]
    kind: Kind,
    /// Set the row's label in the table [default: the name with the language]
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
}

pub(super) fn new(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let row = NewRow {
        row: options.row.clone(),
        language: options.language,
        kind: options.kind,
        label: options.label.clone(),
    };
    let place = begin(&row, layout).map_err(|error| match error {
        ScaffoldError::Wrong(sentence) => UsageError(sentence).into(),
        ScaffoldError::Manifest(error) => anyhow::Error::from(error),
        error => error.into(),
    })?;
    put!("{}", what_next(&place, options.language))?;
    Ok(Exit::Good)
}

fn what_next(place: &Place, language: Language) -> String {
    let (folder, name) = (place.folder.display(), &place.name);
    let (packages, runner) = match language {
        Language::Rust => ("Cargo.toml", "src/main.rs"),
        Language::Python => ("requirements.in", "runner.py"),
        Language::TypeScript => ("package.json", "runner.ts"),
        Language::Go => ("go.mod (go get)", "main.go"),
        Language::Jvm => ("pom.xml", "src/Main.java"),
    };
    let manifest = place.folder.join("framework.toml");
    let (update, verify) = if place.is_own {
        (name.clone(), format!("-f {name}"))
    } else {
        let runner = format!("--runner {}", manifest.display());
        (format!("{name} {runner}"), runner)
    };
    format!(
        "created {folder}; complete what is marked FILL IN:\n\
         \x20 1. name the framework's package in {packages}\n\
         \x20 2. loopmark update {update} --lock-only     # writes the lock file\n\
         \x20 3. loopmark verify {verify}              # \"the agent is not written yet\"\n\
         \x20 4. write the agent in {runner}, then verify again\n\
         \x20 5. describe the row in framework.toml and README.md\n\
         docs/ADDING-A-FRAMEWORK.md explains each step.\n"
    )
}
