//! Where two JSON values differ, in a few words.

use serde_json::Value;

use super::same::is_same_number;

/// Longer values are cut.
const SHOWN_CHARS: usize = 60;

/// The first difference of `got` from `want`, as "`papers.0.year` is 2014, not 2015"; numbers compare by value.
pub(super) fn difference(got: &Value, want: &Value) -> Option<String> {
    differs(got, want, &mut Vec::new())
}

fn differs<'a>(got: &'a Value, want: &'a Value, path: &mut Vec<Step<'a>>) -> Option<String> {
    match (got, want) {
        (Value::Object(got), Value::Object(want)) => {
            for (key, want) in want {
                path.push(Step::Key(key));
                match got.get(key) {
                    Some(got) => {
                        if let Some(found) = differs(got, want, path) {
                            return Some(found);
                        }
                    }
                    None => return Some(format!("{} is missing", place(path))),
                }
                path.pop();
            }
            let extra = got.keys().find(|key| !want.contains_key(*key))?;
            path.push(Step::Key(extra));
            Some(format!("{} is too much", place(path)))
        }
        (Value::Array(got), Value::Array(want)) => {
            for (index, (got, want)) in got.iter().zip(want).enumerate() {
                path.push(Step::Index(index));
                if let Some(found) = differs(got, want, path) {
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
        (got, want) => {
            let same = match (got, want) {
                (Value::Number(got), Value::Number(want)) => is_same_number(got, want),
                _ => got == want,
            };
            (!same).then(|| format!("{} is {}, not {}", place(path), shown(got), shown(want)))
        }
    }
}

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

fn place(path: &[Step<'_>]) -> String {
    if path.is_empty() {
        return "it".to_owned();
    }
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Key(key) => (*key).to_owned(),
            Step::Index(index) => index.to_string(),
        })
        .collect();
    format!("`{}`", steps.join("."))
}

/// A value as JSON, cut to a length that a person reads.
fn shown(value: &Value) -> String {
    cut(&value.to_string())
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
            assert_eq!(difference(&got, &want).as_deref(), found);
        }
        assert_eq!(
            difference(&json!("7"), &json!(7)).as_deref(),
            Some("it is \"7\", not 7")
        );
    }

    #[test]
    fn long_values_are_cut() {
        let text = difference(&json!("é".repeat(500)), &json!(1)).unwrap();
        assert!(text.chars().count() < 90, "{text}");
    }
}
