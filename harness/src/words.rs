//! Words of others, such as a row's label, a runner's exception or a tool's last line, made harmless where they are shown.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

/// Whether `name` fits `pattern`, in which `*` stands for any text.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len())
                .filter_map(|at| rest.get(at..))
                .any(|end| fits(after, end))
        }),
    }
}

/// For a terminal: what would move the cursor, change colours or turn the direction of writing is shown by its number.
/// Line ends and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let is_kept = |c: char| matches!(c, '\n' | '\t') || !is_invisible(c);
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    // The colours of build tools are dropped whole.
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => skip_control_sequence(&mut chars),
            // Of a progress bar, or a line end of another system.
            '\r' => {}
            c if is_kept(c) => shown.push(c),
            c => shown.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(shown)
}

/// `ESC [ parameters letter`, of which the escape is gone already.
fn skip_control_sequence(chars: &mut Peekable<Chars<'_>>) {
    chars.next();
    while let Some(c) = chars.next_if(|c| ('\u{20}'..='\u{7e}').contains(c)) {
        if ('\u{40}'..='\u{7e}').contains(&c) {
            break;
        }
    }
}

/// Control characters, and those that turn the direction of writing or take no room.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// In one line, white space made single spaces: for pictures and parts of a sentence.
pub(crate) fn one_line(text: &str) -> String {
    let visible = visible(text);
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As Markdown that shows the words and nothing else: in a table, a list or a sentence.
pub(crate) fn markdown(text: &str) -> String {
    let text = one_line(text);
    let number = text.chars().take_while(char::is_ascii_digit).count();
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, next)| *next);
        let is_inside_a_word = before.is_alphanumeric() && after.is_alphanumeric();
        let is_special = match c {
            '\\' | '|' | '<' | '`' | '*' | '[' | '&' | '~' => true,
            '_' => !is_inside_a_word,
            // What begins a list, a heading or a quotation, only at the beginning.
            '#' | '-' | '+' | '>' | '=' => at == 0,
            '.' | ')' => number > 0 && at == number && after == ' ',
            _ => false,
        };
        if is_special {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

/// As Markdown's code, in which only its own quotation mark is special.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", one_line(text).replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(fits("floor-*", "floor-rust"));
        assert!(fits("*lang*", "langchain"));
        assert!(fits("rig", "rig"));
        assert!(!fits("rig", "rigs"));
        assert!(!fits("floor-*", "langchain"));
    }

    #[test]
    fn a_terminal_shows_words_and_obeys_none() {
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(visible("a\u{1b}]0;title\u{7}b"), "a\\u{1b}]0;title\\u{7}b");
        assert_eq!(visible("50 %\r100 %\n"), "50 %100 %\n");
        assert_eq!(visible("\u{202e}txt.exe"), "\\u{202e}txt.exe");
        assert_eq!(visible("\u{9b}2J\u{0}"), "\\u{9b}2J\\u{0}");
        assert!(matches!(visible("two\n\tlines, ü 日本"), Cow::Borrowed(_)));
        // Cut off in the middle.
        assert_eq!(visible("x\u{1b}["), "x");
        assert_eq!(visible("x\u{1b}"), "x\\u{1b}");
    }

    #[test]
    fn markdown_shows_the_words_themselves() {
        for (words, written) in [
            ("a | b", r"a \| b"),
            ("x\n## b | <c>", r"x ## b \| \<c>"),
            ("<script>alert(1)</script>", r"\<script>alert(1)\</script>"),
            ("[a](https://b)", r"\[a](https://b)"),
            (
                "**bold** _em_ `code` ~~no~~",
                r"\*\*bold\*\* \_em\_ \`code\` \~\~no\~\~",
            ),
            ("&lt; \\ ", r"\&lt; \\"),
            ("# a", r"\# a"),
            ("- a", r"\- a"),
            ("12. a", r"12\. a"),
            ("wrong_request at 1.5 ms (x)", "wrong_request at 1.5 ms (x)"),
            (
                "openai-sdk, its own tool loop (Python)",
                "openai-sdk, its own tool loop (Python)",
            ),
            ("1.2.3", "1.2.3"),
        ] {
            assert_eq!(markdown(words), written, "{words}");
        }
        assert_eq!(code("a `b`\nc"), "`a 'b' c`");
    }
}
