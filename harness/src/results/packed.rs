//! Files of a finished record, compressed: `trials.jsonl` becomes `trials.jsonl.zst` once nothing more is appended.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::error::io;
use super::{ResultsError, replace};

/// Higher levels of zstd do not make records smaller.
const LEVEL: i32 = 19;

fn packed_path(path: &Path) -> PathBuf {
    let mut packed = path.as_os_str().to_owned();
    packed.push(".zst");
    packed.into()
}

/// A file's content, and its path for error messages.
pub(super) type Opened = (Box<dyn BufRead>, PathBuf);

/// Opens a file of a record, compressed or not; `None` if neither exists.
///
/// # Errors
///
/// When it can't be opened.
pub(super) fn open(path: &Path) -> Result<Option<Opened>, ResultsError> {
    if let Some(file) = opened(path)? {
        return Ok(Some((Box::new(BufReader::new(file)), path.to_owned())));
    }
    let packed = packed_path(path);
    let Some(file) = opened(&packed)? else {
        return Ok(None);
    };
    let decoder = zstd::Decoder::new(file).map_err(io(&packed))?;
    Ok(Some((Box::new(BufReader::new(decoder)), packed)))
}

fn opened(path: &Path) -> Result<Option<File>, ResultsError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io(path)(error)),
    }
}

/// Compresses a file of a record, if it exists. A complete copy, compressed or not, is on disk at every moment.
///
/// # Errors
///
/// When it can't be read, or the disk refuses.
pub(super) fn pack(path: &Path) -> Result<(), ResultsError> {
    let Some(mut file) = opened(path)? else {
        return Ok(());
    };
    let mut content = Vec::new();
    file.read_to_end(&mut content).map_err(io(path))?;
    let packed = zstd::encode_all(content.as_slice(), LEVEL).map_err(io(path))?;
    replace(&packed_path(path), &packed)?;
    std::fs::remove_file(path).map_err(io(path))
}

/// Decompresses a file so that it can be appended to. Does nothing if it is not compressed.
///
/// # Errors
///
/// When it can't be read, or the disk refuses.
pub(super) fn unpack(path: &Path) -> Result<(), ResultsError> {
    let packed = packed_path(path);
    let Some(file) = opened(&packed)? else {
        return Ok(());
    };
    // Both are there when a harness was ended while it compressed: the other is whole.
    if opened(path)?.is_none() {
        let content = zstd::decode_all(file).map_err(io(&packed))?;
        replace(path, &content)?;
    }
    std::fs::remove_file(&packed).map_err(io(&packed))
}
