//! The record of a check of the mock alone: `results/mock-<date>/mock.json`.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::io;
use super::{ResultsError, replace, require_writable};
use crate::mock::{MemoryCheck, MockCheck};
use crate::system::Machine;

/// The format of `mock.json`.
pub const MOCK_FORMAT: u32 = 1;

/// `mock.json`: what was measured, where, and with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MockInfo {
    /// [`MOCK_FORMAT`].
    pub format: u32,
    /// The folder's name.
    pub id: String,
    /// The version of Loopmark.
    pub loopmark: String,
    /// The revision of the checkout, with `-dirty` where files were changed; `None` outside git.
    pub git_revision: Option<String>,
    /// The command that made it.
    pub command: Vec<String>,
    /// UTC, RFC 3339.
    pub started_at: String,
    /// The machine.
    pub machine: Machine,
    /// The scenario's name.
    pub scenario: String,
    /// The figures.
    pub check: MockCheck,
    /// Memory over many requests, if that was asked for.
    pub memory: Option<MemoryCheck>,
}

/// Makes the folder `<results>/<info.id>` with `mock.json` in it; gives the folder.
///
/// # Errors
///
/// When the folder exists already or the disk refuses.
pub fn write_mock_info(results: &Path, info: &MockInfo) -> Result<PathBuf, ResultsError> {
    require_writable(results)?;
    let folder = results.join(&info.id);
    std::fs::create_dir(&folder).map_err(io(&folder))?;
    let path = folder.join("mock.json");
    let mut text = serde_json::to_string_pretty(info)
        .map_err(|error| io(&path)(std::io::Error::other(error)))?;
    text.push('\n');
    replace(&path, text.as_bytes())?;
    Ok(folder)
}
