//! Dots along one line per row: of several metrics in one cell, or of one metric at several levels.

use super::words::{self, Texts, dot};
use crate::chart::data::{Data, Line, Place};
use crate::chart::draw::font::Fonts;
use crate::chart::draw::shapes::Marker;
use crate::chart::layout::axis::Axis;
use crate::chart::layout::page::{Key, Sign, key};
use crate::chart::layout::rows::{Mark, Panel, Part, RowsChart};
use crate::chart::notes::notes;
use crate::chart::output::Chart;
use crate::chart::scale::Scale;
use crate::chart::spec::{Over, Spec};

/// `None` if no cell has a value.
pub fn chart(spec: &Spec, data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let place = data.place(spec)?;
    let lines = data.lines(spec, &place);
    let values = words::values(spec, data, &lines);
    let ends = match spec.over {
        Over::Rows => words::ends(spec, data, &lines),
        Over::Level | Over::Case | Over::Time => Vec::new(),
    };
    let axis = Axis::of(Scale::over(&values, &ends)?, &words::axis_title(spec, data));
    let texts = Texts::of(spec, &place, data);
    let is_log = axis.scale.is_log();
    let row = |line: &Line<'_>| {
        let values = printed(spec, line);
        let marks = marks(spec, data, line, is_log);
        words::row(line, vec![Part { marks, values }])
    };
    let chart = RowsChart {
        title: texts.title.clone(),
        subtitle: subtitle(spec, &place, &texts),
        keys: keys(spec, &place, &lines),
        panels: vec![Panel {
            axis,
            columns: match spec.over {
                Over::Level | Over::Case => place
                    .points
                    .iter()
                    .map(|point| format!("at {}", words::short_point(spec, point)))
                    .collect(),
                Over::Rows | Over::Time => words::columns(spec),
            },
        }],
        rows: lines.iter().map(row).collect(),
        notes: notes(&lines),
    };
    let sentence = words::of_axis(is_log, &values);
    Some(texts.chart(spec, chart.picture(fonts), sentence))
}

fn subtitle(spec: &Spec, place: &Place, texts: &Texts) -> String {
    match spec.over {
        Over::Level | Over::Case if place.points.len() > 1 => {
            format!("{} {}", texts.about, words::sorted_at(spec, place))
        }
        Over::Level | Over::Case | Over::Rows | Over::Time => texts.about.clone(),
    }
}

fn keys(spec: &Spec, place: &Place, lines: &[Line<'_>]) -> Vec<Key> {
    if spec.over.is_of_several() {
        let points = place.points.iter().enumerate();
        let keys = points.map(|(index, point)| key(dot(index), words::point(spec, point)));
        return keys
            .chain(words::floor_key(lines, Sign::HollowDot))
            .collect();
    }
    let metrics = spec.drawn().enumerate();
    let keys = metrics.map(|(index, metric)| key(dot(index), metric.title));
    keys.chain(words::common_keys(spec, lines, Sign::HollowDot))
        .collect()
}

/// A value per level or case, or those of the cell.
fn printed(spec: &Spec, line: &Line<'_>) -> Result<Vec<String>, String> {
    if !spec.over.is_of_several() {
        return words::printed_values(spec, line.measured().next());
    }
    let cells = line.cells.iter();
    Ok(cells.map(|cell| words::text(spec.metric, *cell)).collect())
}

fn marks(spec: &Spec, data: &Data<'_>, line: &Line<'_>, is_log: bool) -> Vec<Mark> {
    let at = |value| words::on_axis(spec, data, value);
    // A logarithmic axis has no place for what is not above 0.
    let has_place = |value: &f64| !is_log || *value > 0.0;
    let cells = line.cells.iter().enumerate();
    let dots = cells.filter_map(|(level, cell)| Some((level, (*cell)?)));
    let dots = dots.flat_map(|(level, cell)| {
        let metrics = spec.drawn().enumerate();
        metrics.filter_map(move |(series, metric)| Some((level + series, cell.value(metric)?)))
    });
    let dots = dots.map(|(series, value)| (series, at(value)));
    let dots: Vec<(usize, f64)> = dots.filter(|(_, value)| has_place(value)).collect();
    let values = || dots.iter().map(|(_, value)| *value);
    let ends = values().reduce(f64::min).zip(values().reduce(f64::max));
    let span = ends.filter(|_| dots.len() > 1);
    let whisker = line.measured().next().filter(|_| spec.over == Over::Rows);
    let whisker = whisker.and_then(|cell| words::spread(cell.get(spec.metric)?));
    let dots = dots
        .iter()
        .map(|(series, value)| Mark::Dot(*value, Marker::of(*series)));
    let mut marks: Vec<Mark> = span
        .map(|(least, most)| Mark::Span(least, most))
        .into_iter()
        .collect();
    marks.extend(whisker.map(|range| Mark::Whisker(at(range.start), at(range.end))));
    marks.extend(dots);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::synthetic::{Toys, dots, ticks};
    use crate::metric::catalogue;

    #[test]
    fn dots_stand_at_their_values_and_are_printed_by_level() {
        let mut toys = Toys::with(&catalogue::CONNECTIONS, [Some(10.0), Some(20.0), None]);
        toys.add_level(100, &catalogue::CONNECTIONS, [Some(30.0), None, None]);
        let spec = "form = \"dots\"\nmetric = \"connections\"\nover = \"level\"";
        let chart = toys.chart(spec).unwrap();
        let ticks = ticks(&chart.picture);
        let place = |value: f64| ticks[0] + (ticks[1] - ticks[0]) * value / 5.0;
        let dots = dots(&chart.picture, Toys::COLOUR);
        for (dot, value) in dots.iter().zip([10.0, 30.0, 20.0]) {
            assert!((dot - place(value)).abs() < 1e-6, "{dot} {value}");
        }
        assert_eq!(dots.len(), 3);
        let texts = toys.texts(spec);
        for text in [
            "at 50",
            "at 100",
            "10",
            "30",
            "level 100",
            "Connections",
            "–",
        ] {
            assert!(texts.iter().any(|other| other == text), "{text}: {texts:?}");
        }
    }

    #[test]
    fn a_whisker_is_the_trials_extent_else_the_interval() {
        let of = || Estimate::of(2.0).within(1.0, 3.0);
        let between = of().between(0.5, 4.0);
        assert_eq!(words::spread(&between), Some(&(0.5..4.0)));
        assert_eq!(words::spread(&of()), Some(&(1.0..3.0)));
        let mut toys = Toys::with(&catalogue::CPU, [Some(1.0), Some(2.0), Some(3.0)]);
        let spec = "form = \"dots\"\nmetric = \"cpu_s\"";
        assert!(!toys.texts(spec).contains(&"95 % interval".to_owned()));
        toys.summaries[0].set(&catalogue::CPU, Some(of()));
        assert!(toys.texts(spec).contains(&"95 % interval".to_owned()));
        toys.summaries[0].set(&catalogue::CPU, Some(between));
        let key = "minimum and maximum of the trials".to_owned();
        assert!(toys.texts(spec).contains(&key));
    }

    #[test]
    fn what_is_not_above_0_has_no_place_on_a_logarithmic_axis() {
        let metric = &catalogue::OVERHEAD_PER_TURN;
        let toys = Toys::with(metric, [Some(-1.0), Some(1.0), Some(1000.0)]);
        let spec = "form = \"dots\"\nmetric = \"overhead_per_turn_ms\"";
        let dots_of = |toys: &Toys| dots(&toys.chart(spec).unwrap().picture, Toys::COLOUR).len();
        assert_eq!(dots_of(&toys), 3);
        let toys = Toys::with_many(metric, &[-1.0, 1.0, 1.0, 1.0, 1000.0]);
        assert_eq!(dots_of(&toys), 4);
        let caption = toys.chart(spec).unwrap().file.caption;
        assert!(
            caption.ends_with("values of 0 or less have no place on it."),
            "{caption}"
        );
        assert!(toys.texts(spec).contains(&"−1.00".to_owned()));
    }

    #[test]
    fn every_metric_of_the_catalogue_can_be_drawn() {
        for metric in catalogue::ALL {
            let toys = Toys::with(metric, [Some(1.0), Some(2.0), Some(3.0)]);
            for form in [
                "form = \"bars\"",
                "form = \"dots\"\nover = \"level\"",
                "form = \"curves\"\nover = \"level\"",
            ] {
                let spec = format!("{form}\nmetric = \"{}\"", metric.name);
                assert!(toys.chart(&spec).is_some(), "{spec}");
                let heading = words::heading(metric);
                assert!(toys.texts(&spec).contains(&heading), "{spec}");
            }
        }
    }
}
