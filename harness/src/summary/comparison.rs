//! Cells beside one another: ratios to the language's floor and to a baseline, the noise that an A/A check shows, and
//! ranks, where noise allows them.

use std::ops::Range;

use serde::Serialize;

use super::{Figure, MeasuredCell, Row, floor_of, ranks};

/// One figure of one cell beside the same figure of others: a line of `ratios.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The row.
    pub framework: String,
    /// The variant.
    pub variant: String,
    /// Runs in flight at once.
    pub level: u32,
    /// `burst` or `closed`.
    pub arrival: String,
    /// The figure's column in `summary.csv`.
    pub figure: &'static str,
    /// Its value.
    pub value: Option<f64>,
    /// One more than the number of rows that are clearly better, with `=` behind it where some row is not told apart.
    /// Empty where noise forbids it.
    pub rank: String,
    /// The floor of the row's language.
    pub floor: String,
    /// The value over the floor's.
    pub floor_ratio: Option<f64>,
    /// Its 95 % interval, lower end.
    pub floor_ratio_low: Option<f64>,
    /// Its 95 % interval, upper end.
    pub floor_ratio_high: Option<f64>,
    /// The chosen baseline.
    pub baseline: String,
    /// The value over the baseline's.
    pub baseline_ratio: Option<f64>,
    /// Its 95 % interval, lower end.
    pub baseline_ratio_low: Option<f64>,
    /// Its 95 % interval, upper end.
    pub baseline_ratio_high: Option<f64>,
    /// The A/A copy's value over the value.
    pub aa_ratio: Option<f64>,
    /// Its 95 % interval, lower end.
    pub aa_ratio_low: Option<f64>,
    /// Its 95 % interval, upper end.
    pub aa_ratio_high: Option<f64>,
    /// The noise floor that the ranks of this figure, level and arrival stand on; empty without an A/A check.
    pub noise_floor: Option<f64>,
    #[serde(skip)]
    kind: Figure,
}

impl Comparison {
    /// The figure.
    pub fn figure(&self) -> Figure {
        self.kind
    }

    /// To the floor of the row's language.
    pub fn to_floor(&self) -> Option<Ratio> {
        Ratio::of_parts(
            self.floor_ratio,
            self.floor_ratio_low,
            self.floor_ratio_high,
        )
    }

    /// To the baseline.
    pub fn to_baseline(&self) -> Option<Ratio> {
        Ratio::of_parts(
            self.baseline_ratio,
            self.baseline_ratio_low,
            self.baseline_ratio_high,
        )
    }

    /// Of the A/A copy to the row.
    pub fn to_itself(&self) -> Option<Ratio> {
        Ratio::of_parts(self.aa_ratio, self.aa_ratio_low, self.aa_ratio_high)
    }
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
    fn of_parts(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<Ratio> {
        Some(Ratio {
            value: value?,
            interval: low.zip(high).map(|(low, high)| low..high),
        })
    }

    /// How far the ratio may be from 1, whichever of the two stands below: 0.1 for 1.1 and for 1 / 1.1.
    fn most_distance(&self) -> Option<f64> {
        let interval = self.interval.as_ref()?;
        Some(interval.end.max(1.0 / interval.start) - 1.0)
    }
}

/// Compares the cells of each level and arrival, in the cells' order.
pub fn compare(rows: &[Row], cells: &[MeasuredCell], baseline: Option<&Row>) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    let places = cells.iter().map(place);
    let mut seen = Vec::new();
    for place_of_group in places {
        if seen.contains(&place_of_group) {
            continue;
        }
        seen.push(place_of_group);
        let group = Group {
            rows,
            cells: cells
                .iter()
                .filter(|cell| place(cell) == place_of_group)
                .collect(),
            baseline,
        };
        for figure in Figure::COMPARED {
            comparisons.extend(group.compare(figure));
        }
    }
    let at = |comparison: &Comparison| {
        let of_cell = |cell: &MeasuredCell| {
            let cell = &cell.summary;
            (&cell.framework, &cell.variant) == (&comparison.framework, &comparison.variant)
                && (cell.level, &cell.arrival) == (comparison.level, &comparison.arrival)
        };
        cells.iter().position(of_cell)
    };
    comparisons.sort_by_key(at);
    comparisons
}

/// What cells must have in common to be compared.
fn place(cell: &MeasuredCell) -> (&str, &str, u32) {
    let cell = &cell.summary;
    (&cell.scenario, &cell.arrival, cell.level)
}

/// The cells of one scenario, arrival and level.
struct Group<'a> {
    rows: &'a [Row],
    cells: Vec<&'a MeasuredCell>,
    baseline: Option<&'a Row>,
}

impl<'a> Group<'a> {
    /// The cell of a row, or of its copy.
    fn cell(&self, row: &Row, aa_copy: bool) -> Option<&'a MeasuredCell> {
        let is_it = |cell: &&&MeasuredCell| cell.is_of(row) && cell.summary.aa_copy == aa_copy;
        self.cells.iter().find(is_it).copied()
    }

    fn compare(&self, figure: Figure) -> Vec<Comparison> {
        let noise_floor = self.noise_floor(figure);
        let ranks = ranks::ranks(&self.cells, figure, noise_floor.unwrap_or(0.0));
        let originals = self.cells.iter().filter(|cell| !cell.summary.aa_copy);
        originals
            .filter_map(|cell| {
                let row = self.rows.iter().find(|row| cell.is_of(row))?;
                let floor = floor_of(self.rows, row.language);
                let to = |other: Option<&Row>| ratio(cell, self.cell(other?, false)?, figure);
                let copy = self.cell(row, true);
                let (to_floor, to_baseline) = (to(floor), to(self.baseline));
                let aa = copy.and_then(|copy| ratio(copy, cell, figure));
                let name =
                    |row: Option<&Row>| row.map_or(String::new(), |row| row.framework.clone());
                let rank = ranks
                    .iter()
                    .find(|(ranked, _)| std::ptr::eq(*ranked, *cell));
                Some(Comparison {
                    framework: row.framework.clone(),
                    variant: row.variant.clone(),
                    level: cell.summary.level,
                    arrival: cell.summary.arrival.clone(),
                    figure: figure.column(),
                    value: figure.of(&cell.summary),
                    rank: rank.map_or(String::new(), |(_, rank)| rank.clone()),
                    floor: name(floor),
                    floor_ratio: value(&to_floor),
                    floor_ratio_low: low(&to_floor),
                    floor_ratio_high: high(&to_floor),
                    baseline: name(self.baseline),
                    baseline_ratio: value(&to_baseline),
                    baseline_ratio_low: low(&to_baseline),
                    baseline_ratio_high: high(&to_baseline),
                    aa_ratio: value(&aa),
                    aa_ratio_low: low(&aa),
                    aa_ratio_high: high(&aa),
                    noise_floor,
                    kind: figure,
                })
            })
            .collect()
    }

    /// The largest distance from 1 that the interval of an A/A pair reaches; `None` without a pair that has one.
    fn noise_floor(&self, figure: Figure) -> Option<f64> {
        let pairs = self.rows.iter();
        let pairs = pairs.filter_map(|row| Some((self.cell(row, true)?, self.cell(row, false)?)));
        let distances = pairs.filter_map(|(copy, cell)| ratio(copy, cell, figure)?.most_distance());
        distances.reduce(f64::max)
    }
}

/// One cell's figure over another's; of a cell over itself 1, which is not estimated.
fn ratio(cell: &MeasuredCell, other: &MeasuredCell, figure: Figure) -> Option<Ratio> {
    let below = figure.of(&other.summary).filter(|value| *value > 0.0)?;
    let value = figure.of(&cell.summary)? / below;
    if std::ptr::eq(cell, other) {
        let interval = None;
        return Some(Ratio { value, interval });
    }
    let resamples = cell.resamples(figure).zip(other.resamples(figure));
    let ratio = resamples.and_then(|(cell, other)| cell.over(&other));
    let interval = ratio.map(|ratio| ratio.interval());
    Some(Ratio { value, interval })
}

fn value(ratio: &Option<Ratio>) -> Option<f64> {
    ratio.as_ref().map(|ratio| ratio.value)
}

fn low(ratio: &Option<Ratio>) -> Option<f64> {
    Some(ratio.as_ref()?.interval.as_ref()?.start)
}

fn high(ratio: &Option<Ratio>) -> Option<f64> {
    Some(ratio.as_ref()?.interval.as_ref()?.end)
}

#[cfg(test)]
mod tests {
    use super::super::summarize;
    use super::super::synthetic::{cell, context, trials_of};
    use super::*;
    use crate::framework::{Kind, Language};
    use crate::plan::Cell;

    /// Ten trials around a value.
    fn around(value: f64) -> Vec<f64> {
        (0..10)
            .map(|step| value * (0.995 + 0.001 * f64::from(step)))
            .collect()
    }

    fn row(framework: &str, kind: Kind, language: Language) -> Row {
        Row {
            framework: framework.to_owned(),
            variant: "default".to_owned(),
            language,
            kind,
        }
    }

    /// Each entry: a row's name, whether it is its copy, and its trials' figures.
    fn cells(entries: &[(&str, bool, Vec<f64>)]) -> Vec<MeasuredCell> {
        let (mut trials, mut runs) = (Vec::new(), Vec::new());
        for (framework, aa_copy, figures) in entries {
            let cell = Cell {
                framework: (*framework).to_owned(),
                aa_copy: *aa_copy,
                ..cell()
            };
            let (of_cell, of_runs) = trials_of(&cell, trials.len() as u32, 4, figures);
            trials.extend(of_cell);
            runs.extend(of_runs);
        }
        summarize(&trials, &runs.iter().collect(), &context())
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

    fn ranks(entries: &[(&str, bool, Vec<f64>)], figure: Figure) -> Vec<String> {
        let lines = compared(entries).into_iter();
        lines
            .filter(|line| line.figure() == figure)
            .map(|line| line.rank)
            .collect()
    }

    #[test]
    fn two_rows_that_are_alike_are_tied_in_every_figure() {
        let entries = [("a", false, around(1.0)), ("b", false, around(1.0))];
        for figure in Figure::COMPARED {
            assert_eq!(ranks(&entries, figure), ["1=", "1="], "{figure:?}");
        }
    }

    #[test]
    fn a_difference_below_the_noise_floor_of_an_aa_check_is_a_tie() {
        let pair = |other| [("a", false, around(1.0)), ("b", false, around(other))];
        assert_eq!(
            ranks(&pair(1.02), Figure::Cpu),
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
        for figure in Figure::COMPARED {
            assert_eq!(ranks(&checked(1.02), figure), ["1=", "1="], "{figure:?}");
            assert_eq!(ranks(&checked(1.10), figure), ["1", "2"], "{figure:?}");
        }
        // A copy that is better than its row by 3 % shows as much noise.
        let mut entries = pair(1.02).to_vec();
        entries.push(("a", true, around(0.97)));
        assert_eq!(ranks(&entries, Figure::Cpu), ["1=", "1="]);
    }

    #[test]
    fn copies_have_no_line_of_their_own() {
        let lines = compared(&[("a", false, around(1.0)), ("a", true, around(1.0))]);
        assert_eq!(lines.len(), Figure::COMPARED.len());
        let ratio = lines[0].to_itself().unwrap();
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
        assert_eq!(ranks(&entries, Figure::Cpu), ["4", "2=", "1=", "1="]);
    }

    #[test]
    fn nothing_is_ranked_by_too_few_trials_or_by_a_questionable_cell() {
        let few = vec![1.0, 1.0];
        let entries = [("a", false, few.clone()), ("b", false, vec![2.0, 2.0])];
        assert_eq!(ranks(&entries, Figure::Cpu), ["", ""]);
        // Its repetitions lie apart: noisy.
        let noisy: Vec<f64> = (1..=10).map(f64::from).collect();
        let entries = [
            ("a", false, noisy),
            ("b", false, around(20.0)),
            ("c", false, around(30.0)),
        ];
        assert_eq!(ranks(&entries, Figure::Cpu), ["", "1", "2"]);
        let lines = compared(&[("a", false, few), ("b", false, around(2.0))]);
        let ratio = lines.last().unwrap().to_baseline().unwrap();
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
        let line = |figure| {
            let mut lines = lines.iter();
            lines
                .find(|line| line.framework == "agent" && line.figure() == figure)
                .unwrap()
        };
        for figure in Figure::COMPARED {
            let line = line(figure);
            assert_eq!(
                (line.floor.as_str(), line.baseline.as_str()),
                ("floor-python", "floor-rust")
            );
            for (ratio, truth) in [(line.to_floor(), 3.0), (line.to_baseline(), 12.0)] {
                let ratio = ratio.unwrap();
                assert!(
                    (ratio.value / truth - 1.0).abs() < 0.01,
                    "{figure:?} {ratio:?}"
                );
                let interval = ratio.interval.unwrap();
                assert!(interval.contains(&truth), "{figure:?} {interval:?}");
                assert!(interval.end - interval.start < 0.15 * truth, "{interval:?}");
            }
        }
    }

    #[test]
    fn cells_of_another_level_are_not_compared() {
        let mut cells = cells(&[("a", false, around(1.0)), ("b", false, around(2.0))]);
        cells[1].summary.level = 10;
        let rows = ["a", "b"].map(|name| row(name, Kind::Framework, Language::Rust));
        let lines = compare(&rows, &cells, Some(&rows[0]));
        let of_b = lines.iter().filter(|line| line.framework == "b");
        assert!(
            of_b.clone()
                .all(|line| line.baseline_ratio.is_none() && line.rank.is_empty())
        );
        assert_eq!(of_b.count(), Figure::COMPARED.len());
    }
}
