//! The table of a sweep whose shards were measured on machines of several kinds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::words;
use crate::compare::{OnMachine, OnMachines, on_machines};
use crate::metric::catalogue;
use crate::report::shown_number;
use crate::results::Recorded;
use crate::stats;
use crate::words::counted;

/// Markdown: each machine's CPU per run, and the multiple of the floor's on each and on all of them.
pub(super) fn table(sweeps: &[Recorded]) -> String {
    let names: BTreeMap<String, String> = sweeps
        .iter()
        .map(|sweep| {
            let machine = &sweep.info.machine;
            let words = format!("{} × {}", machine.cpus, machine.cpu);
            (machine.id(), words)
        })
        .collect();
    let mut text = String::from(
        "CPU per run in ms, and over the floor of the row's language and API:\n\n| cell |",
    );
    for name in names.keys() {
        let _ = write!(text, " {name} (ms) | {name} (× floor) |");
    }
    text.push_str(" all (× floor) | 95 % interval |\n|---|");
    text.push_str(&"---:|".repeat(2 * names.len() + 2));
    text.push('\n');
    let cells = on_machines(sweeps);
    for cell in &cells {
        line(&mut text, cell, names.keys());
    }
    text.push('\n');
    for (name, words) in &names {
        let _ = writeln!(text, "* {name}: {words}");
    }
    let apart = cells.iter().filter(|cell| cell.is_apart).count();
    let _ = writeln!(
        text,
        "* machines-differ: {} of {}: there the machines lie further apart than the trials of any one of them, and one \
         figure can't stand for both",
        apart,
        counted(cells.len() as u64, "cell")
    );
    text
}

fn line<'a>(text: &mut String, of: &OnMachines, names: impl Iterator<Item = &'a String>) {
    let none = OnMachine::default();
    let _ = write!(text, "| {} |", words::cell(&of.cell));
    for name in names {
        let on = of.machines.get(name).unwrap_or(&none);
        let cpu = stats::median(on.cpu_per_run_ms.clone());
        let _ = write!(
            text,
            " {} | {} |",
            shown_number(&catalogue::CPU_PER_RUN, cpu),
            times(stats::median(on.multiples.clone()))
        );
    }
    let mark = if of.is_apart { " machines-differ" } else { "" };
    let interval = of.interval.as_ref();
    let interval = interval.map(|interval| format!("{:.2} to {:.2}", interval.start, interval.end));
    let _ = writeln!(
        text,
        " {}{mark} | {} |",
        times(of.multiple),
        interval.unwrap_or_default()
    );
}

fn times(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.2}"))
}
