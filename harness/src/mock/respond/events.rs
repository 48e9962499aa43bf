//! A streamed reply: server-sent events, grouped by the moment at which they are sent.

use serde::Serialize;

/// Collects events; each delta starts a moment of its own, the events around it are sent with it.
#[derive(Debug, Default)]
pub(super) struct EventStream {
    moments: Vec<Vec<u8>>,
    /// Events that wait for the next delta.
    pending: Vec<u8>,
}

impl EventStream {
    /// Adds an event that takes the model no time: it goes out with the next delta, or the last one.
    pub fn event<T: Serialize>(&mut self, name: Option<&str>, data: &T) -> serde_json::Result<()> {
        if let Some(name) = name {
            self.pending.extend_from_slice(b"event: ");
            self.pending.extend_from_slice(name.as_bytes());
            self.pending.push(b'\n');
        }
        self.pending.extend_from_slice(b"data: ");
        let start = self.pending.len();
        serde_json::to_writer(&mut self.pending, data)?;
        // Settings that a reply repeats as they came can hold line breaks between tokens, which would end the event.
        let breaks = self.pending[start..].iter_mut();
        for byte in breaks.filter(|byte| matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
        self.pending.extend_from_slice(b"\n\n");
        Ok(())
    }

    /// Adds a piece of text or arguments.
    pub fn delta<T: Serialize>(&mut self, name: Option<&str>, data: &T) -> serde_json::Result<()> {
        self.event(name, data)?;
        self.moments.push(std::mem::take(&mut self.pending));
        Ok(())
    }

    /// Ends with a line that is no JSON.
    pub fn raw(&mut self, line: &str) {
        self.pending.extend_from_slice(b"data: ");
        self.pending.extend_from_slice(line.as_bytes());
        self.pending.extend_from_slice(b"\n\n");
    }

    /// The bytes of each moment, in order.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        match self.moments.last_mut() {
            Some(last) => last.append(&mut self.pending),
            None => self.moments.push(self.pending),
        }
        self.moments
    }
}

/// Cuts a text into pieces of `chars` characters; an empty text has none.
pub(super) fn pieces(text: &str, chars: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest
            .char_indices()
            .nth(chars)
            .map_or(rest.len(), |(end, _)| end);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_delta_is_a_moment_and_the_rest_goes_with_its_neighbour() {
        let mut stream = EventStream::default();
        stream.event(None, &"role").unwrap();
        stream.delta(Some("piece"), &"a").unwrap();
        stream.event(None, &"between").unwrap();
        stream.delta(None, &"b").unwrap();
        stream.raw("[DONE]");
        let moments: Vec<String> = stream
            .finish()
            .into_iter()
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect();
        assert_eq!(
            moments,
            [
                "data: \"role\"\n\nevent: piece\ndata: \"a\"\n\n",
                "data: \"between\"\n\ndata: \"b\"\n\ndata: [DONE]\n\n",
            ]
        );
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(pieces("aäöb", 2).collect::<Vec<_>>(), ["aä", "öb"]);
        assert_eq!(pieces("abc", 2).collect::<Vec<_>>(), ["ab", "c"]);
        assert_eq!(pieces("", 2).count(), 0);
    }
}
