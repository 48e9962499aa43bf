//! A sweep of a published scenario over a runner that does one thing wrong and its twin that does the work.

use loopmark::analysis::{CellResult, Focus, Verdict, cells, verdict};
use loopmark::metric::Metric;
use loopmark::results::ScenarioInfo;
use loopmark::scenario::Expectation;

use super::{Checkout, SCENARIOS};

/// A part of a published scenario's file, up to where the next part begins.
pub fn part(scenario: &str, from: &str, to: &str) -> String {
    let file = std::fs::read_to_string(format!("{SCENARIOS}/{scenario}.toml")).unwrap();
    let begin = file.find(from).unwrap();
    let length = file[begin..].find(to).unwrap();
    file[begin..begin + length].to_owned()
}

/// A sweep of the two rows over a scenario.
pub struct Swept {
    scenario: ScenarioInfo,
    cells: Vec<CellResult>,
}

impl Swept {
    /// Of a published scenario after some changes, each of which must change something.
    pub fn of(checkout: &Checkout, scenario: &str, changes: &[(&str, &str)]) -> Swept {
        let published = format!("{SCENARIOS}/{scenario}.toml");
        let mut file = std::fs::read_to_string(published).unwrap();
        for (from, to) in changes {
            assert!(file.contains(from), "{scenario} has no {from}");
            file = file.replace(from, to);
        }
        let path = checkout.root().join(format!("scenarios/{scenario}.toml"));
        std::fs::write(path, file).unwrap();
        let recorded = checkout.swept_once(scenario);
        let scenario = recorded.info.scenarios[0].clone();
        let cells = cells(&recorded, &scenario);
        Swept { scenario, cells }
    }

    /// The cell of a row that an expectation of the case is about; `None` means the report's.
    pub fn cell(&self, row: &str, case: Option<&str>) -> &CellResult {
        let focus = Focus::of(&self.scenario).unwrap().unwrap();
        let mut cells = self.cells.iter();
        let found = cells.find(|cell| cell.key.row.framework == row).unwrap();
        focus.cell(&self.cells, &found.key.row, case).unwrap()
    }

    /// Of the wrong row and of the right one.
    pub fn values(&self, metric: &Metric) -> [f64; 2] {
        ["wrong", "right"].map(|row| {
            let value = self.cell(row, None).value(metric);
            value.unwrap_or_else(|| panic!("{row} has no {}", metric.name))
        })
    }

    /// The cases of the scenario's own expectations of a metric that a row does not meet; empty for the report's own.
    pub fn missed(&self, row: &str, metric: &Metric) -> Vec<&str> {
        let expectations = self.scenario.expect.iter();
        let of_metric = expectations.filter(|expectation| expectation.metric == metric.name);
        let missed = of_metric.filter(|of| self.judge(row, of) == Verdict::NotMet);
        missed
            .map(|of| of.case.as_deref().unwrap_or_default())
            .collect()
    }

    /// What an expectation with another limit says of a row: a machine that is busy with other tests is no fault of the right row.
    pub fn verdict_below(&self, row: &str, metric: &Metric, below: f64) -> Verdict {
        let expectation = Expectation {
            metric: metric.name.to_owned(),
            rows: "*".to_owned(),
            case: None,
            below: Some(below),
            above: None,
        };
        self.judge(row, &expectation)
    }

    fn judge(&self, row: &str, expectation: &Expectation) -> Verdict {
        let cell = self.cell(row, expectation.case.as_deref());
        verdict(expectation, Some(cell)).unwrap()
    }
}
