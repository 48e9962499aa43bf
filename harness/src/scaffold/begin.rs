//! Beginning a row: what is asked for is checked, then its files are written.

use std::path::{Path, PathBuf};

use super::error::{ScaffoldError, io, wrong};
use super::place::Place;
use super::templates::files;
use crate::framework::{Framework, Kind, Language};
use crate::layout::Layout;

/// A row to begin.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// Its name, or a path whose last part is the name.
    pub row: PathBuf,
    /// The language that the framework is used from.
    pub language: Language,
    /// What it stands for.
    pub kind: Kind,
    /// As the table prints it; `None` takes the name with the language.
    pub label: Option<String>,
}

/// Makes the row's folder and its files; gives where.
///
/// # Errors
///
/// When what is asked for can't be, or the disk refuses.
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

/// A language has one floor, and `ours` is the project's own.
fn check_kind(kind: Kind, language: Language, layout: &Layout) -> Result<(), ScaffoldError> {
    if kind == Kind::Ours {
        let message = "a new row can't be of the kind `ours`: choose framework, sdk or floor";
        return Err(wrong(message));
    }
    let rows = Framework::load_all(layout)?;
    let is_floor = |row: &&Framework| row.kind == Kind::Floor && row.language == language;
    match rows.iter().find(is_floor) {
        Some(floor) if kind == Kind::Floor => Err(wrong(format!(
            "{} has a floor already, {}",
            language.name(),
            floor.name
        ))),
        _ => Ok(()),
    }
}

/// Refuses names that some language could not have for a package, or that would break the manifest's text.
fn check(name: &str, label: &str) -> Result<(), ScaffoldError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins_well || name.ends_with('-') || !name.chars().all(is_plain) {
        return Err(wrong(format!(
            "`{name}` can't be a row's name: lower-case letters, digits and hyphens, a letter first"
        )));
    }
    if name == "shared" {
        return Err(wrong("frameworks/shared is no row's folder"));
    }
    if label.contains(['"', '\\', '\n']) {
        let message = format!("`{label}` can't be a label: no quotes, backslashes or line ends");
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
