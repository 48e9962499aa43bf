//! Removes what is installed and no row needs.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::size;
use crate::layout::Layout;

/// A folder that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// The folder.
    pub folder: PathBuf,
    /// The sum of the lengths of its files.
    pub bytes: u64,
}

/// Removes the builds of rows that are not among `rows`, the copies of rows at other releases, and the target folder of the Rust rows, from which their
/// programs have been copied: without it, only their next compilation takes longer. A row that is being built is left.
///
/// # Errors
///
/// A folder that can't be read or removed.
pub fn prune(rows: &[&str], layout: &Layout) -> io::Result<Vec<Pruned>> {
    let mut gone = Vec::new();
    for folder in [layout.builds().join("rows"), layout.releases()] {
        for name in names_in(&folder)? {
            if rows.contains(&name.as_str()) {
                continue;
            }
            let lock = File::create(layout.builds().join("locks").join(&name))?;
            match lock.try_lock() {
                Ok(()) => gone.push(removed(folder.join(&name))?),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
    if layout.cargo_target().is_dir() {
        gone.push(removed(layout.cargo_target())?);
    }
    Ok(gone)
}

/// The names in a folder of a folder for each row, sorted; none where it is not there.
fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let name = |entry: io::Result<std::fs::DirEntry>| {
        Ok(entry?.file_name().to_string_lossy().into_owned())
    };
    let mut names = entries.map(name).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn removed(folder: PathBuf) -> io::Result<Pruned> {
    let bytes = size::folder_bytes(&folder)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(Pruned { folder, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_row_needs_goes_and_what_is_being_built_stays() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["frameworks", "scenarios", ".loopmark/locks"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let layout = Layout::find(folder.path()).unwrap();
        assert_eq!(prune(&[], &layout).unwrap(), []);
        for (name, text) in [("toy", "12345"), ("old", "1234567"), ("busy", "1")] {
            std::fs::create_dir_all(layout.build(name).join("bin")).unwrap();
            std::fs::write(layout.build(name).join("bin/runner"), text).unwrap();
        }
        let copy = layout.releases().join("toy@1.0.0");
        std::fs::create_dir_all(&copy).unwrap();
        std::fs::write(copy.join("framework.toml"), "1234").unwrap();
        std::fs::create_dir_all(layout.cargo_target()).unwrap();
        std::fs::write(layout.cargo_target().join("debris"), "123").unwrap();
        let lock = File::create(layout.builds().join("locks/busy")).unwrap();
        lock.lock().unwrap();
        let gone = prune(&["toy"], &layout).unwrap();
        let gone: Vec<_> = gone
            .iter()
            .map(|gone| (gone.folder.clone(), gone.bytes))
            .collect();
        let target = layout.cargo_target();
        assert_eq!(gone, [(layout.build("old"), 7), (copy, 4), (target, 3)]);
        assert!(layout.build("toy").join("bin/runner").is_file());
        assert!(layout.build("busy").join("bin/runner").is_file());
        assert!(!layout.build("old").exists());
    }
}
