//! A reply's body on its way from the server to the client.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::recorder::Reading;

/// Passes each piece of a body on as it comes, and shows it to the recorder. Dropping it ends the upstream's reply.
pub(super) struct Passed {
    body: Incoming,
    /// `None` where nothing is to be noted, and after the end.
    reading: Option<Reading>,
}

impl Passed {
    pub fn new(body: Incoming, reading: Option<Reading>) -> Passed {
        let mut passed = Passed { body, reading };
        passed.end_if_whole();
        passed
    }

    /// A body of known length is not asked again after its last byte.
    fn end_if_whole(&mut self) {
        if self.body.is_end_stream() {
            self.end();
        }
    }

    fn end(&mut self) {
        if let Some(reading) = self.reading.take() {
            reading.finish();
        }
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let (Some(data), Some(reading)) = (frame.data_ref(), &mut self.reading) {
                    reading.read(data);
                }
                self.end_if_whole();
            }
            Some(Err(_)) => self.reading = None,
            None => self.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
