//! A metric is defined once, in the catalogue: whatever stands there is in every file and page that shows metrics.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod synthetic;

use loopmark::chart::{Drawing, Spec};
use loopmark::measurement::TrialRecord;
use loopmark::metric::catalogue;
use loopmark::report;
use loopmark::results::ResultsFolder;
use serde_json::Value;

#[test]
fn every_metric_of_the_catalogue_is_in_csv_json_tables_ratios_and_charts() {
    let results = tempfile::tempdir().unwrap();
    let trials: Vec<TrialRecord> = (0..5).map(|number| synthetic::trial(number, 300)).collect();
    let mut info = synthetic::info(&trials);
    let mut folder = ResultsFolder::create(results.path(), &mut info).unwrap();
    for trial in &trials {
        folder.append(trial, &synthetic::runs(trial)).unwrap();
    }
    let folder = folder.path();
    report::write(folder, None, &Drawing::default()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (ratios, page) = (read("ratios.csv"), read("README.md"));
    let document: Value = serde_json::from_str(&read("report.json")).unwrap();
    let cell = &document["scenarios"][0]["cells"][0];
    let mut summary = csv::Reader::from_path(folder.join("summary.csv")).unwrap();
    let columns = summary.headers().unwrap().clone();
    let line = summary.records().next().unwrap().unwrap();
    let mut without_value = Vec::new();
    for metric in catalogue::ALL {
        let name = metric.name;
        let column = columns.iter().position(|column| column == name).unwrap();
        let value: Option<f64> = line[column].parse().ok();
        assert_eq!(cell["values"][name]["value"].as_f64(), value, "{name}");
        if value.is_none() {
            without_value.push(name);
        }
        let mut metrics = document["metrics"].as_array().unwrap().iter();
        let entry = metrics.find(|entry| entry["name"] == name).unwrap();
        assert_eq!(entry["about"], metric.about);
        let spec: Spec = toml::from_str(&format!("form = \"bars\"\nmetric = \"{name}\"")).unwrap();
        assert!(std::ptr::eq(spec.metric, *metric), "{name}");
        let in_ratios = ratios
            .lines()
            .any(|line| line.split(',').any(|field| field == name));
        assert_eq!(in_ratios, metric.is_compared, "{name}");
        if metric.is_compared {
            let titled = page.lines().filter(|line| line.starts_with("| Framework"));
            let titled = titled.filter(|line| line.contains(&format!(" {} ", metric.title)));
            assert!(titled.count() > 0, "{name}: {page}");
        }
    }
    // No caller sees text before the answer, and a run of four turns has no late gaps. A burst has no first run, no warm-up and no time for a slope; the scenario has no heartbeat and no cases; the record is
    // from before threads were counted and ideal times kept.
    let missing = "first_text_ms gap_late_over_early first_run_s first_run_cpu_s first_run_rss_bytes wall_over_ideal \
                   heartbeat_lag_p50_ms \
                   heartbeat_lag_p99_ms heartbeat_lag_max_ms max_threads threads_added descriptors_added \
                   rss_slope_per_1000_runs_bytes warm_up_cpu_per_run_ms trace_bytes_per_run disconnect_ms \
                   kept_open_share requests_after_cancel cancel_return_ms recovery_ratio ended_right_share \
                   repaired_share raised_share gave_up_share wrong_share silent_share hung_share requests_per_needed \
                   requests_per_faulty_turn retry_after_obeyed_share give_up_s cpu_per_turn_growth \
                   cpu_per_turn_exponent cpu_per_run_growth cpu_per_run_exponent gap_growth \
                   request_bytes_growth runs_per_s_growth ready_rss_per_unit_bytes build_cpu_per_1000_units_s";
    assert_eq!(without_value.join(" "), missing);
}
