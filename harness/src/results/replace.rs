//! Atomic replacement of files.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::ResultsError;
use super::error::io;

/// Writes a temporary file and renames it, so that no reader sees an incomplete file.
///
/// # Errors
///
/// When writing fails.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), ResultsError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = write_whole(&partial, content)
        .map_err(io(&partial))
        .and_then(|()| std::fs::rename(&partial, path).map_err(io(path)));
    if written.is_err() {
        // A full disk gets its room back; that it can't be had is in the error already.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// Writes a new file and syncs it to disk.
fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(content)?;
    file.sync_data()
}
