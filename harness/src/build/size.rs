//! How large an installed row is.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::stamp::{BuiltWith, FILES, STAMP};
use crate::framework::{BuildStep, Framework};
use crate::layout::Layout;

/// What the harness itself leaves in a build folder.
const NOTES: [&str; 2] = [STAMP, FILES];

/// The bytes that a built row takes, without its language's own runtime; `None` where it is not built.
///
/// The sum of the lengths of all files in its build folder, each counted once, and of its runners where those lie
/// outside. Symbolic links are not followed.
pub fn installed_bytes(framework: &Framework, layout: &Layout) -> Option<u64> {
    let built = BuiltWith::read(&layout.build(&framework.name))?;
    built.complete.then_some(built.installed_bytes)
}

/// Measures a row that has just been built: trees of ten thousand files take seconds.
pub(super) fn measure(framework: &Framework, layout: &Layout) -> io::Result<u64> {
    let mut seen = Files::default();
    let build = std::fs::canonicalize(layout.build(&framework.name))?;
    let programs = programs(framework, layout);
    let (runtimes, runners): (Vec<PathBuf>, Vec<PathBuf>) = if framework.language.has_interpreter()
    {
        // Python's and Java's are the machine's; Node, Bun and Deno come from the row's lock file, and are left out likewise.
        let prefix = |program: &PathBuf| program.ancestors().nth(2).map(Path::to_owned);
        let runtimes = programs.iter().filter_map(prefix);
        (
            runtimes.filter(|prefix| *prefix != build).collect(),
            Vec::new(),
        )
    } else {
        (Vec::new(), programs.into_iter().collect())
    };
    let outside: u64 = runners.iter().map(|runner| seen.first_time(runner)).sum();
    Ok(outside + seen.tree(build, &runtimes)?)
}

/// The sum of the lengths of all files in a folder, each counted once.
pub(super) fn folder_bytes(folder: &Path) -> io::Result<u64> {
    Files::default().tree(folder.to_owned(), &[])
}

/// The programs that run the row's variants, or its build, where they are among what was built.
fn programs(framework: &Framework, layout: &Layout) -> BTreeSet<PathBuf> {
    let runners = framework
        .variants
        .iter()
        .filter_map(|variant| framework.runner(variant).first());
    let builders = framework.build.iter().filter_map(|step| match step {
        BuildStep::Argv { argv, .. } => argv.first(),
        BuildStep::Cargo { .. } | BuildStep::Venv { .. } => None,
    });
    runners
        .chain(builders)
        .filter_map(|program| std::fs::canonicalize(framework.expand(program, layout)).ok())
        .filter(|program| {
            std::fs::canonicalize(layout.builds()).is_ok_and(|builds| program.starts_with(builds))
        })
        .collect()
}

/// Files that were counted, by device and inode: uv links one file into several places.
#[derive(Default)]
struct Files(BTreeSet<(u64, u64)>);

impl Files {
    /// The length of a file that was not counted before, else 0.
    fn first_time(&mut self, path: &Path) -> u64 {
        match std::fs::metadata(path) {
            Ok(file) if self.0.insert((file.dev(), file.ino())) => file.len(),
            _ => 0,
        }
    }

    /// The lengths of the files below `folder` that were not counted before, but for those below `left_out`.
    fn tree(&mut self, folder: PathBuf, left_out: &[PathBuf]) -> io::Result<u64> {
        let mut bytes = 0;
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            if left_out.contains(&folder) {
                continue;
            }
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() && !NOTES.iter().any(|note| entry.file_name() == *note) {
                    bytes += self.first_time(&entry.path());
                }
            }
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_runtime_counts_nor_the_one_that_only_builds() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("frameworks/toy");
        let build = folder.path().join(".loopmark/rows/toy");
        for folder in [&dir, &build, &folder.path().join("scenarios")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let manifest = "name = \"toy\"\nlabel = \"toy\"\nlanguage = \"typescript\"\nkind = \"framework\"\n\
             upstream = \"\"\nidiom = \"\"\n[[build]]\nargv = [\"npm\", \"ci\"]\n[[build]]\nargv = [\"{build}/node\", \"strip\"]\n\
             [version]\nargv = [\"echo\"]\n[run]\nargv = [\"{build}/bun\"]\n[[variant]]\nname = \"default\"\n\
             api = \"responses\"\n[features]\nstreaming = true\nparallel-tools = true\n";
        std::fs::write(dir.join("framework.toml"), manifest).unwrap();
        for runtime in ["bun", "node"] {
            let package = build.join(format!("node_modules/{runtime}-linux-x64"));
            std::fs::create_dir_all(package.join("bin")).unwrap();
            std::fs::write(package.join("bin").join(runtime), [0; 1000]).unwrap();
            std::fs::write(package.join("package.json"), [0; 100]).unwrap();
            std::os::unix::fs::symlink(package.join("bin").join(runtime), build.join(runtime))
                .unwrap();
        }
        std::fs::write(build.join("runner.js"), [0; 7]).unwrap();
        let toy = Framework::load(&dir.join("framework.toml")).unwrap();
        let layout = Layout::find(folder.path()).unwrap();
        assert_eq!(measure(&toy, &layout).unwrap(), 7);
    }
}
