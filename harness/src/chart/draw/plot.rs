//! From shapes to a drawing backend of plotters.

use plotters::backend::DrawingBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{DashedPathElement, PathElement, Polygon, Rectangle};
use plotters::style::{Color, RGBColor, ShapeStyle};

use super::shapes::{Picture, Point, Shape, Stroke, Text};
use crate::chart::error::ChartError;
use crate::chart::palette::Colour;

/// The backends know whole pixels only, so everything is drawn larger by this.
pub const SCALE: f64 = 4.0;
/// A dash and the space after it.
const DASH: (f64, f64) = (5.0, 3.5);

pub fn drawn_size(picture: &Picture) -> (u32, u32) {
    (drawn(picture.width) as u32, drawn(picture.height) as u32)
}

pub fn drawn(pixels: f64) -> i32 {
    (pixels * SCALE).round() as i32
}

pub fn drawn_point((x, y): Point) -> (i32, i32) {
    (drawn(x), drawn(y))
}

pub fn drawing(error: impl std::fmt::Display) -> ChartError {
    ChartError::Draw(error.to_string())
}

pub type Area<B> = DrawingArea<B, Shift>;
pub type AreaError<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;

pub fn draw<B: DrawingBackend>(
    picture: &Picture,
    area: &Area<B>,
    draw_text: impl Fn(&Text) -> Result<(), AreaError<B>>,
) -> Result<(), AreaError<B>> {
    for shape in &picture.shapes {
        match shape {
            Shape::Area(rectangle, colour) => area.draw(&Rectangle::new(
                [
                    drawn_point((rectangle.left, rectangle.top)),
                    drawn_point((rectangle.right, rectangle.bottom)),
                ],
                rgb(*colour).filled(),
            ))?,
            Shape::Polygon(points, colour) => area.draw(&Polygon::new(
                points.iter().copied().map(drawn_point).collect::<Vec<_>>(),
                rgb(*colour).filled(),
            ))?,
            Shape::Line(points, stroke) => draw_line(area, points, *stroke)?,
            Shape::Text(text) => draw_text(text)?,
        }
    }
    Ok(())
}

fn draw_line<B: DrawingBackend>(
    area: &Area<B>,
    points: &[Point],
    stroke: Stroke,
) -> Result<(), AreaError<B>> {
    let style = ShapeStyle {
        color: rgb(stroke.colour).to_rgba(),
        filled: false,
        stroke_width: drawn(stroke.width) as u32,
    };
    let points = points.iter().copied().map(drawn_point);
    if stroke.is_dashed {
        let (dash, space) = DASH;
        area.draw(&DashedPathElement::new(
            points.collect::<Vec<_>>(),
            drawn(dash),
            drawn(space),
            style,
        ))
    } else {
        area.draw(&PathElement::new(points.collect::<Vec<_>>(), style))
    }
}

pub fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}
