//! What a scenario is about: its headline in one cell of each row, and whether what is expected of it is met.

use super::CellResult;
use crate::metric::{Metric, Source, catalogue};
use crate::plan::RowKey;
use crate::results::ScenarioInfo;
use crate::scenario::{At, Expectation, ReportSpec};
use crate::words;

/// What a scenario is about.
#[derive(Debug, Clone)]
pub struct Focus {
    /// What rows are sorted by.
    pub headline: &'static Metric,
    /// Shown beside it.
    pub also: Vec<&'static Metric>,
    /// Shown for every case, beside the one that distinguishes them.
    cases: Vec<&'static Metric>,
    /// The cell of a row that it is of.
    at: At,
    /// The level that the scenario names, where the sweep has others alone.
    missing: Option<u32>,
}

/// Whether an expectation of a row is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The value, and its interval where it has one, are within the limits.
    Met,
    /// They are beyond a limit.
    NotMet,
    /// There is no value, or a limit is within its interval.
    Undecided,
}

impl Focus {
    /// Of a scenario that says what it is about; `None` for any other.
    ///
    /// # Errors
    ///
    /// A name that no metric has.
    pub fn of(info: &ScenarioInfo) -> Option<Result<Focus, String>> {
        let report = info.report.as_ref()?;
        Some(Focus::resolve(report, info))
    }

    fn resolve(report: &ReportSpec, info: &ScenarioInfo) -> Result<Focus, String> {
        let headline = catalogue::named(&report.headline)?;
        let named = |names: &[String]| {
            let metrics = names.iter().map(|name| catalogue::named(name));
            metrics.collect::<Result<Vec<_>, _>>()
        };
        let mut at = report.at.clone();
        at.case = at.case.or_else(|| default_case(headline, info));
        Ok(Focus {
            headline,
            also: named(&report.also)?,
            cases: named(&report.cases)?,
            at,
            missing: None,
        })
    }

    /// In a sweep that has not measured the scenario's level, its highest level takes the place of that.
    pub fn among(mut self, cells: &[CellResult]) -> Focus {
        let arrival = self.at.arrival;
        let keys = cells.iter().map(|cell| &cell.key);
        let keys = keys.filter(|key| arrival.is_none_or(|arrival| arrival == key.arrival));
        let levels: Vec<u32> = keys.map(|key| key.level).collect();
        let highest = levels.iter().max().copied();
        if let (Some(wanted), Some(highest)) = (self.at.level, highest)
            && !levels.contains(&wanted)
        {
            self.at.level = Some(highest);
            self.missing = Some(wanted);
        }
        self
    }

    /// The level that it is of and the one that the scenario names, where these differ.
    pub fn other_level(&self) -> Option<(u32, u32)> {
        self.at.level.zip(self.missing)
    }

    /// The cell that says it of a row; `case` takes the place of the headline's.
    pub fn cell<'a>(
        &self,
        cells: &'a [CellResult],
        row: &RowKey,
        case: Option<&str>,
    ) -> Option<&'a CellResult> {
        let case = case.or(self.at.case.as_deref());
        cells.iter().find(|cell| {
            let key = &cell.key;
            key.row == *row
                && key.case.as_deref() == case
                && self.at.level.is_none_or(|level| level == key.level)
                && self.at.arrival.is_none_or(|arrival| arrival == key.arrival)
        })
    }

    /// The metrics that are shown for every case: the headline, or what it is made from across them, then the scenario's own.
    pub fn by_case(&self) -> impl Iterator<Item = &'static Metric> {
        let first = match self.headline.source {
            Source::Across { of, .. } => of,
            _ => self.headline,
        };
        std::iter::once(first).chain(self.cases.iter().copied())
    }
}

/// What is made across all cases is in the cell of the largest one; else the first is meant.
fn default_case(headline: &Metric, info: &ScenarioInfo) -> Option<String> {
    let mut cases = info.cases.iter();
    let case = match headline.source {
        Source::Across { .. } => cases.max_by(|one, other| {
            one.at
                .unwrap_or(f64::MIN)
                .total_cmp(&other.at.unwrap_or(f64::MIN))
        }),
        _ => cases.next(),
    };
    case.map(|case| case.name.clone())
}

/// Whether what is expected of a metric is so in a cell.
///
/// # Errors
///
/// A name that no metric has.
pub fn verdict(expectation: &Expectation, cell: Option<&CellResult>) -> Result<Verdict, String> {
    let metric = catalogue::named(&expectation.metric)?;
    let Some(estimate) = cell.and_then(|cell| cell.get(metric)) else {
        return Ok(Verdict::Undecided);
    };
    let range = estimate.interval.clone();
    let range = range.unwrap_or(estimate.value..estimate.value);
    let is_within = |value: f64| {
        expectation.below.is_none_or(|below| value < below)
            && expectation.above.is_none_or(|above| value > above)
    };
    Ok(match (is_within(range.start), is_within(range.end)) {
        (true, true) => Verdict::Met,
        (false, false) => Verdict::NotMet,
        _ => Verdict::Undecided,
    })
}

/// Whether an expectation is of a row.
pub fn is_expected_of(expectation: &Expectation, row: &RowKey) -> bool {
    words::fits(&expectation.rows, &row.framework)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::cell;
    use super::*;
    use crate::analysis::Estimate;
    use crate::plan::CellKey;

    fn expectation(below: Option<f64>, above: Option<f64>) -> Expectation {
        Expectation {
            metric: "median_ms".to_owned(),
            rows: "floor-*".to_owned(),
            case: None,
            below,
            above,
        }
    }

    #[test]
    fn an_expectation_is_undecided_where_its_limit_is_within_the_interval() {
        let mut result = CellResult::empty(cell());
        let mut found = |estimate: Option<Estimate>, below, above| {
            result.set(&catalogue::MEDIAN, estimate);
            verdict(&expectation(below, above), Some(&result)).unwrap()
        };
        let sharp = || Some(Estimate::of(10.0));
        let wide = || Some(Estimate::of(10.0).within(8.0, 12.0));
        assert_eq!(found(sharp(), Some(11.0), None), Verdict::Met);
        assert_eq!(found(sharp(), Some(10.0), None), Verdict::NotMet);
        assert_eq!(found(wide(), Some(11.0), None), Verdict::Undecided);
        assert_eq!(found(wide(), Some(12.5), None), Verdict::Met);
        assert_eq!(found(wide(), None, Some(7.0)), Verdict::Met);
        assert_eq!(found(wide(), None, Some(13.0)), Verdict::NotMet);
        assert_eq!(found(None, Some(11.0), None), Verdict::Undecided);
        assert_eq!(
            verdict(&expectation(Some(1.0), None), None),
            Ok(Verdict::Undecided)
        );
    }

    #[test]
    fn an_expectation_is_of_the_rows_that_its_pattern_names() {
        let limit = expectation(Some(1.0), None);
        assert!(is_expected_of(&limit, &RowKey::new("floor-go", "default")));
        assert!(!is_expected_of(&limit, &RowKey::new("eino", "default")));
    }

    #[test]
    fn the_headline_is_of_the_cell_that_the_scenario_names() {
        let info = |report: &str| -> ScenarioInfo {
            serde_json::from_value(serde_json::json!({
                "name": "seed", "model_time_ms": 1.0, "llm_calls": 1, "tool_calls": 0,
                "cases": [
                    {"name": "small", "at": 1.0, "model_time_ms": 1.0, "llm_calls": 1, "tool_calls": 0},
                    {"name": "large", "at": 9.0, "model_time_ms": 1.0, "llm_calls": 1, "tool_calls": 0},
                ],
                "report": serde_json::from_str::<serde_json::Value>(report).unwrap(),
            }))
            .unwrap()
        };
        let result = |case: &str, level| {
            CellResult::empty(CellKey {
                case: Some(case.to_owned()),
                level,
                ..cell()
            })
        };
        let cells = [result("small", 1), result("small", 50), result("large", 50)];
        let row = cell().row;
        let place = |report: &str| {
            let focus = Focus::of(&info(report)).unwrap().unwrap();
            let cell = focus.cell(&cells, &row, None)?;
            Some((cell.key.case.clone().unwrap(), cell.key.level))
        };
        let of = |case: &str, level| Some((case.to_owned(), level));
        assert_eq!(
            place(r#"{"headline":"median_ms","says":""}"#),
            of("small", 1)
        );
        let at_50 = r#"{"headline":"median_ms","says":"","at":{"level":50}}"#;
        assert_eq!(place(at_50), of("small", 50));
        let across = catalogue::ALL.iter();
        let across = across.filter(|metric| matches!(metric.source, Source::Across { .. }));
        for metric in across {
            let report = format!(r#"{{"headline":"{}","says":""}}"#, metric.name);
            assert_eq!(place(&report), of("large", 50), "{}", metric.name);
        }
        let growth = r#"{"headline":"cpu_per_run_growth","says":"","cases":["peak_rss_bytes"]}"#;
        let focus = Focus::of(&info(growth)).unwrap().unwrap();
        let by_case: Vec<&str> = focus.by_case().map(|metric| metric.name).collect();
        assert_eq!(by_case, ["cpu_per_run_ms", "peak_rss_bytes"]);
        let focus = |level: u32| {
            let report =
                format!(r#"{{"headline":"median_ms","says":"","at":{{"level":{level}}}}}"#);
            Focus::of(&info(&report)).unwrap().unwrap().among(&cells)
        };
        assert_eq!(focus(1).other_level(), None);
        let other = focus(100);
        assert_eq!(other.other_level(), Some((50, 100)));
        assert_eq!(other.cell(&cells, &row, None).unwrap().key.level, 50);
        assert_eq!(focus(100).among(&[]).other_level(), Some((50, 100)));
        let rate = r#"{"headline":"median_ms","says":"","at":{"arrival":{"rate":2.0}}}"#;
        assert_eq!(place(rate), None);
        for unknown in [
            r#"{"headline":"cpu_rum","says":""}"#,
            r#"{"headline":"median_ms","says":"","cases":["cpu_rum"]}"#,
        ] {
            let error = Focus::of(&info(unknown)).unwrap().unwrap_err();
            assert!(error.contains("no metric is named `cpu_rum`"), "{error}");
        }
    }
}
