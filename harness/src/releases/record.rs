//! What is kept of the releases beside the record: their dates, and why some of them are missing.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::release::{Published, in_order, is_stable, split_version};
use crate::results::{Recorded, ResultsError, replace};

/// Its name in a results folder.
pub const FILE: &str = "releases.json";

/// The releases of one framework that a sweep is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The row that was built with each of them.
    pub row: String,
    /// The releases, the newest last.
    pub releases: Vec<Published>,
    /// Those of them that could not be locked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A release that could not be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Which.
    pub version: String,
    /// Why.
    pub reason: String,
}

/// Why a sweep's releases can't be said.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The sweep has none.
    #[error("{folder} has no rows that are releases, such as rig@0.43.0", folder = .0.display())]
    None(PathBuf),
    /// The file is no such file.
    #[error("{path}: {source}", path = path.display())]
    Wrong {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file can't be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// `rig@0.43.0`
pub fn row_name(row: &str, version: &str) -> String {
    format!("{row}@{version}")
}

impl Measure {
    /// Reads the file of a results folder; without one, the releases are those of the rows, in their order and undated.
    ///
    /// # Errors
    ///
    /// When the file is wrong, or no row is a release.
    pub fn of(folder: &Path, recorded: &Recorded) -> Result<Measure, RecordError> {
        let path = folder.join(FILE);
        match std::fs::read(&path) {
            Ok(text) => {
                serde_json::from_slice(&text).map_err(|source| RecordError::Wrong { path, source })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Measure::of_rows(recorded).ok_or_else(|| RecordError::None(folder.to_owned()))
            }
            Err(source) => Err(RecordError::Io { path, source }),
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn write(&self, folder: &Path) -> Result<(), ResultsError> {
        // Strings alone: they are always JSON.
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        replace(&folder.join(FILE), text.as_bytes())
    }

    fn of_rows(recorded: &Recorded) -> Option<Measure> {
        let rows = || recorded.info.rows.iter();
        let mut names = rows().filter_map(|row| split_version(&row.key.framework));
        let row = names.next()?.0;
        let versions = rows().filter_map(|info| split_version(&info.key.framework));
        let versions = versions.filter(|(name, _)| *name == row);
        let mut versions: Vec<&str> = versions.map(|(_, version)| version).collect();
        versions.dedup();
        let releases = versions.into_iter().map(|version| Published {
            version: version.to_owned(),
            date: None,
        });
        let is_release = |release: &Published| is_stable(&release.version);
        let (stable, others): (Vec<Published>, Vec<Published>) = releases.partition(is_release);
        Some(Measure {
            row: row.to_owned(),
            releases: in_order(stable).into_iter().chain(others).collect(),
            left_out: Vec::new(),
        })
    }
}
