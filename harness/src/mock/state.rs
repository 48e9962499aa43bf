//! What all connections and requests of a mock share.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};

use super::faults::Attempts;
use super::hold::Hub;
use super::ledger::SharedLedger;
use super::options::{Limits, ServeOptions};
use super::peer::Peers;
use super::respond::Responder;
use super::sink::Sink;
use super::threads::Threads;

/// What all requests of a thread share. The ledger and the counts are the mock's, and so is what the responder knows.
pub(super) struct State {
    pub responder: Responder,
    pub attempts: Attempts,
    pub sink: Sink,
    pub hub: Hub,
    pub peers: Rc<Peers>,
    pub ledger: SharedLedger,
    pub counts: Arc<Counts>,
    pub threads: Threads,
    pub limits: Limits,
    /// Where runners reach the mock.
    pub base_url: String,
    /// Browsers are answered too.
    pub cors: bool,
}

/// What goes from thread to thread.
pub(super) struct Shared {
    responder: Responder,
    attempts: Attempts,
    sink: Sink,
    ledger: SharedLedger,
    counts: Arc<Counts>,
    threads: Threads,
    base_url: String,
}

/// Counted since the mock was started.
#[derive(Default)]
pub(super) struct Counts {
    pub open_connections: AtomicU32,
    pub accepted_connections: AtomicU32,
    pub refused_connections: AtomicU32,
    pub requests: AtomicU64,
}

impl State {
    /// Starts the timer: to be called on a `LocalSet`.
    pub fn new(
        responder: Responder,
        base_url: String,
        threads: Threads,
        options: &ServeOptions,
    ) -> io::Result<Rc<State>> {
        let shared = Shared {
            responder,
            attempts: Attempts::default(),
            sink: Sink::default(),
            ledger: SharedLedger::with_capacity(options.limits.ledger_entries),
            counts: Arc::default(),
            threads,
            base_url,
        };
        State::of_shared(shared, options)
    }

    /// The state of one of several threads: to be called there, on a `LocalSet`.
    pub fn of_shared(shared: Shared, options: &ServeOptions) -> io::Result<Rc<State>> {
        let Shared {
            responder,
            attempts,
            sink,
            ledger,
            counts,
            threads,
            base_url,
        } = shared;
        Ok(Rc::new(State {
            responder,
            attempts,
            sink,
            hub: Hub::start()?,
            peers: Rc::new(Peers::new()),
            ledger,
            counts,
            threads,
            limits: options.limits,
            base_url,
            cors: options.cors,
        }))
    }

    /// What another thread of the same mock begins with.
    pub fn for_another_thread(&self) -> Shared {
        Shared {
            responder: self.responder.another(),
            attempts: self.attempts.clone(),
            sink: self.sink.clone(),
            ledger: self.ledger.clone(),
            counts: Arc::clone(&self.counts),
            threads: self.threads.clone(),
            base_url: self.base_url.clone(),
        }
    }
}
