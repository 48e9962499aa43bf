//! The bodies of replies: whole, in timed moments, or a drained ledger.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use loopmark_protocol::monotonic_ns;

use super::connection::{Exchange, HangUp, OwnExchange};
use super::hold::{Hub, Wait};
use super::ledger::Entry;

/// A part of a drained ledger: enough to fill a write.
const DRAIN_BYTES: usize = 64 * 1024;

/// A reply's body.
pub(super) struct ReplyBody {
    parts: Parts,
    /// None for the harness's own paths, which the ledger does not know.
    exchange: Option<Exchange>,
    /// Dropped with the body.
    _own: Option<OwnExchange>,
}

/// The connection is closed in the middle of a reply, as the scenario wants it.
#[derive(Debug, thiserror::Error)]
#[error("the scenario ends the connection here")]
pub(super) struct Dropped;

enum Parts {
    Whole(Option<Bytes>),
    Cut(Cut),
    Moments(Moments),
    Entries(std::vec::IntoIter<Entry>),
}

/// Parts that are sent at deadlines of their own.
struct Moments {
    parts: VecDeque<Bytes>,
    hub: Hub,
    /// The deadline of the next part.
    due_ns: u64,
    interval_ns: u64,
    wait: Option<Wait>,
}

impl ReplyBody {
    pub fn whole(bytes: Vec<u8>, exchange: Option<Exchange>) -> ReplyBody {
        ReplyBody {
            parts: Parts::Whole(Some(bytes.into())),
            exchange,
            _own: None,
        }
    }

    /// The first part is due at `due_ns`, the others each `interval_ns` later.
    pub fn moments(
        parts: Vec<Vec<u8>>,
        hub: &Hub,
        due_ns: u64,
        interval_ns: u64,
        exchange: Exchange,
    ) -> ReplyBody {
        ReplyBody {
            parts: Parts::Moments(Moments {
                parts: parts.into_iter().map(Bytes::from).collect(),
                hub: hub.clone(),
                due_ns,
                interval_ns,
                wait: None,
            }),
            exchange: Some(exchange),
            _own: None,
        }
    }

    /// This part of a reply, then the connection's end. `length` is that of the whole reply; `None` for a streamed one,
    /// whose head promises none.
    pub fn cut(self, length: Option<u64>, hub: &Hub) -> ReplyBody {
        ReplyBody {
            parts: Parts::Cut(Cut {
                half: Box::new(self.parts),
                length,
                hub: hub.clone(),
                wait: None,
            }),
            ..self
        }
    }

    /// The reply to a request of the harness's own.
    pub fn of_own(self, own: OwnExchange) -> ReplyBody {
        ReplyBody {
            _own: Some(own),
            ..self
        }
    }

    /// JSON lines.
    pub fn entries(entries: Vec<Entry>) -> ReplyBody {
        ReplyBody {
            parts: Parts::Entries(entries.into_iter()),
            exchange: None,
            _own: None,
        }
    }
}

impl Parts {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Dropped>> {
        match self {
            Parts::Whole(bytes) => Poll::Ready(Ok(bytes.take())),
            Parts::Cut(cut) => cut.poll_next(context),
            Parts::Moments(moments) => moments.poll_next(context).map(Ok),
            Parts::Entries(entries) => Poll::Ready(Ok(lines(entries))),
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Parts::Whole(bytes) => bytes.is_none(),
            Parts::Cut(_) => false,
            Parts::Moments(moments) => moments.parts.is_empty(),
            Parts::Entries(entries) => entries.len() == 0,
        }
    }
}

/// The first half of a reply.
struct Cut {
    half: Box<Parts>,
    /// Of the whole reply, which the head promises.
    length: Option<u64>,
    hub: Hub,
    /// Until the half is written: an end at once would take the place of what is not written yet.
    wait: Option<Wait>,
}

/// How long the half of a reply has to be written.
const CUT_PAUSE: Duration = Duration::from_millis(5);

impl Cut {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Dropped>> {
        if !self.half.is_over() {
            return self.half.poll_next(context);
        }
        let hub = &self.hub;
        let due_ns = || monotonic_ns() + CUT_PAUSE.as_nanos() as u64;
        let wait = self.wait.get_or_insert_with(|| hub.wait_until(due_ns()));
        ready!(Pin::new(wait).poll(context));
        Poll::Ready(Err(Dropped))
    }
}

impl Moments {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.interval_ns > 0 && !self.parts.is_empty() {
            let (hub, due_ns) = (&self.hub, self.due_ns);
            let wait = self.wait.get_or_insert_with(|| hub.wait_until(due_ns));
            ready!(Pin::new(wait).poll(context));
            self.wait = None;
            self.due_ns += self.interval_ns;
        }
        Poll::Ready(self.parts.pop_front())
    }
}

fn lines(entries: &mut std::vec::IntoIter<Entry>) -> Option<Bytes> {
    let mut lines = Vec::new();
    while lines.len() < DRAIN_BYTES
        && let Some(entry) = entries.next()
    {
        // Numbers, flags and a string: nothing that JSON can't say.
        if serde_json::to_writer(&mut lines, &entry).is_ok() {
            lines.push(b'\n');
        }
    }
    (!lines.is_empty()).then(|| lines.into())
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let part = match ready!(self.parts.poll_next(context)) {
            Ok(part) => part,
            Err(dropped) => {
                if let Some(exchange) = &self.exchange {
                    exchange.hang_up(HangUp::Close);
                }
                return Poll::Ready(Some(Err(dropped)));
            }
        };
        let is_over = self.parts.is_over();
        if let Some(exchange) = &self.exchange {
            if let Some(part) = &part {
                exchange.is_sending(part.len());
            }
            if is_over {
                exchange.complete();
            }
        }
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_over()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.parts {
            Parts::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Parts::Cut(cut) => cut
                .length
                .map_or_else(SizeHint::default, SizeHint::with_exact),
            _ => SizeHint::default(),
        }
    }
}
