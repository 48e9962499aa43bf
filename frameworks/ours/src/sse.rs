//! A parser of server-sent events that takes the stream in pieces of any size.
//!
//! It follows the WHATWG's "event stream interpretation" as far as these APIs use it: only the
//! `data` of an event matters; its name, id and retry time are skipped, as are comments.

use crate::error::Error;

/// Takes chunks of bytes, gives the data of one event after the other.
#[derive(Debug)]
pub(crate) struct Parser {
    /// Bytes that have come and are not yet read: `buffer[read..]`.
    buffer: Vec<u8>,
    read: usize,
    /// How far `buffer` has been searched for the end of the line that starts at `read`:
    /// `read <= searched <= buffer.len()` always holds, so slices between them are in bounds.
    searched: usize,
    /// The last line ended with a carriage return: a line feed that follows belongs to it.
    after_return: bool,
    /// No line has been read yet: the first one may start with a byte order mark.
    at_start: bool,
    /// The data lines of the event that is being read, each followed by a line feed.
    data: Vec<u8>,
    /// Whether `data` was given out, and is to be cleared before the next line.
    given: bool,
    /// The longest line, and the most data of one event, in bytes.
    limit: usize,
}

impl Parser {
    pub(crate) fn new(limit: usize) -> Self {
        Parser {
            buffer: Vec::new(),
            read: 0,
            searched: 0,
            after_return: false,
            at_start: true,
            data: Vec::new(),
            given: false,
            limit,
        }
    }

    /// Takes the next piece of the stream.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.read);
        self.searched -= self.read;
        self.read = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// The data of the next event that has come whole; `None` if there is none yet.
    pub(crate) fn next(&mut self) -> Result<Option<&str>, Error> {
        if std::mem::take(&mut self.given) {
            self.data.clear();
        }
        while let Some(line) = self.next_line()? {
            let line = &self.buffer[line];
            if line.is_empty() {
                // An event without data is none.
                if self.data.pop().is_some() {
                    self.given = true;
                    return match std::str::from_utf8(&self.data) {
                        Ok(data) => Ok(Some(data)),
                        Err(_) => Err(Error::malformed("an event is not UTF-8")),
                    };
                }
            } else if let Some(value) = data_field(line) {
                if self.data.len() + value.len() > self.limit {
                    return Err(Error::ReplyTooLong { limit: self.limit });
                }
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
        }
        Ok(None)
    }

    /// Where the next whole line stands in the buffer, without its end.
    fn next_line(&mut self) -> Result<Option<std::ops::Range<usize>>, Error> {
        if self.after_return && self.read < self.buffer.len() {
            self.after_return = false;
            if self.buffer[self.read] == b'\n' {
                self.read += 1;
                self.searched = self.read;
            }
        }
        let Some(found) = memchr::memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
            self.searched = self.buffer.len();
            return match self.searched - self.read > self.limit {
                true => Err(Error::ReplyTooLong { limit: self.limit }),
                false => Ok(None),
            };
        };
        let (mut start, end) = (self.read, self.searched + found);
        if end - start > self.limit {
            return Err(Error::ReplyTooLong { limit: self.limit });
        }
        self.after_return = self.buffer[end] == b'\r';
        self.read = end + 1;
        self.searched = self.read;
        if std::mem::take(&mut self.at_start)
            && self.buffer[start..end].starts_with(b"\xEF\xBB\xBF")
        {
            start += 3;
        }
        Ok(Some(start..end))
    }
}

/// The value of a `data` line, less the one space that may stand before it.
fn data_field(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"data")?;
    match rest.first() {
        None => Some(rest),
        Some(b':') => Some(rest[1..].strip_prefix(b" ").unwrap_or(&rest[1..])),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let mut parser = Parser::new(1024);
        let mut events = Vec::new();
        for chunk in chunks {
            parser.push(chunk);
            while let Some(data) = parser.next().unwrap() {
                events.push(data.to_owned());
            }
        }
        events
    }

    /// Each line end, comments, skipped fields, several data lines, UTF-8 of 2 to 4 bytes.
    const STREAM: &str = "\u{FEFF}: hello\r\ndata: {\"a\": 1}\r\n\r\n\
        event: delta\ndata:no space\nid: 7\n\n\
        data: one\rdata:  two\rdata\rretry: 10\r\r\
        data: é€🦀\n: comment\n\n\n\r\n\
        data:\n\nevent: empty\n\ndatum: no\n\ndata: [DONE]\n\n";

    fn expected() -> Vec<&'static str> {
        vec![
            "{\"a\": 1}",
            "no space",
            "one\n two\n",
            "é€🦀",
            "",
            "[DONE]",
        ]
    }

    #[test]
    fn every_line_end_comment_and_field_is_understood() {
        assert_eq!(parse([STREAM.as_bytes()]), expected());
    }

    #[test]
    fn the_events_are_the_same_wherever_the_stream_is_cut_in_two() {
        for cut in 0..=STREAM.len() {
            let (left, right) = STREAM.as_bytes().split_at(cut);
            assert_eq!(parse([left, right]), expected(), "cut at byte {cut}");
        }
    }

    #[test]
    fn the_events_are_the_same_in_pieces_of_every_size() {
        for size in 1..=STREAM.len() {
            assert_eq!(
                parse(STREAM.as_bytes().chunks(size)),
                expected(),
                "pieces of {size} bytes"
            );
        }
    }

    #[test]
    fn an_event_that_the_stream_does_not_finish_is_not_given() {
        assert_eq!(parse([&b"data: a\n\ndata: b\n"[..]]), ["a"]);
    }

    #[test]
    fn a_line_beyond_the_limit_is_an_error_whether_or_not_it_ends() {
        for end in ["", "\n"] {
            let mut parser = Parser::new(8);
            parser.push(b": 345678\n");
            assert!(matches!(parser.next(), Ok(None)));
            parser.push(format!(": 3456789{end}").as_bytes());
            assert!(matches!(
                parser.next(),
                Err(Error::ReplyTooLong { limit: 8 })
            ));
        }
    }

    #[test]
    fn an_event_of_many_lines_is_bounded_too() {
        let mut parser = Parser::new(16);
        parser.push("data: 1234\n".repeat(10).as_bytes());
        assert!(matches!(
            parser.next(),
            Err(Error::ReplyTooLong { limit: 16 })
        ));
    }

    #[test]
    fn an_event_that_is_not_utf8_is_an_error() {
        let mut parser = Parser::new(16);
        parser.push(b"data: \xFF\n\n");
        assert!(parser.next().is_err());
    }
}
