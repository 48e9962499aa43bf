//! Where one HTTP/1 request ends and the next one begins in the bytes that a connection reads.
//!
//! hyper does not say which bytes were a request's, and a client may send its next request before it has the reply to the
//! last one. So the bytes are followed as they come, by what decides their boundaries alone:
//!
//! ```text
//! Idle ─▶ Head ─┬─▶ Idle                            no body
//!               ├─▶ Body ─▶ Idle                    content-length
//!               └─▶ Size ─▶ Chunk ─▶ ChunkEnd ─▶ Size … Trailers ─▶ Idle
//! ```

use std::collections::VecDeque;

use memchr::memchr;

/// The start of a line that is kept where it comes in parts: more than any line has that decides something.
const KEPT_LINE_BYTES: usize = 256;
/// The first line of HTTP/2, which has boundaries of its own.
const HTTP2: &[u8] = b"PRI * HTTP/2.0";

/// A request as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Framed {
    /// When its first byte was read.
    pub first_byte_ns: u64,
    /// When its last byte so far was read.
    pub read_ns: u64,
    /// Its bytes so far, head and body.
    pub bytes: u64,
}

/// Follows the requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    state: State,
    /// The start of a line that has not ended.
    line: Vec<u8>,
    body: BodyKind,
    /// The request under way.
    current: Option<Framed>,
    /// The request under way is none of the model's.
    is_skipped: bool,
    /// Requests that have come whole and have not been taken.
    whole: VecDeque<Framed>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Between two requests.
    #[default]
    Idle,
    /// In a line of the head.
    Head,
    /// This many bytes of the body are missing.
    Body(u64),
    /// In the line that says how long a chunk is.
    Size,
    /// This many bytes of the chunk are missing.
    Chunk(u64),
    /// In the empty line after a chunk.
    ChunkEnd,
    /// In a line after the last chunk.
    Trailers,
    /// HTTP/2, or something that hyper refuses too: all that follows is one request.
    Lost,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum BodyKind {
    #[default]
    None,
    Length(u64),
    Chunked,
}

impl Framing {
    /// Takes bytes that were read at `now_ns`.
    pub fn read(&mut self, mut bytes: &[u8], now_ns: u64) {
        while let Some(first) = bytes.first() {
            let taken = match self.state {
                // Empty lines before a request belong to none.
                State::Idle if matches!(first, b'\r' | b'\n') => 1,
                State::Idle => {
                    self.begin(now_ns);
                    continue;
                }
                State::Body(missing) => self.read_part(bytes, missing, now_ns, State::Body),
                State::Chunk(missing) => self.read_part(bytes, missing, now_ns, State::Chunk),
                State::Lost => self.count(bytes.len(), now_ns),
                State::Head | State::Size | State::ChunkEnd | State::Trailers => {
                    self.read_line(bytes, now_ns)
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// When the first byte came of the next request that has not been taken.
    pub fn first_byte_ns(&self) -> Option<u64> {
        let next = self.whole.front().or(self.current.as_ref());
        next.map(|request| request.first_byte_ns)
    }

    /// When the first byte came of a request of which a part is missing.
    pub fn unfinished_since(&self) -> Option<u64> {
        self.current.map(|request| request.first_byte_ns)
    }

    /// Whether a request has come whole and has not been taken.
    pub fn has_whole(&self) -> bool {
        !self.whole.is_empty()
    }

    /// Takes the next request: one that has come whole, else what there is of the one under way.
    pub fn take(&mut self) -> Option<Framed> {
        self.whole.pop_front().or(self.current)
    }

    /// Forgets the next request, whether or not it has come whole.
    pub fn skip(&mut self) {
        if self.whole.pop_front().is_none() {
            self.is_skipped = self.current.is_some();
        }
    }

    fn begin(&mut self, now_ns: u64) {
        self.state = State::Head;
        self.body = BodyKind::None;
        self.line.clear();
        self.current = Some(Framed {
            first_byte_ns: now_ns,
            read_ns: now_ns,
            bytes: 0,
        });
    }

    fn end(&mut self) {
        self.state = State::Idle;
        let request = self.current.take();
        if !std::mem::take(&mut self.is_skipped) {
            self.whole.extend(request);
        }
    }

    fn count(&mut self, bytes: usize, now_ns: u64) -> usize {
        if let Some(request) = &mut self.current {
            request.bytes += bytes as u64;
            request.read_ns = now_ns;
        }
        bytes
    }

    /// Takes of a body or a chunk what there is.
    fn read_part(
        &mut self,
        bytes: &[u8],
        missing: u64,
        now_ns: u64,
        state: fn(u64) -> State,
    ) -> usize {
        let taken =
            usize::try_from(missing).map_or(bytes.len(), |missing| missing.min(bytes.len()));
        self.count(taken, now_ns);
        match missing - taken as u64 {
            0 if state(0) == State::Body(0) => self.end(),
            0 => self.state = State::ChunkEnd,
            missing => self.state = state(missing),
        }
        taken
    }

    /// Takes a line, or the part of it that there is.
    fn read_line(&mut self, bytes: &[u8], now_ns: u64) -> usize {
        let end = memchr(b'\n', bytes);
        let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let taken = self.count(part.len() + usize::from(end.is_some()), now_ns);
        if end.is_some() && self.line.is_empty() {
            self.take_line(part);
            return taken;
        }
        let space = KEPT_LINE_BYTES.saturating_sub(self.line.len());
        self.line.extend(part.iter().take(space));
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            self.take_line(&line);
            self.line = line;
            self.line.clear();
        }
        taken
    }

    fn take_line(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.state {
            State::Head if line.is_empty() => match self.body {
                BodyKind::None | BodyKind::Length(0) => self.end(),
                BodyKind::Length(bytes) => self.state = State::Body(bytes),
                BodyKind::Chunked => self.state = State::Size,
            },
            State::Head => self.take_field(line),
            State::Size => match chunk_size(line) {
                Some(0) => self.state = State::Trailers,
                Some(bytes) => self.state = State::Chunk(bytes),
                None => self.state = State::Lost,
            },
            State::ChunkEnd => self.state = State::Size,
            State::Trailers if line.is_empty() => self.end(),
            _ => {}
        }
    }

    /// A line of the head. The first one is no field, but has no colon before a space either.
    fn take_field(&mut self, line: &[u8]) {
        if line == HTTP2 {
            self.state = State::Lost;
            return;
        }
        // Only two fields matter; this leaves most lines after one byte.
        if !matches!(line.first(), Some(b'c' | b'C' | b't' | b'T')) {
            return;
        }
        let Some((name, value)) = memchr(b':', line).and_then(|at| line.split_at_checked(at))
        else {
            return;
        };
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            match std::str::from_utf8(value).map(str::parse) {
                // Chunks go before a length.
                Ok(Ok(_)) if self.body == BodyKind::Chunked => {}
                Ok(Ok(bytes)) => self.body = BodyKind::Length(bytes),
                _ => self.state = State::Lost,
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let last = value.rsplit(|byte| *byte == b',').next();
            if last.is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked")) {
                self.body = BodyKind::Chunked;
            }
        }
    }
}

/// The number at the start of a chunk's first line, before its extensions.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit());
    let digits = line.get(..end.unwrap_or(line.len()))?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"GET /v1/models HTTP/1.1\r\nhost: mock\r\n\r\n";
    const POSTED: &[u8] = b"POST /v1/responses HTTP/1.1\r\nHost: mock\r\nContent-Length: 13\r\n\r\n{\"a\": \"\r\n\r\n\"}";
    const EMPTY: &[u8] = b"POST / HTTP/1.1\ncontent-length:0\n\n";
    const CHUNKED: &[u8] =
        b"POST / HTTP/1.1\r\ntransfer-encoding: gzip, Chunked\r\nContent-Length: 3\r\n\r\n5;note=\"x\"\r\n{\r\n\r\n\r\nA\r\n0123456789\r\n0\r\nx: 1\r\n\r\n";

    fn all(framing: &mut Framing) -> Vec<(u64, u64, u64)> {
        let whole = framing.whole.drain(..);
        whole
            .map(|request| (request.first_byte_ns, request.read_ns, request.bytes))
            .collect()
    }

    #[test]
    fn requests_of_every_kind_end_where_they_end_however_the_bytes_are_split() {
        let requests = [PLAIN, POSTED, EMPTY, CHUNKED, POSTED, PLAIN];
        let bytes = requests.concat();
        let lengths: Vec<u64> = requests
            .iter()
            .map(|request| request.len() as u64)
            .collect();
        for part in [1, 2, 3, 7, 64, bytes.len()] {
            let mut framing = Framing::default();
            for (at, part) in (1..).zip(bytes.chunks(part)) {
                framing.read(part, at);
            }
            assert_eq!(framing.unfinished_since(), None, "in parts of {part}");
            let found: Vec<u64> = all(&mut framing).iter().map(|request| request.2).collect();
            assert_eq!(found, lengths, "in parts of {part}");
        }
    }

    #[test]
    fn times_are_those_of_a_requests_own_bytes() {
        let mut framing = Framing::default();
        let half = POSTED.len() / 2;
        framing.read(&[PLAIN, &POSTED[..half]].concat(), 10);
        assert_eq!(framing.first_byte_ns(), Some(10));
        assert_eq!(framing.unfinished_since(), Some(10));
        framing.read(&[&POSTED[half..], b"\r\n", &PLAIN[..5]].concat(), 20);
        framing.read(&PLAIN[5..], 30);
        let (plain, posted) = (PLAIN.len() as u64, POSTED.len() as u64);
        let found = all(&mut framing);
        assert_eq!(found, [(10, 10, plain), (10, 20, posted), (20, 30, plain)]);
        assert_eq!(framing.first_byte_ns(), None);
    }

    #[test]
    fn a_request_that_is_skipped_is_not_counted_when_its_rest_comes() {
        let mut framing = Framing::default();
        framing.read(&POSTED[..POSTED.len() - 1], 1);
        framing.skip();
        framing.read(&[&POSTED[POSTED.len() - 1..], PLAIN].concat(), 2);
        assert_eq!(all(&mut framing), [(2, 2, PLAIN.len() as u64)]);
        framing.read(&[POSTED, PLAIN].concat(), 3);
        framing.skip();
        assert_eq!(
            framing.take().map(|request| request.bytes),
            Some(PLAIN.len() as u64)
        );
        framing.skip();
        framing.read(PLAIN, 4);
        assert_eq!(all(&mut framing).len(), 1, "there was nothing to skip");
    }

    #[test]
    fn what_has_no_boundaries_here_is_one_request() {
        for start in [
            &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
            b"POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n",
        ] {
            let mut framing = Framing::default();
            framing.read(start, 1);
            framing.read(PLAIN, 2);
            assert_eq!(framing.unfinished_since(), Some(1));
            let taken = framing.take().unwrap();
            assert_eq!(taken.bytes, (start.len() + PLAIN.len()) as u64);
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut framing = Framing::default();
        framing.read(b"POST / HTTP/1.1\r\nx-long: ", 1);
        for _ in 0..1000 {
            framing.read(&[b'x'; 1000], 2);
        }
        assert_eq!(framing.line.len(), KEPT_LINE_BYTES);
        framing.read(b"\r\ncontent-length: 1\r\n\r\n?", 3);
        assert_eq!(all(&mut framing).len(), 1);
    }
}
