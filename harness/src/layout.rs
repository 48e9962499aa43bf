//! Where things are: the repository's folders and the ignored folder that builds go to.

use std::path::{Path, PathBuf};

/// The folders of a Loopmark checkout.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

/// No checkout was found.
#[derive(Debug, thiserror::Error)]
#[error("no folder with frameworks/ and scenarios/ at or above {start}; name it with --root", start = start.display())]
pub struct NoCheckout {
    start: PathBuf,
}

impl Layout {
    /// The checkout at or above `start`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn find(start: &Path) -> Result<Layout, NoCheckout> {
        let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        let root = start
            .ancestors()
            .find(|folder| folder.join("frameworks").is_dir() && folder.join("scenarios").is_dir());
        match root {
            Some(root) => Ok(Layout {
                root: root.to_owned(),
            }),
            None => Err(NoCheckout { start }),
        }
    }

    /// The checkout's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// One folder a row.
    pub fn frameworks(&self) -> PathBuf {
        self.root.join("frameworks")
    }

    /// The file of a scenario.
    pub fn scenario(&self, name: &str) -> PathBuf {
        self.root.join("scenarios").join(format!("{name}.toml"))
    }

    /// The names of the scenarios that there are, in order.
    pub fn scenario_names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join("scenarios"));
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.ok()?.path();
            let is_scenario = path.extension().is_some_and(|ending| ending == "toml");
            let name = path.file_stem()?.to_string_lossy().into_owned();
            is_scenario.then_some(name)
        };
        let mut names: Vec<String> = entries.into_iter().flatten().filter_map(name).collect();
        names.sort();
        names
    }

    /// Recorded sweeps.
    pub fn results(&self) -> PathBuf {
        self.root.join("results")
    }

    /// The templates of documents.
    pub fn templates(&self) -> PathBuf {
        self.root.join("docs/templates")
    }

    /// The ignored folder of everything that is installed or compiled for the rows.
    pub fn builds(&self) -> PathBuf {
        self.root.join(".loopmark")
    }

    /// The build folder of one row.
    pub fn build(&self, framework: &str) -> PathBuf {
        self.builds().join("rows").join(framework)
    }

    /// The target folder that all Rust rows share, so that common crates are compiled once.
    pub fn cargo_target(&self) -> PathBuf {
        self.builds().join("cargo-target")
    }
}
