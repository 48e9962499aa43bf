//! The harness's calibration in Markdown.

use std::fmt::Write;

use crate::calibration::{Calibrated, Calibration, Known, Spread, Unit};
use crate::report::render::markdown::table::{markdown, to_markdown};

/// A line per measured quantity: the number of comparisons, the medians and the spread of the differences.
pub fn calibration_table(calibration: &Calibration) -> String {
    let mut table = markdown(&[
        "What",
        "Unit",
        "Compared",
        "Truth",
        "Measured",
        "Off by, median",
        "5th",
        "95th",
    ]);
    for figure in &calibration.figures {
        let number = |value: f64| number(figure.unit, value);
        table.add_row([
            figure.figure.label().to_owned(),
            figure.unit.to_string(),
            figure.count.to_string(),
            number(figure.truth),
            number(figure.measured),
            number(figure.off.p50),
            number(figure.off.p5),
            number(figure.off.p95),
        ]);
    }
    let mut text = format!("{}\n\n", to_markdown(&table));
    for figure in &calibration.figures {
        if let (Some(what), Some(beside)) = (figure.figure.beside(), figure.beside) {
            let Spread { p5, p50, p95 } = beside;
            let [p5, p50, p95] = [p5, p50, p95].map(|value| number(figure.unit, value));
            let _ = writeln!(
                text,
                "Beside the {}, not taken off: {what}, {p50} {} (5th {p5}, 95th {p95}).",
                figure.figure.label(),
                figure.unit
            );
        }
    }
    let disconnects = calibration.disconnects;
    let _ = writeln!(
        text,
        "{} of {} clients that hung up were seen.",
        disconnects.seen, disconnects.left
    );
    text
}

/// The calibration in a sentence or two.
pub(in crate::report) fn calibration_lines(calibration: &Calibration) -> String {
    let mut parts = Vec::new();
    let off = |known| calibration.figure(known).map(|taken| (taken, taken.off));
    if let Some((gap, off)) = off(Known::Gap) {
        let bare = gap.beside.map_or_else(String::new, |bare| {
            format!(
                ", and one byte between two bare threads took {:.0} µs",
                bare.p50
            )
        });
        parts.push(format!(
            "gaps were {:.0} µs longer by the ledger than by the runner (median; the 95th percentile is {:.0} µs{bare})",
            off.p50, off.p95
        ));
    }
    let cpu = [
        Known::CpuProcess,
        Known::CpuThread,
        Known::CpuChild,
        Known::CpuGrandchild,
    ];
    let share =
        |taken: &Calibrated| (taken.truth > 0.0).then(|| taken.off.p50 / taken.truth * 100.0);
    let shares = cpu
        .iter()
        .filter_map(|known| share(calibration.figure(*known)?));
    let worst = shares.max_by(|one, other| one.abs().total_cmp(&other.abs()));
    parts.extend(worst.map(|share| format!("CPU time was off by at most {share:.1} %")));
    if let Some((_, off)) = off(Known::PeakMemory) {
        parts.push(format!(
            "peak memory was off by {:.1} MiB",
            off.p50 / 1024.0
        ));
    }
    let disconnects = calibration.disconnects;
    parts.push(format!(
        "the mock noticed {} of {} clients that hung up",
        disconnects.seen, disconnects.left
    ));
    let mut text = format!(
        "\nBefore the sweep, runners of known behaviour were measured: {}.\n",
        parts.join("; ")
    );
    if !calibration.impossible.is_empty() {
        let _ = writeln!(
            text,
            "\n**Impossible by cause and effect, so that the harness is wrong here:** {}.",
            calibration.impossible.join("; ")
        );
    }
    text
}

fn number(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Us | Unit::Kib => format!("{value:.0}"),
        Unit::Ms => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::{Disconnects, Pair};

    fn calibration() -> Calibration {
        let figure = |known, truth, measured, beside: &[f64]| {
            Calibrated::of(known, &[Pair { truth, measured }], beside).unwrap()
        };
        Calibration {
            repetitions: 1,
            figures: vec![
                figure(Known::Gap, 5000.0, 5260.0, &[240.0]),
                figure(Known::CpuProcess, 250.0, 250.5, &[]),
                figure(Known::CpuChild, 250.0, 252.0, &[]),
                figure(Known::PeakMemory, 65_536.0, 65_024.0, &[]),
            ],
            disconnects: Disconnects { left: 12, seen: 11 },
            impossible: Vec::new(),
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_figure_and_what_is_beside_it_is_not_taken_off() {
        let text = calibration_table(&calibration());
        let cells = |line: &str| -> Vec<String> {
            let cells = line.split('|').map(|cell| cell.trim().to_owned());
            cells.filter(|cell| !cell.is_empty()).collect()
        };
        let gap = text.lines().find(|line| line.contains("| gap")).unwrap();
        assert_eq!(
            cells(gap),
            ["gap", "µs", "1", "5000", "5260", "260", "260", "260"]
        );
        let child = text.lines().find(|line| line.contains("child")).unwrap();
        assert_eq!(cells(child)[3..6], ["250.00", "252.00", "2.00"]);
        assert!(
            text.contains("Beside the gap, not taken off: two bare threads, 240 µs"),
            "{text}"
        );
        assert!(
            text.ends_with("11 of 12 clients that hung up were seen.\n"),
            "{text}"
        );
    }

    #[test]
    fn a_sweep_says_it_in_a_sentence_and_what_is_impossible_in_another() {
        let mut calibration = calibration();
        assert_eq!(
            calibration_lines(&calibration),
            "\nBefore the sweep, runners of known behaviour were measured: gaps were 260 µs longer by the ledger than by \
             the runner (median; the 95th percentile is 260 µs, and one byte between two bare threads took 240 µs); CPU \
             time was off by at most 0.8 %; peak memory was off by -0.5 MiB; the mock noticed 11 of 12 clients that hung \
             up.\n"
        );
        calibration.impossible.push("less than nothing".to_owned());
        assert!(
            calibration_lines(&calibration)
                .ends_with("the harness is wrong here:** less than nothing.\n")
        );
    }
}
