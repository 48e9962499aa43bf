//! What all charts have around their figure: title, subtitle, legend and footnotes.

use crate::chart::draw::font::{Fonts, Type};
use crate::chart::draw::shapes::{Align, Marker, Picture, Rectangle, Stroke};
use crate::chart::palette::{ANY, Colour, EDGE, INK, Ink, SOFT_INK, SOME, WHITE};

pub const WIDTH: f64 = 1000.0;
pub const MARGIN: f64 = 28.0;
pub const BODY: Type = Type::regular(13.0);
pub const SMALL: Type = Type::regular(12.0);
pub const STRONG: Type = Type::bold(13.0);
const TITLE: Type = Type::bold(20.0);
const LINE_HEIGHT: f64 = 18.0;
const KEY_WIDTH: f64 = 26.0;
const KEY_HEIGHT: f64 = 12.0;
const BETWEEN_KEYS: f64 = 22.0;
pub const DOT_RADIUS: f64 = 4.5;
pub const CURVE_WIDTH: f64 = 2.25;
pub const TICK_WIDTH: f64 = 2.5;
pub const WHISKER_WIDTH: f64 = 1.5;
const MIN_EDGED_WIDTH: f64 = 10.0;

/// A sign of the legend and what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub sign: Sign,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sign {
    Bar,
    PaleBar,
    FloorBar,
    ColouredBar,
    Tick,
    Whisker,
    Curve,
    DashedCurve,
    Dot(Marker),
    HollowDot,
    Break,
}

pub fn key(sign: Sign, text: impl Into<String>) -> Key {
    let text = text.into();
    Key { sign, text }
}

/// A picture that grows downwards.
pub struct Page<'a> {
    pub fonts: &'a Fonts,
    pub picture: Picture,
    /// Where the next part begins.
    pub top: f64,
}

impl<'a> Page<'a> {
    pub fn begin(fonts: &'a Fonts, title: &str, subtitle: &str, keys: &[Key]) -> Page<'a> {
        let picture = Picture {
            width: WIDTH,
            height: 0.0,
            shapes: Vec::new(),
        };
        let top = MARGIN;
        let mut page = Page {
            fonts,
            picture,
            top,
        };
        for line in fonts.wrap(title, TITLE, WIDTH - 2.0 * MARGIN) {
            page.left_text(&line, TITLE, INK);
            page.top += 26.0;
        }
        page.paragraph(subtitle, BODY);
        page.legend(keys);
        page
    }

    fn left_text(&mut self, text: &str, style: Type, colour: Colour) {
        let at = (MARGIN, self.top);
        self.picture.text(text, at, Align::Left, style, colour);
    }

    fn paragraph(&mut self, text: &str, style: Type) {
        for line in self.fonts.wrap(text, style, WIDTH - 2.0 * MARGIN) {
            self.left_text(&line, style, SOFT_INK);
            self.top += LINE_HEIGHT;
        }
    }

    fn legend(&mut self, keys: &[Key]) {
        if keys.is_empty() {
            return;
        }
        self.top += 8.0;
        let mut left = MARGIN;
        for Key { sign, text } in keys {
            let width = KEY_WIDTH + 7.0 + self.fonts.width(text, SMALL);
            if left > MARGIN && left + width > WIDTH - MARGIN {
                left = MARGIN;
                self.top += LINE_HEIGHT + 2.0;
            }
            self.sign(*sign, left);
            let at = (left + KEY_WIDTH + 7.0, self.top);
            self.picture.text(text, at, Align::Left, SMALL, INK);
            left += width + BETWEEN_KEYS;
        }
        self.top += LINE_HEIGHT;
    }

    fn sign(&mut self, sign: Sign, left: f64) {
        let (y, right) = (self.top, left + KEY_WIDTH);
        let centre = (left + KEY_WIDTH / 2.0, y);
        let any = Ink::any;
        let area = Rectangle {
            left,
            top: y - KEY_HEIGHT / 2.0,
            right,
            bottom: y + KEY_HEIGHT / 2.0,
        };
        match sign {
            Sign::Bar => self.picture.bar(area, ANY, any(false)),
            Sign::PaleBar => self.picture.bar(area, any(false).pale(), any(false)),
            Sign::FloorBar => self.picture.bar(area, ANY, any(true)),
            Sign::ColouredBar => self.coloured(area),
            Sign::Break => {
                self.picture.bar(area, ANY, any(false));
                broken(&mut self.picture, (right - 8.0, y), KEY_HEIGHT / 2.0);
            }
            Sign::Tick => tick(&mut self.picture, centre, KEY_HEIGHT / 2.0 + 1.0),
            Sign::Whisker => whisker(&mut self.picture, (left + 3.0, right - 3.0), y),
            Sign::Curve => {
                let stroke = Stroke::solid(ANY, CURVE_WIDTH);
                self.picture.line(vec![(left, y), (right, y)], stroke);
            }
            Sign::DashedCurve => {
                let stroke = Stroke::dashed(ANY, CURVE_WIDTH);
                self.picture.line(vec![(left, y), (right, y)], stroke);
            }
            Sign::Dot(marker) => self.picture.marker(marker, centre, DOT_RADIUS, any(false)),
            Sign::HollowDot => {
                self.picture
                    .marker(Marker::Circle, centre, DOT_RADIUS, any(true));
            }
        }
    }

    /// Some rows' colours, for any.
    fn coloured(&mut self, area: Rectangle) {
        let third = (area.right - area.left) / 3.0;
        for (index, colour) in SOME.into_iter().enumerate() {
            let left = area.left + index as f64 * third;
            let part = Rectangle {
                left,
                right: left + third,
                ..area
            };
            self.picture.area(part, colour);
        }
    }

    /// Adds footnotes and an edge.
    pub fn finish(mut self, notes: &[String]) -> Picture {
        if !notes.is_empty() {
            self.top += 14.0;
        }
        for note in notes {
            self.paragraph(note, SMALL);
        }
        self.picture.height = (self.top + MARGIN / 2.0).ceil();
        let edge = Rectangle {
            left: 0.5,
            top: 0.5,
            right: self.picture.width - 0.5,
            bottom: self.picture.height - 0.5,
        };
        self.picture.outline(edge, EDGE, 1.0);
        self.picture
    }
}

/// A line across a bar.
pub fn tick(picture: &mut Picture, (x, y): (f64, f64), half: f64) {
    picture.line(
        vec![(x, y - half), (x, y + half)],
        Stroke::solid(INK, TICK_WIDTH),
    );
}

/// A range with caps at its ends. A white edge keeps it visible on dark bars, unless it would hide a short one.
pub fn whisker(picture: &mut Picture, (from, to): (f64, f64), y: f64) {
    let has_edge = to - from > MIN_EDGED_WIDTH;
    let edge = has_edge.then_some((WHITE, 0.75));
    for (colour, edge) in edge.into_iter().chain([(INK, 0.0)]) {
        let stroke = Stroke::solid(colour, WHISKER_WIDTH + 2.0 * edge);
        picture.line(vec![(from - edge, y), (to + edge, y)], stroke);
        for x in [from, to] {
            picture.line(vec![(x, y - 4.0 - edge), (x, y + 4.0 + edge)], stroke);
        }
    }
}

/// A gap across a bar that goes on beyond its axis.
pub fn broken(picture: &mut Picture, (x, y): (f64, f64), half: f64) {
    let (half, slant) = (half + 2.0, 3.0);
    let edge = |x: f64| vec![(x - slant, y + half), (x + slant, y - half)];
    let mut outline = edge(x - 2.5);
    outline.extend(edge(x + 2.5).into_iter().rev());
    picture.polygon(outline, WHITE);
    for x in [x - 2.5, x + 2.5] {
        picture.line(edge(x), Stroke::solid(INK, 1.0));
    }
}
