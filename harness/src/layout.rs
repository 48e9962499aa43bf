//! The folders of a checkout, including the ignored one for builds.

use std::path::{Path, PathBuf};

/// The folders of a Loopmark checkout.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

/// No checkout was found.
#[derive(Debug, thiserror::Error)]
#[error("no folder at or above {start} contains frameworks/ and scenarios/; name the checkout with --root", start = start.display())]
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

    /// The folder with one folder per row.
    pub fn frameworks(&self) -> PathBuf {
        self.root.join("frameworks")
    }

    /// The file of a scenario.
    pub fn scenario(&self, name: &str) -> PathBuf {
        self.root.join("scenarios").join(format!("{name}.toml"))
    }

    /// The names of the checkout's scenarios, sorted.
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

    /// The folder of the recorded sweeps.
    pub fn results(&self) -> PathBuf {
        self.root.join("results")
    }

    /// The folder of the documents' templates.
    pub fn templates(&self) -> PathBuf {
        self.root.join("docs/templates")
    }

    /// The ignored folder for everything that is installed or compiled for the rows.
    pub fn builds(&self) -> PathBuf {
        self.root.join(".loopmark")
    }

    /// The build folder of one row.
    pub fn build(&self, framework: &str) -> PathBuf {
        self.builds().join("rows").join(framework)
    }

    /// The folder of the copies of rows at other releases and commits.
    pub fn releases(&self) -> PathBuf {
        self.builds().join("releases")
    }

    /// The target folder that all Rust rows share, so that common crates are compiled once.
    pub fn cargo_target(&self) -> PathBuf {
        self.builds().join("cargo-target")
    }
}
