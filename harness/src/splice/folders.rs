//! The results folders that figures come from. Each is read once, and only if a figure of it is needed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::report::Report;
use crate::results::Recorded;

/// The folders that have been read.
#[derive(Debug)]
pub(super) struct Folders {
    root: PathBuf,
    reports: BTreeMap<String, Report>,
    json: BTreeMap<String, Value>,
}

impl Folders {
    /// The folders of the checkout at `root`.
    pub fn of(root: &Path) -> Folders {
        Folders {
            root: root.to_owned(),
            reports: BTreeMap::new(),
            json: BTreeMap::new(),
        }
    }

    /// Resolves a path that is relative to the checkout.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// The report of a sweep.
    ///
    /// # Errors
    ///
    /// If it can't be read, or is incomplete.
    pub fn report(&mut self, folder: &str) -> Result<&Report, String> {
        if !self.reports.contains_key(folder) {
            let recorded = Recorded::load(&self.path(folder)).map_err(|error| error.to_string())?;
            if !recorded.info.complete {
                return Err(format!(
                    "{folder} is an incomplete sweep; complete it with `loopmark run --resume {folder}`"
                ));
            }
            let report = Report::of(recorded, None).map_err(|error| error.to_string())?;
            self.reports.insert(folder.to_owned(), report);
        }
        self.reports
            .get(folder)
            .ok_or_else(|| format!("{folder} was not read"))
    }

    /// A JSON file of a folder.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub fn json(&mut self, folder: &str, file: &str) -> Result<&Value, String> {
        let name = format!("{folder}/{file}");
        if !self.json.contains_key(&name) {
            let text = std::fs::read(self.path(&name));
            let text = text.map_err(|error| format!("cannot read {name}: {error}"))?;
            let value = serde_json::from_slice(&text);
            let value = value.map_err(|error| format!("{name} is not JSON: {error}"))?;
            self.json.insert(name.clone(), value);
        }
        self.json
            .get(&name)
            .ok_or_else(|| format!("{name} was not read"))
    }
}
