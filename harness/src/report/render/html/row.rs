//! The rows of the page, with what is known of each besides its figures.

use std::collections::{BTreeMap, BTreeSet};

use loopmark_protocol::{Api, Feature};
use serde::Serialize;

use super::scenario::PlaceData;
use crate::analysis;
use crate::framework::{Deviation, Kind, Language, Limit};
use crate::measurement::{Outcome, TrialRecord};
use crate::results::{Recorded, RowInfo};

/// Failures of a row that are shown, each of another place.
const MAX_FAILURES: usize = 8;

/// Last lines of a failed runner that are shown.
const MAX_LINES: usize = 12;

#[derive(Debug, Serialize)]
pub(super) struct RowData<'a> {
    framework: &'a str,
    variant: &'a str,
    name: String,
    language: Language,
    kind: Kind,
    api: Api,
    version: Option<&'a str>,
    runtime: Option<&'a str>,
    http_client: Option<&'a str>,
    skipped: Option<&'a str>,
    /// The row's floor, by its place in the list of rows.
    floor: Option<usize>,
    idiom: Option<&'a str>,
    wire: &'a [String],
    /// How what it sent deviates from the scenario's words, as a manifest declares it.
    deviations: Vec<String>,
    failures: Vec<FailureData<'a>>,
    install_bytes: Option<u64>,
    lacks: &'a BTreeMap<Feature, String>,
    limits: &'a [Limit],
}

/// A trial that did not complete: the first one of its place.
#[derive(Debug, Serialize)]
struct FailureData<'a> {
    scenario: &'a str,
    place: PlaceData,
    reason: &'a str,
    /// The last lines of standard error.
    lines: &'a [String],
}

/// The rows, in the table's order.
pub(super) fn rows(recorded: &Recorded) -> Vec<RowData<'_>> {
    let compared = analysis::rows(recorded);
    let rows = recorded.info.rows.iter();
    rows.map(|row| {
        let floor = analysis::floor_of(&compared, row.language, row.api);
        let place = |floor: &analysis::Row| compared.iter().position(|row| row.key == floor.key);
        RowData::of(row, recorded, floor.and_then(place))
    })
    .collect()
}

impl<'a> RowData<'a> {
    fn of(row: &'a RowInfo, recorded: &'a Recorded, floor: Option<usize>) -> RowData<'a> {
        let ready = row.ready.as_ref();
        let trials = recorded.trials.iter();
        let trials = trials.filter(|trial| trial.planned.cell.row == row.key);
        let seen = trials.clone().flat_map(|trial| &trial.runs.deviations);
        let seen: BTreeSet<&Deviation> = seen.flatten().collect();
        RowData {
            framework: &row.key.framework,
            variant: &row.key.variant,
            name: row.name(),
            language: row.language,
            kind: row.kind,
            api: row.api,
            version: ready.map(|ready| ready.version.as_str()),
            runtime: ready.map(|ready| ready.runtime.as_str()),
            http_client: ready.map(|ready| ready.http_client.as_str()),
            skipped: row.skipped.as_deref(),
            floor,
            idiom: row.idiom.as_deref(),
            wire: &row.wire,
            deviations: seen.iter().map(ToString::to_string).collect(),
            failures: failures(trials),
            install_bytes: row.install_bytes,
            lacks: &row.lacks,
            limits: &row.limits,
        }
    }
}

/// What failed, each place once.
fn failures<'a>(trials: impl Iterator<Item = &'a TrialRecord>) -> Vec<FailureData<'a>> {
    let mut failures: Vec<FailureData> = Vec::new();
    for trial in trials {
        let Outcome::Failed { reason, .. } = &trial.outcome else {
            continue;
        };
        let cell = &trial.planned.cell;
        let place = PlaceData::of(cell);
        let is_known =
            |known: &FailureData| known.scenario == cell.scenario && known.place == place;
        if failures.len() < MAX_FAILURES && !failures.iter().any(is_known) {
            let lines = &trial.stderr_tail;
            failures.push(FailureData {
                scenario: &cell.scenario,
                place,
                reason,
                lines: lines
                    .get(lines.len().saturating_sub(MAX_LINES)..)
                    .unwrap_or_default(),
            });
        }
    }
    failures
}
