//! The notes of a known runner, which the harness's measurements are compared with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A runner's notes. Times are from `CLOCK_MONOTONIC`, in ns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Notes {
    /// The time of its first instruction.
    pub started_ns: u64,
    /// Alternately, the time before the line that ends a phase was written, and the time after the line that begins the
    /// next one was read. The harness reads its counters in between.
    pub edges: Vec<Edge>,
    /// Each turn of each run.
    pub turns: BTreeMap<u64, Vec<Asked>>,
    /// Requests whose client hung up before a reply came.
    pub left: Vec<Left>,
    /// Memory that it held and released, in bytes.
    pub held_bytes: u64,
    /// Memory that it keeps of each run, in bytes.
    #[serde(default)]
    pub kept_bytes_per_run: u64,
    /// For how long the last batch blocked the runner's loop at once, at most.
    #[serde(default)]
    pub longest_block_ns: u64,
    /// CPU time of the whole tree in seconds, noted by each process as its last action. While the runner runs, the notes
    /// are in files of their own.
    #[serde(default)]
    pub cpu_s: f64,
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Edge {
    /// `CLOCK_MONOTONIC`.
    pub at_ns: u64,
    /// CPU time of the process.
    pub cpu_ns: u64,
}

/// One request and its reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// Just before it was sent.
    pub sending_ns: u64,
    /// Just after the last byte of the reply was read.
    pub read_ns: u64,
    /// Just after the last byte of each part of a streamed reply was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts_ns: Vec<u64>,
}

/// A request whose client hung up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left {
    /// The run.
    pub run: u64,
    /// The turn.
    pub turn: u32,
    /// Just before it was sent.
    pub sending_ns: u64,
    /// Just before the connection was closed; no byte of a reply had come.
    pub left_ns: u64,
}

/// The file in which the runner's own process notes its CPU time.
pub(super) fn own_cpu(notes: &Path) -> PathBuf {
    notes.with_extension("own-cpu")
}

/// The file in which a grandchild notes its CPU time.
pub(super) fn grandchild_cpu(notes: &Path) -> PathBuf {
    notes.with_extension("grandchild-cpu")
}

/// Removes an earlier runner's notes at `path`.
pub(super) fn forget(path: &Path) {
    for note in [path.to_owned(), own_cpu(path), grandchild_cpu(path)] {
        // Most runners have no grandchild, and so no note of one.
        let _ = std::fs::remove_file(note);
    }
}

/// Reads the notes at `path` of a runner that has ended.
pub(super) fn read(path: &Path) -> Result<Notes, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut notes: Notes = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    for note in [own_cpu(path), grandchild_cpu(path)] {
        // Only one of the runners has a grandchild; the others leave no such file.
        if let Ok(text) = std::fs::read_to_string(&note) {
            notes.cpu_s += text
                .trim()
                .parse::<f64>()
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(notes)
}
