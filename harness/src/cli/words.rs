//! Events as text for a person.

use std::time::Duration;

use loopmark_protocol::Feature;

use crate::analysis::arrival_name;
use crate::capacity::Load;
use crate::compare::Change;
use crate::event::{LoadTried, TrialEnded};
use crate::framework::DEFAULT_VARIANT;
use crate::measurement::Outcome;
use crate::plan::{CellKey, RowKey};
use crate::report::shown_number;
use crate::words::counted;

const MIB: f64 = 1024.0 * 1024.0;

/// What a sweep will take, such as `270 trials, at least 41 minutes: ...`.
pub(super) fn plan(trials: usize, model_time: Duration) -> String {
    let minutes = (model_time.as_secs_f64() / 60.0).ceil();
    let trials = counted(trials as u64, "trial");
    let minutes = counted(minutes as u64, "minute");
    format!(
        "{trials}, at least {minutes}: that is the model's own time; each row's start and its own work are added"
    )
}

/// Bytes as MiB, without the unit, such as `12.3`.
pub(super) fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / MIB)
}

/// A cell, such as `rig (responses), seed, closed at 50`.
pub(super) fn cell(cell: &CellKey) -> String {
    let variant = match cell.row.variant.as_str() {
        DEFAULT_VARIANT => String::new(),
        variant => format!(" ({variant})"),
    };
    let copy = if cell.aa_copy { " (A/A)" } else { "" };
    let case = cell.case.as_ref();
    let case = case.map_or(String::new(), |case| format!(" ({case})"));
    format!(
        "{}{variant}{copy}, {}{case}, {} at {}",
        cell.row.framework,
        cell.scenario,
        arrival_name(cell.arrival),
        cell.level
    )
}

/// `ours, seed, closed at 50: CPU per run 0.542, now 0.600 ms, 1.107 times`
pub(super) fn change(change: &Change) -> String {
    let metric = change.metric;
    let [before, after] = change
        .medians()
        .map_or([None; 2], |medians| medians.map(Some));
    let ratio = change
        .ratio()
        .map(|ratio| format!(", {ratio:.3} times"))
        .unwrap_or_default();
    let [before, after, unit] = match change.is_over_floor {
        true => {
            let times =
                |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
            [times(before), times(after), "times the floor's".to_owned()]
        }
        false => {
            let unit = metric.unit.shown().to_owned();
            [
                shown_number(metric, before),
                shown_number(metric, after),
                unit,
            ]
        }
    };
    let text = format!(
        "{}: {} {before}, now {after} {unit}",
        cell(&change.cell),
        metric.title,
    );
    format!("{}{ratio}", text.trim_end())
}

/// A trial and its result.
pub(super) fn trial(ended: &TrialEnded) -> String {
    let what = cell(&ended.cell);
    let (cpu_s, peak) = match (&ended.outcome, ended.cpu_s, ended.peak_rss_bytes) {
        (Outcome::Failed { reason, .. }, ..) => return format!("{what}: failed: {reason}"),
        (Outcome::NotOffered { .. }, ..) => {
            let lacking = ended.outcome.not_offered().unwrap_or_default();
            return format!("{what}: {lacking}");
        }
        (Outcome::Completed, Some(cpu_s), Some(peak)) => (cpu_s, peak),
        (Outcome::Completed, ..) => return format!("{what}: no figures"),
    };
    let median = ended.median_ms;
    let median = median.map_or("–".to_owned(), |median| format!("{median:.0}"));
    let why = ended.example.as_ref();
    let why = why.map_or(String::new(), |why| format!(" ({why})"));
    format!(
        "{what}: median {median} ms, CPU {cpu_s:.2} s, peak {:.0} MiB, {} of {} runs verified{why}",
        peak as f64 / MIB,
        ended.verified,
        ended.asked,
    )
}

/// A load that was tried, and whether the row carried it.
pub(super) fn load(tried: &LoadTried) -> String {
    let what = match tried.load {
        Load::Level => format!("{} agents at once", tried.value),
        Load::Rate => format!("{} runs per second", tried.value),
    };
    let p95 = tried.p95_ms;
    let p95 = p95.map_or("–".to_owned(), |p95| format!("{p95:.0}"));
    let verdict = match &tried.why {
        None => format!("held, p95 {p95} ms"),
        Some(why) => format!("failed: {why}"),
    };
    let RowKey { framework, variant } = &tried.row;
    format!("{framework} ({variant}), {what}: {verdict}")
}

/// What is verified of a row, such as `rig (default), streaming` or, among several scenarios, `rig (default), soak`.
pub(super) fn verified(row: &RowKey, scenario: Option<&str>, feature: Option<Feature>) -> String {
    let RowKey { framework, variant } = row;
    let scenario = scenario.map_or(String::new(), |scenario| format!(", {scenario}"));
    let feature = feature.map_or(String::new(), |feature| format!(", {feature}"));
    format!("{framework} ({variant}){scenario}{feature}")
}

#[cfg(test)]
mod tests {
    use loopmark_protocol::{Api, Arrival};

    use super::*;

    #[test]
    fn a_cell_is_named_by_all_that_distinguishes_it() {
        let mut key = CellKey {
            row: RowKey::new("rig", DEFAULT_VARIANT),
            api: Api::Responses,
            scenario: "malformed".to_owned(),
            case: Some("no-json".to_owned()),
            level: 5,
            arrival: Arrival::Closed,
            aa_copy: false,
        };
        assert_eq!(cell(&key), "rig, malformed (no-json), closed at 5");
        key.row.variant = "chat-completions".to_owned();
        key.case = None;
        key.aa_copy = true;
        let wanted = "rig (chat-completions) (A/A), malformed, closed at 5";
        assert_eq!(cell(&key), wanted);
    }
}
