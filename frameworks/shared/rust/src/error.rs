//! What a framework fails with, and what of it goes into a sample.

/// What a framework may fail with; its text becomes the sample's `error`.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A failed run keeps this many characters of its error, and nothing else.
pub(crate) const ERROR_LENGTH: usize = 300;

/// The scenario offers a tool that the runner does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scenario wants a tool that this runner lacks: {0}")]
pub struct UnknownTool(pub String);

/// The text of an error and of its causes, but for those that the text already quotes.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// The first `length` characters of a text.
pub(crate) fn beginning(mut text: String, length: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(length) {
        text.truncate(end);
        text.shrink_to_fit();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_follow_the_error_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        assert_eq!(
            with_causes(&Outer(std::io::Error::other("inner"))),
            "outer: inner"
        );
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(beginning("äöü".into(), 2), "äö");
        assert_eq!(beginning("äöü".into(), 3), "äöü");
        assert_eq!(beginning(String::new(), 3), "");
    }
}
