//! What all connections and requests of a mock share.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use super::hold::Hub;
use super::ledger::Ledger;
use super::peer::Peers;
use super::respond::Responder;
use super::run::ServeOptions;

/// What clients may take of a mock.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections that are open at once; one more is closed at once.
    pub connections: u32,
    /// From the first byte of a request to its last one; a connection that takes longer is closed.
    pub request_time: Duration,
    /// Entries that the ledger keeps until it is drained; later ones are counted and lost.
    pub ledger_entries: usize,
}

/// What all requests share.
pub(super) struct State {
    pub responder: Responder,
    pub hub: Hub,
    pub peers: Rc<Peers>,
    pub ledger: Rc<RefCell<Ledger>>,
    pub counts: Counts,
    pub limits: Limits,
    /// Where runners reach the mock.
    pub base_url: String,
    /// Browsers are answered too.
    pub cors: bool,
}

/// Counted since the mock was started.
#[derive(Default)]
pub(super) struct Counts {
    pub open_connections: Cell<u32>,
    pub accepted_connections: Cell<u32>,
    pub refused_connections: Cell<u32>,
    pub requests: Cell<u64>,
}

impl State {
    /// Starts the timer: to be called on a `LocalSet`.
    pub fn new(
        responder: Responder,
        base_url: String,
        options: &ServeOptions,
    ) -> io::Result<Rc<State>> {
        let limits = options.limits;
        Ok(Rc::new(State {
            responder,
            hub: Hub::start()?,
            peers: Rc::new(Peers::new()),
            ledger: Rc::new(RefCell::new(Ledger::with_capacity(limits.ledger_entries))),
            counts: Counts::default(),
            limits,
            base_url,
            cors: options.cors,
        }))
    }
}

/// Adds one.
pub(super) fn count<T: Copy + std::ops::Add<Output = T> + From<u8>>(counter: &Cell<T>) {
    counter.set(counter.get() + T::from(1));
}
