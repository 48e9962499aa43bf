//! Tables in Markdown.

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

use crate::report::format::describe_machine;
use crate::report::table::{Note, Table as Plain};
use crate::results::RowInfo;
use crate::system::Machine;
use crate::words;

/// A Markdown table with every column after the first right-aligned.
pub(in crate::report) fn markdown(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(ASCII_MARKDOWN)
        .set_header(header.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The table as text. Adds the colons that mark right-aligned columns in Markdown, which comfy-table's preset lacks.
pub(in crate::report) fn to_markdown(table: &Table) -> String {
    let text = table.to_string();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Some(rule) = lines.get_mut(1) {
        let columns: Vec<&str> = rule.trim_matches('|').split('|').collect();
        let marked =
            columns
                .iter()
                .enumerate()
                .map(|(index, column)| match column.strip_suffix('-') {
                    Some(dashes) if index > 0 => format!("{dashes}:"),
                    _ => (*column).to_owned(),
                });
        *rule = format!("|{}|", marked.collect::<Vec<_>>().join("|"));
    }
    lines.join("\n")
}

/// The row's name.
pub(in crate::report) fn row_label(row: &RowInfo) -> String {
    words::markdown(&row.name())
}

/// A table of words and figures.
pub(in crate::report) fn render_table(plain: &Plain) -> String {
    let header: Vec<&str> = plain.header.iter().map(String::as_str).collect();
    let mut table = markdown(&header);
    for line in &plain.lines {
        let mark = if line.is_noted { " *" } else { "" };
        let name = format!("{}{mark}", words::markdown(&line.name));
        table.add_row(std::iter::once(name).chain(line.figures.iter().cloned()));
    }
    to_markdown(&table)
}

/// A note below a table.
pub(in crate::report) fn render_note(note: &Note) -> String {
    format!(
        "{}: {}",
        words::markdown(&note.name),
        words::markdown(&note.words)
    )
}

/// The command and the revision that a page was made by.
pub fn made_by(command: &[String], version: &str, revision: Option<&str>) -> String {
    let at = revision.map_or(String::new(), |revision| format!(" at {revision}"));
    let command = words::code(&command.join(" "));
    format!("Made by {command}, Loopmark {version}{at}")
}

/// The machine, without a full stop.
pub fn machine_line(machine: &Machine) -> String {
    let text = words::markdown(&describe_machine(machine));
    match machine.traits {
        Some(_) => format!("{text}, machine `{}`", machine.id()),
        // Older records don't know enough of it for a name.
        None => text,
    }
}
