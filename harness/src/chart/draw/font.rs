//! The font that ships with the project: measuring text, and its glyphs as pixels.
//!
//! Text is measured and put into bitmaps here, not by plotters, which places glyphs at whole pixels and leaves out the
//! space before them.

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

use crate::chart::error::ChartError;

const REGULAR: &[u8] = include_bytes!("../../../assets/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/DejaVuSans-Bold.ttf");

/// For SVG viewers: Verdana has the same widths as DejaVu Sans, and one of the two is on most machines.
pub const FAMILY: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";

/// From the middle of a digit down to the line that it stands on, in text sizes.
pub const HALF_DIGIT: f64 = 0.365;

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Type {
    /// Pixels per em, as in CSS.
    pub size: f64,
    pub is_bold: bool,
}

impl Type {
    pub const fn regular(size: f64) -> Type {
        let is_bold = false;
        Type { size, is_bold }
    }

    pub const fn bold(size: f64) -> Type {
        let is_bold = true;
        Type { size, is_bold }
    }
}

/// Both weights.
pub struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Fonts {
    pub fn load() -> Result<Fonts, ChartError> {
        let font = |bytes| FontRef::try_from_slice(bytes).map_err(|_| ChartError::Font);
        Ok(Fonts {
            regular: font(REGULAR)?,
            bold: font(BOLD)?,
        })
    }

    /// Glyphs from left to right along a line from (0, 0), and the width of the whole.
    fn lay_out(&self, text: &str, style: Type) -> (Vec<Glyph>, f64) {
        let font = self.font(style);
        let per_em = font.height_unscaled() / font.units_per_em().unwrap_or(1.0);
        let scale = PxScale::from(style.size as f32 * per_em);
        let scaled = font.as_scaled(scale);
        let (mut glyphs, mut x, mut last) = (Vec::new(), 0.0, None);
        for letter in text.chars() {
            let id = scaled.glyph_id(letter);
            if let Some(last) = last {
                x += scaled.kern(last, id);
            }
            glyphs.push(id.with_scale_and_position(scale, point(x, 0.0)));
            x += scaled.h_advance(id);
            last = Some(id);
        }
        (glyphs, f64::from(x))
    }

    fn font(&self, style: Type) -> &FontRef<'static> {
        if style.is_bold {
            &self.bold
        } else {
            &self.regular
        }
    }

    /// In pixels.
    pub fn width(&self, text: &str, style: Type) -> f64 {
        self.lay_out(text, style).1
    }

    /// `text`, or as much of it as fits with an ellipsis.
    pub fn fit(&self, text: &str, style: Type, width: f64) -> String {
        if self.width(text, style) <= width {
            return text.to_owned();
        }
        let mut kept = text.to_owned();
        while kept.pop().is_some() {
            let shortened = format!("{}…", kept.trim_end());
            if self.width(&shortened, style) <= width {
                return shortened;
            }
        }
        "…".to_owned()
    }

    /// `text` in lines of at most `width`, broken at spaces; a longer word is shortened.
    pub fn wrap(&self, text: &str, style: Type, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ') {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            match (lines.last_mut(), longer) {
                (Some(line), Some(longer)) if self.width(&longer, style) <= width => *line = longer,
                _ => lines.push(self.fit(word, style, width)),
            }
        }
        lines
    }

    /// Calls `pixel` with place and coverage of every pixel of `text`, standing on a line from (0, 0) to the right.
    pub fn rasterize(&self, text: &str, style: Type, mut pixel: impl FnMut(i32, i32, f64)) {
        let font = self.font(style);
        for glyph in self.lay_out(text, style).0 {
            if let Some(outline) = font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|x, y, coverage| {
                    let (x, y) = (x as i32 + corner.x as i32, y as i32 + corner.y as i32);
                    pixel(x, y, f64::from(coverage.min(1.0)));
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: Type = Type::regular(100.0);

    #[test]
    fn a_text_is_as_wide_as_the_fonts_advances() {
        let fonts = Fonts::load().unwrap();
        // A digit of DejaVu Sans advances 1,303 of 2,048 units.
        let digits = fonts.width("20", BODY);
        assert!(
            (digits - 2.0 * 100.0 * 1303.0 / 2048.0).abs() < 0.01,
            "{digits}"
        );
        assert!(fonts.width("20", Type::bold(100.0)) > digits);
    }

    #[test]
    fn long_texts_are_shortened_or_broken_to_fit() {
        let fonts = Fonts::load().unwrap();
        let label = "a framework with a long name";
        let width = fonts.width("a framework…", BODY) + 1.0;
        assert_eq!(fonts.fit(label, BODY, width), "a framework…");
        assert_eq!(fonts.fit("short", BODY, width), "short");
        let lines = fonts.wrap(label, BODY, width);
        assert_eq!(lines, ["a framework", "with a long", "name"]);
    }

    #[test]
    fn the_font_has_every_symbol_that_charts_print() {
        let fonts = Fonts::load().unwrap();
        for letter in "…–—−×µ≥≤≈·*%éß".chars() {
            for font in [&fonts.regular, &fonts.bold] {
                assert_ne!(font.glyph_id(letter).0, 0, "{letter}");
            }
        }
    }
}
