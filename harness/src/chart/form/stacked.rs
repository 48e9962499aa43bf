//! Bars of parts. A logarithmic axis would falsify what a part is of the whole, so the axis always begins at 0.
//! Where a bar would make the others too small to see, it is broken off and its figure stands beside it.

use super::words::{self, Texts};
use crate::analysis::{Costs, Split};
use crate::chart::data::{Data, Line, Place};
use crate::chart::draw::font::Fonts;
use crate::chart::layout::axis::Axis;
use crate::chart::layout::page::{Key, Sign, key};
use crate::chart::layout::rows::{Fill, Mark, Panel, Part, Row, RowsChart};
use crate::chart::notes::notes;
use crate::chart::output::Chart;
use crate::chart::scale::Scale;
use crate::chart::spec::{Parts, Spec};
use crate::metric::Metric;

const BROKEN: &str = "A bar with a break goes on beyond its axis: its figure stands beside it.";

/// A bar: its parts' ends, the last one the whole's, and how far it varies; in the unit of the axis.
#[derive(Debug, Clone, Default, PartialEq)]
struct Bar {
    parts: Vec<(f64, Fill)>,
    whisker: Option<(f64, f64)>,
}

/// `None` if no row has a bar.
pub fn chart(spec: &Spec, data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let place = place(spec, data)?;
    let lines = data.lines(spec, &place);
    let metrics: Vec<&Metric> = spec.drawn().collect();
    let bars = |line| -> Vec<Option<Bar>> {
        let bars = metrics.iter().map(|metric| bar(spec, data, line, metric));
        bars.collect()
    };
    let bars: Vec<Vec<Option<Bar>>> = lines.iter().map(bars).collect();
    let axes: Vec<Axis> = (0..metrics.len())
        .map(|panel| axis(spec, panel, &bars))
        .collect::<Option<_>>()?;
    let row = |(line, bars): (&Line<'_>, &Vec<Option<Bar>>)| {
        let panels = bars.iter().zip(&axes).zip(&metrics);
        let parts = panels.map(|((bar, axis), metric)| Part {
            marks: bar.as_ref().map_or(Vec::new(), |bar| bar.marks(axis.scale)),
            values: printed(spec, line, metric),
        });
        words::row(line, parts.collect())
    };
    let rows: Vec<Row> = lines.iter().zip(&bars).map(row).collect();
    let all = || {
        rows.iter()
            .flat_map(|row| &row.parts)
            .flat_map(|part| &part.marks)
    };
    let is_broken = all().any(|mark| *mark == Mark::Break);
    let mut keys = keys(spec, &lines);
    keys.extend(is_broken.then(|| key(Sign::Break, "goes on beyond the axis")));
    let panels = axes.into_iter().zip(&metrics).map(|(axis, metric)| Panel {
        axis,
        columns: columns(spec, metric),
    });
    let texts = Texts::of(spec, &place, data);
    let chart = RowsChart {
        title: texts.title.clone(),
        subtitle: texts.about.clone(),
        keys,
        panels: panels.collect(),
        rows,
        notes: notes(&lines),
    };
    let sentence = if is_broken { BROKEN } else { "" };
    Some(texts.chart(spec, chart.picture(fonts), sentence))
}

/// Two costs are known at one level.
fn place(spec: &Spec, data: &Data<'_>) -> Option<Place> {
    let mut place = data.place(spec)?;
    if let (Parts::TwoCosts, Some(costs)) = (&spec.parts, data.costs) {
        let is_known = spec.level.is_none_or(|level| level == costs.level);
        place.at.level = costs.level;
        place.points = vec![place.at.clone()];
        return is_known.then_some(place);
    }
    Some(place)
}

/// `None` if no row has a bar in the panel.
fn axis(spec: &Spec, panel: usize, bars: &[Vec<Option<Bar>>]) -> Option<Axis> {
    let bars: Vec<&Bar> = bars
        .iter()
        .filter_map(|bars| bars.get(panel)?.as_ref())
        .collect();
    let wholes: Vec<f64> = bars.iter().filter_map(|bar| bar.whole()).collect();
    let ends: Vec<f64> = bars.iter().filter_map(|bar| Some(bar.whisker?.1)).collect();
    let scale = Scale::broken_over(&wholes, &ends)?;
    // Of several panels, the header of the figures is the title.
    let title = match spec.also.is_empty() {
        true => words::heading(spec.metric),
        false => String::new(),
    };
    Some(Axis::of(scale, &title))
}

fn keys(spec: &Spec, lines: &[Line<'_>]) -> Vec<Key> {
    match &spec.parts {
        Parts::TwoCosts => vec![
            key(Sign::Bar, "Rust floor"),
            key(Sign::FloorBar, "the language adds"),
            key(Sign::ColouredBar, "the framework adds, in its colour"),
        ],
        Parts::Of(part) => {
            let keys = [key(Sign::PaleBar, part.title), key(Sign::Bar, "the rest")];
            let common = words::common_keys(spec, lines, Sign::FloorBar);
            keys.into_iter().chain(common).collect()
        }
        Parts::None => Vec::new(),
    }
}

fn columns(spec: &Spec, metric: &Metric) -> Vec<String> {
    match spec.parts {
        Parts::TwoCosts => vec![words::heading(metric)],
        Parts::Of(_) | Parts::None => words::columns(spec),
    }
}

fn printed(spec: &Spec, line: &Line<'_>, metric: &Metric) -> Result<Vec<String>, String> {
    let cell = line.measured().next();
    match spec.parts {
        Parts::TwoCosts => Ok(vec![words::text(metric, cell)]),
        Parts::Of(_) | Parts::None => words::printed_values(spec, cell),
    }
}

/// `None` without a whole, or without the floors that split it.
fn bar(spec: &Spec, data: &Data<'_>, line: &Line<'_>, metric: &Metric) -> Option<Bar> {
    let shown = |value: f64| metric.unit.to_shown(value);
    match spec.parts {
        Parts::Of(part) => {
            let cell = line.measured().next()?;
            let whole = cell.get(metric)?;
            let part = cell.value(part).unwrap_or(0.0).min(whole.value);
            let whisker = words::spread(whole);
            Some(Bar {
                parts: vec![(shown(part), Fill::Pale), (shown(whole.value), Fill::Own)],
                whisker: whisker.map(|range| (shown(range.start), shown(range.end))),
            })
        }
        Parts::TwoCosts => {
            let mut rows = data.costs?.rows.iter();
            let row = rows.find(|row| row.row.key == line.entry.key)?;
            let mut splits = Costs::FIGURES.iter().zip(&row.splits);
            let (_, split) = splits.find(|(other, _)| std::ptr::eq(**other, metric))?;
            let parts = two_costs(split)?;
            Some(Bar {
                parts: parts.map(|(end, fill)| (shown(end), fill)).into(),
                whisker: None,
            })
        }
        Parts::None => None,
    }
}

/// A row that is below its floor ends where it ends.
fn two_costs(split: &Split) -> Option<[(f64, Fill); 3]> {
    let whole = split.whole.as_ref()?.value;
    let language = split.language.as_ref()?.value;
    let framework = split
        .framework
        .as_ref()
        .map_or(0.0, |framework| framework.value);
    let floor = whole - framework;
    let base = (floor - language).min(floor).min(whole);
    Some([
        (base, Fill::Shared),
        (floor.min(whole), Fill::SharedHatched),
        (whole, Fill::Solid),
    ])
}

impl Bar {
    fn whole(&self) -> Option<f64> {
        self.parts.last().map(|(end, _)| *end)
    }

    fn marks(&self, scale: Scale) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut from = 0.0;
        for (to, fill) in &self.parts {
            if *to > from {
                marks.push(Mark::Bar(from, *to, *fill));
                from = *to;
            }
        }
        if self.whole().is_some_and(|whole| scale.ends_before(whole)) {
            marks.push(Mark::Break);
        } else {
            marks.extend(self.whisker.map(|(from, to)| Mark::Whisker(from, to)));
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::synthetic::{Toys, areas};
    use crate::metric::catalogue;

    const SPEC: &str = "form = \"stacked\"\nmetric = \"cpu_s\"\nparts = \"ready_cpu_s\"";

    #[test]
    fn a_part_and_the_rest_make_up_the_whole() {
        let mut toys = Toys::with(&catalogue::CPU, [Some(4.0), Some(3.0), None]);
        toys.summaries[0].set(&catalogue::READY_CPU, Some(Estimate::of(1.0)));
        let rest = areas(&toys.chart(SPEC).unwrap().picture, Toys::COLOUR);
        let [other, rest] = rest[..] else {
            panic!("{rest:?}")
        };
        assert_eq!(rest.right - rest.left, other.right - other.left);
        assert!((rest.left - other.left - (other.right - other.left) / 3.0).abs() < 1e-6);
        let texts = toys.texts(SPEC);
        for text in ["Start-up CPU", "the rest", "4.00", "1.00", "–"] {
            assert!(texts.iter().any(|other| other == text), "{text}: {texts:?}");
        }
    }

    #[test]
    fn a_bar_that_goes_beyond_the_axis_is_broken_and_the_chart_says_so() {
        let toys = Toys::with(&catalogue::CPU, [Some(1.0), Some(2.0), Some(61.0)]);
        let chart = toys.chart(SPEC).unwrap();
        let bars = areas(&chart.picture, Toys::COLOUR);
        // The axis ends at 2, and so does the bar of 61.
        assert_eq!(bars[1].right, bars[2].right);
        assert!(chart.file.caption.ends_with(BROKEN));
        let texts = toys.texts(SPEC);
        for text in ["61.0", "goes on beyond the axis", "CPU, s"] {
            assert!(texts.iter().any(|other| other == text), "{text}: {texts:?}");
        }
        let toys = Toys::with(&catalogue::CPU, [Some(1.0), Some(2.0), Some(60.0)]);
        assert!(!toys.chart(SPEC).unwrap().file.caption.contains(BROKEN));
    }

    fn split(whole: f64, language: f64, framework: Option<f64>) -> Split {
        Split {
            whole: Some(Estimate::of(whole)),
            language: Some(Estimate::of(language)),
            framework: framework.map(Estimate::of),
        }
    }

    #[test]
    fn two_costs_are_the_rust_floor_the_language_and_the_framework() {
        let ends = |split: Split| two_costs(&split).unwrap().map(|(end, _)| end);
        assert_eq!(ends(split(30.0, 3.0, Some(26.0))), [1.0, 4.0, 30.0]);
        assert_eq!(ends(split(4.0, 3.0, None)), [1.0, 4.0, 4.0]);
        // Below its floor; in a language cheaper than Rust.
        assert_eq!(ends(split(3.0, 3.0, Some(-1.0))), [1.0, 3.0, 3.0]);
        assert_eq!(ends(split(2.0, -1.0, Some(1.0))), [1.0, 1.0, 2.0]);
        assert_eq!(two_costs(&Split::default()), None);
    }
}
