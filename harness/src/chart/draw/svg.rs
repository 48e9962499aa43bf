//! A picture as an SVG document.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, FontStyle, FontTransform, IntoFont, TextStyle};

use super::font::{FAMILY, HALF_DIGIT};
use super::plot::{Area, AreaError, SCALE, draw, drawing, drawn_point, drawn_size, rgb};
use super::shapes::{Align, Picture, Text};
use crate::chart::error::ChartError;
use crate::chart::palette::WHITE;

/// plotters' SVG text size is this times the em.
const PLOTTERS_SIZE: f64 = 1.24;
/// From the middle of an `x` down to the line that it stands on, in ems of DejaVu Sans. plotters' vertical middle is
/// that of an `x`.
const HALF_X: f64 = 0.2735;

/// The picture as an SVG document.
pub fn document(picture: &Picture) -> Result<String, ChartError> {
    let (width, height) = drawn_size(picture);
    let mut document = String::new();
    {
        let area = SVGBackend::with_string(&mut document, (width, height)).into_drawing_area();
        area.fill(&rgb(WHITE)).map_err(drawing)?;
        draw(picture, &area, |text| svg_text(&area, text)).map_err(drawing)?;
        area.present().map_err(drawing)?;
    }
    // Drawn large, shown at its size.
    let drawn = format!("width=\"{width}\" height=\"{height}\"");
    let shown = format!("width=\"{}\" height=\"{}\"", picture.width, picture.height);
    Ok(document.replacen(&drawn, &shown, 1))
}

fn svg_text(
    area: &Area<SVGBackend<'_>>,
    text: &Text,
) -> Result<(), AreaError<SVGBackend<'static>>> {
    let horizontal = match text.align {
        Align::Left => HPos::Left,
        Align::Middle => HPos::Center,
        Align::Right => HPos::Right,
    };
    let (weight, transform) = (
        if text.style.is_bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        },
        if text.is_upward {
            FontTransform::Rotate270
        } else {
            FontTransform::None
        },
    );
    let font = FontFamily::Name(FAMILY)
        .into_font()
        .style(weight)
        .resize(text.style.size * SCALE * PLOTTERS_SIZE)
        .transform(transform);
    let colour = rgb(text.colour);
    let style = TextStyle::from(font)
        .color(&colour)
        .pos(Pos::new(horizontal, VPos::Center));
    let down = (HALF_DIGIT - HALF_X) * text.style.size;
    let (x, y) = text.at;
    let at = if text.is_upward {
        (x + down, y)
    } else {
        (x, y + down)
    };
    area.draw_text(&text.text, &style, drawn_point(at))
}
