//! The main table of a scenario for a person at a terminal, who has perhaps a hundred columns.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle};

use crate::report::document::ScenarioReport;
use crate::report::table::{Table, main_table};
use crate::results::Recorded;
use crate::words::one_line;

/// What a table may take up, unless its figures need more.
const COLUMNS: u16 = 100;
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');
/// A rule above, below and under the headings.
const RULES: TableStyle = TableStyle::new()
    .top_border(RULE)
    .header_separator(RULE)
    .bottom_border(RULE);

/// The main table of a scenario, with its notes. Rules are drawn only where `is_terminal`: a file or a program gets
/// plain columns.
pub fn terminal_table(recorded: &Recorded, scenario: &ScenarioReport, is_terminal: bool) -> String {
    let main = main_table(recorded, scenario);
    let title = [scenario.info.name.as_str(), main.of.as_str()];
    let title: Vec<&str> = title.into_iter().filter(|part| !part.is_empty()).collect();
    let mut text = format!(
        "{}\n\n{}\n",
        title.join(": "),
        draw(&main.table, is_terminal)
    );
    for note in &main.notes {
        let (name, words) = (one_line(&note.name), one_line(&note.words));
        text.push_str(&format!("\n* {name}: {words}"));
    }
    if !main.notes.is_empty() {
        text.push('\n');
    }
    text
}

fn draw(table: &Table, is_terminal: bool) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn
        .load_style(if is_terminal { RULES } else { NOTHING })
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(COLUMNS)
        // The unit gets a line of its own: a heading is wider than its figures.
        .set_header(
            table
                .header
                .iter()
                .map(|title| title.replacen(" (", "\n(", 1)),
        );
    for line in &table.lines {
        let mark = if line.is_noted { " *" } else { "" };
        let name = format!("{}{mark}", one_line(&line.name));
        drawn.add_row(std::iter::once(name).chain(line.figures.iter().cloned()));
    }
    for column in drawn.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    drawn.trim_fmt()
}
