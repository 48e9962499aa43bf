//! What forms have in common: their texts, and a metric's place in a chart.

use std::ops::Range;

use crate::analysis::{CellResult, Estimate};
use crate::chart::data::{self, Data, Line, Place, Point};
use crate::chart::draw::shapes::{Marker, Picture};
use crate::chart::layout::page::{Key, Sign, key};
use crate::chart::layout::rows::{Part, Row};
use crate::chart::marks::missing;
use crate::chart::number::{figure, shown};
use crate::chart::output::{Chart, ChartFile};
use crate::chart::series;
use crate::chart::spec::{Over, Spec};
use crate::metric::{Metric, Unit};
use crate::words::counted;

/// A chart's texts, with their placeholders filled in.
pub struct Texts {
    pub title: String,
    pub about: String,
    pub caption: String,
}

impl Texts {
    pub fn of(spec: &Spec, place: &Place, data: &Data<'_>) -> Texts {
        let case = place.at.case.as_ref();
        let case = case.map_or_else(String::new, |case| format!(", case {case}"));
        let filled = |text: &str| {
            text.replace("{level}", &place.at.level.to_string())
                .replace("{case}", &case)
                .replace("{runs}", &counted(place.at.level.into(), "run"))
                .replace("{model}", &figure(data.model_time_ms))
        };
        Texts {
            title: filled(&spec.title),
            about: filled(&spec.about),
            caption: filled(&spec.caption),
        }
    }

    /// The chart, with a further sentence of its caption.
    pub fn chart(self, spec: &Spec, picture: Picture, sentence: &str) -> Chart {
        let caption = format!("{} {sentence}", self.caption);
        Chart {
            file: ChartFile {
                name: spec.name.clone(),
                title: self.title,
                caption: caption.trim_end().to_owned(),
            },
            picture,
        }
    }
}

/// What a caption says of an axis with these values.
pub fn of_axis(is_log: bool, values: &[f64]) -> &'static str {
    match (is_log, values.iter().all(|value| *value > 0.0)) {
        (false, _) => "",
        (true, true) => "The axis is logarithmic.",
        (true, false) => "The axis is logarithmic; values of 0 or less have no place on it.",
    }
}

/// A metric's title with the unit of its values: `CPU, s`.
pub fn heading(metric: &Metric) -> String {
    with_unit(metric.title, metric.unit)
}

fn with_unit(title: &str, unit: Unit) -> String {
    match unit.shown() {
        "" => title.to_owned(),
        unit => format!("{title}, {unit}"),
    }
}

/// The title of an axis.
pub fn axis_title(spec: &Spec, data: &Data<'_>) -> String {
    if spec.beyond_model_time {
        let model = figure(data.model_time_ms);
        return format!("ms beyond the model's {model}");
    }
    let over_time = series::of(spec.metric).filter(|_| spec.over == Over::Time);
    over_time.map_or_else(
        || heading(spec.metric),
        |series| with_unit(series.title, spec.metric.unit),
    )
}

/// A recorded value of a drawn metric on the axis.
pub fn on_axis(spec: &Spec, data: &Data<'_>, value: f64) -> f64 {
    let before = match spec.beyond_model_time {
        true => data.model_time_ms,
        false => 0.0,
    };
    spec.metric.unit.to_shown(value) - before
}

/// The spread of an estimate: from the minimum to the maximum of the trials where each has a value, else the 95 %
/// interval.
pub fn spread(estimate: &Estimate) -> Option<&Range<f64>> {
    estimate.extent.as_ref().or(estimate.interval.as_ref())
}

/// The values of all drawn metrics in all cells, on the axis.
pub fn values(spec: &Spec, data: &Data<'_>, lines: &[Line<'_>]) -> Vec<f64> {
    let cells = lines.iter().flat_map(Line::measured);
    let values = cells.flat_map(|cell| spec.drawn().filter_map(|metric| cell.value(metric)));
    values.map(|value| on_axis(spec, data, value)).collect()
}

/// The ends of the metric's whiskers, on the axis.
pub fn ends(spec: &Spec, data: &Data<'_>, lines: &[Line<'_>]) -> Vec<f64> {
    let cells = lines.iter().flat_map(Line::measured);
    let spreads = cells.filter_map(|cell| spread(cell.get(spec.metric)?));
    let ends = spreads.flat_map(|range| [range.start, range.end]);
    ends.map(|value| on_axis(spec, data, value)).collect()
}

/// Headers of the values that are printed in a chart of one level.
pub fn columns(spec: &Spec) -> Vec<String> {
    spec.printed().map(heading).collect()
}

/// A cell's printed values, or why there are none.
pub fn printed_values(spec: &Spec, cell: Option<&CellResult>) -> Result<Vec<String>, String> {
    let cell = cell.ok_or("not measured")?;
    if cell.value(spec.metric).is_none() {
        return Err(missing(cell));
    }
    Ok(spec
        .printed()
        .map(|metric| text(metric, Some(cell)))
        .collect())
}

/// A cell's value, or a dash.
pub fn text(metric: &Metric, cell: Option<&CellResult>) -> String {
    let value = cell.and_then(|cell| cell.value(metric));
    value.map_or_else(|| "–".to_owned(), |value| shown(metric, value))
}

/// A line of the chart.
pub fn row(line: &Line<'_>, parts: Vec<Part>) -> Row {
    Row {
        label: line.label(),
        ink: line.entry.ink,
        language: line.entry.language,
        parts,
    }
}

/// Keys for the whiskers and the floors among the rows.
pub fn common_keys(spec: &Spec, lines: &[Line<'_>], floor: Sign) -> Vec<Key> {
    let cells = lines.iter().flat_map(Line::measured);
    let estimates: Vec<&Estimate> = cells.filter_map(|cell| cell.get(spec.metric)).collect();
    let has = |is_there: fn(&Estimate) -> bool| estimates.iter().any(|one| is_there(one));
    let mut keys = Vec::new();
    if has(|estimate| estimate.extent.is_some()) {
        keys.push(key(Sign::Whisker, "minimum and maximum of the trials"));
    } else if has(|estimate| estimate.interval.is_some()) {
        keys.push(key(Sign::Whisker, "95 % interval"));
    }
    keys.extend(floor_key(lines, floor));
    keys
}

pub fn floor_key(lines: &[Line<'_>], sign: Sign) -> Option<Key> {
    data::has_floor(lines).then(|| key(sign, "floor: no framework"))
}

/// Says at which of several levels or cases rows are sorted.
pub fn sorted_at(spec: &Spec, place: &Place) -> String {
    let at = point(spec, &place.at);
    format!("Rows of a language are sorted by their value at {at}.")
}

/// One of a chart's levels or cases: `level 50`, `case long`.
pub fn point(spec: &Spec, point: &Point) -> String {
    match (spec.over, &point.case) {
        (Over::Case, Some(case)) => format!("case {case}"),
        _ => format!("level {}", point.level),
    }
}

/// The same, where it is clear which of both is meant.
pub fn short_point(spec: &Spec, point: &Point) -> String {
    match (spec.over, &point.case) {
        (Over::Case, Some(case)) => case.clone(),
        _ => point.level.to_string(),
    }
}

/// A dot's sign, by the place of its series.
pub fn dot(index: usize) -> Sign {
    Sign::Dot(Marker::of(index))
}
