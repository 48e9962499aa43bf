//! Tables of an explained row, and of two builds.

use comfy_table::presets::{ASCII_MARKDOWN, UTF8_HORIZONTAL_ONLY};
use comfy_table::{ContentArrangement, Table};

use super::profile::{Profile, Share};
use crate::words::{code, thousands};

/// How many functions of a bucket are named.
const HOTTEST: usize = 3;

/// The buckets of a row and the hottest functions of each, for a terminal.
pub fn shares(profile: &Profile) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    rows(profile, &mut table, "\n", str::to_owned);
    table
}

/// The same in Markdown.
pub(super) fn shares_in_markdown(profile: &Profile) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    rows(profile, &mut table, ", ", code);
    table
}

fn rows(profile: &Profile, table: &mut Table, between: &str, name: impl Fn(&str) -> String) {
    table.set_header(["Bucket", "Share", "Samples", "Hottest functions"]);
    let all = profile.stacks.samples().max(1) as f64;
    for (bucket, share) in &profile.shares {
        let Share {
            samples, functions, ..
        } = share;
        let hottest = functions.iter().take(HOTTEST).map(|(function, samples)| {
            format!("{} {}", percent(*samples as f64 / all), name(function))
        });
        let hottest: Vec<String> = hottest.collect();
        table.add_row([
            bucket.label().to_owned(),
            percent(share.share),
            thousands(&samples.to_string()),
            hottest.join(between),
        ]);
    }
}

/// The buckets of two builds, for a terminal.
pub fn difference(before: &Profile, after: &Profile) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    difference_rows(before, after, &mut table);
    table
}

/// The same in Markdown.
pub(super) fn difference_in_markdown(before: &Profile, after: &Profile) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    difference_rows(before, after, &mut table);
    table
}

fn difference_rows(before: &Profile, after: &Profile, table: &mut Table) {
    table.set_header([
        "Bucket",
        "Share before",
        "Share after",
        "Points",
        "Samples per 1,000 runs before",
        "After",
    ]);
    for ((bucket, old), (_, new)) in before.shares.iter().zip(&after.shares) {
        table.add_row([
            bucket.label().to_owned(),
            percent(old.share),
            percent(new.share),
            format!("{:+.1}", (new.share - old.share) * 100.0),
            format!("{:.0}", before.per_1000_runs(*bucket)),
            format!("{:.0}", after.per_1000_runs(*bucket)),
        ]);
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
