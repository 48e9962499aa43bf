//! The page: its assets are those that its sources make, and its file is small, whole and asks for nothing.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use loopmark::chart::{Drawing, Formats};
use loopmark::report;
use serde_json::Value;
use sha2::{Digest, Sha256};

const HARNESS: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_assets_are_made_from_the_sources_beside_them() {
    let page = Path::new(HARNESS).join("page");
    let mut sources: Vec<String> = std::fs::read_dir(page.join("src"))
        .unwrap()
        .map(|entry| format!("src/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    sources.sort();
    let first = ["build.mjs", "package-lock.json", "page.css"];
    let mut digest = Sha256::new();
    for name in first.into_iter().chain(sources.iter().map(String::as_str)) {
        digest.update(format!("{name}\n"));
        digest.update(std::fs::read(page.join(name)).unwrap());
    }
    let digest: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let made_from = std::fs::read_to_string(Path::new(HARNESS).join("assets/page.sha256")).unwrap();
    assert_eq!(
        made_from.trim(),
        digest,
        "run `npm ci && node build.mjs` in harness/page"
    );
}

#[test]
fn the_program_and_the_styles_are_small() {
    let length = |name: &str| {
        let path = Path::new(HARNESS).join("assets").join(name);
        std::fs::metadata(path).unwrap().len()
    };
    let both = length("page.js") + length("page.css");
    assert!(both <= 120 << 10, "{both}");
}

/// The page of a committed sweep, and what `summary.csv` says of it.
fn page(sweep: &str) -> (String, PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let results = Path::new(HARNESS).join("../results").join(sweep);
    for entry in std::fs::read_dir(results).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    report::write(folder.path(), None, &Drawing::new(Formats::Svg, &[])).unwrap();
    let text = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    (text, folder.path().join("summary.csv"), folder)
}

/// The data in a page.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let (packed, _) = rest.split_once("</script>").unwrap();
    let packed = BASE64_STANDARD.decode(packed.trim()).unwrap();
    let mut json = String::new();
    flate2::read::DeflateDecoder::new(&packed[..])
        .read_to_string(&mut json)
        .unwrap();
    serde_json::from_str(&json).unwrap()
}

#[test]
fn a_page_has_every_cells_figures_as_the_summary_has_them() {
    for sweep in ["2026-11-22T220449Z", "2026-11-26T234450Z"] {
        let (page, summary, _folder) = page(sweep);
        let data = data(&page);
        let mut lines = csv::Reader::from_path(summary).unwrap();
        let header = lines.headers().unwrap().clone();
        let at = |name: &str| header.iter().position(|column| column == name).unwrap();
        let mut compared = 0;
        for line in lines.records() {
            let line = line.unwrap();
            let of = |name: &str| line.get(at(name)).unwrap();
            if of("aa_copy") == "true" {
                continue;
            }
            let value = figure(&data, &of);
            let expected = of("cpu_s").parse::<f64>().ok();
            match (value, expected) {
                (Some(value), Some(expected)) => {
                    assert!((value / expected - 1.0).abs() < 1e-3, "{value} {expected}");
                    compared += 1;
                }
                (value, expected) => assert_eq!(value, expected, "{line:?}"),
            }
        }
        assert!(compared > 50, "{compared}");
    }
}

/// The CPU time of the cell that a line of the summary is of.
fn figure<'a>(data: &Value, of: &impl Fn(&str) -> &'a str) -> Option<f64> {
    let scenarios = data["scenarios"].as_array().unwrap();
    let scenario = scenarios
        .iter()
        .find(|one| one["name"] == of("scenario"))
        .unwrap();
    let rows = data["rows"].as_array().unwrap();
    let row = rows
        .iter()
        .position(|row| row["framework"] == of("framework") && row["variant"] == of("variant"))
        .unwrap();
    let places = scenario["places"].as_array().unwrap();
    let place = places
        .iter()
        .position(|place| {
            place["case"].as_str().unwrap_or_default() == of("case")
                && place["arrival"] == of("arrival")
                && place["level"].as_u64() == of("level").parse().ok()
        })
        .unwrap();
    let cells = &scenario["cells"];
    let is_meant = |cell: &usize| cells["row"][cell] == row && cells["place"][cell] == place;
    let cell = (0..cells["row"].as_array().unwrap().len()).find(is_meant)?;
    let figures = &scenario["figures"]["cpu_s"];
    let own = figures["cell"]
        .as_array()?
        .iter()
        .position(|own| *own == cell)?;
    figures["value"][own].as_f64()
}

#[test]
fn the_published_page_is_small_and_names_no_address_to_load() {
    for sweep in ["2026-11-22T220449Z", "2026-11-26T230636Z"] {
        let (page, ..) = page(sweep);
        assert!(page.len() <= 500 << 10, "{}", page.len());
        for wrong in [" src=", " href=", "url(", "import("] {
            assert!(!page.contains(wrong), "{wrong}");
        }
    }
}
