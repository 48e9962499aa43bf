//! One connection: what is read and written on it is stamped into the entry of the request that it belongs to.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use loopmark_protocol::monotonic_ns;

use super::framing::Framing;
use super::ledger::{Entry, SharedLedger};

/// What a connection has seen, shared between its socket and the requests on it.
pub(super) struct Connection {
    number: u32,
    ledger: SharedLedger,
    /// The requests in what has been read: a client may send the next one before it has the reply to the last one.
    framing: RefCell<Framing>,
    /// HTTP/1.1: when the last reply was out.
    last_reply_ns: Cell<Option<u64>>,
    /// HTTP/1.1: the request under way.
    open: RefCell<Option<Entry>>,
    /// The open request's reply is wholly in the server's buffers.
    is_answered: Cell<bool>,
    /// HTTP/1.1: the last reply to a request of the harness's own.
    own_reply: Cell<OwnReply>,
    /// Has carried a request of HTTP/2, which shares the socket with others.
    is_http2: Cell<bool>,
    /// HTTP/1.1: the mock ends it, not the client.
    hang_up: Cell<Option<HangUp>>,
}

/// How the mock ends a connection when the scenario wants it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HangUp {
    Close,
    Reset,
}

/// A request under way. Dropping it before it is complete means that the client has gone.
pub(super) struct Exchange {
    connection: Rc<Connection>,
    /// HTTP/2: the exchange's own entry, for the connection carries many.
    own: Option<RefCell<Entry>>,
    is_complete: Cell<bool>,
}

/// A request of the harness's own under way, which the ledger does not know.
pub(super) struct OwnExchange(Rc<Connection>);

/// How far a reply is that the ledger does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnReply {
    Owed,
    /// Wholly in the server's buffers.
    Whole,
    /// Written, or there is none.
    Out,
}

impl Drop for OwnExchange {
    fn drop(&mut self) {
        if self.0.own_reply.get() == OwnReply::Owed {
            self.0.own_reply.set(OwnReply::Whole);
        }
    }
}

impl Connection {
    pub fn new(number: u32, ledger: SharedLedger) -> Rc<Connection> {
        Rc::new(Connection {
            number,
            ledger,
            framing: RefCell::default(),
            last_reply_ns: Cell::new(None),
            open: RefCell::new(None),
            is_answered: Cell::new(false),
            own_reply: Cell::new(OwnReply::Out),
            is_http2: Cell::new(false),
            hang_up: Cell::new(None),
        })
    }

    /// When the first byte of a request came of which a part is still missing.
    pub fn unfinished_since(&self) -> Option<u64> {
        // While a request is answered, what has come is the next one, which waits for its turn.
        if self.is_http2.get() || self.is_answering() {
            return None;
        }
        self.framing.borrow().unfinished_since()
    }

    /// HTTP/1.1: a request has come whole and its reply is not out.
    pub fn is_answering(&self) -> bool {
        let open = self.open.borrow();
        let is_read = open.as_ref().is_some_and(|entry| entry.read_ns.is_some());
        is_read || self.own_reply.get() != OwnReply::Out || self.framing.borrow().has_whole()
    }

    /// Whether its end is to be a reset.
    pub fn is_reset(&self) -> bool {
        self.hang_up.get() == Some(HangUp::Reset)
    }

    /// Opens the entry of a request whose head has been read.
    pub fn begin(self: &Rc<Connection>, http2: bool) -> Exchange {
        let mut entry = Entry {
            connection: self.number,
            http2,
            ..Entry::default()
        };
        let own = if http2 {
            self.is_http2.set(true);
            entry.first_byte_ns = monotonic_ns();
            Some(RefCell::new(entry))
        } else {
            // A pipelined request can come before the last flush was reported.
            self.close(false);
            let first_byte_ns = self.framing.borrow().first_byte_ns();
            // A head is parsed from bytes that were read.
            entry.first_byte_ns = first_byte_ns.unwrap_or_else(monotonic_ns);
            self.open.replace(Some(entry));
            None
        };
        Exchange {
            connection: Rc::clone(self),
            own,
            is_complete: Cell::new(false),
        }
    }

    /// Forgets a request that is not for the model. What it gives is to be kept until the server has the whole reply.
    pub fn skip(self: &Rc<Connection>, http2: bool) -> OwnExchange {
        if http2 {
            self.is_http2.set(true);
        } else {
            self.close(false);
            self.framing.borrow_mut().skip();
            self.own_reply.set(OwnReply::Owed);
        }
        OwnExchange(Rc::clone(self))
    }

    /// Bytes have been read from the socket.
    pub fn has_read(&self, bytes: &[u8]) {
        if !self.is_http2.get() {
            self.framing.borrow_mut().read(bytes, monotonic_ns());
        }
    }

    /// Notes how many bytes have been written to the socket.
    pub fn has_written(&self, bytes: usize) {
        if let Some(entry) = self.open.borrow_mut().as_mut() {
            has_written(entry, bytes);
        }
    }

    /// Everything that the server had to write is written.
    pub fn has_flushed(&self) {
        if self.is_answered.get() {
            self.close(false);
        }
        if self.own_reply.get() == OwnReply::Whole {
            self.own_reply.set(OwnReply::Out);
        }
    }

    /// Moves the open entry to the ledger.
    pub fn close(&self, aborted: bool) {
        self.is_answered.set(false);
        if let Some(mut entry) = self.open.borrow_mut().take() {
            self.last_reply_ns.set(entry.last_write_ns);
            entry.aborted |= aborted && self.hang_up.get().is_none();
            self.ledger.lock().push(ended(entry));
        }
    }
}

impl Exchange {
    /// Writes into the entry.
    pub fn note(&self, note: impl FnOnce(&mut Entry)) {
        match &self.own {
            Some(entry) => note(&mut entry.borrow_mut()),
            None => {
                if let Some(entry) = self.connection.open.borrow_mut().as_mut() {
                    note(entry);
                }
            }
        }
    }

    /// The request's body has been read whole. Gives from when on the model works: then, or, for a request that came
    /// before its turn, when the reply before it was out.
    pub fn has_read(&self, body_bytes: usize) -> u64 {
        let body_bytes = body_bytes as u64;
        let connection = &self.connection;
        let framed = match &self.own {
            Some(_) => None,
            None => connection.framing.borrow_mut().take(),
        };
        let (read_ns, request_bytes) = framed.map_or_else(
            || (monotonic_ns(), body_bytes),
            |framed| (framed.read_ns, framed.bytes),
        );
        self.note(|entry| {
            entry.read_ns = Some(read_ns);
            entry.request_bytes = request_bytes;
            entry.request_body_bytes = body_bytes;
            // What was written so far is `100 Continue`.
            entry.first_write_ns = None;
            entry.last_write_ns = None;
            entry.reply_bytes = 0;
        });
        let last_reply_ns = connection
            .last_reply_ns
            .get()
            .filter(|_| self.own.is_none());
        last_reply_ns.map_or(read_ns, |last_ns| last_ns.max(read_ns))
    }

    /// HTTP/2: a part of the reply's body goes to the server. HTTP/1.1 stamps at the socket.
    pub fn is_sending(&self, bytes: usize) {
        if let Some(entry) = &self.own {
            has_written(&mut entry.borrow_mut(), bytes);
        }
    }

    /// The mock ends the connection before the reply is out: the client has not gone.
    pub fn hang_up(&self, how: HangUp) {
        match self.own {
            // Only the request's own stream ends; the connection carries others.
            Some(_) => self.complete(),
            None => self.connection.hang_up.set(Some(how)),
        }
    }

    /// The server has the whole reply.
    pub fn complete(&self) {
        self.is_complete.set(true);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let is_complete = self.is_complete.get();
        match self.own.take() {
            Some(entry) => {
                let mut entry = entry.into_inner();
                entry.aborted = !is_complete;
                self.connection.ledger.lock().push(ended(entry));
            }
            // An incomplete one stays open until its connection is closed, which marks it.
            None => self.connection.is_answered.set(is_complete),
        }
    }
}

/// Stamps the entry: bytes of its reply were written.
fn has_written(entry: &mut Entry, bytes: usize) {
    let now_ns = Some(monotonic_ns());
    entry.first_write_ns = entry.first_write_ns.or(now_ns);
    entry.last_write_ns = now_ns;
    entry.reply_bytes += bytes as u64;
}

/// The entry of a request that is over, stamped if its client has gone.
fn ended(mut entry: Entry) -> Entry {
    entry.gone_ns = entry.aborted.then(monotonic_ns);
    entry
}
