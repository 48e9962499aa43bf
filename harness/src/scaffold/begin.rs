//! Checks what was asked for, then writes the row's files.

use std::path::{Path, PathBuf};

use super::error::{ScaffoldError, io, wrong};
use super::place::Place;
use super::templates::files;
use crate::framework::{Framework, Kind, Language};
use crate::layout::Layout;

/// A row to create.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// Its name, or a path whose last part is the name.
    pub row: PathBuf,
    /// The language that the framework is used from.
    pub language: Language,
    /// What it measures.
    pub kind: Kind,
    /// The label in tables and charts; `None` for the name with the language.
    pub label: Option<String>,
}

/// Creates the row's folder and files. Returns where.
///
/// # Errors
///
/// If the row is not possible, or a file can't be written.
pub fn begin(new: &NewRow, layout: &Layout) -> Result<Place, ScaffoldError> {
    let place = Place::of(&new.row, layout)?;
    let name = &place.name;
    let label = match &new.label {
        Some(label) => label.clone(),
        None => format!("{name} ({})", new.language.name()),
    };
    check(name, &label)?;
    check_kind(new.kind, new.language, layout)?;
    if place.folder.exists() {
        return Err(wrong(format!("{} already exists", place.folder.display())));
    }
    for (path, template) in files(new.language) {
        let text = place.fill(template, new.kind, &label);
        write(&place.folder.join(path), &text)?;
    }
    Ok(place)
}

/// Refuses a second floor of a language, and the kind `ours`, which is for the project's own framework.
fn check_kind(kind: Kind, language: Language, layout: &Layout) -> Result<(), ScaffoldError> {
    if kind == Kind::Ours {
        let message = "a new row can't be of the kind `ours`: choose framework, sdk or floor";
        return Err(wrong(message));
    }
    let rows = Framework::load_all(layout)?;
    let is_floor = |row: &&Framework| row.kind == Kind::Floor && row.language == language;
    match rows.iter().find(is_floor) {
        Some(floor) if kind == Kind::Floor => Err(wrong(format!(
            "{} already has a floor, {}; choose framework or sdk",
            language.name(),
            floor.name
        ))),
        _ => Ok(()),
    }
}

/// Refuses names that are invalid as a package name in some language, and labels that would break the manifest's text.
fn check(name: &str, label: &str) -> Result<(), ScaffoldError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins_well || name.ends_with('-') || !name.chars().all(is_plain) {
        return Err(wrong(format!(
            "`{name}` can't be a row's name: use lower-case letters, digits and hyphens, with a letter first"
        )));
    }
    if name == "shared" {
        return Err(wrong(
            "`shared` can't be a row's name: frameworks/shared holds the shared sides",
        ));
    }
    if label.contains(['"', '\\', '\n']) {
        let message =
            format!("`{label}` can't be a label: remove quotes, backslashes and newlines");
        return Err(wrong(message));
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), ScaffoldError> {
    let folder: PathBuf = path.parent().unwrap_or(path).to_owned();
    std::fs::create_dir_all(&folder).map_err(io(&folder))?;
    std::fs::write(path, text).map_err(io(path))
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
