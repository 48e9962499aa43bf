//! What charts are made of: the rows with their names and colours, and their cells.

use std::collections::BTreeMap;

use loopmark_protocol::Arrival;

use super::ChartInput;
use super::palette::Ink;
use crate::analysis::{CellResult, Costs};
use crate::framework::Language;
use crate::measurement::TrialRecord;
use crate::plan::RowKey;
use crate::words;

/// Does not question a cell's medians, which is what charts show.
const UNREMARKABLE_MARK: &str = "few-samples";

/// A line of the charts: a framework in one of its variants.
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
}

impl<'a> Data<'a> {
    pub(super) fn new(input: &ChartInput<'a>) -> Data<'a> {
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
                ink: Ink::new(framework, row.language, row.kind),
            });
        }
        Data {
            summaries: input.summaries,
            trials: input.trials,
            scenario: input.scenario,
            entries,
            model_time_ms: input.model_time_ms,
            costs: input.costs,
        }
    }

    /// The levels of an arrival, rising.
    pub(super) fn levels(&self, arrival: Arrival) -> Vec<u32> {
        let mut levels: Vec<u32> = self
            .summaries
            .iter()
            .filter(|cell| cell.key.arrival == arrival)
            .map(|cell| cell.key.level)
            .collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// The level of the published table: the highest burst.
    pub(super) fn burst_level(&self) -> Option<u32> {
        self.levels(Arrival::Burst).last().copied()
    }

    pub(super) fn cell(
        &self,
        entry: &Entry,
        arrival: Arrival,
        level: u32,
    ) -> Option<&'a CellResult> {
        self.summaries.iter().find(|cell| {
            let key = &cell.key;
            key.row == entry.key && key.arrival == arrival && key.level == level
        })
    }

    /// The burst cells at a level, in the rows' order.
    pub(super) fn burst_cells(&self, level: u32) -> Vec<(&Entry, &'a CellResult)> {
        let entries = self.entries.iter();
        entries
            .filter_map(|entry| Some((entry, self.cell(entry, Arrival::Burst, level)?)))
            .collect()
    }

    /// The completed burst trials of an entry.
    pub(super) fn burst_trials(
        &self,
        entry: &Entry,
        level: u32,
    ) -> impl Iterator<Item = &'a TrialRecord> {
        self.trials.iter().filter(move |trial| {
            let cell = &trial.planned.cell;
            cell.row == entry.key
                && cell.scenario == self.scenario
                && cell.level == level
                && cell.arrival == Arrival::Burst
                && !cell.aa_copy
                && trial.figures.is_some()
        })
    }
}

/// What is questionable about a cell, as the summary says it.
pub(super) fn marks(cell: &CellResult) -> impl Iterator<Item = &'static str> {
    cell.mark_names().filter(|mark| *mark != UNREMARKABLE_MARK)
}

/// The entry's label, with an asterisk if any of its `cells` is questionable.
pub(super) fn label<'c>(entry: &Entry, cells: impl IntoIterator<Item = &'c CellResult>) -> String {
    let is_marked = cells.into_iter().any(|cell| marks(cell).next().is_some());
    format!("{}{}", entry.label, if is_marked { " *" } else { "" })
}

/// Why a cell has no figure.
pub(super) fn missing(cell: &CellResult) -> String {
    let marks: Vec<&str> = marks(cell).collect();
    if marks.is_empty() {
        "not measured".to_owned()
    } else {
        format!("no figure: {}", marks.join(", "))
    }
}

/// The footnotes to the asterisks of [`label`].
pub(super) fn notes<'c>(
    cells: impl IntoIterator<Item = (&'c Entry, &'c CellResult)>,
) -> Vec<String> {
    let mut by_entry: Vec<(&Entry, BTreeMap<&str, Vec<u32>>)> = Vec::new();
    for (entry, cell) in cells {
        for mark in marks(cell) {
            if by_entry.last().is_none_or(|(last, _)| *last != entry) {
                by_entry.push((entry, BTreeMap::new()));
            }
            if let Some((_, levels)) = by_entry.last_mut() {
                levels.entry(mark).or_default().push(cell.key.level);
            }
        }
    }
    // Rows of which the same is to be said share a note.
    let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
    for (entry, marks) in by_entry {
        let marks: Vec<String> = marks
            .into_iter()
            .map(|(mark, levels)| format!("{mark} at level {}", in_words(&levels)))
            .collect();
        let said = marks.join("; ");
        match notes.iter_mut().find(|(note, _)| *note == said) {
            Some((_, labels)) => labels.push(&entry.label),
            None => notes.push((said, vec![&entry.label])),
        }
    }
    notes
        .into_iter()
        .map(|(said, labels)| format!("* {}: {said}", labels.join(", ")))
        .collect()
}

/// `1`, `1 and 10`, `1, 10 and 50`.
fn in_words(levels: &[u32]) -> String {
    let mut levels: Vec<String> = levels.iter().map(u32::to_string).collect();
    match (levels.pop(), levels.is_empty()) {
        (Some(last), false) => format!("{} and {last}", levels.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}

/// Whether there is a floor among the entries.
pub(super) fn has_floor<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> bool {
    entries.into_iter().any(|entry| entry.ink.is_floor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Row;
    use crate::chart::synthetic::{self, Sweep, marked};

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
        assert_eq!(data.burst_cells(50).len(), 7);
    }

    #[test]
    fn footnotes_gather_the_levels_of_a_mark_and_leave_few_samples_out() {
        let mut sweep = Sweep::of_six_rows();
        for (level, marks) in [
            (1, &["few-samples"][..]),
            (10, &["few-samples", "mock-bound"]),
            (50, &["client-limited", "mock-bound"]),
            (100, &["mock-bound"]),
        ] {
            sweep.cell("rig", Arrival::Closed, level).marks = marked(marks);
        }
        let input = sweep.input();
        let data = Data::new(&input);
        let rig = &data.entries[1];
        let cells: Vec<&CellResult> = data
            .levels(Arrival::Closed)
            .into_iter()
            .filter_map(|level| data.cell(rig, Arrival::Closed, level))
            .collect();
        assert_eq!(label(rig, cells.iter().copied()), "rig (Rust) *");
        assert_eq!(label(rig, [cells[0]]), "rig (Rust)");
        assert_eq!(
            notes(cells.into_iter().map(|cell| (rig, cell))),
            ["* rig (Rust): client-limited at level 50; mock-bound at level 10, 50 and 100"]
        );
    }

    #[test]
    fn rows_of_which_the_same_is_to_be_said_share_a_footnote() {
        let mut sweep = Sweep::of_six_rows();
        for (row, marks) in [
            ("ours", "noisy"),
            ("rig", "retries"),
            ("langchain", "noisy"),
        ] {
            sweep.cell(row, Arrival::Burst, 50).marks = marked(&[marks]);
        }
        let input = sweep.input();
        let data = Data::new(&input);
        assert_eq!(
            notes(data.burst_cells(50)),
            [
                "* ours (Rust), langchain (Python): noisy at level 50",
                "* rig (Rust): retries at level 50"
            ]
        );
    }

    #[test]
    fn a_cell_without_a_figure_says_which_mark_explains_it() {
        let mut cell = synthetic::cell("toy", Arrival::Burst, 50);
        cell.marks = marked(&["few-samples"]);
        assert_eq!(missing(&cell), "not measured");
        cell.marks = marked(&["failed-trials", "few-samples"]);
        assert_eq!(missing(&cell), "no figure: failed-trials");
    }
}
