//! A known runner's connection to the mock, which takes its stamps next to the socket calls.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use loopmark_protocol::monotonic_ns;
use serde_json::{Value, json};

use super::notes::Asked;

/// How long a client waits before it hangs up.
const PATIENCE: Duration = Duration::from_millis(5);

/// A connection to the mock.
pub(super) struct Model {
    stream: TcpStream,
    host: String,
    path: String,
}

impl Model {
    pub fn connect(base_url: &str) -> io::Result<Model> {
        let address = base_url.trim_start_matches("http://");
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Model {
            stream,
            host: host.to_owned(),
            path: format!("/{path}/chat/completions"),
        })
    }

    fn text_of(&self, request: &str) -> String {
        format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{request}",
            self.path,
            self.host,
            request.len()
        )
    }

    pub fn ask(&mut self, request: &str) -> io::Result<(Asked, Value)> {
        let text = self.text_of(request);
        let sending_ns = monotonic_ns();
        self.stream.write_all(text.as_bytes())?;
        let body = read_reply(&mut self.stream)?;
        let read_ns = monotonic_ns();
        let asked = Asked {
            sending_ns,
            read_ns,
            parts_ns: Vec::new(),
        };
        let mut reply: Value = serde_json::from_slice(&body)?;
        Ok((asked, reply["choices"][0]["message"].take()))
    }

    /// The same with a streamed reply, whose parts are its HTTP chunks.
    pub fn ask_streamed(&mut self, request: &str) -> io::Result<(Asked, Value)> {
        let text = self.text_of(request);
        let sending_ns = monotonic_ns();
        self.stream.write_all(text.as_bytes())?;
        let mut reply = Chunked::default();
        let mut block = [0; 16 << 10];
        while !reply.is_over {
            let read = self.stream.read(&mut block)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            reply.take(block.get(..read).unwrap_or_default(), monotonic_ns())?;
        }
        let asked = Asked {
            sending_ns,
            read_ns: reply.came_ns.last().copied().unwrap_or(sending_ns),
            parts_ns: reply.came_ns,
        };
        Ok((asked, message_of(&reply.body)?))
    }

    /// Sends a request on a connection of its own and hangs up. Returns both times, or `None` if a reply came first.
    pub fn leave(&self, request: &str) -> io::Result<Option<(u64, u64)>> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_nodelay(true)?;
        let sending_ns = monotonic_ns();
        stream.write_all(self.text_of(request).as_bytes())?;
        std::thread::sleep(PATIENCE);
        stream.set_nonblocking(true)?;
        let nothing_came = stream.peek(&mut [0]).is_err();
        let left_ns = monotonic_ns();
        drop(stream);
        Ok(nothing_came.then_some((sending_ns, left_ns)))
    }
}

/// The body of a reply of known length.
fn read_reply(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut reply = Vec::new();
    let mut block = [0; 16 << 10];
    loop {
        let read = stream.read(&mut block)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        reply.extend_from_slice(block.get(..read).unwrap_or_default());
        let Some(head) = memchr::memmem::find(&reply, b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8_lossy(reply.get(..head).unwrap_or_default());
        let length = text.to_ascii_lowercase().lines().find_map(|line| {
            let value = line.strip_prefix("content-length:")?;
            value.trim().parse::<usize>().ok()
        });
        let length = length.ok_or_else(|| io::Error::other("a reply without a length"))?;
        if reply.len() >= head + 4 + length {
            return Ok(reply.split_off(head + 4));
        }
    }
}

/// A reply in chunks, up to the last one that has arrived.
#[derive(Default)]
struct Chunked {
    /// What no whole chunk has been made of.
    rest: Vec<u8>,
    has_head: bool,
    body: Vec<u8>,
    /// When the last byte of each chunk came.
    came_ns: Vec<u64>,
    is_over: bool,
}

impl Chunked {
    /// Adds bytes that came at `now_ns`.
    fn take(&mut self, bytes: &[u8], now_ns: u64) -> io::Result<()> {
        self.rest.extend_from_slice(bytes);
        if !self.has_head {
            let Some(head) = memchr::memmem::find(&self.rest, b"\r\n\r\n") else {
                return Ok(());
            };
            self.rest.drain(..head + 4);
            self.has_head = true;
        }
        while !self.is_over
            && let Some(line) = memchr::memmem::find(&self.rest, b"\r\n")
        {
            let size = std::str::from_utf8(self.rest.get(..line).unwrap_or_default());
            let size = size
                .ok()
                .and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.ok_or_else(|| io::Error::other("a reply that is not in chunks"))?;
            let (begin, end) = (line + 2, line + 2 + size);
            if self.rest.len() < end + 2 {
                return Ok(());
            }
            self.is_over = size == 0;
            if !self.is_over {
                self.body
                    .extend_from_slice(self.rest.get(begin..end).unwrap_or_default());
                self.came_ns.push(now_ns);
            }
            self.rest.drain(..end + 2);
        }
        Ok(())
    }
}

/// The message that the events of a streamed reply add up to.
fn message_of(body: &[u8]) -> io::Result<Value> {
    let mut text = String::new();
    let mut calls: Vec<Value> = Vec::new();
    let body = String::from_utf8_lossy(body);
    for event in body.lines().filter_map(|line| line.strip_prefix("data: {")) {
        let event: Value = serde_json::from_str(&format!("{{{event}"))?;
        let delta = &event["choices"][0]["delta"];
        text.push_str(delta["content"].as_str().unwrap_or_default());
        for part in delta["tool_calls"].as_array().into_iter().flatten() {
            let arguments = part["function"]["arguments"].as_str().unwrap_or_default();
            if part["id"].is_string() {
                calls.push(part.clone());
            } else if let Some(call) = calls.last_mut() {
                let so_far = call["function"]["arguments"].as_str().unwrap_or_default();
                call["function"]["arguments"] = json!(format!("{so_far}{arguments}"));
            }
        }
    }
    let mut message = json!({"role": "assistant", "content": text});
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_came_when_its_last_byte_did() {
        let mut reply = Chunked::default();
        reply.take(b"HTTP/1.1 200 OK\r\n\r\n3\r\nab", 1).unwrap();
        assert!(reply.came_ns.is_empty());
        reply.take(b"c\r\n2\r\nde\r", 2).unwrap();
        assert_eq!(reply.came_ns, [2]);
        reply.take(b"\n1\r\nf\r\n0\r\n\r\n", 3).unwrap();
        assert_eq!((reply.came_ns, reply.is_over), (vec![2, 3, 3], true));
        assert_eq!(reply.body, b"abcdef");
    }

    #[test]
    fn the_message_is_what_its_deltas_add_up_to() {
        let events = [
            r#"{"choices":[{"delta":{"role":"assistant","content":"Let me "}}]}"#,
            r#"{"choices":[{"delta":{"content":"count."}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"count","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"text\""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":\"b\"}"}}]}}]}"#,
            "[DONE]",
        ];
        let body: String = events
            .iter()
            .map(|event| format!("data: {event}\n\n"))
            .collect();
        let message = message_of(body.as_bytes()).unwrap();
        assert_eq!(message["content"], "Let me count.");
        let call = &message["tool_calls"][0]["function"];
        assert_eq!(call["arguments"], r#"{"text":"b"}"#);
    }
}
