//! JSON written by hand, byte for byte as serde writes it.

/// A whole number.
pub(super) fn number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// A string with its quotes.
pub(super) fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// A string without its quotes.
pub(super) fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(at) = first_escaped(rest) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = from.split_first() else {
            return;
        };
        rest = after;
        match escape(*byte) {
            Some(b'u') => {
                let hex = |half: u8| {
                    if half < 10 {
                        b'0' + half
                    } else {
                        b'a' + half - 10
                    }
                };
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
            }
            Some(letter) => out.extend_from_slice(&[b'\\', letter]),
            None => out.push(*byte),
        }
    }
    out.extend_from_slice(rest);
}

/// Where the first byte is that does not stay as it is.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    const AT_ONCE: usize = 32;
    let is_escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let mut start = 0;
    for chunk in bytes.chunks(AT_ONCE) {
        // Without a way out, the compiler compares all bytes of a chunk at once.
        if chunk.iter().fold(false, |any, byte| any | is_escaped(byte)) {
            return chunk.iter().position(is_escaped).map(|at| start + at);
        }
        start += chunk.len();
    }
    None
}

/// The letter after the backslash; `None` for a byte that stays as it is.
fn escape(byte: u8) -> Option<u8> {
    match byte {
        b'"' | b'\\' => Some(byte),
        0x20.. => None,
        b'\n' => Some(b'n'),
        b'\r' => Some(b'r'),
        b'\t' => Some(b't'),
        0x08 => Some(b'b'),
        0x0c => Some(b'f'),
        _ => Some(b'u'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_serde_writes_them() {
        let mut every: String = (0..=0x17f).filter_map(char::from_u32).collect();
        every.push_str("\u{2028}\u{1f600}\u{ffff}");
        for text in [every.as_str(), "", "plain", "\"", "a\\"] {
            let mut out = Vec::new();
            quoted(&mut out, text);
            assert_eq!(out, serde_json::to_vec(text).unwrap());
        }
    }

    #[test]
    fn numbers_are_written_in_full() {
        for value in [0, 7, 10, 4711, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, value);
            assert_eq!(out, value.to_string().into_bytes());
        }
    }
}
