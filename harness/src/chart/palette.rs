//! The colour of a framework: the same one in every chart of every sweep.

use crate::framework::{Kind, Language};

/// A colour, red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(pub u8, pub u8, pub u8);

pub(super) const WHITE: Colour = Colour(255, 255, 255);
/// Titles and values.
pub(super) const INK: Colour = Colour(0x1f, 0x23, 0x28);
/// Subtitles, ticks and footnotes.
pub(super) const SOFT_INK: Colour = Colour(0x57, 0x60, 0x6a);
/// The lines behind the data.
pub(super) const GRID: Colour = Colour(0xe4, 0xe7, 0xeb);
/// The edge of the picture and of panels.
pub(super) const EDGE: Colour = Colour(0xc4, 0xca, 0xd1);
/// Keys of a legend that stand for any framework.
pub(super) const ANY: Colour = Colour(0x6e, 0x77, 0x81);

/// Keys of a legend that stand for a framework's own colour.
pub(super) const SOME: [Colour; 3] = [
    Colour(0xd4, 0x2a, 0x12),
    Colour(0x1f, 0x66, 0xb5),
    Colour(0x0a, 0x80, 0x66),
];

/// Warm colours are Rust, blue ones Python, purple ones TypeScript, green ones Go, yellow ones the JVM. Within a
/// language the lightness differs, which every reader sees.
const FIXED: [(&str, Colour); 18] = [
    ("ours", Colour(0xd4, 0x2a, 0x12)),
    ("rig", Colour(0xf2, 0x96, 0x2e)),
    ("autoagents", Colour(0x7c, 0x1d, 0x0c)),
    ("floor-rust", Colour(0xe5, 0xa6, 0x8c)),
    ("langchain", Colour(0x1f, 0x66, 0xb5)),
    ("openai-agents", Colour(0x4f, 0xb3, 0xee)),
    ("openai-sdk", Colour(0x0b, 0x2b, 0x5c)),
    ("langgraph", Colour(0x6d, 0x8f, 0xc9)),
    ("pydantic-ai", Colour(0x5a, 0x5f, 0xdd)),
    ("crewai", Colour(0x24, 0x1f, 0x96)),
    ("floor-python", Colour(0x93, 0xbd, 0xdb)),
    ("ai", Colour(0x9c, 0x23, 0x83)),
    ("openai-agents-js", Colour(0xe0, 0x6f, 0xc4)),
    ("floor-typescript", Colour(0xd3, 0xa9, 0xcd)),
    ("eino", Colour(0x0a, 0x80, 0x66)),
    ("floor-go", Colour(0x7b, 0xc8, 0xb0)),
    ("langchain4j", Colour(0x96, 0x82, 0x00)),
    ("floor-jvm", Colour(0xcd, 0xc0, 0x5c)),
];

/// Colours of each language for frameworks that are not in [`FIXED`].
fn spare(language: Language) -> [Colour; 3] {
    match language {
        Language::Rust => [
            Colour(0xa8, 0x4f, 0x2a),
            Colour(0xff, 0x7a, 0x66),
            Colour(0x54, 0x2c, 0x1e),
        ],
        Language::Python => [
            Colour(0x3a, 0x7f, 0x9e),
            Colour(0x8a, 0x9a, 0xf0),
            Colour(0x14, 0x4a, 0x66),
        ],
        Language::TypeScript => [
            Colour(0x66, 0x1a, 0x66),
            Colour(0xc2, 0x4f, 0x9a),
            Colour(0xa7, 0x7a, 0xb8),
        ],
        Language::Go => [
            Colour(0x2f, 0xa3, 0x5e),
            Colour(0x0c, 0x4f, 0x3f),
            Colour(0x5f, 0xa8, 0xa0),
        ],
        Language::Jvm => [
            Colour(0xc9, 0xa2, 0x00),
            Colour(0x5c, 0x52, 0x10),
            Colour(0xa8, 0xa0, 0x5e),
        ],
    }
}

impl Colour {
    /// This colour with `share` of `other` in it.
    pub(super) fn mix(self, other: Colour, share: f64) -> Colour {
        let part = |own: u8, other: u8| {
            (f64::from(own) * (1.0 - share) + f64::from(other) * share).round() as u8
        };
        Colour(
            part(self.0, other.0),
            part(self.1, other.1),
            part(self.2, other.2),
        )
    }
}

/// How a row is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ink {
    pub colour: Colour,
    /// Floors are hatched, dashed or hollow, so that they can be told apart without colour.
    pub is_floor: bool,
}

impl Ink {
    pub(super) fn new(framework: &str, language: Language, kind: Kind) -> Ink {
        let fixed = FIXED.iter().find(|(name, _)| *name == framework);
        let colour = fixed.map_or_else(|| by_hash(framework, language), |(_, colour)| *colour);
        Ink {
            colour,
            is_floor: kind == Kind::Floor,
        }
    }

    /// For what stands behind or beside the main part.
    pub(super) fn pale(self) -> Colour {
        // A floor's colour is light already.
        self.colour
            .mix(WHITE, if self.is_floor { 0.35 } else { 0.65 })
    }

    /// For text, dark enough to be read on white.
    pub(super) fn text(self) -> Colour {
        self.colour.mix(INK, 0.55)
    }
}

fn by_hash(framework: &str, language: Language) -> Colour {
    // FNV-1a: short, and the same on every machine and in every version, which the standard hasher does not promise.
    let hash = framework.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let [first, second, third] = spare(language);
    match hash % 3 {
        0 => first,
        1 => second,
        _ => third,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 5] = [
        Language::Rust,
        Language::Python,
        Language::TypeScript,
        Language::Go,
        Language::Jvm,
    ];

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

    #[test]
    fn known_frameworks_are_told_apart() {
        for (index, (name, colour)) in FIXED.iter().enumerate() {
            for (other, other_colour) in &FIXED[index + 1..] {
                let apart = distance(*colour, *other_colour);
                assert!(apart > 0.055, "{name} and {other}: {apart:.3}");
            }
        }
    }

    #[test]
    fn rows_of_the_published_table_and_their_floors_are_told_apart_by_colour_blind_readers() {
        let rows = [
            "ours",
            "rig",
            "langchain",
            "openai-agents",
            "floor-rust",
            "floor-python",
        ];
        let seen = |name: &str| {
            let ink = Ink::new(name, Language::Rust, Kind::Framework);
            seen_by_deuteranope(ink.colour)
        };
        for (index, name) in rows.iter().enumerate() {
            for other in &rows[index + 1..] {
                let apart = distance(seen(name), seen(other));
                assert!(apart > 0.055, "{name} and {other}: {apart:.3}");
            }
        }
    }

    #[test]
    fn a_framework_keeps_its_colour_whatever_else_is_drawn() {
        assert_eq!(
            Ink::new("rig", Language::Rust, Kind::Framework).colour,
            Colour(0xf2, 0x96, 0x2e)
        );
        let unknown = Ink::new("newcomer", Language::Go, Kind::Framework);
        assert_eq!(unknown, Ink::new("newcomer", Language::Go, Kind::Framework));
        assert!(spare(Language::Go).contains(&unknown.colour));
    }

    #[test]
    fn no_spare_colour_is_a_known_frameworks() {
        for colour in LANGUAGES.into_iter().flat_map(spare) {
            for (name, fixed) in &FIXED {
                let apart = distance(colour, *fixed);
                assert!(apart > 0.03, "{colour:?} and {name}: {apart:.3}");
            }
        }
    }

    #[test]
    fn colours_mix_by_share() {
        assert_eq!(Colour(0, 100, 200).mix(WHITE, 0.5), Colour(128, 178, 228));
    }
}
