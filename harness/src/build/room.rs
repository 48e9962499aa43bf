//! A row's build folder while it is built: locked, and put back as it was when the build fails or is killed.
//!
//! Virtual environments and links hold their own paths, so a row is built where it will stay. What it replaces waits
//! aside until the new record is written:
//!
//! ```text
//! lock → old record aside → rest aside → mark → steps … → new record → aside removed
//!        └── killed: moved back ───────┘ └── failed, killed: new removed, old moved back
//! ```

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::error::BuildError;
use super::stamp::{BuiltWith, STAMP};
use crate::layout::Layout;

/// In the folder aside, when all that is replaced is in it: the names of what stays, one a line.
const MARK: &str = ".staying";

/// The shield against settings for other programs: many libraries read the first `.env` at or above their own folder
/// or the working folder, whosever it is.
const SHIELD: &str = ".env";
const SHIELD_TEXT: &str = "# Empty on purpose: a library that looks upwards for a .env finds this one, and no person's.\n";

/// A build folder whose lock is held.
pub(super) struct Room {
    folder: PathBuf,
    aside: PathBuf,
    lock: File,
    is_open: bool,
}

impl Room {
    /// Waits for the row's lock, and puts right what a killed build has left.
    pub fn enter(layout: &Layout, row: &str) -> Result<Room, BuildError> {
        let (folder, aside) = (layout.build(row), layout.builds().join("aside").join(row));
        let locks = layout.builds().join("locks");
        let in_locks = |source| BuildError::Io {
            path: locks.clone(),
            source,
        };
        for new in [&folder, &locks] {
            std::fs::create_dir_all(new).map_err(in_locks)?;
        }
        let lock = File::create(locks.join(row)).and_then(|lock| lock.lock().map(|()| lock));
        let lock = lock.map_err(in_locks)?;
        // For Python the working folder does not matter: the search begins at the library's own file.
        std::fs::write(layout.builds().join(SHIELD), SHIELD_TEXT).map_err(in_locks)?;
        let room = Room {
            folder,
            aside,
            lock,
            is_open: false,
        };
        room.put_right().map_err(room.io())?;
        Ok(room)
    }

    /// The build folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The row's lock.
    pub fn lock(&self) -> &File {
        &self.lock
    }

    /// Makes room: what is not `staying` goes aside if it is a whole build, else away.
    pub fn open(&mut self, staying: &[String]) -> Result<(), BuildError> {
        let is_whole = BuiltWith::read(&self.folder).is_some_and(|built| built.complete);
        self.is_open = is_whole;
        let done = if is_whole {
            self.move_aside(staying)
        } else {
            remove(&self.folder, staying)
        };
        done.map_err(self.io())
    }

    /// The new record is written: what waits aside is not needed any more.
    pub fn close(mut self) -> Result<(), BuildError> {
        self.is_open = false;
        remove_folder(&self.aside).map_err(self.io())
    }

    fn move_aside(&self, staying: &[String]) -> io::Result<()> {
        std::fs::create_dir_all(&self.aside)?;
        // The record first: without it, what is in the folder counts for nothing.
        std::fs::rename(self.folder.join(STAMP), self.aside.join(STAMP))?;
        for name in names(&self.folder)?
            .iter()
            .filter(|name| !staying.contains(name))
        {
            std::fs::rename(self.folder.join(name), self.aside.join(name))?;
        }
        let part = self.aside.join(".staying.part");
        std::fs::write(&part, staying.join("\n"))?;
        std::fs::rename(part, self.aside.join(MARK))
    }

    /// Ends a build that did not finish.
    fn put_right(&self) -> io::Result<()> {
        if !self.aside.is_dir() {
            return Ok(());
        }
        if BuiltWith::read(&self.folder).is_some_and(|built| built.complete) {
            return remove_folder(&self.aside);
        }
        let mark = self.aside.join(MARK);
        if let Ok(staying) = std::fs::read_to_string(&mark) {
            let staying: Vec<String> = staying.lines().map(str::to_owned).collect();
            remove(&self.folder, &staying)?;
            // Only now: were it killed in between, what it moves back would be taken for new.
            std::fs::remove_file(mark)?;
        }
        let names = names(&self.aside)?;
        let old = names
            .iter()
            .filter(|name| *name != STAMP && !name.starts_with(MARK));
        for name in old.chain(names.iter().filter(|name| *name == STAMP)) {
            std::fs::rename(self.aside.join(name), self.folder.join(name))?;
        }
        remove_folder(&self.aside)
    }

    fn io(&self) -> impl Fn(io::Error) -> BuildError + use<> {
        let path = self.folder.clone();
        move |source| BuildError::Io {
            path: path.clone(),
            source,
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.is_open {
            let _ = std::fs::remove_file(self.folder.join(STAMP));
            let _ = self.put_right();
        }
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?;
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Removes what is in a folder, but for some.
fn remove(folder: &Path, staying: &[String]) -> io::Result<()> {
    for name in names(folder)?.iter().filter(|name| !staying.contains(name)) {
        let path = folder.join(name);
        if path.symlink_metadata()?.is_dir() {
            std::fs::remove_dir_all(path)?;
        } else {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
