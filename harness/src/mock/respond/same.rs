//! Whether a JSON text says the same as a value, without building a value of the text.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

/// Whether the text is JSON that equals the value; numbers compare by value.
///
/// Where it does not, and the values are equal, a key of the text comes twice.
pub(super) fn is_same(text: &str, want: &Value) -> bool {
    let mut text = serde_json::Deserializer::from_str(text);
    Same(want).deserialize(&mut text).unwrap_or(false) && text.end().is_ok()
}

/// Whether the text of a number says the same as a number. Whole numbers compare as such: a language that keeps them as
/// floating-point numbers loses those beyond 2⁵³. A number that this program keeps so is the one that its digits say.
fn is_same_number(text: &str, want: &Number) -> bool {
    let Ok(got) = text.parse::<Number>() else {
        return false;
    };
    match (whole(&got), whole(want)) {
        _ if want.is_f64() && is_whole_text(text) && got.as_f64() != Some(0.0) => {
            want.as_f64().is_some_and(|want| text == want.to_string())
        }
        (Some(got), Some(want)) => got == want,
        (None, None) => got.as_f64() == want.as_f64(),
        _ => false,
    }
}

/// Whether a number is written as whole ones are, with nothing but digits.
fn is_whole_text(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number that is whole, as `1` and `1.0` are.
fn whole(number: &Number) -> Option<i128> {
    if let Some(whole) = number.as_i128() {
        return Some(whole);
    }
    // Beyond it no 128 bits hold the number.
    const MOST: f64 = 1e38;
    let float = number.as_f64()?;
    (float.fract() == 0.0 && float.abs() < MOST).then_some(float as i128)
}

#[derive(Clone, Copy)]
struct Same<'a>(&'a Value);

impl Same<'_> {
    /// Whether a number is the one that is wanted, which is kept as a whole one.
    fn is_number(self, got: &Number) -> bool {
        let want = self.0.as_number().and_then(whole);
        want.is_some() && whole(got) == want
    }
}

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        match self.0 {
            // Read as a number, whole ones beyond 64 bits would lose digits.
            Value::Number(want) if want.is_f64() => {
                let got = <&RawValue>::deserialize(deserializer)?;
                Ok(is_same_number(got.get(), want))
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E: Error>(self, got: bool) -> Result<bool, E> {
        Ok(self.0.as_bool() == Some(got))
    }

    fn visit_i64<E: Error>(self, got: i64) -> Result<bool, E> {
        Ok(self.is_number(&got.into()))
    }

    fn visit_u64<E: Error>(self, got: u64) -> Result<bool, E> {
        Ok(self.is_number(&got.into()))
    }

    fn visit_f64<E: Error>(self, got: f64) -> Result<bool, E> {
        let got = Number::from_f64(got);
        Ok(got.is_some_and(|got| self.is_number(&got)))
    }

    fn visit_str<E: Error>(self, got: &str) -> Result<bool, E> {
        Ok(self.0.as_str() == Some(got))
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(self.0.is_null())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut got: A) -> Result<bool, A::Error> {
        let Some(want) = self.0.as_array() else {
            return different();
        };
        for want in want {
            if got.next_element_seed(Same(want))? != Some(true) {
                return different();
            }
        }
        Ok(got.next_element::<IgnoredAny>()?.is_none())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut got: A) -> Result<bool, A::Error> {
        let Some(want) = self.0.as_object() else {
            return different();
        };
        let mut seen = vec![false; want.len()];
        while let Some(key) = got.next_key::<super::text::Text>()? {
            let found = want
                .iter()
                .zip(&mut seen)
                .find(|((name, _), _)| **name == *key);
            let Some(((_, want), seen)) = found else {
                return different();
            };
            let is_twice = std::mem::replace(seen, true);
            if is_twice || !got.next_value_seed(Same(want))? {
                return different();
            }
        }
        Ok(seen.iter().all(|seen| *seen))
    }
}

/// Ends the reading at once.
fn different<E: Error>() -> Result<bool, E> {
    Err(E::custom("different"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_and_white_space_do_not_matter_and_all_else_does() {
        let want = json!({"a": [1, "x\n", null, true], "b": {"c": 2.5}});
        let same = [
            r#"{"a":[1,"x\n",null,true],"b":{"c":2.5}}"#,
            r#" {"b": {"c": 2.5}, "a": [1.0, "x\u000a", null, true]} "#,
        ];
        for text in same {
            assert!(is_same(text, &want), "{text}");
        }
        let different = [
            "",
            "7",
            r#"{"a":[1,"x\n",null],"b":{"c":2.5}}"#,
            r#"{"a":[1,"x\n",null,true,0],"b":{"c":2.5}}"#,
            r#"{"a":[1,"x\n",null,true]}"#,
            r#"{"a":[1,"x\n",null,true],"b":{"c":2.5},"d":0}"#,
            r#"{"a":[1,"x\n",null,true],"b":{"c":2.5}} x"#,
            r#"{"a":["1","x\n",null,true],"b":{"c":2.5}}"#,
            r#"{"a":[1,"x\n",null,true],"a":[1,"x\n",null,true],"b":{"c":2.5}}"#,
            r#"{"b":{"c":2.5},"b":{"c":2.5}}"#,
        ];
        for text in different {
            assert!(!is_same(text, &want), "{text}");
        }
    }

    #[test]
    fn whole_numbers_compare_as_whole_numbers() {
        let want = json!(9_007_199_254_740_993_u64);
        assert!(is_same("9007199254740993", &want));
        for text in [
            "9007199254740992",
            "9007199254740992.0",
            "9.007199254740992e15",
        ] {
            assert!(!is_same(text, &want), "{text}");
        }
        assert!(is_same("1.0", &json!(1)) && is_same("1", &json!(1.0)));
        assert!(is_same("-2e0", &json!(-2)) && !is_same("1.5", &json!(1)));
        assert!(!is_same("18446744073709551616", &json!(u64::MAX)));
        assert!(is_same("18446744073709551615", &json!(u64::MAX)));
    }

    #[test]
    fn whole_numbers_beyond_64_bits_compare_digit_by_digit() {
        let cases = [
            (1e20, "100000000000000000000", "100000000000000000001"),
            (-1e20, "-100000000000000000000", "-100000000000000000001"),
            (1e23, "100000000000000000000000", "100000000000000000000001"),
            // As JavaScript writes it.
            (
                2f64.powi(64),
                "18446744073709552000",
                "18446744073709552001",
            ),
            (2f64.powi(53), "9007199254740992", "9007199254740993"),
        ];
        for (want, same, other) in cases {
            let want = json!({"n": [want]});
            let text = |number: &str| format!(r#"{{"n": [{number}]}}"#);
            assert!(is_same(&want.to_string(), &want), "{want}");
            assert!(is_same(&text(same), &want), "{same}");
            assert!(!is_same(&text(other), &want), "{other}");
        }
        assert!(!is_same("1e400", &json!(1e300)) && !is_same("\"1.5\"", &json!(1.5)));
        assert!(is_same("0", &json!(0.0)) && is_same("-0", &json!(0.0)));
    }
}
