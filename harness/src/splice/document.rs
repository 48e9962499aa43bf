//! A document that a template produces: a whole file, or a block of one.

use std::path::{Path, PathBuf};

use crate::input::{self, InputError};

/// A document, as it is and as its template produces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file.
    pub path: PathBuf,
    /// What it should contain.
    pub text: String,
    /// What it contains; `None` if it does not exist.
    before: Option<String>,
}

/// The first line in which a document differs from what its template produces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Counted from 1.
    pub line: usize,
    /// The line of the document; `None` if it ends before.
    pub is: Option<String>,
    /// The line that the template produces; `None` if its text ends before.
    pub should_be: Option<String>,
}

impl Document {
    /// A whole file; `template` is the template's name.
    pub(super) fn whole(path: PathBuf, template: &str, body: &str) -> Document {
        let text = format!(
            "<!-- Made from {template} by `loopmark report --splice`: edit that file, not this one. -->\n\n{}",
            body.trim_start_matches('\n')
        );
        let before = std::fs::read_to_string(&path).ok();
        Document { path, text, before }
    }

    /// A file of which only the block between two comments comes from a template.
    ///
    /// # Errors
    ///
    /// If it can't be read, or does not contain each comment exactly once.
    pub(super) fn block(
        path: PathBuf,
        block: &str,
        template: &str,
        body: &str,
    ) -> Result<Document, InputError> {
        let before = input::read(&path)?;
        let (head, tail) = around(&before, block).map_err(|message| InputError::Invalid {
            path: path.clone(),
            line: 1,
            message,
        })?;
        let body = body.trim_matches('\n');
        let text = format!(
            "{head}<!-- {block}:begin, made from {template} by `loopmark report --splice`: edit that file -->\n\n{body}\n\n{tail}"
        );
        Ok(Document {
            path,
            text,
            before: Some(before),
        })
    }

    /// Whether the file contains what it should.
    pub fn is_current(&self) -> bool {
        self.before.as_ref() == Some(&self.text)
    }

    /// Where the file first differs from what it should contain; `None` if it does not.
    pub fn difference(&self) -> Option<Difference> {
        if self.is_current() {
            return None;
        }
        let before = self.before.iter();
        let mut is = before.flat_map(|before| before.split('\n'));
        let mut should_be = self.text.split('\n');
        (1..).find_map(|line| {
            let (is, should_be) = (is.next(), should_be.next());
            let has_ended = is.is_none() && should_be.is_none();
            (is != should_be || has_ended).then(|| Difference {
                line,
                is: is.map(str::to_owned),
                should_be: should_be.map(str::to_owned),
            })
        })
    }

    /// The file's path, relative to the checkout if it lies in it.
    pub fn name<'a>(&'a self, root: &Path) -> &'a Path {
        self.path.strip_prefix(root).unwrap_or(&self.path)
    }
}

/// The text before a block, and the text from its closing comment on.
fn around<'a>(text: &'a str, block: &str) -> Result<(&'a str, &'a str), String> {
    let begin = format!("<!-- {block}:begin");
    let end = format!("<!-- {block}:end -->");
    for comment in [&begin, &end] {
        let count = text.matches(comment.as_str()).count();
        if count != 1 {
            return Err(format!(
                "it must contain `{comment}` once, but contains it {count} times"
            ));
        }
    }
    match (text.split_once(&begin), text.find(&end)) {
        (Some((head, inside)), Some(place)) if inside.contains(&end) => Ok((head, &text[place..])),
        _ => Err(format!("`{end}` comes before `{begin}`; swap them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# A\n\n<!-- results:begin -->\nold\n<!-- results:end -->\n\nB\n";

    fn document(readme: &str, body: &str) -> Result<Document, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("README.md");
        std::fs::write(&path, readme).unwrap();
        let document = Document::block(path, "results", "docs/templates/T.md", body);
        document.map_err(|error| error.to_string())
    }

    #[test]
    fn a_block_alone_is_replaced_and_its_beginning_says_what_to_edit() {
        let made = document(README, "\nnew\n").unwrap();
        let text = "# A\n\n<!-- results:begin, made from docs/templates/T.md by `loopmark report --splice`: edit that file -->\n\n\
                    new\n\n<!-- results:end -->\n\nB\n";
        assert_eq!(made.text, text);
        assert!(!made.is_current());
        let again = document(text, "new").unwrap();
        assert!(again.is_current());
        assert_eq!(again.difference(), None);
    }

    #[test]
    fn comments_that_are_missing_double_or_turned_are_refused() {
        let (begin, end) = ("<!-- results:begin", "<!-- results:end -->");
        for (readme, message) in [
            (
                "# A\n".to_owned(),
                "it must contain `<!-- results:begin` once, but contains it 0 times",
            ),
            (
                format!("{begin} -->\n{end}\n{end}\n"),
                "it must contain `<!-- results:end -->` once, but contains it 2 times",
            ),
            (
                format!("{end}\n{begin} -->\n"),
                "`<!-- results:end -->` comes before `<!-- results:begin`; swap them",
            ),
        ] {
            let error = document(&readme, "new").unwrap_err();
            assert!(
                error.ends_with(&format!("README.md:1: {message}")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_whole_document_says_first_what_to_edit() {
        let path = PathBuf::from("/nowhere/A.md");
        let made = Document::whole(path, "docs/templates/A.md", "# A\n");
        assert_eq!(
            made.text,
            "<!-- Made from docs/templates/A.md by `loopmark report --splice`: edit that file, not this one. -->\n\n# A\n"
        );
        let difference = made.difference().unwrap();
        assert_eq!((difference.line, difference.is), (1, None));
    }

    #[test]
    fn a_difference_is_the_first_line_that_is_another_one() {
        let made = |before: &str, text: &str| Document {
            path: PathBuf::new(),
            text: text.to_owned(),
            before: Some(before.to_owned()),
        };
        let difference = |before, text| {
            let found = made(before, text).difference().unwrap();
            (found.line, found.is, found.should_be)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(difference("a\nb\n", "a\nc\n"), (2, some("b"), some("c")));
        assert_eq!(difference("a\n", "a\nc"), (2, some(""), some("c")));
        assert_eq!(difference("a\nb", "a"), (2, some("b"), None));
    }
}
