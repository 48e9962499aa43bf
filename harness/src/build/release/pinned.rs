//! Another build of a row: at another release of its framework, as another commit has it, or from another folder.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::super::error::BuildError;
use super::super::sources;
use super::super::step::Bench;
use super::{Versions, lock};
use crate::framework::Framework;
use crate::layout::Layout;

/// In the copy's folder, once it is as it stays: what it was made from.
const LOCKED: &str = ".locked";
/// What is written there of a copy that a commit has.
const COMMITTED: &str = "committed";
/// How many digits of a commit's name tell it from others.
const DIGITS: usize = 9;
/// What a commit's row is built from, beside its own folder.
const SHARED: [&str; 3] = ["Cargo.toml", "frameworks/shared", "harness/protocol"];

/// A name such as `rig@0.43.0`, as the row and the release; `None` for a plain name.
pub fn split_version(name: &str) -> Option<(&str, &str)> {
    let (row, version) = name.rsplit_once('@')?;
    (!row.is_empty() && !version.is_empty()).then_some((row, version))
}

/// The build of a row that `text` names, which is named `<row>@…`: a release, such as `0.43.0`; the folder of another copy
/// of the row, or its framework.toml; or a commit, tag or branch of the checkout.
///
/// # Errors
///
/// As [`at_version`]; or when the folder has another row, or git knows no such commit.
pub fn against(row: &Framework, text: &str, layout: &Layout) -> Result<Framework, BuildError> {
    let path = Path::new(text);
    if path.exists() {
        return at_path(row, path);
    }
    let digits = text.strip_prefix('v').unwrap_or(text);
    match digits.starts_with(|first: char| first.is_ascii_digit()) && digits.contains('.') {
        true => at_version(row, text, layout),
        false => at_commit(row, text, layout),
    }
}

fn at_path(row: &Framework, path: &Path) -> Result<Framework, BuildError> {
    let folder = if path.is_dir() {
        path
    } else {
        path.parent().unwrap_or(path)
    };
    let other = load(folder)?;
    if other.name != row.name {
        let (at, there, name) = (path.display(), other.name, &row.name);
        return Err(BuildError::Release(format!(
            "{at} is the row `{there}`, not `{name}`"
        )));
    }
    Ok(named(other, "path"))
}

/// The row as a commit of the checkout has it, with the sides that it shares there.
fn at_commit(row: &Framework, commit: &str, layout: &Layout) -> Result<Framework, BuildError> {
    let run = |argv: &[&str]| {
        let said = Bench::quiet(layout.root(), &mut |_| {}).run_with(argv, &[]);
        said.map(|said| said.out)
    };
    let commit = run(&[
        "git",
        "rev-parse",
        "--verify",
        &format!("{commit}^{{commit}}"),
    ])?;
    let commit = commit.trim();
    let short: String = commit.chars().take(DIGITS).collect();
    let root = layout.releases().join(format!("{}@{short}", row.name));
    let mark = root.join(LOCKED);
    let folder = format!("frameworks/{}", row.name);
    if std::fs::read_to_string(&mark).is_ok_and(|mark| mark == COMMITTED) {
        return Ok(named(load(&root.join(folder))?, &short));
    }
    clear(&root)?;
    std::fs::create_dir_all(&root).map_err(io(&root))?;
    let tar = root.join(".tar");
    let tar = tar.to_string_lossy();
    let tree = ["git", "ls-tree", "--name-only", commit];
    let there = run(&[tree.as_slice(), &SHARED].concat())?;
    let shared = SHARED
        .into_iter()
        .filter(|name| there.lines().any(|line| line == *name));
    let mut archive = vec![
        "git",
        "archive",
        "--format=tar",
        "--output",
        &tar,
        commit,
        &folder,
        // A row may have files of another one by links.
        "frameworks",
    ];
    archive.extend(shared);
    run(&archive)?;
    let into = root.to_string_lossy();
    run(&["tar", "--extract", "--file", &tar, "--directory", &into])?;
    std::fs::write(&mark, COMMITTED).map_err(io(&mark))?;
    Ok(named(load(&root.join(folder))?, &short))
}

fn named(row: Framework, build: &str) -> Framework {
    Framework {
        name: format!("{}@{build}", row.name),
        label: format!("{} {build}", row.label),
        ..row
    }
}

/// The row at this release: it is copied to `.loopmark/releases/<row>@<version>/frameworks/<row>`, beside links to what it
/// shares, and locked there, once. It is named `<row>@<version>`.
///
/// What the row's package needs beside it takes the versions that go with it, not those of the release's own day.
///
/// # Errors
///
/// When the row has no package, or its language's tool can't lock the release.
pub fn at_version(
    row: &Framework,
    version: &str,
    layout: &Layout,
) -> Result<Framework, BuildError> {
    if version.contains(['/', '\\']) {
        return Err(BuildError::Release(format!("{version} is no release")));
    }
    let name = format!("{}@{version}", row.name);
    let root = layout.releases().join(name);
    let folder = root.join("frameworks").join(&row.name);
    let mark = root.join(LOCKED);
    let digest = sources::digest_of(&row.dir)?;
    // A commit's copy is named by its digits, as where a sweep is resumed.
    let is_locked =
        std::fs::read_to_string(&mark).is_ok_and(|locked| locked == digest || locked == COMMITTED);
    if !is_locked {
        let package = row.package.as_deref().ok_or_else(|| {
            let name = &row.name;
            BuildError::Release(format!("{name} has no package that could have releases"))
        })?;
        copy(row, &root, &folder, layout)?;
        let copied = load(&folder)?;
        lock(&copied, layout, Versions::Exactly { package, version })?;
        std::fs::write(&mark, digest).map_err(io(&mark))?;
    }
    Ok(named(load(&folder)?, version))
}

fn load(folder: &Path) -> Result<Framework, BuildError> {
    let manifest = folder.join("framework.toml");
    Framework::load(&manifest).map_err(|error| BuildError::Release(error.to_string()))
}

/// Copies the row's sources, and links what they reach by relative paths.
fn copy(row: &Framework, root: &Path, folder: &Path, layout: &Layout) -> Result<(), BuildError> {
    clear(root)?;
    for file in sources::source_files(&row.dir)? {
        let to = folder.join(file.strip_prefix(&row.dir).unwrap_or(&file));
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(io(parent))?;
        }
        std::fs::copy(&file, &to).map_err(io(&to))?;
    }
    for shared in ["frameworks/shared", "harness"] {
        let link = root.join(shared);
        symlink(layout.root().join(shared), &link).map_err(io(&link))?;
    }
    Ok(())
}

fn clear(root: &Path) -> Result<(), BuildError> {
    match std::fs::remove_dir_all(root) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io(root)(error)),
        _ => Ok(()),
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path: PathBuf = path.to_owned();
    move |source| BuildError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::split_version;

    #[test]
    fn a_release_stands_behind_the_last_sign() {
        assert_eq!(split_version("rig@0.43.0"), Some(("rig", "0.43.0")));
        for plain in ["rig", "rig@", "@0.43.0", ""] {
            assert_eq!(split_version(plain), None, "{plain}");
        }
    }
}
