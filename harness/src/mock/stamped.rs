//! The socket of a connection: every read and write of it is stamped.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use loopmark_protocol::monotonic_ns;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::Connection;
use super::hold::{Hub, Wait};
use super::peer::Peers;
use super::state::State;

/// How long after a client has stopped sending it is looked for first, and how seldom at last. A process that closes a
/// socket is seen to have sent the end a moment before the kernel lets go of the socket.
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LAST_LOOK: Duration = Duration::from_millis(50);

/// The socket of a connection. Reading fails when a request takes too long to come, and does not end before the client has
/// the reply to a request that came whole: one that sends no more may still read.
pub(super) struct StampedStream {
    stream: TcpStream,
    connection: Rc<Connection>,
    hub: Hub,
    request_time_ns: u64,
    /// Ends no later than the deadline of the request under way. It outlives its request, so that a connection has one
    /// wait in the hub, not one per request.
    deadline: Option<Wait>,
    peers: Rc<Peers>,
    /// The client sends no more.
    end: Option<End>,
}

/// The client of a request under way has stopped sending: it is looked for now and then.
struct End {
    server: SocketAddr,
    client: SocketAddr,
    pause: Duration,
    /// Until the client is looked for again.
    wait: Option<Wait>,
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
        state: &State,
    ) -> io::Result<StampedStream> {
        stream.set_nodelay(true)?;
        Ok(StampedStream {
            stream,
            connection,
            hub: state.hub.clone(),
            request_time_ns: state.limits.request_time.as_nanos() as u64,
            deadline: None,
            peers: Rc::clone(&state.peers),
            end: None,
        })
    }

    /// Ends when the client of the request under way has its reply or is gone. Until then the end of what it sends is
    /// kept from the server, which would take it for the client's own.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.connection.is_answering() {
            return Poll::Ready(Ok(()));
        }
        let end = match &mut self.end {
            Some(end) => end,
            None => self.end.insert(End {
                server: self.stream.local_addr()?,
                client: self.stream.peer_addr()?,
                pause: FIRST_LOOK,
                wait: None,
            }),
        };
        loop {
            if let Some(wait) = &mut end.wait {
                ready!(Pin::new(wait).poll(context));
                end.wait = None;
                end.pause = LAST_LOOK.min(end.pause * 2);
            }
            if !self.peers.still_reads(end.server, end.client) {
                return Poll::Ready(Ok(()));
            }
            let pause_ns = end.pause.as_nanos() as u64;
            end.wait = Some(self.hub.wait_until(monotonic_ns() + pause_ns));
        }
    }

    /// Whether a client that sends no more has refused what was written to it.
    fn has_been_refused(&self) -> bool {
        self.end.is_some() && !matches!(self.stream.take_error(), Ok(None))
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
        if self.connection.is_reset() {
            // A socket that does not linger is reset when it is closed; one that is gone needs no reset.
            let _ = self.stream.set_zero_linger();
        }
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
        match buffer.filled().get(before..) {
            Some([]) | None if buffer.remaining() > 0 => self.poll_end(context),
            bytes => {
                self.connection.has_read(bytes.unwrap_or_default());
                Poll::Ready(Ok(()))
            }
        }
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
        if self.has_been_refused() {
            self.connection.close(true);
        } else {
            self.connection.has_flushed();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::mock::threads::Threads;
    use crate::mock::{Limits, Responder, ServeOptions};
    use crate::scenario::Scenario;

    #[test]
    fn an_accepted_socket_sends_small_segments_at_once() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let client = TcpStream::connect(address);
            let (client, accepted) = tokio::join!(client, listener.accept());
            let (accepted, _) = accepted.unwrap();
            assert!(!accepted.nodelay().unwrap(), "the system's default");
            let scenario = Path::new("../scenarios/seed.toml");
            let options = ServeOptions {
                scenario: scenario.to_owned(),
                listen: address.into(),
                latency: None,
                cpus: None,
                isolate: false,
                chunk_interval: None,
                limits: Limits {
                    connections: 1,
                    request_time: Duration::MAX,
                    ledger_entries: 0,
                },
                cors: false,
                exit_with_stdin: false,
            };
            let responder = Responder::new(Scenario::load(scenario).unwrap());
            let state = State::new(responder, String::new(), Threads::default(), &options).unwrap();
            let connection = Connection::new(1, state.ledger.clone());
            let stamped = StampedStream::new(accepted, connection, &state).unwrap();
            assert!(stamped.stream.nodelay().unwrap());
            drop(client);
        });
    }
}
