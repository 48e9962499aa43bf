//! Charts of a sweep, as SVG and PNG: one file here per figure, and the same colour for a framework in all of them.
//!
//! A figure is laid out as shapes at their places, without I/O (`rows` and `panels` for what figures have in common,
//! `page` for what is around them), and then drawn by plotters (`render`). The font ships with the project, so a chart
//! is the same on every machine.

mod burst;
mod cpu;
mod data;
mod font;
mod latency_by_level;
mod latency_table;
mod memory;
mod number;
mod overhead_per_turn;
mod page;
mod palette;
mod panels;
mod picture;
mod render;
mod rows;
mod rss_over_time;
mod scale;
#[cfg(test)]
mod synthetic;
mod two_costs;

use std::path::{Path, PathBuf};

use crate::analysis::{CellResult, Costs};
use crate::framework::{Kind, Language};
use crate::measurement::TrialRecord;
use crate::plan::RowKey;

use data::{Data, Entry};
use font::Fonts;
use panels::{Axis, Curve, Panel};
use picture::Picture;

/// Up to so many rows share one panel of curves; more are split by language.
const MOST_ROWS_OF_A_PANEL: usize = 8;

/// What charts are made from: one scenario of a sweep.
#[derive(Debug, Clone, Copy)]
pub struct ChartInput<'a> {
    /// The figures of the cells, without A/A copies.
    pub summaries: &'a [CellResult],
    /// The trials, for their series.
    pub trials: &'a [TrialRecord],
    /// The scenario of the cells.
    pub scenario: &'a str,
    /// The rows in the table's order. Cells of other frameworks are not drawn.
    pub rows: &'a [Row],
    /// The model's own time of a run: the sum of the scripted holds on its critical path.
    pub model_time_ms: f64,
    /// The two costs of each row, where there are floors.
    pub costs: Option<&'a Costs>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which row.
    pub key: RowKey,
    /// As the table prints it.
    pub label: String,
    /// The language that the framework is used from.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
}

/// A chart that was drawn, as `<name>.svg`, and as `<name>.png` where that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFile {
    /// Of the files, without their extension.
    pub name: String,
    /// What is shown, and at which level.
    pub title: String,
    /// How to read it, in one sentence.
    pub caption: String,
}

/// Why charts could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The font that is built in is damaged.
    #[error("the built-in font cannot be read: build loopmark anew from a clean checkout")]
    Font,
    /// plotters failed.
    #[error("cannot draw a chart: {0}")]
    Draw(String),
    /// A PNG file could not be made.
    #[error("cannot encode a chart: {0}")]
    Encode(#[from] png::EncodingError),
    /// A file could not be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

struct Chart {
    file: ChartFile,
    picture: Picture,
}

/// In which files charts are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// SVG.
    Svg,
    /// SVG, and PNG for places that do not show it.
    SvgAndPng,
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
    charts(input, &fonts)
        .into_iter()
        .map(|Chart { file, picture }| {
            let svg = render::svg(&picture)?;
            write(folder.join(format!("{}.svg", file.name)), svg.as_bytes())?;
            if formats == Formats::SvgAndPng {
                let png = render::png(&picture, &fonts)?;
                write(folder.join(format!("{}.png", file.name)), &png)?;
            }
            Ok(file)
        })
        .collect()
}

/// The charts as part of a README that has them in the folder `place`, seen from it.
pub fn markdown(charts: &[ChartFile], place: &str) -> String {
    let charts: Vec<String> = charts
        .iter()
        .map(|chart| {
            let ChartFile {
                name,
                title,
                caption,
            } = chart;
            format!("![{title}]({place}/{name}.svg)\n\n{caption}\n")
        })
        .collect();
    charts.join("\n")
}

fn charts(input: &ChartInput<'_>, fonts: &Fonts) -> Vec<Chart> {
    let data = Data::new(input);
    [
        latency_table::chart,
        latency_by_level::chart,
        overhead_per_turn::chart,
        cpu::chart,
        memory::chart,
        two_costs::chart,
        rss_over_time::chart,
    ]
    .into_iter()
    .filter_map(|chart| chart(&data, fonts))
    .collect()
}

fn captioned(name: &str, title: String, caption: String, picture: Picture) -> Chart {
    let file = ChartFile {
        name: name.to_owned(),
        title,
        caption,
    };
    Chart { file, picture }
}

fn mib(bytes: f64) -> f64 {
    bytes / 1_048_576.0
}

/// One panel for few rows, else one a language, in the languages' order. `x` makes a panel's axis.
fn panels_by_language<'a>(
    rows: usize,
    curves: impl Iterator<Item = (&'a Entry, Curve)>,
    x: impl Fn(&[Curve]) -> Axis,
) -> Vec<Panel> {
    if rows <= MOST_ROWS_OF_A_PANEL {
        let curves: Vec<Curve> = curves.map(|(_, curve)| curve).collect();
        return vec![Panel {
            title: None,
            x: x(&curves),
            curves,
        }];
    }
    let mut panels = std::collections::BTreeMap::<Language, Vec<Curve>>::new();
    for (entry, mut curve) in curves {
        // The panel's title says the language.
        let of_language = format!(" ({})", entry.language.name());
        curve.name = curve.name.map(|name| name.replace(&of_language, ""));
        panels.entry(entry.language).or_default().push(curve);
    }
    panels
        .into_iter()
        .map(|(language, curves)| Panel {
            title: Some(language.name().to_owned()),
            x: x(&curves),
            curves,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::catalogue;
    use loopmark_protocol::Arrival;
    use synthetic::{Sweep, marked};

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
            let decoder = png::Decoder::new(std::io::BufReader::new(file));
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
    fn no_text_is_cut_off_at_an_edge() {
        let fonts = Fonts::load().unwrap();
        for sweep in [Sweep::of_six_rows(), Sweep::of_eighteen_rows()] {
            for Chart { file, picture } in charts(&sweep.input(), &fonts) {
                for text in picture.texts() {
                    let length = fonts.width(&text.text, text.style);
                    let before = match text.align {
                        picture::Align::Left => 0.0,
                        picture::Align::Middle => length / 2.0,
                        picture::Align::Right => length,
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
        let charts = charts(&sweep.input(), &fonts);
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

    #[test]
    fn markdown_embeds_charts_by_relative_path() {
        let chart = |name: &str| ChartFile {
            name: name.to_owned(),
            title: format!("The {name}"),
            caption: "How to read it.".to_owned(),
        };
        assert_eq!(
            markdown(&[chart("cpu"), chart("memory")], "charts"),
            "![The cpu](charts/cpu.svg)\n\nHow to read it.\n\n\
             ![The memory](charts/memory.svg)\n\nHow to read it.\n"
        );
    }

    /// Draws into the folder that `CHARTS` names, for a person to look at.
    #[test]
    #[ignore = "for looking at: CHARTS=<folder> cargo test charts_to_look_at -- --ignored"]
    fn charts_to_look_at() {
        let folder = PathBuf::from(std::env::var_os("CHARTS").unwrap());
        let sweeps = [
            ("six", Sweep::of_six_rows()),
            ("eighteen", Sweep::of_eighteen_rows()),
        ];
        for (name, sweep) in sweeps {
            draw_all(&sweep.input(), Formats::SvgAndPng, &folder.join(name)).unwrap();
        }
    }
}
