//! From shapes to files, through plotters' SVG and bitmap backends.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{DashedPathElement, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontFamily, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle,
};

use super::ChartError;
use super::font::{FAMILY, Fonts, HALF_DIGIT, Type};
use super::palette::{Colour, WHITE};
use super::picture::{Align, Picture, Point, Shape, Stroke, Text};

/// The backends know whole pixels only, so everything is drawn larger by this.
const SCALE: f64 = 4.0;
/// A dash and the space after it.
const DASH: (f64, f64) = (5.0, 3.5);
/// plotters' SVG text size is this times the em.
const PLOTTERS_SIZE: f64 = 1.24;
/// From the middle of an `x` down to the line that it stands on, in ems of DejaVu Sans. plotters' vertical middle is
/// that of an `x`.
const HALF_X: f64 = 0.2735;

/// The picture as an SVG document.
pub(super) fn svg(picture: &Picture) -> Result<String, ChartError> {
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

/// The picture as a PNG file, twice as wide and high for screens of high resolution.
pub(super) fn png(picture: &Picture, fonts: &Fonts) -> Result<Vec<u8>, ChartError> {
    let (width, height) = drawn_size(picture);
    let mut drawn = vec![255; width as usize * height as usize * 3];
    {
        // White from the start: plotters would fill it pixel by pixel.
        let backend = BitMapBackend::with_buffer(&mut drawn, (width, height));
        let area = backend.into_drawing_area();
        draw(picture, &area, |text| bitmap_text(&area, text, fonts)).map_err(drawing)?;
        area.present().map_err(drawing)?;
    }
    let pixels = shrink(&drawn, width as usize);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width / 2, height / 2);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

fn drawn_size(picture: &Picture) -> (u32, u32) {
    (drawn(picture.width) as u32, drawn(picture.height) as u32)
}

fn drawn(pixels: f64) -> i32 {
    (pixels * SCALE).round() as i32
}

fn drawn_point((x, y): Point) -> (i32, i32) {
    (drawn(x), drawn(y))
}

fn drawing(error: impl std::fmt::Display) -> ChartError {
    ChartError::Draw(error.to_string())
}

type Area<B> = DrawingArea<B, Shift>;
type AreaError<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;

fn draw<B: DrawingBackend>(
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

fn bitmap_text(
    area: &Area<BitMapBackend<'_>>,
    text: &Text,
    fonts: &Fonts,
) -> Result<(), AreaError<BitMapBackend<'static>>> {
    let style = Type {
        size: text.style.size * SCALE,
        ..text.style
    };
    let before = match text.align {
        Align::Left => 0.0,
        Align::Middle => fonts.width(&text.text, style) / 2.0,
        Align::Right => fonts.width(&text.text, style),
    };
    let (start, down) = (
        before.round() as i32,
        (HALF_DIGIT * style.size).round() as i32,
    );
    let (at_x, at_y) = drawn_point(text.at);
    let mut outcome = Ok(());
    fonts.rasterize(&text.text, style, |x, y, coverage| {
        let (along, across) = (x - start, y + down);
        let at = if text.is_upward {
            (at_x + across, at_y - along)
        } else {
            (at_x + along, at_y + across)
        };
        if outcome.is_ok() {
            outcome = area.draw_pixel(at, &rgb(text.colour).mix(coverage));
        }
    });
    outcome
}

fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

/// Averages squares of two by two pixels.
fn shrink(drawn: &[u8], width: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(drawn.len() / 4);
    for rows in drawn.chunks_exact(width * 6) {
        let (upper, lower) = rows.split_at(width * 3);
        for (upper, lower) in upper.as_chunks().0.iter().zip(lower.as_chunks().0) {
            let [a, b, c, d, e, f] = *upper;
            let [g, h, i, j, k, l] = *lower;
            pixels.extend([mean([a, d, g, j]), mean([b, e, h, k]), mean([c, f, i, l])]);
        }
    }
    pixels
}

fn mean([a, b, c, d]: [u8; 4]) -> u8 {
    let sum = u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d);
    (sum / 4) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::picture;

    #[test]
    fn shrinking_averages_squares() {
        // Two by two pixels beside two by two pixels; the green parts differ.
        let drawn = [
            [0, 10, 0],
            [0, 20, 0],
            [9, 0, 1],
            [9, 0, 1],
            [0, 30, 0],
            [0, 40, 0],
            [9, 0, 1],
            [9, 0, 1],
        ];
        assert_eq!(shrink(&drawn.concat(), 4), [0, 25, 0, 9, 0, 1]);
    }

    #[test]
    fn an_area_covers_its_pixels_and_no_others() {
        let mut picture = Picture {
            width: 20.0,
            height: 10.0,
            shapes: Vec::new(),
        };
        let area = picture::Rectangle {
            left: 5.0,
            top: 2.0,
            right: 12.0,
            bottom: 8.0,
        };
        picture.area(area, Colour(200, 0, 0));
        let file = png(&picture, &Fonts::load().unwrap()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (40, 20));
        let at = |x: usize, y: usize| &pixels[(y * 40 + x) * 3..][..3];
        assert_eq!(at(11, 5), [200, 0, 0]);
        assert_eq!(at(23, 15), [200, 0, 0]);
        assert_eq!(at(9, 5), [255, 255, 255]);
        assert_eq!(at(25, 15), [255, 255, 255]);
        assert!(
            svg(&picture)
                .unwrap()
                .contains(r##"x="20" y="8" width="28" height="24" opacity="1" fill="#C80000""##)
        );
    }
}
