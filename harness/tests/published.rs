//! A published folder says the same again: its record is read and computed as it was when it was published.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::fs;
use std::path::Path;
use std::process::Command;

use loopmark::framework::Framework;
use loopmark::layout::Layout;
use loopmark::results::read_info;

/// The first published sweep: closed loop and wave, five languages, every mark that a sweep on two processors gets.
const FOLDER: &str = "2026-11-22T220449Z";
/// Two rows, recorded before records kept colours.
const SMALL_FOLDER: &str = "2026-11-23T002132Z";
const MADE: [&str; 3] = ["summary.csv", "ratios.csv", "README.md"];

#[test]
fn a_published_folder_is_made_again_byte_for_byte() {
    let published = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../results")
        .join(FOLDER);
    let scratch = tempfile::tempdir().unwrap();
    let copy = scratch.path().join(FOLDER);
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(&published).unwrap() {
        let entry = entry.unwrap();
        let is_made = MADE.contains(&entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_file() && !is_made {
            fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
    }
    let reported = Command::new(env!("CARGO_BIN_EXE_loopmark"))
        .arg("report")
        .arg(&copy)
        .output()
        .unwrap();
    assert!(reported.status.success(), "{reported:?}");
    for name in MADE {
        let (was, is) = (text(&published, name), text(&copy, name));
        let differing = was.lines().zip(is.lines()).find(|(was, is)| was != is);
        assert_eq!(differing, None, "{name}");
        assert!(was == is, "{name} has more or fewer lines");
    }
}

#[test]
fn published_tables_of_releases_are_made_again_byte_for_byte() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results");
    let mut seen = 0;
    for folder in fs::read_dir(results).unwrap() {
        let published = folder.unwrap().path();
        if !published.join("releases.json").is_file() {
            continue;
        }
        let scratch = tempfile::tempdir().unwrap();
        let copy = scratch.path().join(published.file_name().unwrap());
        fs::create_dir(&copy).unwrap();
        for name in ["run.json", "trials.jsonl.zst", "releases.json"] {
            fs::copy(published.join(name), copy.join(name)).unwrap();
        }
        let made = Command::new(env!("CARGO_BIN_EXE_loopmark"))
            .args(["releases", "--of"])
            .arg(&copy)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        for name in ["releases.md", "releases.csv"] {
            let (was, is) = (text(&published, name), text(&copy, name));
            assert_eq!(was, is, "{}: {name}", published.display());
        }
        seen += 1;
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn a_published_row_is_drawn_in_the_colour_that_its_manifest_asks_for() {
    let layout = Layout::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let published = layout.results().join(SMALL_FOLDER);
    let scratch = tempfile::tempdir().unwrap();
    let record = ["trials.jsonl.zst", "samples.csv.zst", "capacity.jsonl.zst"];
    for name in record.into_iter().chain(["run.json"]) {
        fs::copy(published.join(name), scratch.path().join(name)).unwrap();
    }
    // Once with the checkout's manifests, once where there is no checkout.
    let chart = |root: &Path| {
        let mut report = Command::new(env!("CARGO_BIN_EXE_loopmark"));
        report.arg("report").arg(scratch.path()).current_dir(root);
        let reported = report.output().unwrap();
        assert!(reported.status.success(), "{reported:?}");
        text(scratch.path(), "charts/cpu.svg").to_lowercase()
    };
    let (here, elsewhere) = (chart(layout.root()), chart(scratch.path()));
    let rows = read_info(scratch.path()).unwrap().rows;
    assert_eq!(rows.len(), 2);
    for row in rows {
        let manifest = layout
            .frameworks()
            .join(&row.key.framework)
            .join("framework.toml");
        let colour = Framework::load(&manifest)
            .unwrap()
            .colour
            .unwrap()
            .to_string();
        assert!(here.contains(&colour), "{}", row.key.framework);
        assert!(!elsewhere.contains(&colour), "{}", row.key.framework);
    }
}

#[test]
fn every_published_row_was_what_its_manifest_says() {
    let layout = Layout::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let rows = Framework::load_all(&layout).unwrap();
    let mut seen = 0;
    for folder in fs::read_dir(layout.results()).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.join("run.json").is_file() {
            continue;
        }
        for row in read_info(&folder).unwrap().rows {
            let here = rows.iter().find(|here| here.name == row.key.framework);
            let Some((here, ready)) = here.zip(row.ready.as_ref()) else {
                continue;
            };
            let denied = here.denied_by(ready);
            assert_eq!(denied, Vec::<String>::new(), "{}", folder.display());
            seen += 1;
        }
    }
    assert!(seen > 18, "only {seen} rows");
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}
