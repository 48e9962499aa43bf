//! Writes a recording to its file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use super::error::RecordError;
use super::notes::{Conversation, Counts};
use super::script::Script;
use super::toml;
use crate::scenario::Scenario;

/// Refuses a file that exists, or whose name can't be a scenario's: before anything is recorded.
pub(super) fn require_new(path: &Path) -> Result<(), RecordError> {
    name_of(path)?;
    match path.symlink_metadata() {
        Ok(_) => Err(RecordError::Exists {
            path: path.to_owned(),
        }),
        Err(_) => Ok(()),
    }
}

/// Writes the scenario, which is checked as any other first.
pub(super) fn write(
    path: &Path,
    conversations: &[Conversation],
    counts: &Counts,
) -> Result<(), RecordError> {
    if conversations.is_empty() {
        return Err(RecordError::NothingSeen {
            requests: counts.requests,
            not_understood: counts.not_understood,
        });
    }
    let script = Script::new(name_of(path)?, conversations, counts);
    let text = toml::text(&script);
    Scenario::from_text(path, text.clone())?;
    let cannot_write = |source| RecordError::Write {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).open(path);
    let mut file = file.map_err(cannot_write)?;
    file.write_all(text.as_bytes()).map_err(cannot_write)
}

fn name_of(path: &Path) -> Result<&str, RecordError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let name = path.file_stem().and_then(|name| name.to_str());
    let is_toml = path
        .extension()
        .is_some_and(|extension| extension == "toml");
    let name = name.filter(|name| is_toml && name.chars().all(is_plain));
    name.ok_or_else(|| RecordError::Name {
        path: path.to_owned(),
    })
}
