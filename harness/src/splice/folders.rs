//! The results folders that figures come from. Each is read once, and only if a figure of it is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use crate::report::Report;
use crate::results::Recorded;

/// The folders that have been read.
#[derive(Debug)]
pub(super) struct Folders {
    root: PathBuf,
    reports: BTreeMap<String, Result<Report, String>>,
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

    /// Reads sweeps that were not read before, several at once: each takes seconds. What is wrong with one is told where
    /// its report is needed.
    pub fn read(&mut self, folders: BTreeSet<String>) {
        let new = |folder: &String| !self.reports.contains_key(folder);
        let waiting = Mutex::new(folders.into_iter().filter(new).collect::<Vec<_>>());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let work = || {
            let folders = std::iter::from_fn(next);
            let read = folders.map(|folder| (read(&self.root, &folder), folder));
            read.collect::<Vec<_>>()
        };
        let processors = thread::available_parallelism().map_or(1, |count| count.get());
        let read = thread::scope(|scope| {
            let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
            let read = workers.into_iter().flat_map(|worker| worker.join());
            read.flatten().collect::<Vec<_>>()
        });
        let named = read.into_iter().map(|(report, folder)| (folder, report));
        self.reports.extend(named);
    }

    /// The report of a sweep.
    ///
    /// # Errors
    ///
    /// If it can't be read, or is incomplete.
    pub fn report(&mut self, folder: &str) -> Result<&Report, String> {
        if !self.reports.contains_key(folder) {
            self.read(BTreeSet::from([folder.to_owned()]));
        }
        let report = self.reports.get(folder);
        let report = report.ok_or_else(|| format!("{folder} was not read"))?;
        report.as_ref().map_err(String::clone)
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

fn read(root: &Path, folder: &str) -> Result<Report, String> {
    let recorded = Recorded::load(&root.join(folder)).map_err(|error| error.to_string())?;
    if !recorded.info.complete {
        return Err(format!(
            "{folder} is an incomplete sweep; complete it with `loopmark run --resume {folder}`"
        ));
    }
    Report::of(recorded, None).map_err(|error| error.to_string())
}
