//! Text from outside, such as a row's label, a runner's exception or a tool's last line, escaped wherever it is shown; and names
//! matched against patterns.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

/// Whether `name` matches `pattern`, in which `*` stands for any text.
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

/// A whole number's digits with a comma between thousands.
pub(crate) fn thousands(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun, such as `1 reply` and `2 replies`.
pub(crate) fn counted(count: u64, of: &str) -> String {
    match (count, of.strip_suffix('y')) {
        (1, _) => format!("1 {of}"),
        (count, Some(of)) => format!("{count} {of}ies"),
        (count, None) => format!("{count} {of}s"),
    }
}

/// Escapes text for a terminal: characters that would move the cursor, change colours or reverse the writing direction
/// are shown by number. Newlines and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let is_kept = |c: char| matches!(c, '\n' | '\t') || !is_invisible(c);
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    // Build tools colour their output; those sequences are dropped, since escaped ones would be unreadable.
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => skip_control_sequence(&mut chars),
            // Progress bars use it, and Windows ends its lines with it.
            '\r' => {}
            c if is_kept(c) => shown.push(c),
            c => shown.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(shown)
}

/// Skips the rest of `ESC [ parameters letter`, behind the escape.
fn skip_control_sequence(chars: &mut Peekable<Chars<'_>>) {
    chars.next();
    while let Some(c) = chars.next_if(|c| ('\u{20}'..='\u{7e}').contains(c)) {
        if ('\u{40}'..='\u{7e}').contains(&c) {
            break;
        }
    }
}

/// Whether the character is a control character, reverses the writing direction or has no width.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Puts text on one line, with single spaces, for charts and parts of a sentence.
pub(crate) fn one_line(text: &str) -> String {
    let visible = visible(text);
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Escapes text for Markdown, for a table, a list or a sentence.
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
            // These begin a list, a heading or a quotation, but only at the beginning of a line.
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

/// Text as Markdown code, in which only the backtick is special.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", one_line(text).replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_others_are_several() {
        assert_eq!(counted(1, "reply"), "1 reply");
        assert_eq!(counted(0, "reply"), "0 replies");
        assert_eq!(counted(2, "turn"), "2 turns");
    }

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
