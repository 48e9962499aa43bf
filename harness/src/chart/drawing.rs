//! From a sweep to the files of its charts.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::data::Data;
use super::draw::font::Fonts;
use super::draw::{png, svg};
use super::error::ChartError;
use super::form::{bars, curves, dots, stacked};
use super::input::ChartInput;
use super::output::{Chart, ChartFile};
use super::spec::{Form, Spec};
use crate::framework::{Colour, Framework};

/// The charts of every sweep.
const DEFAULT: &str = include_str!("default.toml");

/// How charts are drawn.
#[derive(Debug, Clone, Default)]
pub struct Drawing {
    /// In which files.
    pub formats: Formats,
    /// The colours that rows ask for today, by their names.
    colours: Vec<(String, Colour)>,
}

/// In which files charts are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Formats {
    /// SVG.
    #[default]
    Svg,
    /// SVG, and PNG for places that do not show it.
    SvgAndPng,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Charts {
    chart: Vec<Spec>,
}

impl Drawing {
    /// With the colours of these rows.
    pub fn new(formats: Formats, rows: &[Framework]) -> Drawing {
        let colours = rows
            .iter()
            .filter_map(|row| Some((row.name.clone(), row.colour?)));
        Drawing {
            formats,
            colours: colours.collect(),
        }
    }

    /// The colour that a row asks for today, else what it asked for when it was recorded.
    pub fn colour(&self, framework: &str, recorded: Option<Colour>) -> Option<Colour> {
        let mut colours = self.colours.iter();
        let today = colours.find(|(name, _)| name == framework);
        today.map(|(_, colour)| *colour).or(recorded)
    }
}

/// The charts that there is data for, without their files.
///
/// # Errors
///
/// When the fonts or the specs cannot be read.
pub fn list_all(input: &ChartInput<'_>) -> Result<Vec<ChartFile>, ChartError> {
    let charts = charts(&specs(input.specs)?, input, &Fonts::load()?);
    Ok(charts.into_iter().map(|chart| chart.file).collect())
}

/// Draws every chart that there is data for into `folder`, which is made if it is missing.
///
/// # Errors
///
/// The first file that cannot be drawn or written; earlier ones stay.
pub fn draw_all(
    input: &ChartInput<'_>,
    formats: Formats,
    folder: &Path,
) -> Result<Vec<ChartFile>, ChartError> {
    let fonts = Fonts::load()?;
    let write = |path: PathBuf, content: &[u8]| {
        std::fs::write(&path, content).map_err(|source| ChartError::Write { path, source })
    };
    std::fs::create_dir_all(folder).map_err(|source| ChartError::Write {
        path: folder.to_owned(),
        source,
    })?;
    charts(&specs(input.specs)?, input, &fonts)
        .into_iter()
        .map(|Chart { file, picture }| {
            let svg = svg::document(&picture)?;
            write(folder.join(format!("{}.svg", file.name)), svg.as_bytes())?;
            if formats == Formats::SvgAndPng {
                let png = png::file(&picture, &fonts)?;
                write(folder.join(format!("{}.png", file.name)), &png)?;
            }
            Ok(file)
        })
        .collect()
}

/// A scenario's own charts, or, of one that has none, those of every sweep.
///
/// # Errors
///
/// The first spec that can't be drawn, with what to write instead.
pub fn specs(own: &[serde_json::Value]) -> Result<Vec<Spec>, ChartError> {
    if own.is_empty() {
        let Charts { chart } = toml::from_str(DEFAULT)?;
        return Ok(chart);
    }
    let read = |spec: &serde_json::Value| serde_json::from_value(spec.clone());
    let specs = own.iter().map(read);
    specs
        .collect::<Result<_, _>>()
        .map_err(ChartError::Scenario)
}

pub(super) fn charts(specs: &[Spec], input: &ChartInput<'_>, fonts: &Fonts) -> Vec<Chart> {
    let data = Data::new(input);
    let chart = |spec: &Spec| match spec.form {
        Form::Bars => bars::chart(spec, &data, fonts),
        Form::Dots => dots::chart(spec, &data, fonts),
        Form::Curves => curves::chart(spec, &data, fonts),
        Form::Stacked => stacked::chart(spec, &data, fonts),
    };
    specs.iter().filter_map(chart).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::shapes::Align;
    use crate::chart::synthetic::{Sweep, marked};
    use crate::metric::catalogue;
    use loopmark_protocol::Arrival;

    const NAMES: [&str; 7] = [
        "latency-table",
        "latency-by-level",
        "overhead-per-turn",
        "cpu",
        "memory",
        "two-costs",
        "rss-over-time",
    ];

    /// Every text between its tags, unescaped.
    fn texts(svg: &str) -> Vec<String> {
        svg.split("<text ")
            .skip(1)
            .filter_map(|rest| rest.split_once(">\n")?.1.split_once("\n</text>"))
            .map(|(text, _)| text.replace("&apos;", "'").replace("&amp;", "&"))
            .collect()
    }

    #[test]
    fn all_charts_are_drawn_in_both_formats_with_their_labels_and_values() {
        let folder = tempfile::tempdir().unwrap();
        let sweep = Sweep::of_six_rows();
        let charts = draw_all(&sweep.input(), Formats::SvgAndPng, folder.path()).unwrap();
        let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
        assert_eq!(names, NAMES);
        for chart in &charts {
            let path = folder.path().join(&chart.name);
            let svg = std::fs::read_to_string(path.with_extension("svg")).unwrap();
            let texts = texts(&svg);
            for row in &sweep.rows {
                assert!(texts.contains(&row.label), "{}: {}", chart.name, row.label);
            }
            assert!(texts.contains(&chart.title), "{}", chart.name);
            let file = std::fs::File::open(path.with_extension("png")).unwrap();
            let decoder = ::png::Decoder::new(std::io::BufReader::new(file));
            let mut reader = decoder.read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            let head = format!("<svg width=\"1000\" height=\"{}\"", info.height / 2);
            assert!(svg.starts_with(&head), "{}", &svg[..60]);
            assert_eq!(info.width, 2000);
        }
        let printed = |name: &str| {
            texts(&std::fs::read_to_string(folder.path().join(format!("{name}.svg"))).unwrap())
        };
        let table = printed("latency-table");
        for value in ["2,012", "2,013", "2,475", "2,495", "2,417", "2,442"] {
            assert!(table.iter().any(|text| text == value), "{value}");
        }
        let cpu = printed("cpu");
        for value in ["0.10", "0.12", "3.28", "2.95"] {
            assert!(cpu.iter().any(|text| text == value), "{value}");
        }
        let memory = printed("memory");
        for value in ["25.0", "16.0", "115", "112"] {
            assert!(memory.iter().any(|text| text == value), "{value}");
        }
    }

    #[test]
    fn todays_colour_of_a_row_comes_before_the_recorded_one() {
        let manifest = include_str!("../../templates/go/framework.toml");
        let manifest = manifest
            .replace("@name@", "toy")
            .replace("@kind@", "framework");
        let asked = manifest.replace("kind =", "colour = \"#010203\"\nkind =");
        let row = |text| Framework::from_text(Path::new("/rows/toy/framework.toml"), text).unwrap();
        let recorded = Some(Colour(9, 9, 9));
        let drawing = Drawing::new(Formats::Svg, &[row(asked)]);
        assert_eq!(drawing.colour("toy", recorded), Some(Colour(1, 2, 3)));
        assert_eq!(drawing.colour("other", recorded), recorded);
        let drawing = Drawing::new(Formats::Svg, &[row(manifest)]);
        assert_eq!(drawing.colour("toy", recorded), recorded);
    }

    #[test]
    fn no_text_is_cut_off_at_an_edge() {
        let fonts = Fonts::load().unwrap();
        for sweep in [Sweep::of_six_rows(), Sweep::of_many_rows()] {
            for Chart { file, picture } in charts(&specs(&[]).unwrap(), &sweep.input(), &fonts) {
                for text in picture.texts() {
                    let length = fonts.width(&text.text, text.style);
                    let before = match text.align {
                        Align::Left => 0.0,
                        Align::Middle => length / 2.0,
                        Align::Right => length,
                    };
                    let (x, y) = text.at;
                    let (start, end, room) = if text.is_upward {
                        (y - length + before, y + before, picture.height)
                    } else {
                        (x - before, x - before + length, picture.width)
                    };
                    assert!(
                        start >= 4.0 && end <= room - 4.0,
                        "{}: {}",
                        file.name,
                        text.text
                    );
                    assert!(text.style.size >= 12.0);
                    assert!(!text.text.ends_with('…'), "{}: {}", file.name, text.text);
                }
            }
        }
    }

    #[test]
    fn a_chart_without_data_is_not_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let mut sweep = Sweep::of_six_rows();
        sweep.trials.clear();
        sweep.costs = None;
        sweep
            .summaries
            .retain(|cell| cell.key.arrival == Arrival::Closed);
        let charts = draw_all(&sweep.input(), Formats::Svg, folder.path()).unwrap();
        let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
        assert_eq!(names, ["latency-by-level", "overhead-per-turn"]);
        assert!(!folder.path().join("cpu.svg").exists());
        assert!(!folder.path().join("latency-by-level.png").exists());
        sweep.summaries.clear();
        assert_eq!(
            draw_all(&sweep.input(), Formats::Svg, folder.path()).unwrap(),
            []
        );
    }

    #[test]
    fn a_row_that_failed_is_named_with_its_reason() {
        let fonts = Fonts::load().unwrap();
        let mut sweep = Sweep::of_six_rows();
        let failed = sweep.cell("rig", Arrival::Burst, 50);
        failed.marks = marked(&["failed-trials", "unverified-runs", "few-samples"]);
        for metric in [&catalogue::MEDIAN, &catalogue::P95, &catalogue::CPU] {
            failed.set(metric, None);
        }
        let charts = super::charts(&specs(&[]).unwrap(), &sweep.input(), &fonts);
        for chart in charts
            .iter()
            .filter(|chart| ["latency-table", "cpu"].contains(&chart.file.name.as_str()))
        {
            let texts: Vec<&str> = chart
                .picture
                .texts()
                .map(|text| text.text.as_str())
                .collect();
            for text in [
                "rig (Rust) *",
                "no figure: failed-trials, unverified-runs",
                "* rig (Rust): failed-trials at level 50; unverified-runs at level 50",
            ] {
                assert!(texts.contains(&text), "{}: {texts:?}", chart.file.name);
            }
        }
    }
}
