//! The ledger: what the mock saw, one entry per request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loopmark_protocol::Api;
use serde::{Deserialize, Serialize};

use crate::framework::Deviation;
use crate::scenario::FaultKind;

/// Entries that a trial's mock keeps until the harness drains them after a batch: about 600 MB. Later ones are counted
/// and lost.
pub const CAPACITY: usize = 4_000_000;

/// One request, from its first byte to its reply's last one.
///
/// Times are of `CLOCK_MONOTONIC` in ns; `None` for what never happened. Under HTTP/1.1 they are taken at the socket.
/// Under HTTP/2 requests share a socket, so they are taken where the request enters and leaves the server's code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// The run that the request belongs to, if it can be told apart.
    pub run: Option<u64>,
    /// The turn that it asks for, from 0. A turn that comes again, and one past the script's end, is a call too many.
    pub turn: Option<u32>,
    /// The API; `None` for a request to another path.
    pub api: Option<Api>,
    /// The reply is streamed.
    pub stream: bool,
    /// The connection speaks HTTP/2.
    pub http2: bool,
    /// The connection's number, from 1 in the order in which they were accepted.
    pub connection: u32,
    /// The reply's HTTP status; `None` if there was no reply.
    pub status: Option<u16>,
    /// When the first byte of the request was read.
    pub first_byte_ns: u64,
    /// When the read that completed the request returned; `None` if it never came whole.
    pub read_ns: Option<u64>,
    /// When the reply, or a streamed reply's first moment, was due: the turn's latency after `read_ns`, or, for a request
    /// that came before the reply to the one before it, after that reply. None for a request that the model does not
    /// answer.
    pub due_ns: Option<u64>,
    /// When the first byte of the reply was written.
    pub first_write_ns: Option<u64>,
    /// When the last byte of the reply was written.
    pub last_write_ns: Option<u64>,
    /// When it was noticed that the client had gone away; `None` for a request that is not `aborted`.
    pub gone_ns: Option<u64>,
    /// Head and body as read from the socket; under HTTP/2 the body alone.
    pub request_bytes: u64,
    /// The body, as it was sent: packed, if the client packs it.
    pub request_body_bytes: u64,
    /// Head and body as written to the socket; under HTTP/2 the body alone.
    pub reply_bytes: u64,
    /// The first thing that is wrong with the request, in one sentence.
    pub problem: Option<String>,
    /// The request leaves out a text that the model said beside its calls, which a row may declare.
    #[serde(default)]
    pub leaves_out_text: bool,
    /// Where the request's words are not the scenario's, which a row may declare; `None` where they all are. Requests
    /// that differ alike share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_words: Option<Arc<[OtherWords]>>,
    /// Whether the model is told what was wrong with its last calls; `None` where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_told: Option<bool>,
    /// The client went away before the reply was out.
    pub aborted: bool,
    /// What the scenario lets go wrong with the reply; the client is not to blame for it, and is `aborted` only if it left
    /// first. None for a reply that nothing is wrong with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
}

/// Words of a request that are not the scenario's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherWords {
    /// What a row may declare it as.
    pub deviation: Deviation,
    /// What was expected where, and what came.
    pub sentence: String,
}

impl Entry {
    /// Whether the model answers it as a turn of a run. Others are refused, or ask for something else than a turn.
    pub fn is_llm_call(&self) -> bool {
        self.run.is_some() && self.due_ns.is_some()
    }

    /// How long after it was due the reply began, in ns; `None` for a reply that was never due or never sent.
    pub fn late_ns(&self) -> Option<u64> {
        Some(self.first_write_ns?.saturating_sub(self.due_ns?))
    }

    /// When the request was over: its reply was written, or its client had gone away.
    pub fn end_ns(&self) -> u64 {
        let end_ns = self.gone_ns.or(self.last_write_ns).or(self.read_ns);
        end_ns.unwrap_or(self.first_byte_ns)
    }
}

/// The entries of the requests that have ended.
#[derive(Debug)]
pub struct Ledger {
    entries: Vec<Entry>,
    capacity: usize,
    lost: u64,
    /// What `lost` was when the ledger was last drained.
    lost_before: u64,
}

/// The ledger of a mock, which its threads share.
#[derive(Debug, Clone)]
pub(super) struct SharedLedger(Arc<Mutex<Ledger>>);

impl SharedLedger {
    pub fn with_capacity(capacity: usize) -> SharedLedger {
        SharedLedger(Arc::new(Mutex::new(Ledger::with_capacity(capacity))))
    }

    /// Nothing in a ledger panics halfway.
    pub fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a ledger gives away.
#[derive(Debug)]
pub struct Drained {
    /// The entries that it had.
    pub entries: Vec<Entry>,
    /// Later ones that found no place, since it was drained before.
    pub lost: u64,
}

impl Ledger {
    /// A ledger that keeps `capacity` entries until it is drained.
    pub fn with_capacity(capacity: usize) -> Ledger {
        Ledger {
            entries: Vec::new(),
            capacity,
            lost: 0,
            lost_before: 0,
        }
    }

    /// Keeps an entry, or counts it as lost.
    pub fn push(&mut self, entry: Entry) {
        if self.entries.len() < self.capacity {
            self.entries.push(entry);
            return;
        }
        if self.lost == 0 {
            let capacity = self.capacity;
            tell!(
                "loopmark mock: the ledger is full with {capacity} entries, more are lost; POST /loopmark/drain empties it"
            );
        }
        self.lost += 1;
    }

    /// Gives the entries away and forgets them.
    pub fn drain(&mut self) -> Drained {
        let lost = self.lost_since_drain();
        self.lost_before = self.lost;
        Drained {
            entries: std::mem::take(&mut self.entries),
            lost,
        }
    }

    /// The entries that it has.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries did not fit since it was last drained.
    pub fn lost_since_drain(&self) -> u64 {
        self.lost - self.lost_before
    }

    /// How many entries did not fit since the mock was started.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ledger_counts_what_it_loses_until_it_is_drained() {
        let mut ledger = Ledger::with_capacity(2);
        for connection in 1..=3 {
            ledger.push(Entry {
                connection,
                ..Entry::default()
            });
        }
        assert_eq!((ledger.lost(), ledger.lost_since_drain()), (1, 1));
        let drained = ledger.drain();
        assert_eq!((drained.entries.len(), drained.lost), (2, 1));
        ledger.push(Entry::default());
        assert_eq!(ledger.entries().len(), 1);
        let drained = ledger.drain();
        assert_eq!((drained.entries.len(), drained.lost), (1, 0));
        assert_eq!((ledger.entries(), ledger.lost()), (&[][..], 1));
    }

    #[test]
    fn an_entry_is_one_flat_object() {
        let entry = Entry {
            run: Some(7),
            api: Some(Api::Responses),
            ..Entry::default()
        };
        let line = serde_json::to_string(&entry).unwrap();
        assert!(
            line.starts_with(r#"{"run":7,"turn":null,"api":"responses","#),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<Entry>(&line).unwrap(), entry);
    }
}
