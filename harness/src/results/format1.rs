//! Converts a record of format 1 to the newest format. In format 1 a trial's keys were not nested, a sweep had one
//! scenario, phases were recorded twice, and runs were lines of `samples.csv`.

use serde_json::{Map, Value, json};

pub(super) const FORMAT_1: u32 = 1;

/// Moves these keys of an object into a nested one.
fn taken(object: &mut Map<String, Value>, keys: &[&str]) -> Value {
    let taken = keys
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), object.remove(*key)?)));
    Value::Object(taken.collect())
}

fn rename(object: Option<&mut Value>, from: &str, to: &str) {
    let Some(object) = object.and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(value) = object.remove(from) {
        object.insert(to.to_owned(), value);
    }
}

/// `run.json` of format 1.
pub(super) fn info(mut info: Value) -> Value {
    if let Some(info) = info.as_object_mut() {
        let scenario = info.remove("scenario").unwrap_or_default();
        if let Some(capacity) = info.get_mut("capacity").and_then(Value::as_object_mut) {
            let name = scenario.get("name").cloned().unwrap_or_default();
            capacity.insert("scenario".to_owned(), name);
        }
        info.insert("scenarios".to_owned(), json!([scenario]));
    }
    for row in elements(info.get_mut("rows")) {
        if let Some(row) = row.as_object_mut() {
            let key = taken(row, &["framework", "variant"]);
            row.insert("row".to_owned(), key);
        }
    }
    let plan = info.get_mut("plan").and_then(|plan| plan.get_mut("trials"));
    for planned in elements(plan) {
        nest_row(planned.get_mut("cell"));
    }
    rename(info.get_mut("capacity"), "most_level", "max_level");
    rename(info.get_mut("capacity"), "most_rate", "max_rate");
    info
}

fn elements(list: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    list.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Nests the row of a cell.
fn nest_row(cell: Option<&mut Value>) {
    if let Some(cell) = cell.and_then(Value::as_object_mut) {
        let row = taken(cell, &["framework", "variant"]);
        cell.insert("row".to_owned(), row);
    }
}

/// A trial of format 1.
pub(super) fn trial(mut trial: Value) -> Value {
    let Some(object) = trial.as_object_mut() else {
        return trial;
    };
    let planned = [
        "trial",
        "repetition",
        "cell",
        "warm_up_runs",
        "measured_runs",
    ];
    let mut planned = taken(object, &planned);
    nest_row(planned.get_mut("cell"));
    let conditions = [
        "runner_cpus",
        "mock_cpus",
        "network",
        "egress_attempts",
        "egress_addresses",
    ];
    let conditions = taken(object, &conditions);
    object.insert("planned".to_owned(), planned);
    object.insert("conditions".to_owned(), conditions);
    if let Some(figures) = object.get_mut("figures").and_then(Value::as_object_mut) {
        let phases = phases(figures);
        figures.insert("phases".to_owned(), phases);
    }
    rename(
        trial.pointer_mut("/figures/traffic"),
        "most_in_flight",
        "max_in_flight",
    );
    rename(
        trial.pointer_mut("/figures/in_flight"),
        "most_runs",
        "max_runs",
    );
    rename(
        trial.pointer_mut("/figures/set_aside"),
        "most_runs",
        "max_runs",
    );
    if let Some(series) = trial.get_mut("series") {
        *series = columns(series);
    }
    trial
}

/// The phases, from format 1's list and from the separate figures that repeated some of them.
fn phases(figures: &mut Map<String, Value>) -> Value {
    let whole = |figures: &mut Map<String, Value>, keys: [&str; 3]| {
        let [wall_s, cpu_s, rss_bytes] = keys.map(|key| figures.remove(key).unwrap_or_default());
        json!({"wall_s": wall_s, "cpu_s": cpu_s, "rss_bytes": rss_bytes, "peak_rss_bytes": null})
    };
    let start_up = whole(figures, ["ready_s", "ready_cpu_s", "ready_rss_bytes"]);
    let measured = whole(figures, ["batch_s", "batch_cpu_s", "end_rss_bytes"]);
    let mut phases = Map::from_iter([
        ("start_up".to_owned(), start_up),
        ("measured".to_owned(), measured),
    ]);
    for phase in elements(figures.get_mut("phases")) {
        let Some(phase) = phase.as_object_mut() else {
            continue;
        };
        let name = phase.remove("name").unwrap_or_default();
        let name = name.as_str().unwrap_or_default().replace('-', "_");
        match phases.get_mut(&name) {
            Some(measured) => {
                measured["peak_rss_bytes"] = phase.remove("peak_rss_bytes").unwrap_or_default();
            }
            None => drop(phases.insert(name, Value::Object(std::mem::take(phase)))),
        }
    }
    Value::Object(phases)
}

/// A series as columns of differences. Anything but a list of points is left for the reader to refuse.
fn columns(series: &Value) -> Value {
    let Some(points) = series.as_array() else {
        return series.clone();
    };
    let column = |key: &str| {
        let mut before = 0;
        let values = points.iter().map(|point| {
            let value = point.get(key)?.as_i64()?;
            Some(value - std::mem::replace(&mut before, value))
        });
        values.collect::<Option<Vec<i64>>>()
    };
    json!({"at_ms": column("at_ms"), "rss_bytes": column("rss_bytes"), "cpu_ms": column("cpu_ms")})
}
