//! The marks of a cell that matter to a chart.

use crate::analysis::CellResult;

/// A mark that says nothing against a cell's medians, which charts show.
const UNREMARKABLE_MARK: &str = "few-samples";

/// The names of a cell's marks, without unremarkable ones.
pub(super) fn marks(cell: &CellResult) -> impl Iterator<Item = &'static str> {
    cell.mark_names().filter(|mark| *mark != UNREMARKABLE_MARK)
}

/// Why a cell has no value.
pub(super) fn missing(cell: &CellResult) -> String {
    let marks: Vec<&str> = marks(cell).collect();
    if marks.is_empty() {
        "not measured".to_owned()
    } else {
        format!("no figure: {}", marks.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use loopmark_protocol::Arrival;

    use super::*;
    use crate::chart::synthetic::{self, marked};

    #[test]
    fn a_cell_without_a_figure_says_which_mark_explains_it() {
        let mut cell = synthetic::cell("toy", Arrival::Burst, 50);
        cell.marks = marked(&["few-samples"]);
        assert_eq!(missing(&cell), "not measured");
        cell.marks = marked(&["failed-trials", "few-samples"]);
        assert_eq!(missing(&cell), "no figure: failed-trials");
    }
}
