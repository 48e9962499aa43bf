//! The colour of a row: the same one in every chart of every sweep.

use super::input::Row;
use crate::framework::{Kind, Language};

pub use crate::framework::Colour;

pub const WHITE: Colour = Colour(255, 255, 255);
/// Titles and values.
pub const INK: Colour = Colour(0x1f, 0x23, 0x28);
/// Subtitles, ticks and footnotes.
pub const SOFT_INK: Colour = Colour(0x57, 0x60, 0x6a);
/// The lines behind the data.
pub const GRID: Colour = Colour(0xe4, 0xe7, 0xeb);
/// The edge of the picture and of panels.
pub const EDGE: Colour = Colour(0xc4, 0xca, 0xd1);
/// Keys of a legend that stand for any framework.
pub const ANY: Colour = Colour(0x6e, 0x77, 0x81);

/// Keys of a legend that stand for a framework's own colour.
pub const SOME: [Colour; 3] = [
    Colour(0xd4, 0x2a, 0x12),
    Colour(0x1f, 0x66, 0xb5),
    Colour(0x0a, 0x80, 0x66),
];

/// The hue that a language's rows have unless they ask for another, and how far it may vary, in degrees.
fn hue(language: Language) -> (f64, f64) {
    match language {
        Language::Rust => (14.0, 16.0),
        Language::Python => (218.0, 22.0),
        Language::TypeScript => (308.0, 20.0),
        Language::Go => (158.0, 18.0),
        Language::Jvm => (50.0, 6.0),
    }
}

/// `colour` with `share` of `other` in it.
pub fn mix(colour: Colour, other: Colour, share: f64) -> Colour {
    let part = |own: u8, other: u8| {
        (f64::from(own) * (1.0 - share) + f64::from(other) * share).round() as u8
    };
    Colour(
        part(colour.0, other.0),
        part(colour.1, other.1),
        part(colour.2, other.2),
    )
}

/// How a row is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    pub colour: Colour,
    /// Floors are hatched, dashed or hollow, so that they can be told apart without colour.
    pub is_floor: bool,
}

impl Ink {
    pub fn of(row: &Row) -> Ink {
        let own = || by_name(&row.key.framework, row.language);
        Ink {
            colour: row.colour.unwrap_or_else(own),
            is_floor: row.kind == Kind::Floor,
        }
    }

    /// Of a legend's key, which stands for any row.
    pub fn any(is_floor: bool) -> Ink {
        Ink {
            colour: ANY,
            is_floor,
        }
    }

    /// For what stands behind or beside the main part.
    pub fn pale(self) -> Colour {
        // A floor's colour is light already.
        mix(self.colour, WHITE, if self.is_floor { 0.35 } else { 0.65 })
    }

    /// For text, dark enough to be read on white.
    pub fn text(self) -> Colour {
        mix(self.colour, INK, 0.55)
    }
}

/// The language's hue, with a shade that follows from the name alone: a row keeps its colour whatever else is
/// drawn, so two rows may come close. Lightness varies most, since every reader sees it.
fn by_name(framework: &str, language: Language) -> Colour {
    // FNV-1a: short, and the same on every machine and in every version, which the standard hasher does not promise.
    let hash = framework.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    // FNV's lower bits mix worst; nine shades of light, seven of hue, three of saturation.
    let mixed = hash ^ (hash >> 15);
    let share = |number: u32, count: u32| f64::from(number % count) / f64::from(count - 1);
    let (middle, around) = hue(language);
    let hue = middle + around * (2.0 * share(mixed / 9, 7) - 1.0);
    let saturation = 0.5 + 0.4 * share(mixed / 63, 3);
    from_hsl(hue, saturation, 0.24 + 0.44 * share(mixed, 9))
}

/// CSS Color Module Level 4, section 7.1.
fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Colour {
    let reach = saturation * lightness.min(1.0 - lightness);
    let part = |offset: f64| {
        let place = (offset + hue.rem_euclid(360.0) / 30.0) % 12.0;
        let value = lightness - reach * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    Colour(part(0.0), part(8.0), part(4.0))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::framework::Framework;
    use crate::layout::Layout;
    use crate::plan::RowKey;

    /// Oklab, in which equal distances look about equally different (Ottosson 2020).
    fn oklab(colour: Colour) -> [f64; 3] {
        let linear = [colour.0, colour.1, colour.2].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        lab_of_linear(linear)
    }

    fn lab_of_linear([r, g, b]: [f64; 3]) -> [f64; 3] {
        let l = (0.412_221_5 * r + 0.536_332_5 * g + 0.051_446 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_397 * b).cbrt();
        let s = (0.088_302_5 * r + 0.281_718_8 * g + 0.629_978_7 * b).cbrt();
        [
            0.210_454_3 * l + 0.793_617_8 * m - 0.004_072 * s,
            1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            0.025_904 * l + 0.782_771_8 * m - 0.808_675_8 * s,
        ]
    }

    /// As a reader without green cones sees it (Machado, Oliveira and Fernandes 2009, deuteranopia).
    fn seen_by_deuteranope(colour: Colour) -> Colour {
        let [r, g, b] = [colour.0, colour.1, colour.2].map(f64::from);
        let part = |value: f64| value.round().clamp(0.0, 255.0) as u8;
        Colour(
            part(0.367_322 * r + 0.860_646 * g - 0.227_968 * b),
            part(0.280_085 * r + 0.672_501 * g + 0.047_413 * b),
            part(-0.011_820 * r + 0.042_940 * g + 0.968_881 * b),
        )
    }

    fn distance(one: Colour, other: Colour) -> f64 {
        let (one, other) = (oklab(one), oklab(other));
        std::iter::zip(one, other)
            .map(|(one, other)| (one - other).powi(2))
            .sum::<f64>()
            .sqrt()
    }

    /// The rows of the repository that ask for a colour, floors last.
    fn rows() -> Vec<Framework> {
        let layout = Layout::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let rows = Framework::load_all(&layout).unwrap().into_iter();
        rows.filter(|row| row.colour.is_some()).collect()
    }

    /// Pairs of rows that are nearer to each other than `apart`, as `seen`.
    fn alike(
        rows: &[Framework],
        apart: f64,
        is_meant: impl Fn(&Framework, &Framework) -> bool,
        seen: impl Fn(Colour) -> Colour,
    ) -> Vec<String> {
        let pairs = rows.iter().enumerate();
        let pairs = pairs
            .flat_map(|(index, row)| rows.iter().skip(index + 1).map(move |other| (row, other)));
        pairs
            .filter(|(row, other)| is_meant(row, other))
            .filter_map(|(row, other)| {
                let found = distance(seen(row.colour?), seen(other.colour?));
                (found <= apart).then(|| format!("{} and {}: {found:.3}", row.name, other.name))
            })
            .collect()
    }

    #[test]
    fn rows_of_the_repository_are_told_apart() {
        let rows = rows();
        assert!(rows.len() >= 18, "{}", rows.len());
        assert_eq!(alike(&rows, 0.055, |_, _| true, |colour| colour), [""; 0]);
    }

    #[test]
    fn rows_of_a_language_are_told_apart_by_colour_blind_readers() {
        let of_one = |row: &Framework, other: &Framework| row.language == other.language;
        assert_eq!(alike(&rows(), 0.055, of_one, seen_by_deuteranope), [""; 0]);
    }

    fn row(framework: &str, language: Language, colour: Option<Colour>) -> Row {
        Row {
            key: RowKey::new(framework, "default"),
            label: framework.to_owned(),
            language,
            kind: Kind::Framework,
            colour,
        }
    }

    #[test]
    fn a_row_has_the_colour_that_it_asks_for_else_one_of_its_language() {
        let asked = row("toy", Language::Go, Some(Colour(1, 2, 3)));
        assert_eq!(Ink::of(&asked).colour, Colour(1, 2, 3));
        let ink = |name: &str, language| Ink::of(&row(name, language, None)).colour;
        assert_eq!(ink("toy", Language::Go), ink("toy", Language::Go));
        assert_ne!(ink("toy", Language::Go), ink("toy", Language::Python));
        let names = (0..200).map(|number| format!("toy-{number}"));
        for Colour(red, green, blue) in names.map(|name| ink(&name, Language::Go)) {
            assert!(green > red && green > blue, "{red} {green} {blue}");
        }
    }

    #[test]
    fn names_get_many_different_shades() {
        let names = (0..30).map(|number| format!("toy-{number}"));
        let mut shades: Vec<String> = names
            .map(|name| by_name(&name, Language::Python).to_string())
            .collect();
        shades.sort();
        shades.dedup();
        assert!(shades.len() > 20, "{}", shades.len());
    }

    #[test]
    fn a_hue_becomes_red_green_and_blue() {
        assert_eq!(from_hsl(0.0, 1.0, 0.5), Colour(255, 0, 0));
        assert_eq!(from_hsl(-120.0, 1.0, 0.5), Colour(0, 0, 255));
        // CSS: hsl(150 60% 40%)
        assert_eq!(from_hsl(150.0, 0.6, 0.4), Colour(41, 163, 102));
    }

    #[test]
    fn colours_mix_by_share() {
        assert_eq!(mix(Colour(0, 100, 200), WHITE, 0.5), Colour(128, 178, 228));
    }
}
