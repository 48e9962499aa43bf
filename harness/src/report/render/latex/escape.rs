//! Words and figures as LaTeX that shows them and nothing else.

use crate::words::one_line;

/// Words in running text or in a table's cell. Needs no package beyond LaTeX's own.
pub(super) fn escape(text: &str) -> String {
    let text = one_line(text);
    let mut escaped = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str(r"\textbackslash{}"),
            '~' => escaped.push_str(r"\textasciitilde{}"),
            '^' => escaped.push_str(r"\textasciicircum{}"),
            '<' => escaped.push_str(r"\textless{}"),
            '>' => escaped.push_str(r"\textgreater{}"),
            '|' => escaped.push_str(r"\textbar{}"),
            '"' => escaped.push_str("''"),
            '`' => escaped.push_str(r"\textasciigrave{}"),
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => escaped.extend(['\\', c]),
            // Two of them would become one longer dash or a quotation mark.
            '-' | '\'' if before == Some(c) => escaped.extend(['{', '}', c]),
            '–' => escaped.push_str("--"),
            '×' => escaped.push_str(r"$\times$"),
            '≥' => escaped.push_str(r"$\geq$"),
            '≤' => escaped.push_str(r"$\leq$"),
            'µ' | 'μ' => escaped.push_str(r"$\mu$"),
            _ => escaped.push(c),
        }
        before = Some(c);
    }
    escaped
}

/// A figure: what is a hyphen in words is a minus sign here.
pub(super) fn figure(text: &str) -> String {
    escape(text)
        .replace("--", "–")
        .replace('-', "$-$")
        .replace('–', "--")
}

/// A label's part, or a key's: letters, digits and hyphens.
pub(super) fn key(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    text.chars().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latex_shows_the_words_themselves() {
        for (words, written) in [
            ("my_row", r"my\_row"),
            ("100 % & more", r"100 \% \& more"),
            ("#1 costs $5", r"\#1 costs \$5"),
            ("{a}", r"\{a\}"),
            ("~/x^2", r"\textasciitilde{}/x\textasciicircum{}2"),
            (r"a\b", r"a\textbackslash{}b"),
            (r"\{", r"\textbackslash{}\{"),
            (
                "a < b > c | d",
                r"a \textless{} b \textgreater{} c \textbar{} d",
            ),
            ("run --aa", r"run -{}-aa"),
            ("a---b", r"a-{}-{}-b"),
            ("''", r"'{}'"),
            ("\"a\" `b`", r"''a'' \textasciigrave{}b\textasciigrave{}"),
            ("2 × 5 µs ≥ 1", r"2 $\times$ 5 $\mu$s $\geq$ 1"),
            ("openai-sdk (Python)", "openai-sdk (Python)"),
            ("two\nlines\u{1b}[31m", "two lines"),
        ] {
            assert_eq!(escape(words), written, "{words}");
        }
    }

    #[test]
    fn a_figure_has_a_minus_sign_and_a_range_has_a_dash() {
        assert_eq!(figure("2.55 (2.31–2.80)"), "2.55 (2.31--2.80)");
        assert_eq!(figure("-0.5 (-0.7–0.1)"), "$-$0.5 ($-$0.7--0.1)");
        assert_eq!(figure("≥ 12"), r"$\geq$ 12");
        assert_eq!(figure("–"), "--");
    }

    #[test]
    fn a_label_has_letters_digits_and_hyphens() {
        assert_eq!(key("large-payload_2 %"), "large-payload-2--");
    }
}
