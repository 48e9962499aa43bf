//! The footnotes of a chart.

use std::collections::BTreeMap;

use super::data::Line;
use super::marks::marks;

/// The footnotes to the asterisks of [`Line::label`].
pub(super) fn notes(lines: &[Line<'_>]) -> Vec<String> {
    // Rows of which the same is to be said share a note.
    let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
    for line in lines {
        let mut by_mark = BTreeMap::<&str, Vec<u32>>::new();
        for cell in line.measured() {
            for mark in marks(cell) {
                let levels: &mut Vec<u32> = by_mark.entry(mark).or_default();
                if levels.last() != Some(&cell.key.level) {
                    levels.push(cell.key.level);
                }
            }
        }
        if by_mark.is_empty() {
            continue;
        }
        let entry = line.entry;
        let marks: Vec<String> = by_mark
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

#[cfg(test)]
mod tests {
    use loopmark_protocol::Arrival;

    use super::*;
    use crate::chart::data::Data;
    use crate::chart::synthetic::{Sweep, marked, spec};

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
        let spec = spec("level", "rig");
        let lines = data.lines(&spec, &data.place(&spec).unwrap());
        assert_eq!(lines[0].label(), "rig (Rust) *");
        assert_eq!(
            notes(&lines),
            ["* rig (Rust): client-limited at level 50; mock-bound at level 10, 50 and 100"]
        );
        let lowest = Line {
            cells: lines[0].cells[..1].to_vec(),
            ..lines[0].clone()
        };
        assert_eq!(lowest.label(), "rig (Rust)");
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
        let spec = spec("rows", "*");
        let lines = data.lines(&spec, &data.place(&spec).unwrap());
        assert_eq!(
            notes(&lines),
            [
                "* ours (Rust), langchain (Python): noisy at level 50",
                "* rig (Rust): retries at level 50"
            ]
        );
    }
}
