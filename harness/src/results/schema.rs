//! JSON schemas of a record's files, from the types that read and write them.

use schemars::{Schema, schema_for};

use super::{MockInfo, RunInfo, TrialLine};
use crate::capacity::Probe;

/// The schema of each kind of file in a results folder, by the file's name in `docs/schema/`. A file of lines has the
/// schema of one line.
pub fn schemas() -> [(&'static str, Schema); 4] {
    [
        ("run.json", schema_for!(RunInfo)),
        ("trials.jsonl.json", schema_for!(TrialLine)),
        ("capacity.jsonl.json", schema_for!(Probe)),
        ("mock.json", schema_for!(MockInfo)),
    ]
}
