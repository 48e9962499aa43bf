//! A chart as shapes at their places: pure, and the same for every format.

use super::font::Type;
use crate::chart::palette::{Colour, Ink, WHITE, mix};

/// Pixels from the left and from the top.
pub type Point = (f64, f64);

/// What there is to draw, the first at the back.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub width: f64,
    pub height: f64,
    pub shapes: Vec<Shape>,
}

/// One thing to draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    Area(Rectangle, Colour),
    /// Its outline's points.
    Polygon(Vec<Point>, Colour),
    Line(Vec<Point>, Stroke),
    Text(Text),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    pub colour: Colour,
    pub width: f64,
    pub is_dashed: bool,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub text: String,
    /// Its left, middle or right end, at half the height of a digit.
    pub at: Point,
    pub align: Align,
    pub style: Type,
    pub colour: Colour,
    /// Runs upwards instead of to the right.
    pub is_upward: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Middle,
    Right,
}

/// A point's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    Circle,
    Square,
    Diamond,
    Triangle,
    /// A triangle on its point.
    Drop,
}

impl Marker {
    /// The marker of the series with this number; they repeat.
    pub fn of(index: usize) -> Marker {
        match index % 5 {
            0 => Marker::Circle,
            1 => Marker::Square,
            2 => Marker::Diamond,
            3 => Marker::Triangle,
            _ => Marker::Drop,
        }
    }

    fn outline(self, (x, y): Point, radius: f64) -> Vec<Point> {
        // Corners, the first one's angle, and a radius that makes areas look alike.
        let (corners, first, radius) = match self {
            Marker::Circle => (32, 0.0, radius),
            Marker::Square => (4, 45.0, radius * 1.25),
            Marker::Diamond => (4, 0.0, radius * 1.3),
            Marker::Triangle => (3, -90.0, radius * 1.4),
            Marker::Drop => (3, 90.0, radius * 1.4),
        };
        (0..corners)
            .map(|corner| {
                let angle = f64::to_radians(first + 360.0 * f64::from(corner) / f64::from(corners));
                (x + radius * angle.cos(), y + radius * angle.sin())
            })
            .collect()
    }
}

/// Between the diagonals of a hatched area.
const HATCH: f64 = 6.0;
const HATCH_WIDTH: f64 = 1.5;
const OUTLINE: f64 = 1.25;

impl Stroke {
    pub fn solid(colour: Colour, width: f64) -> Stroke {
        let is_dashed = false;
        Stroke {
            colour,
            width,
            is_dashed,
        }
    }

    pub fn dashed(colour: Colour, width: f64) -> Stroke {
        let is_dashed = true;
        Stroke {
            colour,
            width,
            is_dashed,
        }
    }
}

impl Picture {
    pub fn area(&mut self, area: Rectangle, colour: Colour) {
        self.shapes.push(Shape::Area(area, colour));
    }

    pub fn polygon(&mut self, outline: Vec<Point>, colour: Colour) {
        self.shapes.push(Shape::Polygon(outline, colour));
    }

    pub fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        self.shapes.push(Shape::Line(points, stroke));
    }

    pub fn outline(&mut self, area: Rectangle, colour: Colour, width: f64) {
        let Rectangle {
            left,
            top,
            right,
            bottom,
        } = area;
        self.line(
            vec![
                (left, top),
                (right, top),
                (right, bottom),
                (left, bottom),
                (left, top),
            ],
            Stroke::solid(colour, width),
        );
    }

    pub fn text(&mut self, text: &str, at: Point, align: Align, style: Type, colour: Colour) {
        self.shapes.push(Shape::Text(Text {
            text: text.to_owned(),
            at,
            align,
            style,
            colour,
            is_upward: false,
        }));
    }

    /// A part of a bar. A floor's is hatched.
    pub fn bar(&mut self, area: Rectangle, colour: Colour, ink: Ink) {
        if !ink.is_floor {
            return self.area(area, colour);
        }
        self.area(area, mix(colour, WHITE, 0.6));
        for (from, to) in hatches(area) {
            self.line(vec![from, to], Stroke::solid(colour, HATCH_WIDTH));
        }
        self.outline(area, colour, OUTLINE);
    }

    /// A point. A floor's is hollow.
    pub fn marker(&mut self, marker: Marker, at: Point, radius: f64, ink: Ink) {
        let outline = marker.outline(at, radius);
        self.shapes.push(Shape::Polygon(outline, ink.colour));
        if ink.is_floor {
            let inside = marker.outline(at, radius * 0.5);
            self.shapes.push(Shape::Polygon(inside, WHITE));
        }
    }

    /// The texts, in the order in which they are drawn.
    #[cfg(test)]
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(text),
            _ => None,
        })
    }
}

/// The rising diagonals of an area, cut off at its edges.
fn hatches(area: Rectangle) -> Vec<(Point, Point)> {
    let (width, height) = (area.right - area.left, area.bottom - area.top);
    let count = ((width + height) / HATCH).floor() as u32;
    (1..=count)
        .map(|index| f64::from(index) * HATCH)
        .map(|offset| {
            // From the left or bottom edge up to the top or right edge.
            let from = (
                area.left + (offset - height).max(0.0),
                area.top + offset.min(height),
            );
            let to = (
                area.left + offset.min(width),
                area.top + (offset - width).max(0.0),
            );
            (from, to)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hatches_stay_inside_their_area_and_rise_evenly() {
        let area = Rectangle {
            left: 10.0,
            top: 20.0,
            right: 40.0,
            bottom: 32.0,
        };
        let lines = hatches(area);
        // (30 + 12) / 6
        assert_eq!(lines.len(), 7);
        assert_eq!(lines[0], ((10.0, 26.0), (16.0, 20.0)));
        assert_eq!(lines[2], ((16.0, 32.0), (28.0, 20.0)));
        assert_eq!(lines[5], ((34.0, 32.0), (40.0, 26.0)));
    }

    #[test]
    fn a_marker_stands_around_its_point() {
        let square = Marker::Square.outline((10.0, 10.0), 4.0);
        let half = 5.0 / f64::sqrt(2.0);
        assert!(
            (square[0].0 - 10.0 - half).abs() < 1e-9 && (square[0].1 - 10.0 - half).abs() < 1e-9
        );
        assert_eq!(Marker::of(6), Marker::Square);
    }
}
