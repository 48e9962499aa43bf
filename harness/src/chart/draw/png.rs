//! A picture as a PNG file.

use plotters::backend::BitMapBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::style::Color;

use super::font::{Fonts, HALF_DIGIT, Type};
use super::plot::{Area, AreaError, SCALE, draw, drawing, drawn_point, drawn_size, rgb};
use super::shapes::{Align, Picture, Text};
use crate::chart::error::ChartError;

/// The picture as a PNG file, twice as wide and high for screens of high resolution.
pub fn file(picture: &Picture, fonts: &Fonts) -> Result<Vec<u8>, ChartError> {
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
    use crate::chart::draw::{shapes, svg};
    use crate::chart::palette::Colour;

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
        let area = shapes::Rectangle {
            left: 5.0,
            top: 2.0,
            right: 12.0,
            bottom: 8.0,
        };
        picture.area(area, Colour(200, 0, 0));
        let file = super::file(&picture, &Fonts::load().unwrap()).unwrap();
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
            svg::document(&picture)
                .unwrap()
                .contains(r##"x="20" y="8" width="28" height="24" opacity="1" fill="#C80000""##)
        );
    }
}
