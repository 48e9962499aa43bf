//! A table with its caption, its label and its notes.

use std::fmt::Write;

use super::escape::{escape, figure};
use crate::report::table::{Note, Table};

/// A `table` environment.
pub(super) struct Float<'a> {
    /// The caption's beginning, and its short form for a list of tables; not escaped.
    pub title: String,
    /// The rest of the caption, not escaped either.
    pub about: String,
    /// After `tab:loopmark-`.
    pub label: String,
    pub table: &'a Table,
    pub notes: &'a [Note],
    pub figures: Figures,
}

/// How the columns after the first are set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Figures {
    /// Numbers, to the right.
    Numbers,
    /// Words, to the left.
    Words,
}

impl Float<'_> {
    /// As LaTeX.
    pub fn render(&self) -> String {
        let (align, cell): (_, fn(&str) -> String) = match self.figures {
            Figures::Numbers => ("r", figure),
            Figures::Words => ("l", escape),
        };
        // A closing bracket would end the short form.
        let title = escape(&self.title).replace(']', "{]}");
        let columns = align.repeat(self.table.header.len().saturating_sub(1));
        let mut text = format!(
            "\\begin{{table}}[htbp]\n\\centering\\small\n\\caption[{title}]{{{title}. {}}}\n\\label{{tab:loopmark-{}}}\n\\medskip\n\
             \\loopmarkfit{{%\n\\begin{{tabular}}{{l{columns}}}\n\\toprule\n",
            escape(&self.about),
            self.label
        );
        let header: Vec<String> = self
            .table
            .header
            .iter()
            .map(|title| escape(title))
            .collect();
        let _ = writeln!(text, "{} \\\\\n\\midrule", header.join(" & "));
        for line in &self.table.lines {
            let mark = if line.is_noted {
                "\\textsuperscript{*}"
            } else {
                ""
            };
            let name = format!("{}{mark}", escape(&line.name));
            let cells = line.figures.iter().map(|text| cell(text));
            let cells: Vec<String> = std::iter::once(name).chain(cells).collect();
            let _ = writeln!(text, "{} \\\\", cells.join(" & "));
        }
        text.push_str("\\bottomrule\n\\end{tabular}}\n");
        if !self.notes.is_empty() {
            let _ = writeln!(
                text,
                "\\begin{{flushleft}}\\footnotesize\n{}\\end{{flushleft}}",
                self.notes()
            );
        }
        text.push_str("\\end{table}\n");
        text
    }

    fn notes(&self) -> String {
        let notes = self.notes.iter().map(|note| {
            let (name, words) = (escape(&note.name), escape(&note.words));
            format!("\\textsuperscript{{*}}\\,{name}: {words}\\par\n")
        });
        notes.collect()
    }
}
