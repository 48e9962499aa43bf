//! Numbers of a JSON file, by their places, such as `check/levels/level=100/lateness/p50_us`.

use serde_json::Value;

use super::near::instead;
use super::number::{self, Form};
use super::placeholder::{JsonFigure, Reduced};
use crate::stats;

/// The figure, formatted for a text.
///
/// # Errors
///
/// If the file has no such place.
pub(super) fn figure(json: &Value, wanted: &JsonFigure, form: &Form) -> Result<String, String> {
    let above = numbers(json, &wanted.place)?;
    let Some(below) = &wanted.below else {
        let key = wanted.place.rsplit('/').next().unwrap_or_default();
        return number::value(reduce(above, wanted)?, key, form);
    };
    let divisors = numbers(json, below)?;
    if above.len() != divisors.len() {
        let (one, other) = (above.len(), divisors.len());
        return Err(format!(
            "can't divide {one} numbers by {other}: both places must give as many"
        ));
    }
    let quotients = above
        .iter()
        .zip(divisors)
        .map(|(above, below)| above / below);
    number::ratio(reduce(quotients.collect(), wanted)?, form)
}

fn reduce(numbers: Vec<f64>, wanted: &JsonFigure) -> Result<f64, String> {
    let reduced = match (wanted.reduced, numbers.as_slice()) {
        (None, [only]) => Some(*only),
        (None, _) => {
            let count = numbers.len();
            return Err(format!(
                "`{}` gives {count} numbers; put median, min or max before it",
                wanted.place
            ));
        }
        (Some(Reduced::Median), _) => stats::median(numbers),
        (Some(Reduced::Min), _) => numbers.into_iter().reduce(f64::min),
        (Some(Reduced::Max), _) => numbers.into_iter().reduce(f64::max),
    };
    let is_number = |value: &f64| value.is_finite();
    reduced
        .filter(is_number)
        .ok_or_else(|| format!("`{}` gives no number", wanted.place))
}

/// The numbers at a place. A step is a key of an object; or, of a list, a position counted from 0, `*` for every item,
/// or `key=value` for the items that have it.
fn numbers(json: &Value, place: &str) -> Result<Vec<f64>, String> {
    let mut values = vec![json];
    let mut done = String::new();
    for key in place.split('/') {
        let mut found = Vec::new();
        for value in values {
            let under = step(value, key);
            if under.is_empty() {
                let at = match done.is_empty() {
                    true => "the file".to_owned(),
                    false => format!("`{done}`"),
                };
                return Err(format!("{at} has no `{key}`; {}", there_is(value, key)));
            }
            found.extend(under);
        }
        values = found;
        let slash = if done.is_empty() { "" } else { "/" };
        done.push_str(&format!("{slash}{key}"));
    }
    let number = |value: &&Value| {
        value
            .as_f64()
            .ok_or_else(|| format!("`{place}` is not a number"))
    };
    values.iter().map(number).collect()
}

fn step<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    match value {
        Value::Object(object) => object.get(key).into_iter().collect(),
        Value::Array(items) if key == "*" => items.iter().collect(),
        Value::Array(items) => match key.split_once('=') {
            Some((name, wanted)) => {
                let is_wanted = |item: &&Value| item.get(name).is_some_and(|is| says(is, wanted));
                items.iter().filter(is_wanted).collect()
            }
            None => key
                .parse()
                .ok()
                .and_then(|place: usize| items.get(place))
                .into_iter()
                .collect(),
        },
        _ => Vec::new(),
    }
}

fn says(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        other => serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| wanted == *other),
    }
}

/// The keys that exist instead of `key`.
fn there_is(value: &Value, key: &str) -> String {
    match value {
        Value::Object(object) => instead(key, object.keys()),
        Value::Array(items) => match key.split_once('=') {
            Some((name, wanted)) => {
                let values = items.iter().filter_map(|item| item.get(name));
                let values: Vec<String> = values.map(Value::to_string).collect();
                format!("for `{name}`, {}", instead(wanted, values))
            }
            None => format!("it is a list of {}", items.len()),
        },
        _ => "it is neither an object nor a list".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::splice::placeholder::{Placeholder, What};

    fn shown(placeholder: &str) -> Result<String, String> {
        let json = serde_json::json!({
            "levels": [{"level": 1, "p50_us": 41.4}, {"level": 100, "p50_us": 97.5, "name": "x"}],
            "rounds": [{"a": 6, "b": 3}, {"a": 9, "b": 3}, {"a": 5, "b": 5}],
            "rss_bytes": 3_145_728,
        });
        match Placeholder::parse(&format!("mock.json {placeholder}"))
            .unwrap()
            .what
        {
            What::Json(wanted, form) => figure(&json, &wanted, &form),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_place_is_a_number_with_the_unit_of_its_key() {
        for (placeholder, text) in [
            ("levels/0/p50_us", "41 µs"),
            ("levels/level=100/p50_us .1", "97.5 µs"),
            ("levels/name=x/p50_us in ms .4", "0.0975 ms"),
            ("rss_bytes", "3 MiB"),
            ("rounds/1/a", "9"),
            ("rounds/1/a / rounds/1/b", "3.0"),
        ] {
            assert_eq!(shown(placeholder).unwrap(), text, "{placeholder}");
        }
    }

    #[test]
    fn a_list_is_reduced_to_one_number() {
        for (placeholder, text) in [
            ("median rounds/*/a", "6"),
            ("min rounds/*/a", "5"),
            ("max rounds/*/a", "9"),
            ("median rounds/*/a / rounds/*/b", "2.0"),
            ("min rounds/*/a / rounds/*/b .2", "1.00"),
        ] {
            assert_eq!(shown(placeholder).unwrap(), text, "{placeholder}");
        }
    }

    #[test]
    fn a_place_that_is_not_there_is_told_what_is() {
        for (placeholder, message) in [
            (
                "level/0/p50_us",
                "the file has no `level`; known: levels, rounds, rss_bytes",
            ),
            ("levels/2/p50_us", "`levels` has no `2`; it is a list of 2"),
            (
                "levels/0/p99_us",
                "`levels/0` has no `p99_us`; known: level, p50_us",
            ),
            (
                "levels/level=10/p50_us",
                "`levels` has no `level=10`; for `level`, known: 1, 100",
            ),
            (
                "rss_bytes/x",
                "`rss_bytes` has no `x`; it is neither an object nor a list",
            ),
            ("levels", "`levels` is not a number"),
            (
                "rounds/*/a",
                "`rounds/*/a` gives 3 numbers; put median, min or max before it",
            ),
            (
                "median rounds/*/a / levels/*/level",
                "can't divide 3 numbers by 2: both places must give as many",
            ),
            (
                "max levels/*/name",
                "`levels/*` has no `name`; known: level, p50_us",
            ),
            (
                "rounds/0/a in ms",
                "`a` has no unit, so it can't be given in ms",
            ),
        ] {
            assert_eq!(shown(placeholder).unwrap_err(), message, "{placeholder}");
        }
    }
}
