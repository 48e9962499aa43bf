//! What all connections and requests of a mock share.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use super::hold::Hub;
use super::ledger::{self, Ledger};
use super::respond::Responder;

/// What all requests share.
pub(super) struct State {
    pub responder: Responder,
    pub hub: Hub,
    pub ledger: Rc<RefCell<Ledger>>,
    pub counts: Counts,
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
    pub fn new(responder: Responder) -> io::Result<Rc<State>> {
        Ok(Rc::new(State {
            responder,
            hub: Hub::start()?,
            ledger: Rc::new(RefCell::new(Ledger::with_capacity(ledger::CAPACITY))),
            counts: Counts::default(),
        }))
    }
}

/// Adds one.
pub(super) fn count<T: Copy + std::ops::Add<Output = T> + From<u8>>(counter: &Cell<T>) {
    counter.set(counter.get() + T::from(1));
}
