//! Two costs, apart: of each figure what every loop costs, what the language adds and what the framework adds.

use loopmark_protocol::Arrival;

use super::data::{self, Data, Entry};
use super::font::Fonts;
use super::number::{figure, tick};
use super::page::{BODY, MARGIN, Page, SMALL, STRONG, Sign, WIDTH, key};
use super::palette::{ANY, EDGE, GRID, INK, Ink, SOFT_INK};
use super::picture::{Align, Picture, Rectangle, Stroke};
use super::scale::Scale;
use super::{Chart, captioned};
use crate::analysis::{CellResult, Costs, Split};
use crate::metric::Metric;

const ROW_HEIGHT: f64 = 30.0;
const BAR_HEIGHT: f64 = 18.0;
const HEADER_HEIGHT: f64 = 30.0;
const MOST_LABEL_WIDTH: f64 = 230.0;
const BETWEEN_PANELS: f64 = 26.0;
/// Between the end of an axis and the values beside it.
const BESIDE_AXIS: f64 = 10.0;
/// A narrow axis has no room for more intervals between its ticks.
const MOST_INTERVALS: usize = 3;

/// The parts of a bar, in its figure's unit on the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Parts {
    /// Up to here goes the Rust floor.
    base: f64,
    /// Up to here what the language adds.
    language: f64,
    /// Up to here the whole.
    whole: f64,
}

/// One line of the chart.
struct Line<'a> {
    entry: &'a Entry,
    cell: &'a CellResult,
    parts: [Option<Parts>; 3],
}

/// One figure: where it stands, and its axis.
struct Panel {
    header: &'static str,
    axis: (f64, f64),
    /// Right end of the values.
    right: f64,
    scale: Scale,
    ticks: Vec<f64>,
}

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let costs = data.costs?;
    let lines: Vec<Line<'_>> = costs
        .rows
        .iter()
        .filter_map(|row| {
            let mut entries = data.entries.iter();
            let entry = entries.find(|entry| entry.key == row.row.key)?;
            let cell = data.cell(entry, Arrival::Closed, costs.level)?;
            let mut splits = row.splits.iter().zip(Costs::FIGURES);
            let parts = [(); 3].map(|()| {
                splits
                    .next()
                    .and_then(|(split, metric)| parts(split, metric))
            });
            Some(Line { entry, cell, parts })
        })
        .collect();
    lines.iter().flat_map(|line| line.parts).flatten().next()?;
    let level = costs.level;
    let title = format!("Two costs, apart, at {level} runs at once");
    let subtitle = "Closed loop. The Rust floor is what the same loop costs with next to nothing around it; a language's \
                    cost is its floor less the Rust floor; a framework's cost is its row less the floor of its language. \
                    A row that is below its floor ends where it ends.";
    let keys = [
        key(Sign::Bar, "Rust floor"),
        key(Sign::FloorBar, "the language adds"),
        key(Sign::ColouredBar, "the framework adds, in its colour"),
    ];
    let mut page = Page::begin(fonts, &title, subtitle, &keys);
    let top = page.top + HEADER_HEIGHT;
    let bottom = top + lines.len() as f64 * ROW_HEIGHT;
    let panels = panels(&lines, fonts);
    for panel in &panels {
        panel.draw_axis(&mut page.picture, (top, bottom));
    }
    for (index, line) in lines.iter().enumerate() {
        let middle = top + (index as f64 + 0.5) * ROW_HEIGHT;
        line.draw(&mut page, &panels, middle);
    }
    page.top = bottom + 30.0;
    let notes = data::notes(lines.iter().map(|line| (line.entry, line.cell)));
    let caption = format!(
        "What a turn, a run and a process cost at level {level} of the closed loop, and which part of it is the language's \
         and which the framework's."
    );
    Some(captioned("two-costs", title, caption, page.finish(&notes)))
}

/// `None` without a whole or without the floors that split it.
fn parts(split: &Split, metric: &Metric) -> Option<Parts> {
    let in_unit = |value: f64| metric.unit.to_shown(value);
    let whole = split.whole.as_ref()?.value;
    let language = split.language.as_ref()?.value;
    let framework = split
        .framework
        .as_ref()
        .map_or(0.0, |framework| framework.value);
    let floor = whole - framework;
    let base = (floor - language).min(floor).min(whole);
    Some(Parts {
        base: in_unit(base),
        language: in_unit(floor.min(whole)),
        whole: in_unit(whole),
    })
}

/// Side by side, each as wide as the others.
fn panels(lines: &[Line<'_>], fonts: &Fonts) -> Vec<Panel> {
    let labels = lines.iter().map(|line| fonts.width(&line.label(), BODY));
    let left = MARGIN + labels.fold(0.0, f64::max).min(MOST_LABEL_WIDTH) + 12.0;
    let width = (WIDTH - MARGIN - left - 2.0 * BETWEEN_PANELS) / 3.0;
    let headers = ["overhead a turn, ms", "CPU a run, ms", "peak RSS, MiB"];
    let panel = |(index, header): (usize, &'static str)| {
        let wholes = || {
            lines
                .iter()
                .filter_map(move |line| Some((*line.parts.get(index)?)?.whole))
        };
        let values = wholes().map(|whole| fonts.width(&figure(whole), BODY));
        let left = left + index as f64 * (width + BETWEEN_PANELS);
        let right = (left + width).round();
        let axis_end = right - values.fold(0.0, f64::max) - BESIDE_AXIS;
        let (scale, ticks) = Scale::from_zero(wholes().fold(0.0, f64::max));
        let step = (ticks.len() - 1).div_ceil(MOST_INTERVALS).max(1);
        Panel {
            header,
            axis: (left.round(), axis_end.round()),
            right,
            scale,
            ticks: ticks.into_iter().step_by(step).collect(),
        }
    };
    headers.into_iter().enumerate().map(panel).collect()
}

impl Panel {
    fn draw_axis(&self, picture: &mut Picture, (top, bottom): (f64, f64)) {
        for value in &self.ticks {
            let x = self.scale.place(*value, self.axis);
            picture.line(vec![(x, top), (x, bottom + 5.0)], Stroke::solid(GRID, 1.0));
            let at = (x, bottom + 15.0);
            picture.text(&tick(*value), at, Align::Middle, SMALL, SOFT_INK);
        }
        let base = vec![(self.axis.0, top), (self.axis.0, bottom)];
        picture.line(base, Stroke::solid(EDGE, 1.0));
        let at = (self.right, top - HEADER_HEIGHT / 2.0 + 2.0);
        picture.text(self.header, at, Align::Right, STRONG, INK);
    }
}

impl Line<'_> {
    fn label(&self) -> String {
        data::label(self.entry, [self.cell])
    }

    fn draw(&self, page: &mut Page<'_>, panels: &[Panel], middle: f64) {
        let Some(first) = panels.first() else { return };
        let label = page.fonts.fit(&self.label(), BODY, MOST_LABEL_WIDTH);
        let at = (first.axis.0 - 10.0, middle);
        page.picture.text(&label, at, Align::Right, BODY, INK);
        for (panel, parts) in panels.iter().zip(self.parts) {
            let text = match parts {
                Some(parts) => {
                    self.draw_bar(&mut page.picture, panel, parts, middle);
                    figure(parts.whole)
                }
                None => "–".to_owned(),
            };
            let at = (panel.right, middle);
            page.picture.text(&text, at, Align::Right, BODY, INK);
        }
    }

    fn draw_bar(&self, picture: &mut Picture, panel: &Panel, parts: Parts, middle: f64) {
        let grey = |is_floor| Ink {
            colour: ANY,
            is_floor,
        };
        let own = Ink {
            is_floor: false,
            ..self.entry.ink
        };
        let pieces = [
            (0.0, parts.base, grey(false)),
            (parts.base, parts.language, grey(true)),
            (parts.language, parts.whole, own),
        ];
        for (from, to, ink) in pieces.into_iter().filter(|(from, to, _)| to > from) {
            let area = Rectangle {
                left: panel.scale.place(from, panel.axis),
                top: middle - BAR_HEIGHT / 2.0,
                right: panel.scale.place(to, panel.axis),
                bottom: middle + BAR_HEIGHT / 2.0,
            };
            picture.bar(area, ink.colour, ink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::metric::catalogue;

    fn split(whole: f64, language: f64, framework: Option<f64>) -> Split {
        Split {
            whole: Some(Estimate::of(whole)),
            language: Some(Estimate::of(language)),
            framework: framework.map(Estimate::of),
        }
    }

    #[test]
    fn a_bar_is_the_rust_floor_the_language_and_the_framework() {
        let parts = |split: Split| parts(&split, &catalogue::CPU_PER_RUN).unwrap();
        let row = parts(split(30.0, 3.0, Some(26.0)));
        assert_eq!((row.base, row.language, row.whole), (1.0, 4.0, 30.0));
        let floor = parts(split(4.0, 3.0, None));
        assert_eq!((floor.base, floor.language, floor.whole), (1.0, 4.0, 4.0));
    }

    #[test]
    fn a_row_below_its_floor_ends_where_it_ends() {
        let below = parts(&split(3.0, 3.0, Some(-1.0)), &catalogue::CPU_PER_RUN).unwrap();
        assert_eq!((below.base, below.language, below.whole), (1.0, 3.0, 3.0));
        let cheaper_language =
            parts(&split(2.0, -1.0, Some(1.0)), &catalogue::CPU_PER_RUN).unwrap();
        assert_eq!(
            (cheaper_language.base, cheaper_language.language),
            (1.0, 1.0)
        );
    }

    #[test]
    fn memory_is_in_mib() {
        let parts = parts(&split(3.0 * 1_048_576.0, 0.0, None), &catalogue::PEAK_RSS).unwrap();
        assert_eq!(parts.whole, 3.0);
    }
}
