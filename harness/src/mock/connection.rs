//! One connection: stamps the times of what is read and written into the entry of the request that it carries.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use loopmark_protocol::monotonic_ns;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::hold::{Hub, Wait};
use super::ledger::{Entry, Ledger};

/// What a connection has seen, shared between its socket and the requests on it.
pub(super) struct Connection {
    number: u32,
    ledger: Rc<RefCell<Ledger>>,
    /// When the first byte after the last request was read; none if none has come.
    first_read_ns: Cell<Option<u64>>,
    /// When something was last read.
    last_read_ns: Cell<Option<u64>>,
    /// Bytes read since the last request.
    read_bytes: Cell<u64>,
    /// HTTP/1.1: the request under way.
    open: RefCell<Option<Entry>>,
    /// The open request's reply is wholly in the server's buffers.
    is_answered: Cell<bool>,
    /// Has carried a request of HTTP/2, which shares the socket with others.
    is_http2: Cell<bool>,
}

/// A request under way. Dropping it before it is complete means that the client has gone.
pub(super) struct Exchange {
    connection: Rc<Connection>,
    /// HTTP/2: the exchange's own entry, for the connection carries many.
    own: Option<RefCell<Entry>>,
    is_complete: Cell<bool>,
}

impl Connection {
    pub fn new(number: u32, ledger: Rc<RefCell<Ledger>>) -> Rc<Connection> {
        Rc::new(Connection {
            number,
            ledger,
            first_read_ns: Cell::new(None),
            last_read_ns: Cell::new(None),
            read_bytes: Cell::new(0),
            open: RefCell::new(None),
            is_answered: Cell::new(false),
            is_http2: Cell::new(false),
        })
    }

    /// When the first byte of a request came of which a part is still missing.
    fn unfinished_since(&self) -> Option<u64> {
        let first_read_ns = self.first_read_ns.get()?;
        if self.is_http2.get() {
            return None;
        }
        // While a request is answered, what has come is the next one, which waits for its turn.
        let open = self.open.borrow();
        let is_answering = open.as_ref().is_some_and(|entry| entry.read_ns.is_some());
        (!is_answering).then_some(first_read_ns)
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
            let first_byte_ns = self.first_read_ns.get().or(self.last_read_ns.get());
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

    /// Forgets a request that is not for the model.
    pub fn skip(&self) {
        self.close(false);
        self.first_read_ns.set(None);
        self.read_bytes.set(0);
    }

    fn has_read(&self, bytes: usize) {
        let now_ns = Some(monotonic_ns());
        self.first_read_ns.set(self.first_read_ns.get().or(now_ns));
        self.last_read_ns.set(now_ns);
        self.read_bytes.set(self.read_bytes.get() + bytes as u64);
    }

    fn has_written(&self, bytes: usize) {
        if let Some(entry) = self.open.borrow_mut().as_mut() {
            has_written(entry, bytes);
        }
    }

    /// Everything that the server had to write is written.
    fn has_flushed(&self) {
        if self.is_answered.get() {
            self.close(false);
        }
    }

    /// Moves the open entry to the ledger.
    fn close(&self, aborted: bool) {
        self.is_answered.set(false);
        if let Some(mut entry) = self.open.borrow_mut().take() {
            entry.aborted |= aborted;
            self.ledger.borrow_mut().push(ended(entry));
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

    /// The request's body has been read whole: when that was.
    pub fn has_read(&self, body_bytes: usize) -> u64 {
        let body_bytes = body_bytes as u64;
        let connection = &self.connection;
        let (read_ns, request_bytes) = if self.own.is_some() {
            (monotonic_ns(), body_bytes)
        } else {
            connection.first_read_ns.set(None);
            let read_ns = connection.last_read_ns.get();
            let read_ns = read_ns.unwrap_or_else(monotonic_ns);
            (read_ns, connection.read_bytes.take())
        };
        self.note(|entry| {
            entry.read_ns = Some(read_ns);
            entry.request_bytes = request_bytes;
            entry.request_body_bytes = body_bytes;
            // What was written so far is `100 Continue`.
            entry.first_write_ns = None;
            entry.last_write_ns = None;
            entry.reply_bytes = 0;
        });
        read_ns
    }

    /// HTTP/2: a part of the reply's body goes to the server. HTTP/1.1 stamps at the socket.
    pub fn is_sending(&self, bytes: usize) {
        if let Some(entry) = &self.own {
            has_written(&mut entry.borrow_mut(), bytes);
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
                self.connection.ledger.borrow_mut().push(ended(entry));
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

/// The socket of a connection. Reading fails when a request takes too long to come.
pub(super) struct StampedStream {
    stream: TcpStream,
    connection: Rc<Connection>,
    hub: Hub,
    request_time_ns: u64,
    /// Ends no later than the deadline of the request under way. It outlives its request, so that a connection has one
    /// wait in the hub, not one a request.
    deadline: Option<Wait>,
}

impl StampedStream {
    /// Turns Nagle's algorithm off: a small segment must not wait for the client's acknowledgement of the one before.
    ///
    /// # Errors
    ///
    /// The socket is gone.
    pub fn new(
        stream: TcpStream,
        connection: Rc<Connection>,
        hub: Hub,
        request_time: Duration,
    ) -> io::Result<StampedStream> {
        stream.set_nodelay(true)?;
        Ok(StampedStream {
            stream,
            connection,
            hub,
            request_time_ns: request_time.as_nanos() as u64,
            deadline: None,
        })
    }

    /// Ends with an error when the request under way has taken too long to come. Requests mostly come in one piece, so
    /// there is mostly nothing to wait for.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(since_ns) = self.connection.unfinished_since() else {
            return Poll::Pending;
        };
        let due_ns = since_ns.saturating_add(self.request_time_ns);
        let hub = &self.hub;
        loop {
            let wait = self.deadline.get_or_insert_with(|| hub.wait_until(due_ns));
            ready!(Pin::new(wait).poll(context));
            if monotonic_ns() >= due_ns {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            // It was an earlier request's.
            self.deadline = None;
        }
    }
}

impl Drop for StampedStream {
    fn drop(&mut self) {
        self.connection.close(true);
    }
}

impl AsyncRead for StampedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if Pin::new(&mut self.stream)
            .poll_read(context, buffer)?
            .is_pending()
        {
            return self.poll_deadline(context);
        }
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            self.connection.has_read(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for StampedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.connection.has_written(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.connection.has_flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_socket_sends_small_segments_at_once() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap());
            let (client, accepted) = tokio::join!(client, listener.accept());
            let (accepted, _) = accepted.unwrap();
            assert!(!accepted.nodelay().unwrap(), "the system's default");
            let ledger = Rc::new(RefCell::new(Ledger::with_capacity(0)));
            let connection = Connection::new(1, ledger);
            let hub = Hub::start().unwrap();
            let stamped = StampedStream::new(accepted, connection, hub, Duration::MAX).unwrap();
            assert!(stamped.stream.nodelay().unwrap());
            drop(client);
        });
    }
}
