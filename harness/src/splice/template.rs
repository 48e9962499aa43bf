//! A template: a head in TOML between two lines of `+++`, followed by a text with placeholders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::near::instead;
use crate::input::{self, InputError, Spanned, TomlFile};

const FENCE: &str = "+++\n";
const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// A template, as a person wrote it.
#[derive(Debug)]
pub(super) struct Template {
    /// Its path.
    pub path: PathBuf,
    pub head: Head,
    pub parts: Vec<Part>,
    /// The whole text.
    text: String,
}

/// The head. Its paths are relative to the checkout.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// The file that the template produces.
    pub document: PathBuf,
    /// The block of the document that it produces; `None` for the whole file.
    pub block: Option<String>,
    /// The results folder that figures come from.
    results: Spanned<String>,
    /// Further results folders, by short names.
    #[serde(default)]
    others: BTreeMap<String, String>,
}

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// The text between braces, and its line.
    Place {
        text: String,
        line: usize,
    },
}

impl Template {
    /// Reads a template; `results` replaces its results folder.
    ///
    /// # Errors
    ///
    /// If it can't be read, or its head or its braces are wrong.
    pub fn load(path: &Path, results: Option<&str>) -> Result<Template, InputError> {
        let text = input::read(path)?;
        match results {
            None => Template::parse(path, text),
            Some(results) => {
                let changed = Template::parse(path, text)?.with_results(results);
                Template::parse(path, changed)
            }
        }
    }

    fn parse(path: &Path, text: String) -> Result<Template, InputError> {
        let wrong = |line, message: &str| InputError::Invalid {
            path: path.to_owned(),
            line,
            message: message.to_owned(),
        };
        let fenced = text.strip_prefix(FENCE);
        let Some((head, body)) = fenced.and_then(|rest| rest.split_once("\n+++\n")) else {
            let message =
                "a template must begin with `+++`, its document and its results in TOML, and `+++`";
            return Err(wrong(1, message));
        };
        // An empty line replaces the fence, so that errors have the file's line numbers.
        let first_line = 4 + head.matches('\n').count();
        let file = TomlFile::new(path, format!("\n{head}\n"));
        let parts = split(body, first_line);
        Ok(Template {
            path: path.to_owned(),
            head: file.parse()?,
            parts: parts.map_err(|line| wrong(line, "`{{` without a closing `}}`"))?,
            text,
        })
    }

    /// The text with another results folder.
    fn with_results(&self, results: &str) -> String {
        // The parsed text began with an empty line in place of the fence, so its offsets differ by the fence's length.
        let offset = FENCE.len() - 1;
        let span = self.head.results.span();
        let (start, end) = (span.start + offset, span.end + offset);
        let mut text = self.text.clone();
        text.replace_range(start..end, &toml::Value::from(results).to_string());
        text
    }

    /// The template's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The results folder with the short name, or the template's own.
    ///
    /// # Errors
    ///
    /// If it has no such name.
    pub fn folder(&self, name: Option<&str>) -> Result<&str, String> {
        match name {
            None => Ok(self.head.results.as_ref()),
            Some(name) => self
                .head
                .others
                .get(name)
                .map(String::as_str)
                .ok_or_else(|| {
                    let known = instead(name, self.head.others.keys());
                    format!("`others` in the head has no results folder named `{name}`; {known}")
                }),
        }
    }
}

/// The parts of a text whose first line has number `line`. The error is the line of a brace that is not closed.
fn split(text: &str, first_line: usize) -> Result<Vec<Part>, usize> {
    let mut parts = Vec::new();
    let (mut rest, mut line) = (text, first_line);
    while let Some((before, opened)) = rest.split_once(OPEN) {
        line += before.matches('\n').count();
        let (inside, after) = opened.split_once(CLOSE).ok_or(line)?;
        if inside.contains(OPEN) {
            return Err(line);
        }
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Place {
            text: inside.trim().to_owned(),
            line,
        });
        line += inside.matches('\n').count();
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "+++\ndocument = \"docs/A.md\"\nresults = \"results/now\"   # newest\n+++\n";

    fn parse(text: &str) -> Result<Template, String> {
        let template = Template::parse(Path::new("docs/templates/A.md"), text.to_owned());
        template.map_err(|error| error.to_string())
    }

    #[test]
    fn a_place_has_its_line_in_the_file() {
        let template = parse(&format!(
            "{HEAD}one {{{{ a b }}}}\n\n{{{{c\nd}}}}{{{{e}}}}.\n"
        ))
        .unwrap();
        assert_eq!(template.head.document, Path::new("docs/A.md"));
        let text = |text: &str| Part::Text(text.to_owned());
        let place = |text: &str, line| Part::Place {
            text: text.to_owned(),
            line,
        };
        assert_eq!(
            template.parts,
            [
                text("one "),
                place("a b", 5),
                text("\n\n"),
                place("c\nd", 7),
                text(""),
                place("e", 8),
                text(".\n")
            ]
        );
    }

    #[test]
    fn a_brace_that_is_not_closed_is_told_with_its_line() {
        let message = "docs/templates/A.md:6: `{{` without a closing `}}`";
        for body in ["a\nb {{c\n", "a\nb {{c\n {{d}}\n"] {
            assert_eq!(parse(&format!("{HEAD}{body}")).unwrap_err(), message);
        }
    }

    #[test]
    fn a_head_that_is_missing_or_wrong_is_told_with_its_line() {
        let error = parse("# A\n").unwrap_err();
        assert!(error.starts_with("docs/templates/A.md:1: a template must begin with `+++`"));
        let error = parse("+++\ndocument = \"A.md\"\nresult = \"x\"\n+++\n").unwrap_err();
        assert!(
            error.starts_with("docs/templates/A.md:3: unknown field `result`"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_has_a_short_name_or_none() {
        let head = HEAD.replacen("\n+++\n", "\n[others]\nwave = \"results/then\"\n+++\n", 1);
        let template = parse(&head).unwrap();
        assert_eq!(template.folder(None), Ok("results/now"));
        assert_eq!(template.folder(Some("wave")), Ok("results/then"));
        assert_eq!(
            template.folder(Some("wafe")).unwrap_err(),
            "`others` in the head has no results folder named `wafe`; known: wave"
        );
    }

    #[test]
    fn another_folder_takes_the_place_of_its_own_and_nothing_else_changes() {
        let text = format!("{HEAD}\"results/now\" {{{{folder}}}}\n");
        let template = parse(&text).unwrap();
        assert_eq!(
            template.with_results("results/later"),
            text.replacen("now", "later", 1)
        );
    }
}
