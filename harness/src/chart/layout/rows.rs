//! A figure of one line per row of the table: its label at the left, marks along an axis, and its values at the right.

use super::font::Fonts;
use super::page::{self, BODY, DOT_RADIUS, Key, MARGIN, Page, SMALL, STRONG, WIDTH};
use super::palette::{EDGE, GRID, INK, Ink, SOFT_INK, WHITE};
use super::picture::{Align, Marker, Picture, Rectangle, Stroke};
use super::scale::Scale;

const ROW_HEIGHT: f64 = 30.0;
const BAR_HEIGHT: f64 = 18.0;
const HEADER_HEIGHT: f64 = 30.0;
const MOST_LABEL_WIDTH: f64 = 300.0;
const BETWEEN_COLUMNS: f64 = 18.0;

pub(super) struct RowsChart {
    pub title: String,
    pub subtitle: String,
    pub keys: Vec<Key>,
    pub scale: Scale,
    /// Values and what is written at them.
    pub ticks: Vec<(f64, String)>,
    pub axis: String,
    /// A value that all rows are to be seen against.
    pub reference: Option<(f64, String)>,
    /// Headers of the values.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
}

pub(super) struct Row {
    pub label: String,
    pub ink: Ink,
    pub marks: Vec<Mark>,
    /// One a column, or none: then why there is none.
    pub values: Result<Vec<String>, String>,
}

/// What is drawn of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    Bar {
        from: f64,
        to: f64,
        is_pale: bool,
    },
    Whisker(f64, f64),
    Tick(f64),
    Dot(f64, Marker),
    /// A thin line behind dots.
    Span(f64, f64),
}

/// Where the parts of the figure are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Places {
    /// Left and right end of the axis.
    pub axis: (f64, f64),
    /// Right ends of the columns.
    pub columns: Vec<f64>,
    /// The first row's top.
    pub top: f64,
    pub bottom: f64,
}

impl RowsChart {
    pub(super) fn picture(&self, fonts: &Fonts) -> Picture {
        let mut page = Page::begin(fonts, &self.title, &self.subtitle, &self.keys);
        let places = self.places(fonts, page.top);
        self.draw_axis(&mut page, &places);
        for (index, row) in self.rows.iter().enumerate() {
            let middle = places.top + (index as f64 + 0.5) * ROW_HEIGHT;
            self.draw_row(&mut page, &places, row, middle);
        }
        page.top = places.bottom + 44.0;
        page.finish(&self.notes)
    }

    pub(super) fn places(&self, fonts: &Fonts, top: f64) -> Places {
        let labels = self.rows.iter().map(|row| fonts.width(&row.label, BODY));
        let label_width = labels.fold(0.0, f64::max).min(MOST_LABEL_WIDTH);
        let mut columns = Vec::new();
        let mut right = WIDTH - MARGIN;
        for (index, header) in self.columns.iter().enumerate().rev() {
            columns.insert(0, right);
            let values = self
                .rows
                .iter()
                .filter_map(|row| row.values.as_ref().ok()?.get(index));
            let width = values
                .map(|value| fonts.width(value, BODY))
                .fold(fonts.width(header, STRONG), f64::max);
            right -= width + BETWEEN_COLUMNS;
        }
        let top = top + HEADER_HEIGHT;
        Places {
            axis: ((MARGIN + label_width + 12.0).round(), right.round()),
            columns,
            top,
            bottom: top + self.rows.len() as f64 * ROW_HEIGHT,
        }
    }

    fn draw_axis(&self, page: &mut Page<'_>, places: &Places) {
        let Places {
            axis,
            columns,
            top,
            bottom,
        } = places;
        let header = top - HEADER_HEIGHT / 2.0 + 2.0;
        for (value, text) in &self.ticks {
            let x = self.scale.place(*value, *axis);
            let grid = Stroke::solid(GRID, 1.0);
            page.picture.line(vec![(x, *top), (x, bottom + 5.0)], grid);
            let at = (x, bottom + 15.0);
            page.picture.text(text, at, Align::Middle, SMALL, SOFT_INK);
        }
        let base = Stroke::solid(EDGE, 1.0);
        page.picture
            .line(vec![(axis.0, *top), (axis.0, *bottom)], base);
        let at = ((axis.0 + axis.1) / 2.0, bottom + 35.0);
        page.picture.text(&self.axis, at, Align::Middle, SMALL, INK);
        for (header_text, right) in self.columns.iter().zip(columns) {
            let at = (*right, header);
            page.picture
                .text(header_text, at, Align::Right, STRONG, INK);
        }
        if let Some((value, text)) = &self.reference {
            let x = self.scale.place(*value, *axis);
            let half = page.fonts.width(text, SMALL) / 2.0;
            // Between the axis' ends, so that it meets no column.
            let middle = x.min(axis.1 - half).max(axis.0 + half);
            page.picture
                .text(text, (middle, header), Align::Middle, SMALL, INK);
        }
    }

    fn draw_row(&self, page: &mut Page<'_>, places: &Places, row: &Row, middle: f64) {
        let label = page.fonts.fit(&row.label, BODY, MOST_LABEL_WIDTH);
        let at = (places.axis.0 - 10.0, middle);
        page.picture.text(&label, at, Align::Right, BODY, INK);
        for mark in &row.marks {
            self.draw_mark(&mut page.picture, places, row.ink, *mark, middle);
        }
        if let Some((value, _)) = &self.reference {
            let x = self.scale.place(*value, places.axis);
            let half = ROW_HEIGHT / 2.0;
            page.picture.line(
                vec![(x, middle - half), (x, middle + half)],
                Stroke::dashed(INK, 1.25),
            );
        }
        match &row.values {
            Ok(values) => {
                for (value, right) in values.iter().zip(&places.columns) {
                    let at = (*right, middle);
                    page.picture.text(value, at, Align::Right, BODY, INK);
                }
            }
            Err(reason) => {
                let left = places.axis.0 + 8.0;
                let behind = Rectangle {
                    left: left - 4.0,
                    top: middle - BAR_HEIGHT / 2.0,
                    right: left + page.fonts.width(reason, SMALL) + 4.0,
                    bottom: middle + BAR_HEIGHT / 2.0,
                };
                page.picture.area(behind, WHITE);
                let at = (left, middle);
                page.picture.text(reason, at, Align::Left, SMALL, SOFT_INK);
            }
        }
    }

    fn draw_mark(&self, picture: &mut Picture, places: &Places, ink: Ink, mark: Mark, middle: f64) {
        let place = |value| self.scale.place(value, places.axis);
        match mark {
            Mark::Bar { from, to, is_pale } => {
                let area = Rectangle {
                    left: place(from),
                    top: middle - BAR_HEIGHT / 2.0,
                    right: place(to),
                    bottom: middle + BAR_HEIGHT / 2.0,
                };
                let colour = if is_pale { ink.pale() } else { ink.colour };
                picture.bar(area, colour, ink);
            }
            Mark::Whisker(from, to) => page::whisker(picture, (place(from), place(to)), middle),
            Mark::Tick(at) => page::tick(picture, (place(at), middle), BAR_HEIGHT / 2.0 + 2.0),
            Mark::Dot(at, marker) => picture.marker(marker, (place(at), middle), DOT_RADIUS, ink),
            Mark::Span(from, to) => picture.line(
                vec![(place(from), middle), (place(to), middle)],
                Stroke::solid(ink.pale(), 3.0),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::palette::Colour;
    use crate::chart::picture::Shape;

    fn row(label: &str, to: f64) -> Row {
        Row {
            label: label.to_owned(),
            ink: Ink {
                colour: Colour(200, 0, 0),
                is_floor: false,
            },
            marks: vec![Mark::Bar {
                from: 0.0,
                to,
                is_pale: false,
            }],
            values: Ok(vec![crate::chart::number::figure(to)]),
        }
    }

    fn chart(rows: Vec<Row>) -> RowsChart {
        RowsChart {
            title: "A title".to_owned(),
            subtitle: "of a chart".to_owned(),
            keys: Vec::new(),
            scale: Scale::Linear(0.0, 200.0),
            ticks: vec![(0.0, "0".to_owned()), (200.0, "200".to_owned())],
            axis: "seconds".to_owned(),
            reference: None,
            columns: vec!["value".to_owned()],
            rows,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_bar_ends_where_its_value_is_on_the_axis() {
        let fonts = Fonts::load().unwrap();
        let chart = chart(vec![row("one", 50.0), row("two", 150.0)]);
        let (start, end) = chart.places(&fonts, 0.0).axis;
        let bars: Vec<(f64, f64)> = chart
            .picture(&fonts)
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Area(area, Colour(200, 0, 0)) => Some((area.left, area.right)),
                _ => None,
            })
            .collect();
        let length = end - start;
        assert_eq!(
            bars,
            [
                (start, start + length * 0.25),
                (start, start + length * 0.75)
            ]
        );
    }

    #[test]
    fn the_axis_begins_after_the_longest_label_and_ends_before_the_columns() {
        let fonts = Fonts::load().unwrap();
        let label = "a framework of some length";
        let places = chart(vec![row("one", 50.0), row(label, 150.0)]).places(&fonts, 100.0);
        let label_width = fonts.width(label, BODY);
        assert_eq!(places.axis.0, (MARGIN + label_width + 12.0).round());
        assert_eq!(places.columns, [WIDTH - MARGIN]);
        let header_width = fonts.width("value", STRONG);
        assert!(places.axis.1 < WIDTH - MARGIN - header_width - 10.0);
        assert_eq!(places.bottom, 100.0 + HEADER_HEIGHT + 2.0 * ROW_HEIGHT);
    }

    #[test]
    fn a_row_without_a_figure_says_why() {
        let fonts = Fonts::load().unwrap();
        let mut failed = row("one", 50.0);
        failed.values = Err("no figure: failed-trials".to_owned());
        let picture = chart(vec![failed]).picture(&fonts);
        assert!(
            picture
                .texts()
                .any(|text| text.text == "no figure: failed-trials")
        );
    }
}
