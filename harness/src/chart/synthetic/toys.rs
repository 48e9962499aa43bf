//! A few rows in one burst each, for the charts' forms, and what their pictures show.

use loopmark_protocol::Arrival;

use super::cells::{cell, trial};
use super::sweep::MODEL_TIME_MS;
use crate::analysis::{CellResult, Estimate};
use crate::chart::draw::font::Fonts;
use crate::chart::draw::shapes::{Picture, Rectangle, Shape};
use crate::chart::drawing;
use crate::chart::input::{ChartInput, Row};
use crate::chart::output::Chart;
use crate::chart::palette::{Colour, GRID};
use crate::chart::spec::Spec;
use crate::framework::{Kind, Language};
use crate::measurement::TrialRecord;
use crate::metric::Metric;
use crate::plan::RowKey;

/// Rows in one language and colour, measured in one burst each.
pub(in crate::chart) struct Toys {
    pub summaries: Vec<CellResult>,
    trials: Vec<TrialRecord>,
    rows: Vec<Row>,
}

impl Toys {
    pub const COLOUR: Colour = Colour(200, 0, 0);

    /// Of three rows with these values of a metric.
    pub fn with(metric: &Metric, values: [Option<f64>; 3]) -> Toys {
        let mut toys = Toys {
            summaries: Vec::new(),
            trials: Vec::new(),
            rows: Vec::new(),
        };
        for (index, value) in values.into_iter().enumerate() {
            toys.add(index, metric, value);
        }
        toys
    }

    /// Of a row for each value.
    pub fn with_many(metric: &Metric, values: &[f64]) -> Toys {
        let mut toys = Toys::with(metric, [None; 3]);
        (toys.summaries, toys.rows) = (Vec::new(), Vec::new());
        for (index, value) in values.iter().enumerate() {
            toys.add(index, metric, Some(*value));
        }
        toys
    }

    fn add(&mut self, index: usize, metric: &Metric, value: Option<f64>) {
        let name = format!("toy {index}");
        let mut cell = cell(&name, Arrival::Burst, 50);
        cell.set(metric, value.map(Estimate::of));
        self.summaries.push(cell);
        self.rows.push(Row {
            key: RowKey::new(&name, "default"),
            label: name,
            language: Language::Rust,
            kind: Kind::Framework,
            colour: Some(Toys::COLOUR),
        });
    }

    /// The same rows at a further level.
    pub fn add_level(&mut self, level: u32, metric: &Metric, values: [Option<f64>; 3]) {
        for (index, value) in values.into_iter().enumerate() {
            let mut cell = cell(&format!("toy {index}"), Arrival::Burst, level);
            cell.set(metric, value.map(Estimate::of));
            self.summaries.push(cell);
        }
    }

    pub fn add_trial(&mut self, index: usize, peak_mib: u64) {
        self.trials
            .push(trial(&format!("toy {index}"), 50, peak_mib));
    }

    /// The chart of a spec in TOML, at level 50.
    pub fn chart(&self, spec: &str) -> Option<Chart> {
        let spec = toml::from_str(&format!("at.level = 50\n{spec}")).unwrap();
        let input = ChartInput {
            scenario: "seed",
            summaries: &self.summaries,
            trials: &self.trials,
            rows: &self.rows,
            model_time_ms: MODEL_TIME_MS,
            cases: &[],
            specs: &[],
            costs: None,
        };
        drawing::charts(&[spec], &input, &Fonts::load().unwrap()).pop()
    }

    /// What is written in the chart.
    pub fn texts(&self, spec: &str) -> Vec<String> {
        let picture = self.chart(spec).unwrap().picture;
        picture.texts().map(|text| text.text.clone()).collect()
    }
}

/// The rectangles of a colour, from the top.
pub(in crate::chart) fn areas(picture: &Picture, colour: Colour) -> Vec<Rectangle> {
    let areas = picture.shapes.iter().filter_map(|shape| match shape {
        Shape::Area(area, other) if *other == colour => Some(*area),
        _ => None,
    });
    areas.collect()
}

/// The middles of the markers of a colour, in the order in which they are drawn.
pub(in crate::chart) fn dots(picture: &Picture, colour: Colour) -> Vec<f64> {
    let dots = picture.shapes.iter().filter_map(|shape| match shape {
        Shape::Polygon(points, other) if *other == colour => {
            let (least, most) = points
                .iter()
                .fold((f64::MAX, f64::MIN), |(least, most), (x, _)| {
                    (least.min(*x), most.max(*x))
                });
            Some((least + most) / 2.0)
        }
        _ => None,
    });
    dots.collect()
}

/// The vertical lines of the grid, from the left.
pub(in crate::chart) fn ticks(picture: &Picture) -> Vec<f64> {
    let lines = picture.shapes.iter().filter_map(|shape| match shape {
        Shape::Line(points, stroke) if stroke.colour == GRID => points.first(),
        _ => None,
    });
    lines.map(|(x, _)| *x).collect()
}

/// A chart of overhead per turn, over levels or not.
pub fn spec(over: &str, rows: &str) -> Spec {
    let form = if over == "level" { "dots" } else { "bars" };
    toml::from_str(&format!(
        "form = \"{form}\"\nmetric = \"overhead_per_turn_ms\"\nover = \"{over}\"\nrows = \"{rows}\""
    ))
    .unwrap()
}
