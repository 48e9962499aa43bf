//! A table: a name and figures per line.

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Table {
    /// A column each: the names', then the figures'.
    pub header: Vec<String>,
    /// In the order in which they are shown.
    pub lines: Vec<Line>,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Line {
    /// What it is about, not escaped for any format.
    pub name: String,
    /// Whether a note below the table is about it.
    pub is_noted: bool,
    /// A figure per column after the first.
    pub figures: Vec<String>,
}

impl Table {
    /// A table without lines.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Table {
        Table {
            header: header.into_iter().map(Into::into).collect(),
            lines: Vec::new(),
        }
    }

    /// Adds a line that has no note.
    pub fn add(&mut self, name: impl Into<String>, figures: Vec<String>) {
        self.lines.push(Line {
            name: name.into(),
            is_noted: false,
            figures,
        });
    }
}
