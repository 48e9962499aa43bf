//! The server: accepts connections and speaks HTTP/1.1 and cleartext HTTP/2 on them.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use loopmark_protocol::monotonic_ns;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::connection::Connection;
use super::service;
use super::stamped::StampedStream;
use super::state::State;

/// Connections that wait to be accepted. The usual 128 makes a burst of 1,000 wait for a second.
const BACKLOG: u32 = 4096;
/// Bytes of a request's head; also of one read of a body.
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_STREAMS: u32 = 16_384;
/// HTTP/2 flow control: a request is never held up by it.
const WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// How long to wait when the system gives no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens on an address; port 0 takes a free one.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts connections, and serves those that no other thread takes, until its future is dropped.
pub(super) async fn accept(listener: TcpListener, state: Rc<State>) {
    let server = Rc::new(Server::new(Rc::clone(&state)));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tell!("loopmark mock: cannot accept a connection: {error}");
                let pause_ns = ACCEPT_PAUSE.as_nanos() as u64;
                state.hub.wait_until(monotonic_ns() + pause_ns).await;
                continue;
            }
        };
        let counts = &state.counts;
        if counts.open_connections.load(Ordering::Relaxed) >= state.limits.connections {
            counts.refused_connections.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let number = 1 + counts.accepted_connections.fetch_add(1, Ordering::Relaxed);
        counts.open_connections.fetch_add(1, Ordering::Relaxed);
        match state.threads.give(stream, number) {
            Ok(None) => {}
            Ok(Some(stream)) => {
                let server = Rc::clone(&server);
                tokio::task::spawn_local(async move { server.serve(Ok(stream), number).await });
            }
            Err(error) => {
                counts.open_connections.fetch_sub(1, Ordering::Relaxed);
                tell!("loopmark mock: cannot hand a connection over: {error}");
            }
        }
    }
}

/// What a thread serves its connections with.
pub(super) struct Server {
    state: Rc<State>,
    builder: auto::Builder<LocalExecutor>,
}

impl Server {
    pub fn new(state: Rc<State>) -> Server {
        let mut builder = auto::Builder::new(LocalExecutor);
        builder.http1().max_buf_size(MAX_HEAD_BYTES).writev(false);
        builder
            .http2()
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES);
        Server { state, builder }
    }

    /// Serves a connection to its end; what came of handing it over is its socket.
    pub async fn serve(&self, stream: io::Result<TcpStream>, number: u32) {
        let connection = Connection::new(number, self.state.ledger.clone());
        // How a connection ends is the client's affair; the ledger has what it left open.
        let _ended = self.serve_connection(stream, connection).await;
        let open = &self.state.counts.open_connections;
        open.fetch_sub(1, Ordering::Relaxed);
    }

    async fn serve_connection(
        &self,
        stream: io::Result<TcpStream>,
        connection: Rc<Connection>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let state = &self.state;
        let stream = StampedStream::new(stream?, Rc::clone(&connection), state)?;
        let io = TokioIo::new(stream);
        let service = service_fn(|request| {
            service::answer(Rc::clone(state), Rc::clone(&connection), request)
        });
        self.builder.serve_connection(io, service).await
    }
}

/// Runs the tasks of HTTP/2 streams on this thread.
#[derive(Clone)]
struct LocalExecutor;

impl<F> hyper::rt::Executor<F> for LocalExecutor
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}
