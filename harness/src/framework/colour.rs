//! A row's colour, as its manifest writes it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A colour: red, green and blue. Files write it like `#1f66b5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub u8, pub u8, pub u8);

/// A text that is not a colour.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a colour; write `#` and six hexadecimal digits, such as #1f66b5")]
pub struct NoColour(String);

impl TryFrom<String> for Colour {
    type Error = NoColour;

    fn try_from(text: String) -> Result<Colour, NoColour> {
        let digits = text.strip_prefix('#').filter(|digits| {
            digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(number) = number else {
            return Err(NoColour(text));
        };
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Colour(red, green, blue))
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> String {
        colour.to_string()
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Colour(red, green, blue) = self;
        write!(formatter, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_and_written_as_six_digits() {
        let colour = Colour::try_from("#1F66b5".to_owned()).unwrap();
        assert_eq!(colour, Colour(0x1f, 0x66, 0xb5));
        assert_eq!(colour.to_string(), "#1f66b5");
        for wrong in [
            "1f66b5", "#1f66b", "#1f66b55", "#+f66b5", "#ffé0", "blue", "",
        ] {
            let error = Colour::try_from(wrong.to_owned()).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{wrong}` is not a colour")),
                "{error}"
            );
        }
    }
}
