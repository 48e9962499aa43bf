//! Panels of curves that share their vertical axis. Each curve is named at its end.

use super::axis::Axis;
use super::page::{CURVE_WIDTH, DOT_RADIUS, Key, MARGIN, Page, SMALL, STRONG, WIDTH};
use super::spread::spread;
use crate::chart::draw::font::Fonts;
use crate::chart::draw::shapes::{Align, Marker, Picture, Point, Rectangle, Shape, Stroke, Text};
use crate::chart::palette::{EDGE, GRID, INK, Ink, SOFT_INK};

const ONE_PANEL_HEIGHT: f64 = 420.0;
const PANEL_HEIGHT: f64 = 270.0;
const BETWEEN_PANELS: f64 = 26.0;
/// From one name to the next.
const NAME_HEIGHT: f64 = 16.0;
const MOST_NAME_WIDTH: f64 = 190.0;
/// From the end of a curve's axis to its name.
const LEADER: f64 = 26.0;

pub struct PanelsChart {
    pub title: String,
    pub subtitle: String,
    pub keys: Vec<Key>,
    pub y: Axis,
    pub panels: Vec<Panel>,
    pub notes: Vec<String>,
}

pub struct Panel {
    pub title: Option<String>,
    pub x: Axis,
    pub curves: Vec<Curve>,
}

pub struct Curve {
    /// Written at its end.
    pub name: Option<String>,
    pub ink: Ink,
    pub points: Vec<(f64, f64)>,
    pub is_dashed: bool,
    pub dots: Dots,
}

/// Which points of a curve have a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dots {
    None,
    Each,
    Last,
}

impl PanelsChart {
    pub fn picture(&self, fonts: &Fonts) -> Picture {
        let mut page = Page::begin(fonts, &self.title, &self.subtitle, &self.keys);
        let columns = self.panels.len().clamp(1, 2);
        let gaps = BETWEEN_PANELS * (columns - 1) as f64;
        let width = (WIDTH - 2.0 * MARGIN - gaps) / columns as f64;
        for panels in self.panels.chunks(columns) {
            let most_names = panels.iter().map(|panel| panel.names().count()).max();
            let names_height = most_names.unwrap_or_default() as f64 * NAME_HEIGHT;
            let least = if columns == 1 {
                ONE_PANEL_HEIGHT
            } else {
                PANEL_HEIGHT
            };
            let height = names_height.max(least);
            let has_title = panels.iter().any(|panel| panel.title.is_some());
            let top = page.top + if has_title { 34.0 } else { 14.0 };
            for (index, panel) in panels.iter().enumerate() {
                let left = MARGIN + index as f64 * (width + BETWEEN_PANELS);
                let plot = Rectangle {
                    left: (left + 26.0 + self.tick_width(fonts)).round(),
                    top,
                    right: (left + width - self.name_width(fonts) - LEADER - 6.0).round(),
                    bottom: top + height,
                };
                self.draw_panel(&mut page, panel, plot, left);
            }
            page.top = top + height + 48.0;
        }
        page.finish(&self.notes)
    }

    fn tick_width(&self, fonts: &Fonts) -> f64 {
        let ticks = self.y.ticks.iter();
        ticks
            .map(|(_, text)| fonts.width(text, SMALL))
            .fold(0.0, f64::max)
    }

    fn name_width(&self, fonts: &Fonts) -> f64 {
        let names = self.panels.iter().flat_map(Panel::names);
        names
            .map(|(name, _)| fonts.width(name, SMALL))
            .fold(0.0, f64::max)
            .min(MOST_NAME_WIDTH)
    }

    fn draw_panel(&self, page: &mut Page<'_>, panel: &Panel, plot: Rectangle, left: f64) {
        self.draw_axes(page, panel, plot, left);
        let (across, up) = ((plot.left, plot.right), (plot.bottom, plot.top));
        let place =
            |(x, y): (f64, f64)| (panel.x.scale.place(x, across), self.y.scale.place(y, up));
        for curve in &panel.curves {
            let points: Vec<Point> = curve.points.iter().copied().map(place).collect();
            draw_curve(&mut page.picture, curve, points);
        }
        let ends: Vec<Point> = panel.names().map(|(_, end)| place(end)).collect();
        let wanted: Vec<f64> = ends.iter().map(|(_, y)| *y).collect();
        let heights = spread(&wanted, NAME_HEIGHT, (plot.top, plot.bottom));
        for ((name, end), y) in panel.named().zip(&ends).zip(heights) {
            self.draw_name(page, name, *end, (plot.right, y));
        }
    }

    fn draw_axes(&self, page: &mut Page<'_>, panel: &Panel, plot: Rectangle, left: f64) {
        let fonts = page.fonts;
        let picture = &mut page.picture;
        if let Some(title) = &panel.title {
            let at = (plot.left, plot.top - 14.0);
            picture.text(title, at, Align::Left, STRONG, INK);
        }
        let grid = Stroke::solid(GRID, 1.0);
        for (value, text) in &self.y.ticks {
            let y = self.y.scale.place(*value, (plot.bottom, plot.top));
            picture.line(vec![(plot.left, y), (plot.right, y)], grid);
            let at = (plot.left - 6.0, y);
            picture.text(text, at, Align::Right, SMALL, SOFT_INK);
        }
        for (x, text) in panel.x.fitted(fonts, (plot.left, plot.right)) {
            picture.line(vec![(x, plot.top), (x, plot.bottom + 4.0)], grid);
            let at = (x, plot.bottom + 14.0);
            picture.text(text, at, Align::Middle, SMALL, SOFT_INK);
        }
        picture.outline(plot, EDGE, 1.0);
        let at = ((plot.left + plot.right) / 2.0, plot.bottom + 33.0);
        picture.text(&panel.x.title, at, Align::Middle, SMALL, INK);
        let style = SMALL;
        let text = fonts.fit(&self.y.title, style, plot.bottom - plot.top + 24.0);
        picture.shapes.push(Shape::Text(Text {
            text,
            at: (left + 8.0, (plot.top + plot.bottom) / 2.0),
            align: Align::Middle,
            style,
            colour: INK,
            is_upward: true,
        }));
    }

    fn draw_name(&self, page: &mut Page<'_>, curve: &Curve, end: Point, (right, y): Point) {
        let name = curve.name.as_deref().unwrap_or_default();
        let text = page.fonts.fit(name, SMALL, MOST_NAME_WIDTH);
        let leader = Stroke::solid(curve.ink.pale(), 1.0);
        let from = (end.0 + DOT_RADIUS + 1.0, end.1);
        let bend = (right + 8.0, end.1);
        page.picture
            .line(vec![from, bend, (right + LEADER - 6.0, y)], leader);
        let at = (right + LEADER - 2.0, y);
        page.picture
            .text(&text, at, Align::Left, SMALL, curve.ink.text());
    }
}

impl Panel {
    fn named(&self) -> impl Iterator<Item = &Curve> {
        let curves = self.curves.iter();
        curves.filter(|curve| curve.name.is_some() && !curve.points.is_empty())
    }

    /// Names, and the ends of their curves.
    fn names(&self) -> impl Iterator<Item = (&str, (f64, f64))> {
        self.named()
            .filter_map(|curve| Some((curve.name.as_deref()?, *curve.points.last()?)))
    }
}

fn draw_curve(picture: &mut Picture, curve: &Curve, points: Vec<Point>) {
    let stroke = Stroke {
        colour: curve.ink.colour,
        width: if curve.is_dashed {
            CURVE_WIDTH * 0.7
        } else {
            CURVE_WIDTH
        },
        is_dashed: curve.is_dashed,
    };
    if points.len() > 1 {
        picture.line(points.clone(), stroke);
    }
    let dots = match curve.dots {
        Dots::None => 0,
        Dots::Each => points.len(),
        Dots::Last => 1,
    };
    for point in points.into_iter().rev().take(dots) {
        picture.marker(Marker::Circle, point, DOT_RADIUS, curve.ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::palette::Colour;
    use crate::chart::scale::Scale;

    #[test]
    fn a_curve_passes_through_its_values_on_both_axes() {
        let fonts = Fonts::load().unwrap();
        let axis = |scale| Axis {
            title: String::new(),
            scale,
            ticks: Vec::new(),
        };
        let ink = Ink {
            colour: Colour(1, 2, 3),
            is_floor: false,
        };
        let chart = PanelsChart {
            title: "A title".to_owned(),
            subtitle: String::new(),
            keys: Vec::new(),
            y: axis(Scale::Log(1.0, 100.0)),
            panels: vec![Panel {
                title: None,
                x: axis(Scale::Linear(0.0, 10.0)),
                curves: vec![Curve {
                    name: None,
                    ink,
                    points: vec![(0.0, 1.0), (5.0, 10.0), (10.0, 100.0)],
                    is_dashed: false,
                    dots: Dots::None,
                }],
            }],
            notes: Vec::new(),
        };
        let picture = chart.picture(&fonts);
        let points = picture.shapes.iter().find_map(|shape| match shape {
            Shape::Line(points, stroke) if stroke.colour == ink.colour => Some(points),
            _ => None,
        });
        let [start, middle, end] = points.unwrap()[..] else {
            panic!("{points:?}")
        };
        assert_eq!(start.1 - end.1, ONE_PANEL_HEIGHT);
        assert!((middle.0 - (start.0 + end.0) / 2.0).abs() < 1e-9);
        assert!((middle.1 - (start.1 + end.1) / 2.0).abs() < 1e-9);
    }
}
