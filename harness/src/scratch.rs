//! Temporary folders that are removed soon after their owner ends, even if it was killed.
//!
//! The owner holds a lock on its folder, which the kernel releases however the owner ends. A folder whose lock is free
//! therefore has no owner, and the next start removes it.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The prefix of the folders' names; a random part follows.
const PREFIX: &str = "loopmark-scratch-";
/// The prefix of a folder that is not locked yet. Its owner may be killed before it locks the folder, so such folders are
/// removed too, once they are old.
const UNLOCKED_PREFIX: &str = "loopmark-unlocked-";
/// The prefix of runners' homes in earlier versions, which did not lock them.
const OLD_PREFIX: &str = "loopmark-home-";
/// A folder without a lock is in use no longer than this.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// A temporary folder of this process; dropping it removes the folder.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    /// A lock on the folder itself, so that the folder stays empty.
    _lock: File,
}

impl Scratch {
    /// Creates an empty folder in the system's temporary folder.
    ///
    /// # Errors
    ///
    /// When the system refuses it.
    pub fn new() -> io::Result<Scratch> {
        Scratch::new_in(&std::env::temp_dir())
    }

    fn new_in(folder: &Path) -> io::Result<Scratch> {
        let unlocked = tempfile::Builder::new()
            .prefix(UNLOCKED_PREFIX)
            .tempdir_in(folder)?;
        let lock = File::open(unlocked.path())?;
        // Where the file system has no locks, the folder is simply never found abandoned.
        let _ = lock.try_lock();
        let name = unlocked.path().file_name().unwrap_or_default();
        let name = name.to_string_lossy().replace(UNLOCKED_PREFIX, PREFIX);
        // Only a locked folder gets the prefix that marks it as locked: the order matters.
        let path = folder.join(name);
        std::fs::rename(unlocked.path(), &path)?;
        let _moved = unlocked.keep();
        Ok(Scratch { path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The next start retries what can't be removed now.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Removes the folders of owners that were killed, except those that can't be removed.
pub(crate) fn clear_dead() {
    clear_dead_in(&std::env::temp_dir());
}

fn clear_dead_in(folder: &Path) {
    let own = rustix::process::geteuid().as_raw();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let (is_locked, is_other) = (
            name.starts_with(PREFIX),
            name.starts_with(UNLOCKED_PREFIX) || name.starts_with(OLD_PREFIX),
        );
        if !is_locked && !is_other {
            continue;
        }
        let path = entry.path();
        // Not following links: in a folder that everybody can write to, others may have placed some.
        let Ok(metadata) = std::fs::symlink_metadata(&path) else {
            continue;
        };
        let age = metadata
            .modified()
            .ok()
            .and_then(|time| time.elapsed().ok());
        let is_old = age.is_some_and(|age| age > LONGEST_LIFE);
        let is_ours = metadata.is_dir() && metadata.uid() == own;
        if is_ours && (is_locked && is_free(&path) || is_other && is_old) {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// Whether no process holds the folder's lock.
fn is_free(path: &Path) -> bool {
    let Ok(folder) = File::open(path) else {
        return false;
    };
    match folder.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_owner_left_is_cleared_away_and_what_a_living_one_has_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let mine = Scratch::new_in(temporary.path()).unwrap();
        let dead = temporary.path().join(format!("{PREFIX}dead"));
        std::fs::create_dir_all(dead.join("deep/er")).unwrap();
        std::fs::write(dead.join("deep/er/file"), "x").unwrap();
        for other in [
            "loopmark-home-young",
            "loopmark-unlocked-young",
            "tmp-of-others",
        ] {
            std::fs::create_dir(temporary.path().join(other)).unwrap();
        }
        let target = temporary.path().join("tmp-of-others");
        std::os::unix::fs::symlink(&target, temporary.path().join(format!("{PREFIX}link")))
            .unwrap();
        clear_dead_in(temporary.path());
        assert!(!dead.exists());
        assert!(mine.path().is_dir(), "its owner lives");
        assert_eq!(std::fs::read_dir(mine.path()).unwrap().count(), 0);
        for other in [
            "loopmark-home-young",
            "loopmark-unlocked-young",
            "tmp-of-others",
        ] {
            assert!(temporary.path().join(other).is_dir(), "{other}");
        }
        let path = mine.path().to_owned();
        drop(mine);
        assert!(!path.exists());
    }
}
