//! Notes what the proxy passes on, from any of its connections.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use loopmark_protocol::Api;
use tokio::sync::watch;

use super::conversation::Conversations;
use super::notes::{Conversation, Counts, Pace, Reply};
use super::reply::Said;
use super::request::Asked;
use super::stream::Events;

/// The longest plain reply that is read; a longer one passes too, but is not understood.
const MAX_REPLY_BYTES: usize = 64 << 20;

/// Notes what the proxy passes on.
#[derive(Debug, Clone)]
pub(super) struct Recorder {
    conversations: Arc<Mutex<Conversations>>,
    ended: watch::Sender<u64>,
    pub with_texts: bool,
}

impl Recorder {
    pub fn new(with_texts: bool) -> Recorder {
        Recorder {
            conversations: Arc::default(),
            ended: watch::Sender::new(0),
            with_texts,
        }
    }

    /// A request to the model that was read whole; `None` where nothing is to be noted of its reply.
    pub fn begin(&self, api: Api, body: &[u8]) -> Option<Exchange> {
        let asked_at = Instant::now();
        let asked = Asked::read(api, body, self.with_texts);
        let mut all = self.all();
        let Some(asked) = asked else {
            all.counts.not_understood += 1;
            return None;
        };
        all.counts.responses += u64::from(api == Api::Responses);
        all.counts.streamed += u64::from(asked.is_stream);
        let number = all.begin(asked, asked_at)?;
        Some(Exchange {
            recorder: self.clone(),
            api,
            number,
            asked_at,
            has_ended: false,
        })
    }

    /// Waits until `count` conversations have ended.
    pub async fn wait_for(&self, conversations: u64) {
        let mut ended = self.ended.subscribe();
        // The sender is here, so that it can't be closed.
        let _ = ended.wait_for(|ended| *ended >= conversations).await;
    }

    /// What was seen until now.
    pub fn take(&self) -> (Vec<Conversation>, Counts) {
        std::mem::take(&mut *self.all()).finish()
    }

    fn all(&self) -> MutexGuard<'_, Conversations> {
        let all = self.conversations.lock();
        all.unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request and its reply. One that is dropped before its reply has ended has failed.
#[derive(Debug)]
pub(super) struct Exchange {
    recorder: Recorder,
    api: Api,
    number: u64,
    asked_at: Instant,
    has_ended: bool,
}

impl Exchange {
    fn end(&mut self, reply: Option<(Said, Option<Pace>)>) {
        let at = Instant::now();
        self.has_ended = true;
        let reply = reply.map(|(said, stream)| {
            let reply = Reply {
                text: said.text,
                calls: said.calls,
                total: at.saturating_duration_since(self.asked_at),
                stream,
            };
            (said.id, reply)
        });
        let mut all = self.recorder.all();
        all.end(self.number, reply, at);
        let ended = all.counts.ended;
        drop(all);
        self.recorder.ended.send_replace(ended);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(None);
        }
    }
}

/// Reads a reply's body while it passes.
#[derive(Debug)]
pub(super) struct Reading {
    exchange: Exchange,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Plain(Vec<u8>),
    /// Apart, because it is much larger.
    Stream(Box<Events>),
    TooLong,
}

impl Reading {
    pub fn new(exchange: Exchange, is_stream: bool) -> Reading {
        let body = match is_stream {
            true => {
                let with_texts = exchange.recorder.with_texts;
                Body::Stream(Box::new(Events::new(exchange.api, with_texts)))
            }
            false => Body::Plain(Vec::new()),
        };
        Reading { exchange, body }
    }

    /// More of the body has come.
    pub fn read(&mut self, bytes: &[u8]) {
        match &mut self.body {
            Body::Plain(body) if body.len() + bytes.len() > MAX_REPLY_BYTES => {
                self.body = Body::TooLong;
            }
            Body::Plain(body) => body.extend_from_slice(bytes),
            Body::Stream(events) => events.read(bytes, self.exchange.asked_at.elapsed()),
            Body::TooLong => {}
        }
    }

    /// The body has come whole.
    pub fn finish(mut self) {
        let api = self.exchange.api;
        let with_texts = self.exchange.recorder.with_texts;
        let reply = match self.body {
            Body::Plain(body) => Said::read(api, &body, with_texts).map(|said| (said, None)),
            Body::Stream(events) => events.finish().map(|(said, pace)| (said, Some(pace))),
            Body::TooLong => None,
        };
        self.exchange.end(reply);
    }
}
