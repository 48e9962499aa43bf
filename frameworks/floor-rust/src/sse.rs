//! Server-sent events, as far as these APIs use them: one line of data each.

use loopmark_runner::Error;

/// The lines of a reply whose bytes may be cut anywhere.
#[derive(Default)]
pub struct Lines {
    /// The line that has no end yet.
    rest: Vec<u8>,
}

impl Lines {
    /// Takes the next bytes, and gives the data of every event that is whole now.
    pub fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.rest.extend_from_slice(bytes);
        let rest = std::mem::take(&mut self.rest);
        let mut lines = rest.split(|byte| *byte == b'\n');
        // The last part has no end of line.
        self.rest = lines.next_back().unwrap_or_default().to_vec();
        // Names of events, comments and empty lines say nothing here.
        lines
            .filter_map(|line| line.trim_ascii_end().strip_prefix(b"data: "))
            .try_for_each(take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_cut_anywhere_gives_the_same_events() {
        let stream = ": a comment\n\nevent: a\ndata: Ärger\r\n\r\ndata: {\"b\":1}\n\ndata: [DONE]\n\ndata: cut";
        for size in [1, 7, stream.len()] {
            let mut lines = Lines::default();
            let mut events = Vec::new();
            for bytes in stream.as_bytes().chunks(size) {
                let mut take = |data: &[u8]| {
                    events.push(String::from_utf8(data.to_vec())?);
                    Ok(())
                };
                lines.push(bytes, &mut take).unwrap();
            }
            assert_eq!(events, ["Ärger", "{\"b\":1}", "[DONE]"], "{size}");
        }
    }
}
