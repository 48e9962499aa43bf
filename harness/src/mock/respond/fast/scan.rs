//! A reader of JSON that knows what it looks for: it compares tokens by their bytes and gives up on anything else.

use std::borrow::Cow;

use memchr::memchr2;

/// A place in a JSON text.
///
/// None of a method means "not what was looked for", never "not JSON": a token that is compared with nothing has not been
/// checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    pub fn new(bytes: &'a [u8]) -> Scan<'a> {
        Scan { bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next byte that is not white space.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Reads a byte of JSON's structure.
    pub fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Reads a value that is written in exactly this way.
    pub fn exactly(&mut self, value: &[u8]) -> Option<()> {
        self.peek()?;
        let rest = self.bytes.get(self.at..)?;
        rest.starts_with(value).then(|| self.at += value.len())
    }

    /// Reads a string, with its quotes.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let start = self.at - 1;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let found = memchr2(b'"', b'\\', rest)?;
            self.at += found + 1;
            if rest.get(found) == Some(&b'"') {
                return self.bytes.get(start..self.at);
            }
            self.at += 1;
        }
    }

    /// Reads an object; `member` reads each value and gets its key with the quotes.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Scan<'a>, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        self.eat(b'{')?;
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.string()?;
            self.eat(b':')?;
            member(self, key)?;
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
        }
    }

    /// Reads an array; `element` reads each value.
    pub fn array(&mut self, mut element: impl FnMut(&mut Scan<'a>) -> Option<()>) -> Option<()> {
        self.eat(b'[')?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            element(self)?;
            if self.eat(b',').is_none() {
                return self.eat(b']');
            }
        }
    }

    /// Passes any value of a text that is known to be JSON.
    pub fn skip(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    let rest = self.bytes.get(self.at..)?;
                    let is_scalar =
                        |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                    let bytes = rest.iter().take_while(|byte| is_scalar(byte)).count();
                    if bytes == 0 {
                        return None;
                    }
                    self.at += bytes;
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// What a string token says; `None` if it is no JSON.
pub(super) fn text_of(token: &[u8]) -> Option<Cow<'_, str>> {
    serde_json::from_slice::<crate::mock::respond::text::Text>(token)
        .ok()
        .map(|text| text.0)
}

/// Marks a key as seen; `None` if it has been before.
pub(super) fn once(seen: &mut u32, key: u32) -> Option<()> {
    let is_new = *seen & key == 0;
    *seen |= key;
    is_new.then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_their_own_quote() {
        let mut scan = Scan::new(br#" "a\"b\\" , "c"#);
        assert_eq!(scan.string(), Some(br#""a\"b\\""#.as_slice()));
        assert_eq!(scan.eat(b','), Some(()));
        assert_eq!(scan.string(), None);
        assert_eq!(text_of(br#""a\u00e9""#).as_deref(), Some("aé"));
        assert_eq!(text_of(b"\"a\nb\""), None);
    }

    #[test]
    fn a_value_is_passed_whole() {
        for value in [r#"{"a":[1,{"b":"]}"}],"c":null}"#, "-1.5e+3", "true", "[]"] {
            let text = format!(" {value} ,");
            let mut scan = Scan::new(text.as_bytes());
            assert_eq!(scan.skip(), Some(()), "{value}");
            assert_eq!(scan.at(), 1 + value.len());
        }
        for text in ["", "]", "{\"a\":", "\"open", "?"] {
            assert_eq!(Scan::new(text.as_bytes()).skip(), None, "{text}");
        }
    }

    #[test]
    fn a_key_counts_once() {
        let mut seen = 0;
        assert_eq!(once(&mut seen, 1), Some(()));
        assert_eq!(once(&mut seen, 2), Some(()));
        assert_eq!(once(&mut seen, 1), None);
    }
}
