//! One bar per row, from 0 to the metric's value, with a whisker, and a tick for another metric.

use super::dots;
use super::words::{self, Texts};
use crate::chart::data::{Data, Line};
use crate::chart::draw::font::Fonts;
use crate::chart::layout::axis::Axis;
use crate::chart::layout::page::{Sign, key};
use crate::chart::layout::rows::{Fill, Mark, Panel, Part, RowsChart};
use crate::chart::notes::notes;
use crate::chart::output::Chart;
use crate::chart::scale::{Scale, is_log_wanted};
use crate::chart::spec::Spec;

/// `None` if no cell has a value.
pub fn chart(spec: &Spec, data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let place = data.place(spec)?;
    let lines = data.lines(spec, &place);
    let values = words::values(spec, data, &lines);
    if is_log_wanted(&values) {
        // A length on a logarithmic axis is a matter of where the axis begins. A dot claims its place alone.
        return dots::chart(spec, data, fonts);
    }
    let scale = Scale::over(&values, &words::ends(spec, data, &lines))?;
    let mut keys = vec![key(Sign::Bar, spec.metric.title)];
    keys.extend(spec.also.iter().map(|metric| key(Sign::Tick, metric.title)));
    keys.extend(words::common_keys(spec, &lines, Sign::FloorBar));
    let texts = Texts::of(spec, &place, data);
    let row = |line: &Line<'_>| {
        let values = words::printed_values(spec, line.measured().next());
        let marks = marks(spec, data, line);
        words::row(line, vec![Part { marks, values }])
    };
    let chart = RowsChart {
        title: texts.title.clone(),
        subtitle: texts.about.clone(),
        keys,
        panels: vec![Panel {
            axis: Axis::of(scale, &words::axis_title(spec, data)),
            columns: words::columns(spec),
        }],
        rows: lines.iter().map(row).collect(),
        notes: notes(&lines),
    };
    Some(texts.chart(spec, chart.picture(fonts), ""))
}

fn marks(spec: &Spec, data: &Data<'_>, line: &Line<'_>) -> Vec<Mark> {
    let at = |value| words::on_axis(spec, data, value);
    let mut marks = Vec::new();
    for cell in line.measured() {
        if let Some(estimate) = cell.get(spec.metric) {
            marks.push(Mark::Bar(0.0, at(estimate.value).max(0.0), Fill::Own));
            let whisker = words::spread(estimate);
            marks.extend(whisker.map(|range| Mark::Whisker(at(range.start), at(range.end))));
        }
        let also = spec.also.iter().filter_map(|metric| cell.value(metric));
        marks.extend(also.map(|value| Mark::Tick(at(value))));
    }
    marks
}

#[cfg(test)]
mod tests {
    use crate::chart::synthetic::{Toys, areas, dots, ticks};
    use crate::metric::catalogue;

    const SPEC: &str = "form = \"bars\"\nmetric = \"ready_s\"\nalso = [\"batch_s\"]";

    #[test]
    fn a_bar_ends_where_its_value_is_on_the_axis() {
        let toys = Toys::with(&catalogue::READY, [Some(2.0), Some(4.0), None]);
        let chart = toys.chart(SPEC).unwrap();
        let ticks = ticks(&chart.picture);
        let place = |value: f64| ticks[0] + (ticks[1] - ticks[0]) * value / 0.5;
        for (area, value) in areas(&chart.picture, Toys::COLOUR)
            .into_iter()
            .zip([2.0, 4.0])
        {
            assert_eq!((area.left, area.right), (place(0.0), place(value)));
        }
        assert_eq!(areas(&chart.picture, Toys::COLOUR).len(), 2);
        let texts = toys.texts(SPEC);
        for text in ["2.00", "4.00", "Start-up, s", "not measured", "toy 2"] {
            assert!(texts.iter().any(|other| other == text), "{text}: {texts:?}");
        }
        assert_eq!(chart.file.title, "Start-up, 50 runs at once");
    }

    #[test]
    fn bars_become_dots_where_the_axis_is_logarithmic() {
        let toys = Toys::with(&catalogue::READY, [Some(1.0), Some(1.0), Some(30.0)]);
        let linear = toys.chart(SPEC).unwrap();
        assert_eq!(areas(&linear.picture, Toys::COLOUR).len(), 3);
        assert!(toys.texts(SPEC).contains(&"Start-up, s".to_owned()));
        let toys = Toys::with(&catalogue::READY, [Some(1.0), Some(1.0), Some(30.1)]);
        let log = toys.chart(SPEC).unwrap();
        assert_eq!(areas(&log.picture, Toys::COLOUR), []);
        assert_eq!(dots(&log.picture, Toys::COLOUR).len(), 3);
        assert!(
            toys.texts(SPEC)
                .contains(&"Start-up, s (logarithmic)".to_owned())
        );
        assert!(log.file.caption.ends_with("The axis is logarithmic."));
    }
}
