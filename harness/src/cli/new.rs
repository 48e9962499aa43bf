//! `loopmark new`: the folder of a row whose agent is still to be written.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::exit::{Exit, UsageError};
use crate::framework::{Framework, Kind, Language};
use crate::layout::Layout;

/// The row to begin.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The row's name, which becomes a folder in frameworks/, or a path whose last part is the name (`./toy`) for a
    /// row outside the checkout's own. A name has lower-case letters, digits and hyphens
    #[arg(value_name = "NAME|PATH")]
    row: PathBuf,
    /// The language that the framework is used from
    #[arg(long, value_name = "LANGUAGE")]
    language: Language,
    /// What the row is: a framework, a loop on the vendor's SDK, or the floor of its language
    #[arg(long, value_name = "KIND", default_value = "framework")]
    kind: Kind,
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

/// Where the row's folder is made, and how its files reach the shared sides from there.
struct Place {
    folder: PathBuf,
    /// The row's name, as the folder is called.
    name: String,
    /// `frameworks/shared` as seen from the folder.
    shared: String,
    /// Whether it is one of the checkout's own rows.
    is_own: bool,
}

impl Place {
    fn of(row: &Path, layout: &Layout) -> anyhow::Result<Place> {
        let is_bare = row.components().count() == 1 && !row.is_absolute() && !is_dotted(row);
        let folder = if is_bare {
            layout.frameworks().join(row)
        } else {
            let path = std::path::absolute(row).with_context(|| row.display().to_string())?;
            // Not all of it exists yet; what does must be real, so that a relative path leads back.
            let (parent, name) = (path.parent().unwrap_or(&path), path.file_name());
            let parent = std::fs::canonicalize(parent)
                .map_err(|error| UsageError(format!("{}: {error}", parent.display())))?;
            parent.join(name.unwrap_or_default())
        };
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let frameworks = std::fs::canonicalize(layout.frameworks())
            .with_context(|| layout.frameworks().display().to_string())?;
        let is_own = is_bare || folder.parent() == Some(frameworks.as_path());
        let shared = if is_own {
            "../shared".to_owned()
        } else {
            let shared = relative(&frameworks.join("shared"), &folder);
            shared.to_string_lossy().into_owned()
        };
        Ok(Place {
            name: name.into_owned(),
            folder,
            shared,
            is_own,
        })
    }

    /// A template's text for this row: named, and with the way to the shared sides.
    fn fill(&self, template: &str, options: &Options, label: &str) -> String {
        let kind = format!("kind = \"{}\"", options.kind.word());
        let text = template
            .replace("loopmark-floor-typescript", "loopmark-@name@")
            .replace("kind = \"framework\"", &kind)
            .replace("@name@", &self.name)
            .replace("@label@", label);
        if self.is_own {
            return text;
        }
        let python = format!("parent / \"{}\"", self.shared);
        text.replace("../shared", &self.shared)
            .replace("parents[1] / \"shared\"", &python)
    }
}

fn is_dotted(row: &Path) -> bool {
    let text = row.to_string_lossy();
    text.starts_with('.') || text.ends_with('/')
}

/// The way from one absolute folder to another.
fn relative(to: &Path, from: &Path) -> PathBuf {
    let common = to
        .components()
        .zip(from.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(common).map(|_| "..");
    let down = to.components().skip(common);
    up.map(PathBuf::from)
        .chain(down.map(|part| PathBuf::from(part.as_os_str())))
        .collect()
}

pub(super) fn new(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let place = Place::of(&options.row, layout)?;
    let (name, language) = (&place.name, options.language);
    let label = match &options.label {
        Some(label) => label.clone(),
        None => format!("{name} ({})", language.name()),
    };
    check(name, &label)?;
    check_kind(options.kind, language, layout)?;
    if place.folder.exists() {
        let message = format!("{} already exists", place.folder.display());
        return Err(UsageError(message).into());
    }
    for (path, template) in files(language) {
        let text = place.fill(template, options, &label);
        write(&place.folder.join(path), &text)?;
    }
    put!("{}", what_next(&place, language))?;
    Ok(Exit::Good)
}

/// A language has one floor, and `ours` is the project's own.
fn check_kind(kind: Kind, language: Language, layout: &Layout) -> anyhow::Result<()> {
    if kind == Kind::Ours {
        let message = "a new row can't be of the kind `ours`: choose framework, sdk or floor";
        return Err(UsageError(message.to_owned()).into());
    }
    let rows = Framework::load_all(layout)?;
    let is_floor = |row: &&Framework| row.kind == Kind::Floor && row.language == language;
    match rows.iter().find(is_floor) {
        Some(floor) if kind == Kind::Floor => Err(UsageError(format!(
            "{} has a floor already, {}",
            language.name(),
            floor.name
        ))
        .into()),
        _ => Ok(()),
    }
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
        "{folder} is made. What is left is marked FILL IN:\n\
         \x20 1. name the framework's package in {packages}\n\
         \x20 2. loopmark update {update} --lock-only     # writes the lock file\n\
         \x20 3. loopmark verify {verify}              # \"the agent is not written yet\"\n\
         \x20 4. write the agent in {runner}, then verify again\n\
         \x20 5. say in framework.toml and README.md what it is\n\
         docs/ADDING-A-FRAMEWORK.md goes this way.\n"
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{check, relative};

    #[test]
    fn a_row_elsewhere_finds_its_way_to_the_shared_sides() {
        let way = |to: &str, from: &str| relative(Path::new(to), Path::new(from));
        let shared = "/home/me/loopmark/frameworks/shared";
        assert_eq!(
            way(shared, "/home/me/toy"),
            Path::new("../loopmark/frameworks/shared")
        );
        assert_eq!(
            way(shared, "/home/me/loopmark/frameworks/toy"),
            Path::new("../shared")
        );
        assert_eq!(
            way(shared, "/toy"),
            Path::new("../home/me/loopmark/frameworks/shared")
        );
    }

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
