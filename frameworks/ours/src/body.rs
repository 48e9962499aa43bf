//! The bodies of requests and replies.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::error::Error;

/// A request in three parts that are never copied into one: the head, which all runs of an agent
/// share, the items of this run's conversation, and the tail that closes the JSON. A clone shares
/// the bytes.
#[derive(Debug, Clone)]
pub(crate) struct RequestBody {
    parts: [Bytes; 3],
    sent: usize,
}

impl RequestBody {
    pub(crate) fn new(head: Bytes, items: Bytes, tail: &'static [u8]) -> Self {
        RequestBody {
            parts: [head, items, Bytes::from_static(tail)],
            sent: 0,
        }
    }

    /// The items again, as they were given to [`RequestBody::new`].
    pub(crate) fn into_items(self) -> Bytes {
        let [_, items, _] = self.parts;
        items
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let sent = self.sent;
        let part = self.parts.get_mut(sent).map(std::mem::take);
        self.sent += 1;
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.sent >= self.parts.len()
    }

    fn size_hint(&self) -> SizeHint {
        // A part that was sent has left nothing behind.
        SizeHint::with_exact(self.parts.iter().map(|part| part.len() as u64).sum())
    }
}

/// Reads a reply to its end, and fails when it is longer than `limit` bytes.
pub(crate) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, Error> {
    let mut whole = Vec::new();
    while let Some(chunk) = next_chunk(&mut body).await? {
        if whole.len() + chunk.len() > limit {
            return Err(Error::ReplyTooLong { limit });
        }
        // Most replies come in one piece, which then needs no copy.
        if whole.is_empty() && body.is_end_stream() {
            return Ok(chunk);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

/// The next piece of a reply; `None` at its end.
pub(crate) async fn next_chunk(body: &mut Incoming) -> Result<Option<Bytes>, Error> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Error::Transport(error.into()))?;
        if let Ok(chunk) = frame.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_parts_arrive_in_order_and_their_length_is_known() {
        let body = RequestBody::new("{[".into(), "1,2".into(), b"]}");
        assert_eq!(body.size_hint().exact(), Some(7));
        let clone = body.clone();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "{[1,2]}");
        assert_eq!(clone.into_items(), "1,2");
    }

    #[tokio::test]
    async fn the_body_ends_with_its_last_part() {
        let mut body = RequestBody::new("a".into(), "b".into(), b"c");
        for left in [2, 1, 0] {
            assert!(!body.is_end_stream());
            body.frame().await.unwrap().unwrap();
            assert_eq!(body.size_hint().exact(), Some(left));
        }
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }
}
