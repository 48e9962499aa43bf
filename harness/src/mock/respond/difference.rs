//! Where two JSON values differ, in a few words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::same::is_same;

/// Longer values are cut.
const SHOWN_CHARS: usize = 60;

/// The first difference of a JSON text from `want`, as "`papers.0.year` is 2014, not 2015"; numbers compare by value.
pub(super) fn difference(got: &RawValue, want: &Value) -> Option<String> {
    differs(got.get(), want, &mut Vec::new())
}

/// Goes down the text as it came: numbers keep all of their digits.
fn differs<'a>(got: &'a str, want: &'a Value, path: &mut Vec<Step<'a>>) -> Option<String> {
    match want {
        Value::Object(want) if let Some(got) = object(got) => {
            for (key, want) in want {
                path.push(Step::Key(key.into()));
                match got.get(key.as_str()) {
                    Some(got) => {
                        if let Some(found) = differs(got.get(), want, path) {
                            return Some(found);
                        }
                    }
                    None => return Some(format!("{} is missing", place(path))),
                }
                path.pop();
            }
            let extra = got.into_keys().find(|key| !want.contains_key(&**key))?;
            path.push(Step::Key(extra));
            Some(format!("{} is too much", place(path)))
        }
        Value::Array(want) if let Ok(got) = serde_json::from_str::<Vec<&RawValue>>(got) => {
            for (index, (got, want)) in got.iter().zip(want).enumerate() {
                path.push(Step::Index(index));
                if let Some(found) = differs(got.get(), want, path) {
                    return Some(found);
                }
                path.pop();
            }
            (got.len() != want.len()).then(|| {
                format!(
                    "{} has {} entries, not {}",
                    place(path),
                    got.len(),
                    want.len()
                )
            })
        }
        want => (!is_same(got, want))
            .then(|| format!("{} is {}, not {}", place(path), shown(got), wanted(want))),
    }
}

/// The values of an object, as they came.
fn object(text: &str) -> Option<BTreeMap<Cow<'_, str>, &RawValue>> {
    serde_json::from_str(text).ok()
}

enum Step<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

fn place(path: &[Step<'_>]) -> String {
    if path.is_empty() {
        return "it".to_owned();
    }
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Key(key) => key.to_string(),
            Step::Index(index) => index.to_string(),
        })
        .collect();
    format!("`{}`", steps.join("."))
}

/// A JSON text without white space, cut to a length that a person reads.
fn shown(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if !value.is_number() => cut(&value.to_string()),
        _ => cut(text),
    }
}

/// A value as JSON, cut likewise; a number with all of its digits.
fn wanted(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => cut(&number.to_string()),
        _ => cut(&value.to_string()),
    }
}

/// A text, cut to a length that a person reads.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of_text(got: &str, want: &Value) -> Option<String> {
        difference(serde_json::from_str(got).unwrap(), want)
    }

    #[test]
    fn the_first_difference_is_named() {
        let want = json!({"papers": [{"id": "p1", "year": 2015}], "more_pages": false});
        let cases = [
            (want.clone(), None),
            (
                json!({"more_pages": false, "papers": [{"year": 2015.0, "id": "p1"}]}),
                None,
            ),
            (
                json!({"papers": [{"id": "p1", "year": 2014}], "more_pages": false}),
                Some("`papers.0.year` is 2014, not 2015"),
            ),
            (
                json!({"papers": [], "more_pages": false}),
                Some("`papers` has 0 entries, not 1"),
            ),
            (
                json!({"papers": [{"id": "p1", "year": 2015}]}),
                Some("`more_pages` is missing"),
            ),
            (
                json!({"papers": [{"id": "p1", "year": 2015}], "more_pages": false, "x": 1}),
                Some("`x` is too much"),
            ),
        ];
        for (got, found) in cases {
            assert_eq!(of_text(&got.to_string(), &want).as_deref(), found);
        }
        assert_eq!(
            of_text("\"7\"", &json!(7)).as_deref(),
            Some("it is \"7\", not 7")
        );
    }

    #[test]
    fn long_values_are_cut() {
        let text = of_text(&json!("é".repeat(500)).to_string(), &json!(1)).unwrap();
        assert!(text.chars().count() < 90, "{text}");
    }

    #[test]
    fn whole_numbers_beyond_64_bits_are_shown_as_they_came() {
        let text = r#"{"a": 100000000000000000001}"#;
        assert_eq!(
            of_text(text, &json!({"a": 1e20})).as_deref(),
            Some("`a` is 100000000000000000001, not 100000000000000000000")
        );
        assert_eq!(of_text(r#"{"a": 1e20}"#, &json!({"a": 1e20})), None);
    }
}
