//! A page with a line per row: its label at the left, then one or more panels of marks along an axis with
//! values beside it.

use super::axis::Axis;
use super::page::{self, BODY, DOT_RADIUS, Key, MARGIN, Page, SMALL, STRONG, WIDTH};
use crate::chart::draw::font::Fonts;
use crate::chart::draw::shapes::{Align, Marker, Picture, Rectangle, Stroke};
use crate::chart::palette::{EDGE, GRID, INK, Ink, SOFT_INK, WHITE};
use crate::framework::Language;

const ROW_HEIGHT: f64 = 28.0;
const BAR_HEIGHT: f64 = 17.0;
/// Between the rows of two languages.
const BETWEEN_GROUPS: f64 = 13.0;
const HEADER_LINE: f64 = 17.0;
const MAX_LABEL_WIDTH: f64 = 300.0;
const MAX_HEADER_WIDTH: f64 = 100.0;
/// Where it may go over the axis.
const MAX_WIDE_HEADER_WIDTH: f64 = 190.0;
const BETWEEN_COLUMNS: f64 = 18.0;
const BETWEEN_PANELS: f64 = 26.0;

pub struct RowsChart {
    pub title: String,
    pub subtitle: String,
    pub keys: Vec<Key>,
    pub panels: Vec<Panel>,
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
}

pub struct Panel {
    pub axis: Axis,
    /// Headers of the values.
    pub columns: Vec<String>,
}

pub struct Row {
    pub label: String,
    pub ink: Ink,
    /// Rows of one language are adjacent.
    pub language: Language,
    /// One per panel.
    pub parts: Vec<Part>,
}

/// What a row has in a panel.
pub struct Part {
    pub marks: Vec<Mark>,
    /// One per column, or the reason why there are none.
    pub values: Result<Vec<String>, String>,
}

/// What is drawn of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    Bar(f64, f64, Fill),
    /// At the end of an axis that a bar goes beyond.
    Break,
    Whisker(f64, f64),
    Tick(f64),
    Dot(f64, Marker),
    /// A thin line behind dots.
    Span(f64, f64),
}

/// How a bar is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// In the row's colour.
    Own,
    /// In the row's colour, and never hatched.
    Solid,
    /// In a pale shade of it.
    Pale,
    /// Grey, which belongs to no row.
    Shared,
    /// Hatched grey.
    SharedHatched,
}

/// Where a panel is.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Left and right end of the axis.
    pub axis: (f64, f64),
    /// Right ends of the columns, and their headers' lines.
    pub columns: Vec<(f64, Vec<String>)>,
}

impl RowsChart {
    pub fn picture(&self, fonts: &Fonts) -> Picture {
        let mut page = Page::begin(fonts, &self.title, &self.subtitle, &self.keys);
        let places = self.places(fonts);
        let columns = places.iter().flat_map(|place| &place.columns);
        let header_lines = columns.map(|(_, lines)| lines.len()).max().unwrap_or(1);
        let top = page.top + 10.0 + header_lines as f64 * HEADER_LINE;
        let (middles, bottom) = self.middles(top);
        for (panel, place) in self.panels.iter().zip(&places) {
            panel.draw(&mut page, place, (top, bottom));
        }
        for (row, middle) in self.rows.iter().zip(middles) {
            self.draw_row(&mut page, &places, row, middle);
        }
        let has_titles = self.panels.iter().any(|panel| !panel.axis.title.is_empty());
        page.top = bottom + if has_titles { 44.0 } else { 26.0 };
        page.finish(&self.notes)
    }

    /// The middle of every row, and the bottom of the last.
    fn middles(&self, top: f64) -> (Vec<f64>, f64) {
        let mut at = top;
        let mut last = self.rows.first().map(|row| row.language);
        let middles = self.rows.iter().map(|row| {
            if last.replace(row.language) != Some(row.language) {
                at += BETWEEN_GROUPS;
            }
            at += ROW_HEIGHT;
            at - ROW_HEIGHT / 2.0
        });
        (middles.collect(), at)
    }

    /// One for each panel, all of one width.
    pub fn places(&self, fonts: &Fonts) -> Vec<Place> {
        let labels = self.rows.iter().map(|row| fonts.width(&row.label, BODY));
        let left = MARGIN + labels.fold(0.0, f64::max).min(MAX_LABEL_WIDTH) + 12.0;
        let count = self.panels.len() as f64;
        let width = (WIDTH - MARGIN - left - (count - 1.0) * BETWEEN_PANELS) / count;
        let place = |(index, panel): (usize, &Panel)| {
            let left = left + index as f64 * (width + BETWEEN_PANELS);
            let parts: Vec<&Part> = self
                .rows
                .iter()
                .filter_map(|row| row.parts.get(index))
                .collect();
            panel.place(&parts, (left, left + width), fonts)
        };
        self.panels.iter().enumerate().map(place).collect()
    }

    fn draw_row(&self, page: &mut Page<'_>, places: &[Place], row: &Row, middle: f64) {
        let Some(first) = places.first() else { return };
        let label = page.fonts.fit(&row.label, BODY, MAX_LABEL_WIDTH);
        let at = (first.axis.0 - 10.0, middle);
        page.picture.text(&label, at, Align::Right, BODY, INK);
        for ((panel, place), part) in self.panels.iter().zip(places).zip(&row.parts) {
            for mark in &part.marks {
                panel.draw_mark(&mut page.picture, place, row.ink, *mark, middle);
            }
            part.draw_values(page, place, middle);
        }
    }
}

impl Panel {
    /// Columns at the right, as wide as what is in them; the axis has the rest.
    fn place(&self, parts: &[&Part], (left, right): (f64, f64), fonts: &Fonts) -> Place {
        let (mut columns, mut end) = (Vec::new(), right);
        for (index, header) in self.columns.iter().enumerate().rev() {
            let is_title = self.axis.title.is_empty();
            let max_width = if is_title {
                MAX_WIDE_HEADER_WIDTH
            } else {
                MAX_HEADER_WIDTH
            };
            let lines = fonts.wrap(header, STRONG, max_width);
            let headers = lines.iter().map(|line| fonts.width(line, STRONG));
            let values = parts
                .iter()
                .filter_map(|part| part.values.as_ref().ok()?.get(index));
            let values = values.map(|value| fonts.width(value, BODY));
            let width = match is_title {
                // Headers of a panel that has no other title may go over its axis.
                true => values.fold(0.0, f64::max),
                false => headers.chain(values).fold(0.0, f64::max),
            };
            columns.insert(0, (end.round(), lines));
            end -= width + BETWEEN_COLUMNS;
        }
        Place {
            axis: (left.round(), end.round()),
            columns,
        }
    }

    fn draw(&self, page: &mut Page<'_>, place: &Place, (top, bottom): (f64, f64)) {
        let (picture, axis) = (&mut page.picture, place.axis);
        for (x, text) in self.axis.fitted(page.fonts, axis) {
            let grid = Stroke::solid(GRID, 1.0);
            picture.line(vec![(x, top), (x, bottom + 5.0)], grid);
            let at = (x, bottom + 15.0);
            picture.text(text, at, Align::Middle, SMALL, SOFT_INK);
        }
        let base = Stroke::solid(EDGE, 1.0);
        picture.line(vec![(axis.0, top), (axis.0, bottom)], base);
        let at = ((axis.0 + axis.1) / 2.0, bottom + 35.0);
        picture.text(&self.axis.title, at, Align::Middle, SMALL, INK);
        for (right, lines) in &place.columns {
            for (above, line) in lines.iter().rev().enumerate() {
                let y = top - 12.0 - above as f64 * HEADER_LINE;
                picture.text(line, (*right, y), Align::Right, STRONG, INK);
            }
        }
    }

    fn draw_mark(&self, picture: &mut Picture, place: &Place, ink: Ink, mark: Mark, middle: f64) {
        let at = |value| self.axis.scale.place(value, place.axis);
        let half = BAR_HEIGHT / 2.0;
        match mark {
            Mark::Bar(from, to, fill) => {
                let area = Rectangle {
                    left: at(from),
                    top: middle - half,
                    right: at(to),
                    bottom: middle + half,
                };
                match fill {
                    Fill::Own => picture.bar(area, ink.colour, ink),
                    Fill::Solid => picture.area(area, ink.colour),
                    Fill::Pale => picture.bar(area, ink.pale(), ink),
                    Fill::Shared => picture.bar(area, Ink::any(false).colour, Ink::any(false)),
                    Fill::SharedHatched => picture.bar(area, Ink::any(true).colour, Ink::any(true)),
                }
            }
            Mark::Break => page::broken(picture, (place.axis.1 - 12.0, middle), half),
            Mark::Whisker(from, to) => page::whisker(picture, (at(from), at(to)), middle),
            Mark::Tick(value) => page::tick(picture, (at(value), middle), half + 2.0),
            Mark::Dot(value, marker) => {
                picture.marker(marker, (at(value), middle), DOT_RADIUS, ink)
            }
            Mark::Span(from, to) => picture.line(
                vec![(at(from), middle), (at(to), middle)],
                Stroke::solid(ink.pale(), 3.0),
            ),
        }
    }
}

impl Part {
    fn draw_values(&self, page: &mut Page<'_>, place: &Place, middle: f64) {
        match &self.values {
            Ok(values) => {
                for (value, (right, _)) in values.iter().zip(&place.columns) {
                    let at = (*right, middle);
                    page.picture.text(value, at, Align::Right, BODY, INK);
                }
            }
            Err(reason) => {
                let left = place.axis.0 + 8.0;
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
}
