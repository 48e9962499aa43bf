//! The folder of an explained row: stacks, flame graph, buckets, and a page that says what they are.

use std::fmt::Write as _;
use std::path::Path;

use inferno::{differential, flamegraph};

use super::buckets::{Bucket, Rules};
use super::error::ExplainError;
use super::profile::Profile;
use super::tables;

/// The most that a file of stacks may have, so that it can be kept in a folder of results.
const MAX_STACKS_BYTES: usize = 200_000;
/// Frames narrower than this part of the flame graph, in percent, are not drawn.
const MIN_WIDTH: f64 = 0.1;
/// How many functions of each bucket `buckets.csv` has.
const FUNCTIONS: usize = 20;

/// Writes `stacks.txt`, `flame.svg`, `buckets.csv` and `README.md`, which says `how` the samples were taken.
///
/// # Errors
///
/// If one can't be written.
pub fn write(
    profile: &Profile,
    rules: &Rules,
    folder: &Path,
    how: &str,
) -> Result<(), ExplainError> {
    put(
        folder,
        "stacks.txt",
        profile.collapsed(rules, MAX_STACKS_BYTES).as_bytes(),
    )?;
    put(folder, "flame.svg", &flame(profile, folder)?)?;
    put(
        folder,
        "buckets.csv",
        buckets_csv(profile, folder)?.as_bytes(),
    )?;
    put(folder, "README.md", page(profile, how).as_bytes())
}

/// Writes `difference.csv`, `difference.svg` and `README.md`.
///
/// # Errors
///
/// If one can't be written.
pub fn write_difference(
    before: &Profile,
    after: &Profile,
    folder: &Path,
) -> Result<(), ExplainError> {
    put(
        folder,
        "difference.csv",
        difference_csv(before, after).as_bytes(),
    )?;
    put(
        folder,
        "difference.svg",
        &difference_flame(before, after, folder)?,
    )?;
    put(
        folder,
        "README.md",
        difference_page(before, after).as_bytes(),
    )
}

fn page(profile: &Profile, how: &str) -> String {
    let (title, table) = (&profile.title, tables::shares_in_markdown(profile));
    format!(
        "# {title}\n\n{how}\n\n{table}\n\nA sampler slows what it watches: these are shares, and no figure of a sweep. A \
         stack counts for the deepest frame that a rule names. The share of `import` falls as runs are added: code is loaded \
         once.\n\n\
         * [flame.svg](flame.svg): the flame graph, with search and zoom in a browser\n\
         * [buckets.csv](buckets.csv): every bucket, and its {FUNCTIONS} hottest functions\n\
         * [stacks.txt](stacks.txt): collapsed stacks, for other tools; in a large file, what was seen rarely below a \
         frame is one frame\n"
    )
}

fn difference_page(before: &Profile, after: &Profile) -> String {
    let table = tables::difference_in_markdown(before, after);
    format!(
        "# {} after {}\n\n{table}\n\nA sampler slows what it watches, and one trial of each build tells no small \
         difference: to decide whether a build is slower, measure both with `loopmark run --against`.\n\n\
         * [difference.svg](difference.svg): the flame graph of the second; red frames have a larger share than before, \
         blue ones a smaller one\n\
         * [difference.csv](difference.csv): the table\n",
        after.title, before.title
    )
}

fn put(folder: &Path, name: &str, content: &[u8]) -> Result<(), ExplainError> {
    let path = folder.join(name);
    std::fs::write(&path, content).map_err(ExplainError::io(&path))
}

fn options(title: String) -> flamegraph::Options<'static> {
    let mut options = flamegraph::Options::default();
    // The root on top, where a reader begins: a stack of imports is some hundred frames deep.
    options.direction = flamegraph::Direction::Inverted;
    options.title = title;
    options.min_width = MIN_WIDTH;
    options.deterministic = true;
    options
}

fn flame(profile: &Profile, folder: &Path) -> Result<Vec<u8>, ExplainError> {
    let text = profile.stacks.to_string();
    let mut svg = Vec::new();
    flamegraph::from_lines(
        &mut options(profile.title.to_string()),
        text.lines(),
        &mut svg,
    )
    .map_err(ExplainError::io(&folder.join("flame.svg")))?;
    Ok(svg)
}

fn difference_flame(
    before: &Profile,
    after: &Profile,
    folder: &Path,
) -> Result<Vec<u8>, ExplainError> {
    let path = folder.join("difference.svg");
    let (old, new) = (before.stacks.to_string(), after.stacks.to_string());
    let mut lines = Vec::new();
    // Both builds are drawn as if they had as many samples: colours say how shares changed.
    let how = differential::Options {
        normalize: true,
        ..differential::Options::default()
    };
    differential::from_readers(how, old.as_bytes(), new.as_bytes(), &mut lines)
        .map_err(ExplainError::io(&path))?;
    let mut svg = Vec::new();
    let title = format!("{}, and before it {}", after.title, before.title);
    flamegraph::from_reader(&mut options(title), lines.as_slice(), &mut svg)
        .map_err(ExplainError::io(&path))?;
    Ok(svg)
}

fn buckets_csv(profile: &Profile, folder: &Path) -> Result<String, ExplainError> {
    let path = folder.join("buckets.csv");
    let failed = |error: csv::Error| ExplainError::unclear(&path, error);
    let mut table = csv::Writer::from_writer(Vec::new());
    table
        .write_record(["bucket", "function", "samples", "share"])
        .map_err(failed)?;
    let all = profile.stacks.samples().max(1) as f64;
    for (bucket, share) in &profile.shares {
        let whole = [
            bucket.label(),
            "",
            &share.samples.to_string(),
            &fraction(share.share),
        ];
        table.write_record(whole).map_err(failed)?;
        for (function, samples) in share.functions.iter().take(FUNCTIONS) {
            let part = fraction(*samples as f64 / all);
            let line = [bucket.label(), function, &samples.to_string(), &part];
            table.write_record(line).map_err(failed)?;
        }
    }
    let bytes = table.into_inner().unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn difference_csv(before: &Profile, after: &Profile) -> String {
    let mut text =
        "bucket,share_before,share_after,per_1000_runs_before,per_1000_runs_after\n".to_owned();
    let shares = before.shares.iter().zip(&after.shares);
    for ((bucket, old), (_, new)) in shares {
        let per_run = [before, after].map(|profile| fraction(profile.per_1000_runs(*bucket)));
        let [was, is] = per_run;
        let label = Bucket::label(*bucket);
        let (old, new) = (fraction(old.share), fraction(new.share));
        // A `String` can always be written to.
        let _ = writeln!(text, "{label},{old},{new},{was},{is}");
    }
    text
}

fn fraction(value: f64) -> String {
    format!("{value:.4}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Stacks, Title};
    use crate::framework::Language;

    fn profile(stacks: &str, runs: u32, rules: &Rules) -> Profile {
        let title = Title {
            row: "toy".to_owned(),
            version: "1".to_owned(),
            language: Language::Go,
            runs,
        };
        Profile::new(title, Stacks::parse(stacks).unwrap(), rules)
    }

    #[test]
    fn the_difference_of_two_builds_is_by_share_and_by_run() {
        let rules = Rules::with_own(Language::Go, &["toy."]);
        let before = profile(
            "main.main;toy.Run 6\nmain.main;encoding/json.Marshal 2\n",
            1000,
            &rules,
        );
        let after = profile(
            "main.main;toy.Run 6\nmain.main;encoding/json.Marshal 6\n",
            2000,
            &rules,
        );
        let table = difference_csv(&before, &after);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 1 + Bucket::ALL.len());
        assert_eq!(lines[1], "framework,0.7500,0.5000,6.0000,3.0000");
        assert_eq!(lines[3], "JSON and validation,0.2500,0.5000,2.0000,3.0000");
        let folder = tempfile::tempdir().unwrap();
        write_difference(&before, &after, folder.path()).unwrap();
        let page = std::fs::read_to_string(folder.path().join("README.md")).unwrap();
        assert!(page.contains("| framework           | 75.0 %"), "{page}");
        let svg = std::fs::read_to_string(folder.path().join("difference.svg")).unwrap();
        assert!(svg.contains("encoding/json.Marshal"), "{svg}");
    }

    #[test]
    fn a_folder_has_stacks_flames_buckets_and_a_page() {
        let rules = Rules::with_own(Language::Go, &["toy."]);
        let profile = profile("main.main;toy.Run 3\nmain.main;net.Dial 1\n", 10, &rules);
        let folder = tempfile::tempdir().unwrap();
        write(&profile, &rules, folder.path(), "4 samples.").unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("stacks.txt").lines().count(), 2);
        assert!(read("flame.svg").contains("toy.Run (3 samples, 75.00%)"));
        let table = read("buckets.csv");
        assert!(
            table.contains("framework,,3,0.7500\nframework,toy.Run,3,0.7500\n"),
            "{table}"
        );
        assert!(read("README.md").contains("4 samples."));
    }
}
