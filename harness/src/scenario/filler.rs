//! Words that fill a text up to a length: `{words.1000}` in the texts of a scenario.

use serde_json::Value;

/// As long as each other, with the space behind them six characters, so that a piece of a stream can be a word.
const VOCABULARY: [&str; 8] = [
    "agent", "bench", "cloud", "delta", "event", "frame", "graph", "heart",
];
/// More than any scenario needs: 6 MB.
const MAX_WORDS: usize = 1_000_000;

/// The words that a place called `words.1000` stands for; `None` for a place of another name or too many words.
pub(super) fn words(place: &str) -> Option<String> {
    let count: usize = place.strip_prefix("words.")?.parse().ok()?;
    if count == 0 || count > MAX_WORDS {
        return None;
    }
    let words: Vec<&str> = VOCABULARY.into_iter().cycle().take(count).collect();
    Some(words.join(" "))
}

/// A text that is no template, with its places of words filled.
pub(super) fn expanded(text: &str) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, place)) = rest.split_once('{') {
        filled.push_str(before);
        let named = place.split_once('}');
        let named = named.and_then(|(name, after)| Some((words(name)?, after)));
        rest = match named {
            Some((words, after)) => {
                filled.push_str(&words);
                after
            }
            None => {
                filled.push('{');
                place
            }
        };
    }
    filled.push_str(rest);
    filled
}

/// An entry of a list of values; one that is a place of words has them.
pub(super) fn filled(entry: &Value) -> Value {
    let place = entry.as_str().and_then(|text| text.strip_prefix('{'));
    let place = place.and_then(|text| text.strip_suffix('}'));
    let words = place.and_then(words);
    words.map_or_else(|| entry.clone(), Value::String)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_that_is_a_place_of_words_has_them_and_others_stay() {
        assert_eq!(filled(&json!("{words.2}")), json!("agent bench"));
        for entry in [
            json!(7),
            json!("words.2"),
            json!("{other}"),
            json!("a {words.2}"),
        ] {
            assert_eq!(filled(&entry), entry);
        }
    }

    #[test]
    fn a_text_that_is_no_template_has_no_other_places() {
        for (text, want) in [
            ("Run {run}: {words.2}.", "Run {run}: agent bench."),
            ("{words.1}{words.1}", "agentagent"),
            ("{{words.1}} {", "{agent} {"),
            ("{words.0} }", "{words.0} }"),
            ("", ""),
        ] {
            assert_eq!(expanded(text), want);
        }
    }

    #[test]
    fn a_place_of_words_has_as_many_of_six_characters_each() {
        assert_eq!(words("words.3").unwrap(), "agent bench cloud");
        let many = words("words.1000").unwrap();
        assert_eq!((many.len(), many.split(' ').count()), (5999, 1000));
        for place in ["words", "words.0", "words.x", "words.1000001", "word.3"] {
            assert_eq!(words(place), None, "{place}");
        }
    }
}
