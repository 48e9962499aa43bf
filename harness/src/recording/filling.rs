//! A recorded text as a scenario's: as it was, or words that fill its length.

use super::notes::Text;

/// Tells runs apart: the mock knows a run by what it finds in the prompt, and the answer follows from it.
const RUN: &str = "Run {run}";
/// `Run 0: `, which stands before a text.
const BEFORE_BYTES: usize = 7;
/// A word of the filler and the space behind it.
const WORD_BYTES: usize = 6;
/// The filler's first word, of which a shorter text takes the beginning.
const WORD: &str = "agent";
/// The maximum number of words that a scenario's place may stand for.
const MAX_WORDS: usize = 1_000_000;

/// Text of a turn beside its calls, as a template; `None` where there is none.
pub(super) fn beside_calls(text: &Text) -> Option<String> {
    match (&text.words, text.bytes) {
        (_, 0) => None,
        (Some(words), _) => Some(escaped(words)),
        (None, bytes) => Some(words(bytes)),
    }
}

/// The answer, as a template.
pub(super) fn answer(text: &Text) -> String {
    after_run(text, escaped)
}

/// The answer as an entry of a list of values, which is no template: only the words themselves. The run stands before
/// the list's place.
pub(super) fn answer_entry(text: &Text) -> String {
    match &text.words {
        Some(words) => words.clone(),
        None => words(text.bytes.saturating_sub(BEFORE_BYTES).max(1)),
    }
}

/// The answer that takes its words from the list of values `answer`.
pub(super) fn answer_of_values() -> String {
    format!("{RUN}: {{answer}}")
}

/// The prompt, in which only the run and the filler's words are filled in.
pub(super) fn prompt(text: &Text) -> String {
    after_run(text, without_places)
}

/// The instructions, in which only the filler's words are filled in.
pub(super) fn instructions(text: &Text) -> String {
    match (&text.words, text.bytes) {
        (_, 0) => String::new(),
        (Some(words), _) => without_places(words),
        (None, bytes) => words(bytes),
    }
}

fn after_run(text: &Text, as_it_was: impl Fn(&str) -> String) -> String {
    match &text.words {
        Some(words) => format!("{RUN}: {}", as_it_was(words)),
        None if text.bytes <= BEFORE_BYTES => format!("{RUN}."),
        None => format!("{RUN}: {}", words(text.bytes - BEFORE_BYTES)),
    }
}

/// Words that have this length, or up to five bytes less; a text that is shorter than a word has its beginning.
fn words(bytes: usize) -> String {
    match (bytes + 1) / WORD_BYTES {
        0 => WORD.get(..bytes).unwrap_or(WORD).to_owned(),
        count => format!("{{words.{}}}", count.min(MAX_WORDS)),
    }
}

/// A template's braces are doubled.
fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Where braces can't be doubled, a space keeps a place from being one.
fn without_places(text: &str) -> String {
    text.replace("{run}", "{ run }")
        .replace("{words.", "{ words.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(bytes: usize) -> Text {
        Text { bytes, words: None }
    }

    #[test]
    fn filler_has_the_length_of_the_text_or_a_little_less() {
        assert_eq!(beside_calls(&sized(0)), None);
        assert_eq!(beside_calls(&sized(3)).unwrap(), "age");
        assert_eq!(beside_calls(&sized(5)).unwrap(), "{words.1}");
        assert_eq!(beside_calls(&sized(11)).unwrap(), "{words.2}");
        assert_eq!(beside_calls(&sized(16)).unwrap(), "{words.2}");
        // "Run 0: " has seven bytes.
        assert_eq!(answer(&sized(7)), "Run {run}.");
        assert_eq!(answer(&sized(18)), "Run {run}: {words.2}");
        assert_eq!(prompt(&sized(18)), "Run {run}: {words.2}");
        assert_eq!(instructions(&sized(0)), "");
    }

    #[test]
    fn texts_as_they_were_have_no_places() {
        let text = Text::of("{run} {words.7} {x}", true);
        assert_eq!(answer(&text), "Run {run}: {{run}} {{words.7}} {{x}}");
        assert_eq!(prompt(&text), "Run {run}: { run } { words.7} {x}");
        assert_eq!(instructions(&text), "{ run } { words.7} {x}");
        assert_eq!(answer_entry(&text), "{run} {words.7} {x}");
    }
}
