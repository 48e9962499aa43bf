//! Where a program that `cargo install` put on the path finds its rows and scenarios: in a checkout at or above the
//! working folder, else in a clone of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::layout::Layout;

/// Names another repository to clone than the one that the program was compiled in.
const REPOSITORY: &str = "LOOPMARK_REPOSITORY";

/// The checkout at or above `start`; without one, the clone in the user's data folder, which is made if it is not there.
///
/// # Errors
///
/// When there is no checkout, and none can be cloned.
pub(super) fn checkout(start: &Path) -> anyhow::Result<Layout> {
    let none = match Layout::find(start) {
        Ok(layout) => return Ok(layout),
        Err(none) => none,
    };
    let Some(folder) = folder(|name| std::env::var_os(name)) else {
        return Err(none.into());
    };
    if let Ok(layout) = Layout::find(&folder) {
        return Ok(layout);
    }
    let repository = match std::env::var_os(REPOSITORY) {
        Some(repository) => repository,
        None => compiled_in().ok_or(none)?.into(),
    };
    clone(&repository, &folder)?;
    Ok(Layout::find(&folder)?)
}

/// One clone for each version, as the XDG Base Directory Specification places a user's data; `None` without a home.
fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let data = match set("XDG_DATA_HOME") {
        Some(data) => PathBuf::from(data),
        None => Path::new(&set("HOME")?).join(".local/share"),
    };
    Some(data.join("loopmark").join(env!("CARGO_PKG_VERSION")))
}

/// The checkout that the program was compiled in, if it is still there.
fn compiled_in() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    root.join(".git").exists().then(|| root.to_owned())
}

fn clone(repository: &OsString, folder: &Path) -> anyhow::Result<()> {
    tell!(
        "no checkout is here: cloning {} to {}, for rows, scenarios and results",
        Path::new(repository).display(),
        folder.display()
    );
    let parent = folder.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    // Beside its place until it is whole: a clone that was cut is none.
    let part = tempfile::tempdir_in(parent).with_context(|| parent.display().to_string())?;
    let fresh = part.path().join("clone");
    let output = Command::new("git")
        .args(["clone", "--quiet", "--"])
        .arg(repository)
        .arg(&fresh)
        .output()
        .context(
            "can't start git, which fetches the rows: install it, or name a checkout with --root",
        )?;
    if !output.status.success() {
        bail!(
            "git clone failed: {}; name a checkout with --root, or a repository with {REPOSITORY}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    match std::fs::rename(&fresh, folder) {
        // Another process was first.
        Err(_) if folder.is_dir() => Ok(()),
        moved => moved.with_context(|| folder.display().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_folder_follows_the_specification() {
        let version = env!("CARGO_PKG_VERSION");
        let of = |data: Option<&str>, home: Option<&str>| {
            folder(|name| match name {
                "XDG_DATA_HOME" => data.map(OsString::from),
                _ => home.map(OsString::from),
            })
        };
        let expected = |data: &str| Some(Path::new(data).join("loopmark").join(version));
        assert_eq!(of(Some("/data"), Some("/home/a")), expected("/data"));
        assert_eq!(of(None, Some("/home/a")), expected("/home/a/.local/share"));
        assert_eq!(
            of(Some(""), Some("/home/a")),
            expected("/home/a/.local/share")
        );
        assert_eq!(of(None, None), None);
    }
}
