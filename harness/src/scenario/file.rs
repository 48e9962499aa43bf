//! Reading a scenario file and the data files that it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check::check;
use super::script::Scenario;
use super::tools::Toolbox;
use super::wire::Wire;
use crate::digest::Digest;
use crate::input::{self, Fault, InputError, TomlFile};

impl Scenario {
    /// Reads and checks a scenario file and the data files that it names.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with file, line and what to change.
    pub fn load(path: &Path) -> Result<Scenario, InputError> {
        Scenario::from_text(path, crate::input::read(path)?)
    }

    /// Checks the text of the scenario file at `path`, and reads the data files that it names.
    ///
    /// # Errors
    ///
    /// As [`Scenario::load`].
    pub fn from_text(path: &Path, text: String) -> Result<Scenario, InputError> {
        from_text(path, text)
    }
}

fn from_text(path: &Path, text: String) -> Result<Scenario, InputError> {
    let file = TomlFile::new(path, text);
    let wire: Wire = file.parse()?;
    let invalid = |fault| file.invalid(fault);

    let stem = path.file_stem().unwrap_or_default();
    if stem != wire.name.as_ref().as_str() {
        let message = format!("name must be the file's own, {:?}", stem.to_string_lossy());
        return Err(invalid(Fault {
            span: wire.name.span(),
            message,
        }));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut data = BTreeMap::new();
    let mut toolbox = Toolbox::default();
    for (name, file) in &wire.data {
        let file_path = folder.join(file.as_ref());
        let file_path = std::path::absolute(&file_path).unwrap_or(file_path);
        if name != "papers" {
            let message = format!("unknown data `{name}`; known: papers");
            return Err(invalid(Fault {
                span: file.span(),
                message,
            }));
        }
        toolbox = Toolbox::from_papers(&input::read(&file_path)?).map_err(|error| {
            InputError::Invalid {
                path: file_path.clone(),
                line: error.line().max(1),
                message: format!("{error}; docs/TOOLS.md describes the file"),
            }
        })?;
        data.insert(name.clone(), file_path);
    }
    let sha256 = digest(file.text(), &data)?;
    check(wire, data, toolbox, sha256).map_err(invalid)
}

/// SHA-256 of the scenario's file and its data files.
fn digest(text: &str, data: &BTreeMap<String, PathBuf>) -> Result<String, InputError> {
    let mut digest = Digest::default();
    digest.text("scenario");
    digest.text(without_schema(text));
    for (name, path) in data {
        digest.file(name, path).map_err(|source| InputError::Read {
            path: path.clone(),
            source,
        })?;
    }
    Ok(digest.finish())
}

/// The text without a first line that names the schema for editors: a scenario is the same with and without it.
fn without_schema(text: &str) -> &str {
    let rest = text.strip_prefix("#:schema ");
    rest.and_then(|rest| rest.split_once('\n'))
        .map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests;
