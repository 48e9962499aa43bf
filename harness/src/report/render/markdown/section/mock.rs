//! The mock's check in Markdown.

use std::fmt::Write;
use std::path::Path;

use crate::mock::{DelayedAckCheck, LevelCheck, MemoryCheck, MockCheck, PaceCheck, StreamCheck};
use crate::report::ReportError;
use crate::report::render::markdown::table::{machine_line, made_by};
use crate::report::render::markdown::table::{markdown, to_markdown};
use crate::results::{self, MockInfo};
use crate::stats::Lateness;
use crate::words;

/// The page of a check of the mock alone; pure.
pub fn mock_readme(info: &MockInfo) -> String {
    let machine = &info.machine;
    let mut text = format!(
        "# The mock, measured: {}\n\n{}, at {}, scenario {}.\n\n{}.\n\n{}",
        info.id,
        made_by(&info.command, &info.loopmark, info.git_revision.as_deref()),
        info.started_at,
        words::code(&info.scenario),
        machine_line(machine),
        mock_check(&info.check)
    );
    if let Some(memory) = &info.memory {
        let _ = write!(text, "\n{}", mock_memory(memory));
    }
    text
}

/// Writes `README.md` into the folder of a check of the mock alone.
///
/// # Errors
///
/// When writing fails.
pub fn write_mock_readme(folder: &Path, info: &MockInfo) -> Result<(), ReportError> {
    let text = mock_readme(info);
    Ok(results::replace(
        &folder.join("README.md"),
        text.as_bytes(),
    )?)
}

/// The mock's figures.
pub(in crate::report) fn mock_check(mock: &MockCheck) -> String {
    let mut table = markdown(&[
        "In flight",
        "Connections",
        "Mock late, median (µs)",
        "p99 (µs)",
        "max (µs)",
        "Bare OS timer, median (µs)",
        "p99 (µs)",
        "max (µs)",
    ]);
    for held in &mock.levels {
        table.add_row(level_row(held, held.level));
    }
    for open in &mock.open_connections {
        table.add_row(level_row(&open.held, open.connections));
    }
    let ceiling = &mock.ceiling;
    let per_core = ceiling
        .requests_per_cpu_s
        .map(|requests| format!(", {requests:.0} per second of its own CPU time"))
        .unwrap_or_default();
    let mut text = format!(
        "How late a reply's first byte was written, beside a bare OS timer in the same seconds. Without holds it \
         answered {:.0} requests/s{per_core}.\n\n{}\n",
        ceiling.requests_per_s,
        to_markdown(&table)
    );
    for open in &mock.open_connections {
        let _ = write!(
            text,
            "\nWith {} connections open a request started on one after the other, {:.0} per second, each held for {:.0} ms: \
             at most {} were in flight at once.\n",
            open.connections, open.requests_per_s, open.held.hold_ms, open.held.level
        );
    }
    text.extend(mock.stream.as_ref().map(stream));
    if !mock.paces.is_empty() {
        text.push_str(&paces(&mock.paces));
    }
    text.extend(mock.delayed_ack.as_ref().map(delayed_ack));
    text
}

fn level_row(held: &LevelCheck, connections: u32) -> Vec<String> {
    let mut row = vec![held.level.to_string(), connections.to_string()];
    row.extend(in_us(&held.lateness));
    row.extend(in_us(&held.os_timer));
    row
}

/// Median, p99 and maximum.
fn in_us(late: &Lateness) -> [String; 3] {
    [late.p50_us, late.p99_us, late.max_us].map(|us| format!("{us:.0}"))
}

fn stream(check: &StreamCheck) -> String {
    let [median, p99, max] = in_us(&check.lateness);
    let [_, timer_p99, _] = in_us(&check.os_timer);
    format!(
        "\nStreaming: {} chunks, due {:.0} ms apart. Lateness at the client: median {median} µs, p99 {p99} µs, maximum \
         {max} µs (bare OS timer: p99 {timer_p99} µs).\n",
        check.lateness.count, check.interval_ms
    )
}

/// A line per pace and range of numbers.
fn paces(paces: &[PaceCheck]) -> String {
    let mut table = markdown(&[
        "Deltas/s of a stream",
        "Streams at once",
        "Deltas, by number",
        "Late at the client, median (µs)",
        "p99 (µs)",
        "max (µs)",
        "Bare OS timer, median (µs)",
        "p99 (µs)",
        "max (µs)",
    ]);
    for pace in paces {
        for group in &pace.by_number {
            let mut row = vec![
                pace.deltas_per_s.to_string(),
                pace.streams.to_string(),
                format!("{} to {}", group.from, group.to),
            ];
            row.extend(in_us(&group.lateness));
            row.extend(in_us(&pace.os_timer));
            table.add_row(row);
        }
    }
    format!(
        "\nLong streams, by how many deltas of the stream came before. Each delta is due at a moment of its own, however \
         late the one before it was.\n\n{}\n",
        to_markdown(&table)
    )
}

fn delayed_ack(check: &DelayedAckCheck) -> String {
    format!(
        "\nLate by 35 to 60 ms, as by a delayed acknowledgement: {} of {} streamed replies, {} of {} whose request came in \
         two parts. (To clients with Nagle's algorithm on, which stalls them: {} of {}.)\n",
        check.streamed.stalled,
        check.streamed.replies,
        check.in_two_parts.stalled,
        check.in_two_parts.replies,
        check.control.stalled,
        check.control.replies
    )
}

/// The mock's memory over many requests.
fn mock_memory(check: &MemoryCheck) -> String {
    let mut table = markdown(&["Requests", "Resident memory (MiB)"]);
    for point in &check.points {
        table.add_row([
            point.requests.to_string(),
            format!("{:.1}", point.rss_bytes as f64 / f64::from(1 << 20)),
        ]);
    }
    let verdict = if check.is_flat() { "flat" } else { "growing" };
    format!(
        "Memory over {} requests, the ledger drained after each {}: {verdict}.\n\n{}\n",
        check.requests,
        check.drained_every,
        to_markdown(&table)
    )
}
