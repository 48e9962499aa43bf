//! Cells beside one another: ratios to the language's floor and to a baseline, the noise that an A/A check shows, and
//! ranks, where noise allows them.

use std::ops::Range;

use super::{CellResult, Row, floor_of, ranks};
use crate::metric::{Metric, catalogue};
use crate::plan::{CellKey, RowKey};

/// One figure of one cell beside the same figure of others: a line of `ratios.csv`.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The cell.
    pub key: CellKey,
    /// The figure.
    pub metric: &'static Metric,
    /// Its value.
    pub value: Option<f64>,
    /// Where the row stands among the others; `None` where noise forbids it.
    pub rank: Option<String>,
    /// The floor of the row's language: of its API, where that was measured.
    pub floor: Option<RowKey>,
    /// The value over the floor's.
    pub to_floor: Option<Ratio>,
    /// The chosen baseline.
    pub baseline: Option<String>,
    /// The value over the baseline's.
    pub to_baseline: Option<Ratio>,
    /// The A/A copy's value over the value.
    pub to_itself: Option<Ratio>,
    /// The noise floor that the ranks of this figure, level and arrival stand on; `None` without an A/A check.
    pub noise_floor: Option<f64>,
}

/// A ratio, with its 95 % interval where there are trials enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// One value over another.
    pub value: f64,
    /// Its interval.
    pub interval: Option<Range<f64>>,
}

impl Ratio {
    /// How far the ratio may be from 1, whichever of the two stands below: 0.1 for 1.1 and for 1 / 1.1.
    fn most_distance(&self) -> Option<f64> {
        let interval = self.interval.as_ref()?;
        Some(interval.end.max(1.0 / interval.start) - 1.0)
    }
}

/// Compares the cells of each level and arrival, in the cells' order.
pub fn compare(rows: &[Row], cells: &[CellResult], baseline: Option<&Row>) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    let mut seen: Vec<&CellKey> = Vec::new();
    for cell in cells {
        if seen.iter().any(|seen| seen.is_beside(&cell.key)) {
            continue;
        }
        seen.push(&cell.key);
        let beside = cells.iter().filter(|other| other.key.is_beside(&cell.key));
        let group = Group {
            rows,
            cells: beside.collect(),
            baseline,
        };
        for metric in catalogue::compared() {
            comparisons.extend(group.compare(metric));
        }
    }
    comparisons.sort_by_key(|comparison| cells.iter().position(|cell| cell.key == comparison.key));
    comparisons
}

/// The cells of one scenario, case, arrival and level.
struct Group<'a> {
    rows: &'a [Row],
    cells: Vec<&'a CellResult>,
    baseline: Option<&'a Row>,
}

impl<'a> Group<'a> {
    /// The cell of a row, or of its copy.
    fn cell(&self, row: &Row, aa_copy: bool) -> Option<&'a CellResult> {
        let is_it = |cell: &&&CellResult| cell.key.row == row.key && cell.key.aa_copy == aa_copy;
        self.cells.iter().find(is_it).copied()
    }

    fn compare(&self, metric: &'static Metric) -> Vec<Comparison> {
        let noise_floor = self.noise_floor(metric);
        let ranks = ranks::ranks(&self.cells, metric, noise_floor.unwrap_or(0.0));
        let originals = self.cells.iter().filter(|cell| !cell.key.aa_copy);
        originals
            .filter_map(|cell| {
                let row = self.rows.iter().find(|row| row.key == cell.key.row)?;
                let floor = floor_of(self.rows, row.language, row.api);
                let to = |other: Option<&Row>| ratio(cell, self.cell(other?, false)?, metric);
                let copy = self.cell(row, true);
                let name = |row: Option<&Row>| row.map(|row| row.key.framework.clone());
                let rank = ranks
                    .iter()
                    .find(|(ranked, _)| std::ptr::eq(*ranked, *cell));
                Some(Comparison {
                    key: cell.key.clone(),
                    metric,
                    value: cell.value(metric),
                    rank: rank.map(|(_, rank)| rank.clone()),
                    floor: floor.map(|floor| floor.key.clone()),
                    to_floor: to(floor),
                    baseline: name(self.baseline),
                    to_baseline: to(self.baseline),
                    to_itself: copy.and_then(|copy| ratio(copy, cell, metric)),
                    noise_floor,
                })
            })
            .collect()
    }

    /// The largest distance from 1 that the interval of an A/A pair reaches; `None` without a pair that has one.
    fn noise_floor(&self, metric: &Metric) -> Option<f64> {
        let pairs = self.rows.iter();
        let pairs = pairs.filter_map(|row| Some((self.cell(row, true)?, self.cell(row, false)?)));
        let distances = pairs.filter_map(|(copy, cell)| ratio(copy, cell, metric)?.most_distance());
        distances.reduce(f64::max)
    }
}

/// One cell's figure over another's; of a cell over itself 1, which is not estimated.
fn ratio(cell: &CellResult, other: &CellResult, metric: &Metric) -> Option<Ratio> {
    let is_itself = std::ptr::eq(cell, other);
    let (cell, other) = (cell.get(metric)?, other.get(metric)?);
    let value = (other.value > 0.0).then(|| cell.value / other.value)?;
    let resamples = cell.resamples.as_ref().zip(other.resamples.as_ref());
    let ratio = resamples
        .filter(|_| !is_itself)
        .and_then(|(cell, other)| cell.over(other));
    let interval = ratio.map(|ratio| ratio.interval());
    Some(Ratio { value, interval })
}

#[cfg(test)]
mod tests {
    use super::super::summarize;
    use super::super::synthetic::{cell, context, row, trials_of};
    use super::*;
    use crate::framework::{Kind, Language};

    /// Ten trials around a value.
    fn around(value: f64) -> Vec<f64> {
        (0..10)
            .map(|step| value * (0.995 + 0.001 * f64::from(step)))
            .collect()
    }

    /// Each entry: a row's name, whether it is its copy, and its trials' figures.
    fn cells(entries: &[(&str, bool, Vec<f64>)]) -> Vec<CellResult> {
        let (mut trials, mut runs) = (Vec::new(), Vec::new());
        for (framework, aa_copy, figures) in entries {
            let cell = CellKey {
                row: RowKey::new(*framework, "default"),
                aa_copy: *aa_copy,
                ..cell()
            };
            let (of_cell, of_runs) = trials_of(&cell, trials.len() as u32, 4, figures);
            trials.extend(of_cell);
            runs.extend(of_runs);
        }
        summarize(trials.iter(), &runs.iter().collect(), &context())
    }

    fn compared(entries: &[(&str, bool, Vec<f64>)]) -> Vec<Comparison> {
        let mut rows: Vec<Row> = Vec::new();
        for (framework, ..) in entries {
            let row = row(framework, Kind::Framework, Language::Rust);
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        compare(&rows, &cells(entries), rows.first())
    }

    fn ranks(entries: &[(&str, bool, Vec<f64>)], metric: &Metric) -> Vec<String> {
        let lines = compared(entries).into_iter();
        lines
            .filter(|line| std::ptr::eq(line.metric, metric))
            .map(|line| line.rank.unwrap_or_default())
            .collect()
    }

    #[test]
    fn two_rows_that_are_alike_are_tied_in_every_figure() {
        let entries = [("a", false, around(1.0)), ("b", false, around(1.0))];
        for metric in catalogue::compared() {
            assert_eq!(ranks(&entries, metric), ["1=", "1="], "{}", metric.name);
        }
    }

    #[test]
    fn a_difference_below_the_noise_floor_of_an_aa_check_is_a_tie() {
        let pair = |other| [("a", false, around(1.0)), ("b", false, around(other))];
        assert_eq!(
            ranks(&pair(1.02), &catalogue::CPU),
            ["1", "2"],
            "told apart without a check"
        );
        let checked = |other| {
            let mut entries = pair(other).to_vec();
            entries.push(("a", true, around(1.03)));
            entries.push(("b", true, around(other)));
            entries
        };
        let floor = compared(&checked(1.02))[1].noise_floor.unwrap();
        assert!(
            (0.03..0.04).contains(&floor),
            "the larger pair counts: {floor}"
        );
        for metric in catalogue::compared() {
            assert_eq!(
                ranks(&checked(1.02), metric),
                ["1=", "1="],
                "{}",
                metric.name
            );
            assert_eq!(ranks(&checked(1.10), metric), ["1", "2"], "{}", metric.name);
        }
        // A copy that is better than its row by 3 % shows as much noise.
        let mut entries = pair(1.02).to_vec();
        entries.push(("a", true, around(0.97)));
        assert_eq!(ranks(&entries, &catalogue::CPU), ["1=", "1="]);
    }

    #[test]
    fn copies_have_no_line_of_their_own() {
        let lines = compared(&[("a", false, around(1.0)), ("a", true, around(1.0))]);
        assert_eq!(lines.len(), catalogue::compared().count());
        let ratio = lines[0].to_itself.clone().unwrap();
        assert_eq!(ratio.value, 1.0);
        assert!(ratio.interval.unwrap().contains(&1.0));
    }

    #[test]
    fn a_rank_counts_the_rows_that_are_clearly_better_and_shows_every_tie() {
        // a and b are not told apart, nor are b and c, but a and c are.
        let wide = |value: f64| -> Vec<f64> {
            (0..10)
                .map(|step| value * (0.96 + 0.008 * f64::from(step)))
                .collect()
        };
        let entries = [
            ("d", false, wide(2.0)),
            ("c", false, wide(1.065)),
            ("a", false, wide(1.0)),
            ("b", false, wide(1.03)),
        ];
        assert_eq!(ranks(&entries, &catalogue::CPU), ["4", "2=", "1=", "1="]);
    }

    #[test]
    fn nothing_is_ranked_by_too_few_trials_or_by_a_questionable_cell() {
        let few = vec![1.0, 1.0];
        let entries = [("a", false, few.clone()), ("b", false, vec![2.0, 2.0])];
        assert_eq!(ranks(&entries, &catalogue::CPU), ["", ""]);
        // Its repetitions lie apart: noisy.
        let noisy: Vec<f64> = (1..=10).map(f64::from).collect();
        let entries = [
            ("a", false, noisy),
            ("b", false, around(20.0)),
            ("c", false, around(30.0)),
        ];
        assert_eq!(ranks(&entries, &catalogue::CPU), ["", "1", "2"]);
        let lines = compared(&[("a", false, few), ("b", false, around(2.0))]);
        let ratio = lines.last().unwrap().to_baseline.clone().unwrap();
        assert_eq!((ratio.value.round(), ratio.interval), (2.0, None));
    }

    #[test]
    fn a_row_stands_beside_its_languages_floor_and_the_baseline() {
        let cells = cells(&[
            ("floor-rust", false, around(1.0)),
            ("floor-python", false, around(4.0)),
            ("agent", false, around(12.0)),
        ]);
        let rows = [
            row("floor-rust", Kind::Floor, Language::Rust),
            row("floor-python", Kind::Floor, Language::Python),
            row("agent", Kind::Framework, Language::Python),
        ];
        let lines = compare(&rows, &cells, Some(&rows[0]));
        let line = |metric: &Metric| {
            let mut lines = lines.iter();
            lines
                .find(|line| line.key.row.framework == "agent" && std::ptr::eq(line.metric, metric))
                .unwrap()
        };
        for metric in catalogue::compared() {
            let line = line(metric);
            assert_eq!(
                (
                    line.floor.as_ref().map(|floor| floor.framework.as_str()),
                    line.baseline.as_deref(),
                ),
                (Some("floor-python"), Some("floor-rust"))
            );
            for (ratio, truth) in [(&line.to_floor, 3.0), (&line.to_baseline, 12.0)] {
                let ratio = ratio.clone().unwrap();
                assert!(
                    (ratio.value / truth - 1.0).abs() < 0.01,
                    "{} {ratio:?}",
                    metric.name
                );
                let interval = ratio.interval.unwrap();
                assert!(interval.contains(&truth), "{} {interval:?}", metric.name);
                assert!(interval.end - interval.start < 0.15 * truth, "{interval:?}");
            }
        }
    }

    #[test]
    fn cells_of_another_level_are_not_compared() {
        let mut cells = cells(&[("a", false, around(1.0)), ("b", false, around(2.0))]);
        cells[1].key.level = 10;
        let rows = ["a", "b"].map(|name| row(name, Kind::Framework, Language::Rust));
        let lines = compare(&rows, &cells, Some(&rows[0]));
        let of_b = lines.iter().filter(|line| line.key.row.framework == "b");
        assert!(
            of_b.clone()
                .all(|line| line.to_baseline.is_none() && line.rank.is_none())
        );
        assert_eq!(of_b.count(), catalogue::compared().count());
    }
}
