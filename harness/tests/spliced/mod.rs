//! A checkout with results and a template, for the tests of `loopmark report --splice`.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::path::PathBuf;
use std::process::Output;

use loopmark::framework::{Kind, Language};
use loopmark::measurement::TrialRecord;
use loopmark::plan::RowKey;
use loopmark::results::ResultsFolder;
use loopmark_protocol::Arrival;

use crate::common::{Checkout, text};
use crate::synthetic;

/// A checkout with results, a template and its document.
pub struct Made {
    pub checkout: Checkout,
}

/// A template's head.
pub const HEAD: &str = "+++\ndocument = \"docs/A.md\"\nresults = \"results/now\"\n\n[others]\nthen = \"results/then\"\n+++\n";

impl Made {
    /// `now` has three rows (one of them a floor, one a variant) in a burst, `then` has the first one at two levels.
    pub fn new() -> Made {
        let made = Made {
            checkout: Checkout::quick(),
        };
        std::fs::create_dir_all(made.path("docs/templates")).unwrap();
        let burst = (Arrival::Burst, 4);
        let rows = [
            ("good", "default", burst, 0.25),
            ("floor-good", "default", burst, 0.125),
            ("good", "tuned", burst, 0.5),
        ];
        made.record("now", &rows, true);
        let closed = |level| ("good", "default", (Arrival::Closed, level), 1.0);
        made.record("then", &[closed(1), closed(100)], true);
        std::fs::write(
            made.path("results/now/mock.json"),
            r#"{"rounds": [{"late_us": 41.4}, {"late_us": 97.5}, {"late_us": 50}]}"#,
        )
        .unwrap();
        made
    }

    /// Records a sweep of three trials a cell; each has 4 runs of 2,004.4 ms.
    pub fn record(&self, id: &str, cells: &[(&str, &str, (Arrival, u32), f64)], complete: bool) {
        let mut trials = Vec::new();
        for (framework, variant, (arrival, level), cpu_s) in cells {
            for repetition in 0..3 {
                let mut trial = synthetic::trial(trials.len() as u32, 4);
                trial.planned.repetition = repetition;
                trial.planned.cell.row = RowKey::new(*framework, *variant);
                (trial.planned.cell.arrival, trial.planned.cell.level) = (*arrival, *level);
                // They differ, or there is no interval.
                let factor = 1.0 + 0.01 * (f64::from(repetition) - 1.0);
                trial.figures.as_mut().unwrap().cpu_s = cpu_s * factor;
                trials.push(trial);
            }
        }
        let mut info = synthetic::info(&trials);
        info.id = id.to_owned();
        info.complete = complete;
        info.rows.truncate(1);
        let floor = RowKey::new("floor-good", "default");
        for (key, kind) in [
            (RowKey::new("good", "tuned"), Kind::Framework),
            (floor, Kind::Floor),
        ] {
            let mut row = info.rows[0].clone();
            (row.key, row.kind, row.language) = (key, kind, Language::Rust);
            info.rows.push(row);
        }
        let mut folder = ResultsFolder::create(&self.path("results"), &mut info).unwrap();
        for trial in &trials {
            let mut runs = synthetic::runs(trial);
            for run in &mut runs {
                (run.latency_ms, run.overhead_ms) = (2004.4, 4.4);
            }
            folder.append(trial, &runs).unwrap();
        }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.checkout.root().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn write_template(&self, body: &str) {
        std::fs::write(self.path("docs/templates/A.md"), format!("{HEAD}{body}")).unwrap();
    }

    pub fn report(&self, arguments: &[&str]) -> Output {
        let mut command = self.checkout.loopmark(&["report"]);
        command.args(arguments).current_dir(self.checkout.root());
        command.output().unwrap()
    }

    /// Splices, which must go well.
    pub fn splice(&self, arguments: &[&str]) {
        let output = self.report(&[arguments, &["--splice"]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    /// What a template's body gives.
    pub fn filled(&self, body: &str) -> String {
        self.write_template(body);
        self.splice(&[]);
        let document = self.read("docs/A.md");
        let (first, rest) = document.split_once("\n\n").unwrap();
        assert_eq!(
            first,
            "<!-- Made from docs/templates/A.md by `loopmark report --splice`: edit that file, not this one. -->"
        );
        rest.trim_end().to_owned()
    }

    /// What is said of a body that can't be filled; nothing is written then.
    pub fn refused(&self, body: &str) -> String {
        self.write_template(body);
        let output = self.report(&["--splice"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{body}: {said}");
        assert!(!self.path("docs/A.md").exists(), "{body}");
        said
    }

    /// Draws the charts of `now`.
    pub fn draw_charts(&self) {
        let output = self.report(&["results/now"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    /// One cell in each of these scenarios; CPU times are 1 s, 2 s and so on.
    pub fn record_scenarios(&self, id: &str, scenarios: &[&str]) {
        let trials: Vec<TrialRecord> = (0..)
            .zip(scenarios)
            .map(|(number, scenario)| {
                let mut trial = synthetic::trial(number, 4);
                (trial.planned.repetition, trial.planned.cell.level) = (0, 4);
                trial.planned.cell.scenario = (*scenario).to_owned();
                trial.figures.as_mut().unwrap().cpu_s = f64::from(number + 1);
                trial
            })
            .collect();
        let mut info = synthetic::info(&trials);
        info.id = id.to_owned();
        let seed = info.scenarios.remove(0);
        for name in scenarios {
            let mut scenario = seed.clone();
            scenario.name = (*name).to_owned();
            info.scenarios.push(scenario);
        }
        let mut folder = ResultsFolder::create(&self.path("results"), &mut info).unwrap();
        for trial in &trials {
            folder.append(trial, &synthetic::runs(trial)).unwrap();
        }
    }
}
