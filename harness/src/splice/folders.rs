//! The results folders that figures come from: each is read once, and only when a figure of it is wanted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::report::Report;
use crate::results::Recorded;

/// What was read.
#[derive(Debug)]
pub(super) struct Folders {
    root: PathBuf,
    reports: BTreeMap<String, Report>,
    json: BTreeMap<String, Value>,
}

impl Folders {
    /// Those of a checkout.
    pub fn of(root: &Path) -> Folders {
        Folders {
            root: root.to_owned(),
            reports: BTreeMap::new(),
            json: BTreeMap::new(),
        }
    }

    /// A path that is seen from the checkout.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// A sweep summed up.
    ///
    /// # Errors
    ///
    /// When it can't be read, or was ended before its last trial.
    pub fn report(&mut self, folder: &str) -> Result<&Report, String> {
        if !self.reports.contains_key(folder) {
            let recorded = Recorded::load(&self.path(folder)).map_err(|error| error.to_string())?;
            if !recorded.info.complete {
                return Err(format!(
                    "{folder} is a sweep that was ended before its last trial: `loopmark run --resume {folder}`"
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
    /// When it can't be read.
    pub fn json(&mut self, folder: &str, file: &str) -> Result<&Value, String> {
        let name = format!("{folder}/{file}");
        if !self.json.contains_key(&name) {
            let text = std::fs::read(self.path(&name));
            let text = text.map_err(|error| format!("cannot read {name}: {error}"))?;
            let value = serde_json::from_slice(&text);
            let value = value.map_err(|error| format!("{name} is no JSON: {error}"))?;
            self.json.insert(name.clone(), value);
        }
        self.json
            .get(&name)
            .ok_or_else(|| format!("{name} was not read"))
    }
}
