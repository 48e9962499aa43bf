//! Reads the files that people write. Errors name the file, the line and what to change.

use std::borrow::Cow;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::by_name;

/// The longest file that is read: far more than a scenario's data needs.
const MAX_BYTES: u64 = 64 << 20;

/// What is wrong with a file that a person wrote.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file can't be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Something in the file is wrong.
    #[error("{path}:{line}: {message}", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what to change.
        message: String,
    },
}

/// What is wrong, and where it is in a file's text.
pub(crate) struct Fault {
    pub span: Range<usize>,
    pub message: String,
}

/// A value and where it is in its file's text. A JSON schema shows the value alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Spanned<T>(toml::Spanned<T>);

impl<T> Spanned<T> {
    pub fn new(span: Range<usize>, value: T) -> Spanned<T> {
        Spanned(toml::Spanned::new(span, value))
    }

    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T> Deref for Spanned<T> {
    type Target = toml::Spanned<T>;

    fn deref(&self) -> &toml::Spanned<T> {
        &self.0
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// The JSON schema of a file, in the draft that editors know for TOML.
pub(crate) fn schema<T: JsonSchema>() -> Schema {
    let generator = SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<T>()
}

/// A fault as an `Err`.
pub(crate) fn fault<T>(span: Range<usize>, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        span,
        message: message.into(),
    })
}

/// A file's text. Refuses what is not a regular file, and what is too long for a person to have written.
pub(crate) fn read(path: &Path) -> Result<String, InputError> {
    read_text(path).map_err(|source| InputError::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_text(path: &Path) -> std::io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    if metadata.len() > MAX_BYTES {
        let message = format!("longer than {MAX_BYTES} bytes");
        return Err(std::io::Error::other(message));
    }
    std::fs::read_to_string(path)
}

/// A TOML file's text, kept so that an offset can be turned into a line number.
pub(crate) struct TomlFile<'a> {
    path: &'a Path,
    text: String,
}

impl<'a> TomlFile<'a> {
    pub fn new(path: &'a Path, text: String) -> TomlFile<'a> {
        TomlFile { path, text }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        let document = toml::Deserializer::parse(&self.text);
        document.and_then(by_name::read).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            self.invalid(Fault {
                span,
                message: error.message().to_owned(),
            })
        })
    }

    pub fn invalid(&self, fault: Fault) -> InputError {
        let start = fault.span.start.min(self.text.len());
        let line = 1 + self
            .text
            .bytes()
            .take(start)
            .filter(|byte| *byte == b'\n')
            .count();
        InputError::Invalid {
            path: self.path.to_owned(),
            line,
            message: fault.message,
        }
    }
}
