//! Whether a JSON text says the same as a value, without building a value of the text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// Whether the text is JSON that equals the value; numbers compare by value.
///
/// No is not a proof: the caller looks for the difference and may find none.
pub(super) fn is_same(text: &str, want: &Value) -> bool {
    let mut text = serde_json::Deserializer::from_str(text);
    Same(want).deserialize(&mut text).unwrap_or(false) && text.end().is_ok()
}

#[derive(Clone, Copy)]
struct Same<'a>(&'a Value);

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
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
        Ok(self.0.as_i64() == Some(got))
    }

    fn visit_u64<E: Error>(self, got: u64) -> Result<bool, E> {
        Ok(self.0.as_u64() == Some(got))
    }

    fn visit_f64<E: Error>(self, got: f64) -> Result<bool, E> {
        Ok(self.0.as_number().and_then(Number::as_f64) == Some(got))
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
        let mut seen = 0;
        while let Some(key) = got.next_key::<super::text::Text>()? {
            let Some(want) = want.get(&*key) else {
                return different();
            };
            if !got.next_value_seed(Same(want))? {
                return different();
            }
            seen += 1;
        }
        Ok(seen == want.len())
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
        ];
        for text in different {
            assert!(!is_same(text, &want), "{text}");
        }
    }
}
