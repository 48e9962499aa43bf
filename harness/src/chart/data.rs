//! What charts are made of: the rows with their names and colours, and their cells.

use loopmark_protocol::Arrival;

use super::input::ChartInput;
use super::marks::marks;
use super::palette::Ink;
use super::spec::{Form, Order, Over, Spec};
use crate::analysis::{CellResult, Costs};
use crate::framework::Language;
use crate::measurement::TrialRecord;
use crate::plan::{CellKey, RowKey};
use crate::results::CaseInfo;
use crate::words;

/// A row of the table as charts show it: a framework in one of its variants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub key: RowKey,
    pub label: String,
    pub language: Language,
    pub ink: Ink,
}

pub(super) struct Data<'a> {
    summaries: &'a [CellResult],
    trials: &'a [TrialRecord],
    scenario: &'a str,
    pub entries: Vec<Entry>,
    pub model_time_ms: f64,
    pub costs: Option<&'a Costs>,
    cases: &'a [CaseInfo],
}

/// Which cells a chart shows.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub arrival: Arrival,
    /// One, unless the chart is over levels or cases.
    pub points: Vec<Point>,
    /// The one that rows are sorted at.
    pub at: Point,
}

/// What a value belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub level: u32,
    pub case: Option<String>,
}

impl Point {
    fn is_of(&self, key: &CellKey) -> bool {
        self.level == key.level && self.case == key.case
    }
}

/// A row of a chart.
#[derive(Debug, Clone)]
pub(super) struct Line<'d> {
    pub entry: &'d Entry,
    /// One for each point of the place.
    pub cells: Vec<Option<&'d CellResult>>,
}

impl<'a> Data<'a> {
    pub fn new(input: &ChartInput<'a>) -> Data<'a> {
        // A row is an entry only once, and only if it was measured.
        let mut entries: Vec<Entry> = Vec::new();
        for row in input.rows {
            let RowKey { framework, variant } = &row.key;
            let mut cells = input.summaries.iter();
            let is_measured = cells.any(|cell| cell.key.row == row.key);
            if !is_measured || entries.iter().any(|entry| entry.key == row.key) {
                continue;
            }
            let label = words::one_line(&row.label);
            // Nothing keeps two rows from the same label.
            let is_taken = entries.iter().any(|entry| entry.label == label);
            entries.push(Entry {
                key: row.key.clone(),
                label: match is_taken {
                    true => format!("{label} [{framework}, {variant}]"),
                    false => label,
                },
                language: row.language,
                ink: Ink::of(row),
            });
        }
        Data {
            summaries: input.summaries,
            trials: input.trials,
            scenario: input.scenario,
            entries,
            model_time_ms: input.model_time_ms,
            costs: input.costs,
            cases: input.cases,
        }
    }

    /// The cells that a chart is of; `None` if none of them was measured.
    pub fn place(&self, spec: &Spec) -> Option<Place> {
        let preferred = match spec.over {
            Over::Level => [Arrival::Closed, Arrival::Burst],
            Over::Rows | Over::Case | Over::Time => [Arrival::Burst, Arrival::Closed],
        };
        let one = spec.arrival.map(|arrival| [arrival]);
        let arrivals: &[Arrival] = one.as_ref().map_or(&preferred, |one| one);
        let mut measured = arrivals.iter().map(|one| (*one, self.levels(*one)));
        let (arrival, levels) = measured.find(|(_, levels)| !levels.is_empty())?;
        let level = match spec.level {
            Some(level) => levels.iter().copied().find(|other| *other == level)?,
            None => self.table_level(&levels)?,
        };
        let names = self.case_names(spec);
        let case = match (&spec.case, spec.over) {
            (Some(case), _) => Some(names.iter().find(|name| *name == case)?.clone()),
            (None, Over::Case) => names.last().cloned(),
            (None, _) => names.first().cloned(),
        };
        let at = Point { level, case };
        let points = match spec.over {
            Over::Level => levels
                .into_iter()
                .map(|level| Point {
                    level,
                    ..at.clone()
                })
                .collect(),
            Over::Case => {
                let of = |case| Point {
                    case: Some(case),
                    ..at.clone()
                };
                names.into_iter().map(of).collect()
            }
            Over::Rows | Over::Time => vec![at.clone()],
        };
        Some(Place {
            arrival,
            points,
            at,
        })
    }

    /// The cases of a chart: a curve joins those along the scenario's parameter, where some have none.
    fn case_names(&self, spec: &Spec) -> Vec<String> {
        let along = self.cases.iter().filter(|case| case.at.is_some());
        let is_curve = spec.form == Form::Curves && spec.over == Over::Case;
        let skips = is_curve && along.clone().count() > 1;
        let cases = self.cases.iter().filter(|case| !skips || case.at.is_some());
        cases.map(|case| case.name.clone()).collect()
    }

    /// The levels of an arrival, rising.
    fn levels(&self, arrival: Arrival) -> Vec<u32> {
        let cells = self.summaries.iter().map(|cell| &cell.key);
        let cells = cells.filter(|key| key.arrival == arrival);
        let mut levels: Vec<u32> = cells.map(|key| key.level).collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// The level of the published table, the highest burst, where it is one of `levels`; else the highest of them.
    fn table_level(&self, levels: &[u32]) -> Option<u32> {
        let burst = self.levels(Arrival::Burst).last().copied();
        let burst = burst.filter(|level| levels.contains(level));
        burst.or(levels.last().copied())
    }

    /// The rows of a chart: by language, and within each in the spec's order; by value, those without one are last.
    pub fn lines(&self, spec: &Spec, place: &Place) -> Vec<Line<'_>> {
        let cell = |entry: &Entry, point: &Point| {
            self.summaries.iter().find(|cell| {
                let key = &cell.key;
                key.row == entry.key && key.arrival == place.arrival && point.is_of(key)
            })
        };
        let entries = self.entries.iter();
        let lines = entries.filter(|entry| spec.rows.is_of(&entry.key.framework));
        let lines = lines.map(|entry| Line {
            entry,
            cells: place
                .points
                .iter()
                .map(|point| cell(entry, point))
                .collect(),
        });
        let mut lines: Vec<Line<'_>> = lines
            .filter(|line| line.measured().next().is_some())
            .collect();
        let value = |line: &Line<'_>| {
            let cell = cell(line.entry, &place.at)?;
            cell.value(spec.metric)
        };
        lines.sort_by(|one, other| {
            let by_language = one.entry.language.cmp(&other.entry.language);
            by_language.then_with(|| match spec.order {
                Order::Value => spec.metric.better.first(value(one), value(other)),
                Order::Given => std::cmp::Ordering::Equal,
            })
        });
        lines
    }

    /// The completed trials of a row.
    pub fn trials(&self, entry: &Entry, place: &Place) -> impl Iterator<Item = &'a TrialRecord> {
        self.trials.iter().filter(move |trial| {
            let cell = &trial.planned.cell;
            cell.row == entry.key
                && cell.scenario == self.scenario
                && place.at.is_of(cell)
                && cell.arrival == place.arrival
                && !cell.aa_copy
                && trial.figures.is_some()
        })
    }
}

impl<'d> Line<'d> {
    /// Its cells that were measured.
    pub fn measured(&self) -> impl Iterator<Item = &'d CellResult> {
        self.cells.iter().copied().flatten()
    }

    /// The row's label, with an asterisk if any of its cells is questionable.
    pub fn label(&self) -> String {
        let is_marked = self.measured().any(|cell| marks(cell).next().is_some());
        format!("{}{}", self.entry.label, if is_marked { " *" } else { "" })
    }
}

/// Whether there is a floor among the rows.
pub(super) fn has_floor(lines: &[Line<'_>]) -> bool {
    lines.iter().any(|line| line.entry.ink.is_floor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::Row;
    use crate::chart::synthetic::{Sweep, spec};
    use crate::metric::catalogue;

    #[test]
    fn each_variant_is_an_entry_once_with_a_label_of_its_own_and_its_frameworks_colour() {
        let mut sweep = Sweep::of_six_rows();
        let mut tuned = sweep.rows[1].clone();
        assert_eq!(tuned.key.framework, "rig");
        for (arrival, level) in [(Arrival::Burst, 50), (Arrival::Closed, 10)] {
            let mut cell = sweep.cell("rig", arrival, level).clone();
            cell.key.row.variant = "tuned".to_owned();
            sweep.summaries.push(cell);
        }
        tuned.key.variant = "tuned".to_owned();
        tuned.label = "rig (Rust), tuned".to_owned();
        // A row that was skipped, and one that took another's label.
        let skipped = Row {
            key: RowKey::new("absent", "tuned"),
            ..tuned.clone()
        };
        sweep.rows[4].label = "rig (Rust)".to_owned();
        sweep.rows.splice(2..2, [tuned, skipped]);
        let input = sweep.input();
        let data = Data::new(&input);
        let labels: Vec<&str> = data
            .entries
            .iter()
            .map(|entry| entry.label.as_str())
            .collect();
        assert_eq!(labels[1..3], ["rig (Rust)", "rig (Rust), tuned"]);
        assert_eq!(labels[5], "rig (Rust) [floor-rust, default]");
        assert_eq!(labels.len(), 7);
        assert_eq!(data.entries[1].ink, data.entries[2].ink);
    }

    #[test]
    fn rows_are_sorted_by_value_within_a_language_and_those_without_one_come_last() {
        let mut sweep = Sweep::of_six_rows();
        let overhead = &catalogue::OVERHEAD_PER_TURN;
        sweep.cell("ours", Arrival::Burst, 50).set(overhead, None);
        sweep.rows.reverse();
        let input = sweep.input();
        let data = Data::new(&input);
        let names = |spec: &Spec| {
            let lines = data.lines(spec, &data.place(spec).unwrap()).into_iter();
            let names = lines.map(|line| line.entry.key.framework.clone());
            names.collect::<Vec<_>>().join(" ")
        };
        let expected = "floor-rust rig ours floor-python openai-agents langchain";
        assert_eq!(names(&spec("rows", "*")), expected);
        assert_eq!(names(&spec("rows", "floor-*")), "floor-rust floor-python");
        // The closed loop's value at the table's level.
        let expected = "floor-rust ours rig floor-python openai-agents langchain";
        assert_eq!(names(&spec("level", "*")), expected);
    }

    #[test]
    fn rows_are_in_the_order_in_which_they_are_given_where_that_is_asked_for() {
        let sweep = Sweep::of_six_rows();
        let input = sweep.input();
        let data = Data::new(&input);
        let mut spec = spec("rows", "*");
        spec.order = Order::Given;
        let lines = data.lines(&spec, &data.place(&spec).unwrap()).into_iter();
        let names = lines.map(|line| line.entry.key.framework.clone());
        let given = |language: Language| {
            let rows = sweep.rows.iter();
            let rows = rows.filter(move |row| row.language == language);
            rows.map(|row| row.key.framework.clone())
        };
        let expected = given(Language::Rust).chain(given(Language::Python));
        assert_eq!(
            names.collect::<Vec<String>>(),
            expected.collect::<Vec<String>>()
        );
    }

    #[test]
    fn a_curve_over_cases_leaves_out_those_without_a_parameter_and_points_do_not() {
        let sweep = Sweep::of_six_rows();
        let case = |name: &str, at: Option<f64>| -> CaseInfo {
            let toml = "model_time_ms = 1.0\nllm_calls = 1\ntool_calls = 0";
            let at = at.map_or_else(String::new, |at| format!("\nat = {at:?}"));
            toml::from_str(&format!("name = \"{name}\"\n{toml}{at}")).unwrap()
        };
        let cases = [
            case("1-turn", Some(1.0)),
            case("2-turns", Some(2.0)),
            case("64-kb", None),
        ];
        let points = |form: &str, cases: &[CaseInfo]| {
            let mut input = sweep.input();
            input.cases = cases;
            let spec = format!("form = \"{form}\"\nmetric = \"cpu_per_turn_ms\"\nover = \"case\"");
            let spec: Spec = toml::from_str(&spec).unwrap();
            let points = Data::new(&input).place(&spec).unwrap().points.into_iter();
            points.map(|point| point.case.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(points("curves", &cases), ["1-turn", "2-turns"]);
        assert_eq!(points("dots", &cases), ["1-turn", "2-turns", "64-kb"]);
        let named = [case("call", None), case("stream", None)];
        assert_eq!(points("curves", &named), ["call", "stream"]);
    }

    #[test]
    fn the_highest_row_of_a_language_is_its_first_where_the_higher_value_is_better() {
        let mut sweep = Sweep::of_six_rows();
        let values = [("ours", 0.5), ("rig", 1.0), ("langchain", 0.25)];
        for (name, share) in values {
            let cell = sweep.cell(name, Arrival::Burst, 50);
            cell.set(&catalogue::ENDED_RIGHT, Some(Estimate::of(share)));
        }
        let input = sweep.input();
        let data = Data::new(&input);
        let spec: Spec = toml::from_str("form = \"bars\"\nmetric = \"ended_right_share\"").unwrap();
        let lines = data.lines(&spec, &data.place(&spec).unwrap()).into_iter();
        let names: Vec<&str> = lines
            .map(|line| line.entry.key.framework.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "rig",
                "ours",
                "floor-rust",
                "langchain",
                "openai-agents",
                "floor-python"
            ]
        );
    }

    #[test]
    fn a_chart_is_of_the_asked_cells_else_of_the_tables_level() {
        let sweep = Sweep::of_six_rows();
        let input = sweep.input();
        let data = Data::new(&input);
        let place = |spec: &Spec| {
            let place = data.place(spec)?;
            {
                let levels = place.points.iter().map(|point| point.level).collect();
                Some((place.arrival, levels, place.at.level))
            }
        };
        let mut of_rows = spec("rows", "*");
        assert_eq!(place(&of_rows), Some((Arrival::Burst, vec![50], 50)));
        (of_rows.arrival, of_rows.level) = (Some(Arrival::Closed), Some(100));
        assert_eq!(place(&of_rows), Some((Arrival::Closed, vec![100], 100)));
        of_rows.level = Some(7);
        assert_eq!(place(&of_rows), None);
        let levels = vec![1, 10, 50, 100, 500];
        let expected = Some((Arrival::Closed, levels, 50));
        assert_eq!(place(&spec("level", "*")), expected);
    }
}
