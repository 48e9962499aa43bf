//! How many tokens a request and a reply have: counted from their texts, so that the spaces and escapes of the JSON
//! around them don't matter.
//!
//! A prompt has [`tokens`] of the sum of
//!
//! * [`content_bytes`] of every message and tool result, whatever its role, and of the instructions;
//! * [`call_bytes`] of every tool call that the client sends back;
//! * [`json_bytes`] of the tools.
//!
//! Each depends on one message alone, and the division comes last: what is known of a conversation can be kept, and only
//! the new messages added. With `previous_response_id` the mock counts what the request carries, not what came before.

use super::text::Content;

/// An estimate: a token of English or JSON is about four bytes.
pub(super) fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(4) as u64
}

/// The bytes of a content's texts, in UTF-8.
pub(super) fn content_bytes(content: &Content) -> usize {
    match content {
        Content::Text(text) => text.len(),
        Content::Parts(parts) => parts.iter().map(|part| part.len()).sum(),
        Content::Other => 0,
    }
}

/// The bytes of a tool call: its tool's name, and its arguments as they are given.
pub(super) fn call_bytes(name: &str, arguments: &str) -> usize {
    name.len() + arguments.len()
}

/// The bytes of a JSON text as its shortest writing has them: without spaces between its tokens, and with each escape
/// counted as the character that it stands for.
pub(super) fn json_bytes(json: &str) -> usize {
    let mut bytes = json.bytes();
    let mut count = 0;
    let mut is_in_string = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => is_in_string = !is_in_string,
            b'\\' => {
                let is_by_number = bytes.next() == Some(b'u');
                count += if is_by_number {
                    unit_bytes(&mut bytes)
                } else {
                    1
                };
                continue;
            }
            b' ' | b'\t' | b'\n' | b'\r' if !is_in_string => continue,
            _ => {}
        }
        count += 1;
    }
    count
}

/// What the four digits after `\u` take in UTF-8; each half of a surrogate pair takes half of its character.
fn unit_bytes(bytes: &mut std::str::Bytes) -> usize {
    let digits = bytes.by_ref().take(4);
    let unit = digits.fold(0, |unit, digit| {
        unit * 16 + char::from(digit).to_digit(16).unwrap_or_default()
    });
    match unit {
        0..0x80 => 1,
        0x80..0x800 | 0xd800..0xe000 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_begun_is_a_token() {
        assert_eq!([0, 1, 4, 5].map(tokens), [0, 1, 1, 2]);
    }

    #[test]
    fn contents_and_calls_count_their_texts_in_utf_8() {
        let bytes = |json| content_bytes(&serde_json::from_str(json).unwrap());
        assert_eq!(bytes(r#""a\nä""#), 4);
        assert_eq!(
            bytes(r#"[{"type":"text","text":"ab"},{"type":"x"},{"text":"c"}]"#),
            3
        );
        assert_eq!(bytes("null"), 0);
        assert_eq!(call_bytes("wait", r#"{"ms": 4}"#), 13);
    }

    #[test]
    fn json_counts_as_its_shortest_writing_however_it_is_written() {
        let shortest = "{\"a b\":[1,\"\u{e4}\u{20ac}\u{1f600}x\",true]}";
        let spaced = "{\n\t\"a b\" : [ 1,\r\n \"\\u00e4\\u20ac\\ud83d\\ude00\\u0078\" , true ] }";
        assert_eq!(json_bytes(shortest), shortest.len());
        assert_eq!(json_bytes(spaced), shortest.len());
        assert_eq!(json_bytes(r#""\\ \"""#), r#""\ """#.len());
        assert_eq!(json_bytes("\"\\u"), 2, "cut short, it ends");
    }
}
