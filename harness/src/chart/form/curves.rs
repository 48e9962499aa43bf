//! Curves over levels or time, in one panel or, with many rows, in one panel per language.

use super::words::{self, Texts};
use crate::analysis::CellResult;
use crate::chart::data::{Data, Line, Place};
use crate::chart::draw::font::Fonts;
use crate::chart::layout::axis::Axis;
use crate::chart::layout::page::{Key, Sign, key};
use crate::chart::layout::panels::{Curve, Dots, Panel, PanelsChart};
use crate::chart::notes::notes;
use crate::chart::number::tick;
use crate::chart::output::Chart;
use crate::chart::scale::Scale;
use crate::chart::series;
use crate::chart::spec::{Over, Spec};
use crate::framework::Language;
use crate::metric::Metric;

/// The maximum number of rows in one panel; more are split by language.
const MAX_ROWS_PER_PANEL: usize = 8;
/// Before the first and after the last level, in steps from one level to the next.
const BESIDE: f64 = 0.2;

/// A curve of a row.
type Drawn<'l, 'd> = (&'l Line<'d>, Curve);

/// `None` if no curve has a point.
pub fn chart(spec: &Spec, data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let place = data.place(spec)?;
    let lines = data.lines(spec, &place);
    let drawn = match spec.over {
        Over::Time => over_time(spec, data, &lines, &place),
        Over::Level | Over::Case | Over::Rows => over_points(spec, data, &lines),
    };
    let points = drawn.iter().flat_map(|(_, curve)| &curve.points);
    let values: Vec<f64> = points.map(|(_, value)| *value).collect();
    let y = Axis::of(Scale::over(&values, &[])?, &words::axis_title(spec, data));
    let is_log = y.scale.is_log();
    let texts = Texts::of(spec, &place, data);
    let panels = panels(spec, &place, placed(drawn, is_log), lines.len());
    let subtitle = match (spec.over, panels.len()) {
        (Over::Time, 2..) => format!("{} Each language has its own time axis.", texts.about),
        _ => texts.about.clone(),
    };
    let chart = PanelsChart {
        title: texts.title.clone(),
        subtitle,
        keys: keys(spec, &lines),
        y,
        panels,
        notes: notes(&lines),
    };
    let sentence = words::of_axis(is_log, &values);
    Some(texts.chart(spec, chart.picture(fonts), sentence))
}

fn keys(spec: &Spec, lines: &[Line<'_>]) -> Vec<Key> {
    if spec.over == Over::Time {
        let floor = words::floor_key(lines, Sign::DashedCurve);
        let framework = floor.as_ref().map(|_| key(Sign::Curve, "framework"));
        return framework.into_iter().chain(floor).collect();
    }
    let mut keys = vec![key(Sign::Curve, spec.metric.title)];
    keys.extend(
        spec.also
            .iter()
            .map(|metric| key(Sign::DashedCurve, metric.title)),
    );
    keys.extend(words::floor_key(lines, Sign::HollowDot));
    keys
}

/// One curve per metric; the second is dashed and has no name. Levels are evenly spaced.
fn over_points<'l, 'd>(spec: &Spec, data: &Data<'_>, lines: &'l [Line<'d>]) -> Vec<Drawn<'l, 'd>> {
    let points = |line: &Line<'_>, metric: &Metric| {
        let cells = line.cells.iter().enumerate();
        let value = |cell: &Option<&CellResult>| cell.and_then(|cell| cell.value(metric));
        let points = cells.filter_map(|(index, cell)| Some((index as f64, value(cell)?)));
        points
            .map(|(x, value)| (x, words::on_axis(spec, data, value)))
            .collect()
    };
    let curves = lines.iter().flat_map(|line| {
        let also = spec.also.iter().map(move |metric| {
            let curve = Curve {
                name: None,
                ink: line.entry.ink,
                points: points(line, metric),
                is_dashed: true,
                dots: Dots::None,
            };
            (line, curve)
        });
        let curve = Curve {
            name: Some(line.label()),
            ink: line.entry.ink,
            points: points(line, spec.metric),
            is_dashed: false,
            dots: Dots::Each,
        };
        also.chain([(line, curve)])
    });
    curves.collect()
}

fn over_time<'l, 'd>(
    spec: &Spec,
    data: &Data<'_>,
    lines: &'l [Line<'d>],
    place: &Place,
) -> Vec<Drawn<'l, 'd>> {
    let curve = |line: &'l Line<'d>| {
        let trial = series::median_trial(data.trials(line.entry, place), spec.metric)?;
        let curve = Curve {
            name: Some(line.label()),
            ink: line.entry.ink,
            points: series::points(trial, spec.metric),
            is_dashed: line.entry.ink.is_floor,
            dots: Dots::Last,
        };
        Some((line, curve))
    };
    lines.iter().filter_map(curve).collect()
}

/// Without points that have no place on a logarithmic axis.
fn placed<'l, 'd>(mut drawn: Vec<Drawn<'l, 'd>>, is_log: bool) -> Vec<Drawn<'l, 'd>> {
    for (_, curve) in &mut drawn {
        curve.points.retain(|(_, value)| !is_log || *value > 0.0);
    }
    drawn
}

/// One panel for few rows, else one per language, in the languages' order.
fn panels(spec: &Spec, place: &Place, drawn: Vec<Drawn<'_, '_>>, rows: usize) -> Vec<Panel> {
    let axis = |curves: &[Curve]| match spec.over {
        Over::Time => seconds(curves),
        Over::Level | Over::Case | Over::Rows => points(spec, place),
    };
    if rows <= MAX_ROWS_PER_PANEL {
        let curves: Vec<Curve> = drawn.into_iter().map(|(_, curve)| curve).collect();
        return vec![Panel {
            title: None,
            x: axis(&curves),
            curves,
        }];
    }
    let mut by_language = std::collections::BTreeMap::<Language, Vec<Curve>>::new();
    for (line, mut curve) in drawn {
        // The panel's title says the language.
        let language = line.entry.language;
        let of_language = format!(" ({})", language.name());
        curve.name = curve.name.map(|name| name.replace(&of_language, ""));
        by_language.entry(language).or_default().push(curve);
    }
    let panels = by_language.into_iter().map(|(language, curves)| Panel {
        title: Some(language.name().to_owned()),
        x: axis(&curves),
        curves,
    });
    panels.collect()
}

fn points(spec: &Spec, place: &Place) -> Axis {
    let last = place.points.len().saturating_sub(1) as f64;
    let ticks = place.points.iter().enumerate();
    let title = match spec.over {
        Over::Case => "case",
        Over::Level | Over::Rows | Over::Time => "level: runs at once",
    };
    Axis {
        title: title.to_owned(),
        scale: Scale::Linear(-BESIDE, last + BESIDE),
        ticks: ticks
            .map(|(index, point)| (index as f64, words::short_point(spec, point)))
            .collect(),
    }
}

/// Up to the last point, so that the longest curve ends at its name.
fn seconds(curves: &[Curve]) -> Axis {
    let points = curves.iter().flat_map(|curve| &curve.points);
    let end = points.map(|(at, _)| *at).fold(0.0, f64::max);
    let (_, ticks) = Scale::from_zero(end);
    let ticks = ticks.into_iter().filter(|at| *at <= end);
    Axis {
        title: "seconds since the runner was spawned".to_owned(),
        scale: Scale::Linear(0.0, end),
        ticks: ticks.map(|at| (at, tick(at))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::chart::synthetic::{Toys, dots};
    use crate::metric::catalogue;

    const SPEC: &str = "form = \"curves\"\nmetric = \"median_ms\"\nover = \"level\"\n\
                        beyond-model-time = true";

    #[test]
    fn a_curve_has_a_dot_a_level_at_even_distances() {
        let mut toys = Toys::with(&catalogue::MEDIAN, [Some(2010.0), Some(2020.0), None]);
        toys.add_level(100, &catalogue::MEDIAN, [Some(2030.0), None, None]);
        toys.add_level(500, &catalogue::MEDIAN, [Some(2040.0), None, None]);
        let chart = toys.chart(SPEC).unwrap();
        let dots = dots(&chart.picture, Toys::COLOUR);
        // Drawn from its end.
        let [last, middle, first, other] = dots[..] else {
            panic!("{dots:?}")
        };
        assert!((last - middle - (middle - first)).abs() < 1e-6);
        assert_eq!(first, other);
        let texts = toys.texts(SPEC);
        for text in ["500", "toy 0", "toy 1", "ms beyond the model's 2,000"] {
            assert!(texts.iter().any(|other| other == text), "{text}: {texts:?}");
        }
    }

    #[test]
    fn a_logarithmic_axis_is_for_what_lies_beyond_the_models_time() {
        let toys = Toys::with(
            &catalogue::MEDIAN,
            [Some(2001.0), Some(2001.0), Some(2031.0)],
        );
        let says_log = |spec: &str| {
            let texts = toys.texts(spec);
            texts.iter().any(|text| text.ends_with("(logarithmic)"))
        };
        assert!(says_log(SPEC));
        assert!(!says_log(&SPEC.replace("true", "false")));
    }

    #[test]
    fn many_rows_have_a_panel_a_language() {
        let toys = Toys::with_many(&catalogue::CPU, &[1.0; 8]);
        let spec = "form = \"curves\"\nmetric = \"cpu_s\"\nover = \"level\"";
        assert!(!toys.texts(spec).contains(&"Rust".to_owned()));
        let toys = Toys::with_many(&catalogue::CPU, &[1.0; 9]);
        assert!(toys.texts(spec).contains(&"Rust".to_owned()));
    }

    #[test]
    fn over_time_a_curve_is_the_median_trials_series() {
        let mut toys = Toys::with(&catalogue::PEAK_RSS, [Some(1e6), None, None]);
        let spec = "form = \"curves\"\nmetric = \"peak_rss_bytes\"\nover = \"time\"";
        assert!(toys.chart(spec).is_none());
        toys.add_trial(0, 100);
        let chart = toys.chart(spec).unwrap();
        assert_eq!(dots(&chart.picture, Toys::COLOUR).len(), 1);
        assert!(
            toys.texts(spec)
                .contains(&"resident memory, MiB".to_owned())
        );
        assert_eq!(chart.file.name, "peak-rss-bytes-curves-over-time");
    }
}
