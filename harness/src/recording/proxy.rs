//! The proxy: listens, and passes requests on until the recording ends.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::error::RecordError;
use super::forward::Forwarder;
use super::notes::Counts;
use super::recorder::Recorder;
use super::upstream::Upstream;
use super::write;
use crate::mock::{ListenAddress, reached_at};

/// The most clients' connections that are open at once; one more is closed at once.
const MAX_CONNECTIONS: usize = 4096;
/// How long replies that are on their way may take when the recording ends.
const LAST_REPLIES_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait when the system gives no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What to record, and until when.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The model's server.
    pub upstream: Upstream,
    /// Where to listen; port 0 takes a free one.
    pub listen: ListenAddress,
    /// The scenario's file, which must not exist.
    pub output: PathBuf,
    /// Whether texts are written as they were.
    pub with_texts: bool,
    /// End when this many conversations have ended.
    pub conversations: Option<u64>,
    /// End after this time.
    pub time: Option<Duration>,
}

/// Passes requests on and notes them until the recording ends, or SIGINT or SIGTERM; then writes the scenario.
///
/// # Errors
///
/// A machine without certificates for an https upstream, an address that can't be listened on, a file that can't be written, or no conversation that has ended.
pub async fn record(recording: &Recording) -> Result<Counts, RecordError> {
    write::require_new(&recording.output)?;
    let connector = recording.upstream.connector();
    let forwarder = Arc::new(Forwarder {
        upstream: recording.upstream.clone(),
        connector: connector.map_err(|_| RecordError::NoCertificates)?,
        recorder: Recorder::new(recording.with_texts),
    });
    let listener = listen(&recording.listen).await?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RecordError::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(RecordError::Runtime)?;
    let address = listener.local_addr().map_err(RecordError::Runtime)?;
    announce(recording, address);
    let mut connections = Connections::new(Arc::clone(&forwarder));
    let is_interrupted = tokio::select! {
        () = connections.accept(&listener) => false,
        () = wait_for(recording, &forwarder.recorder) => false,
        _ = interrupt.recv() => true,
        _ = terminate.recv() => true,
    };
    drop(listener);
    if !is_interrupted {
        tokio::select! {
            () = connections.finish() => {}
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
    let (conversations, counts) = forwarder.recorder.take();
    write::write(&recording.output, &conversations, &counts)?;
    Ok(counts)
}

async fn listen(address: &ListenAddress) -> Result<TcpListener, RecordError> {
    let cannot_listen = |source| RecordError::Listen {
        address: address.clone(),
        source,
    };
    let addresses = address.resolve().map_err(cannot_listen)?;
    let listener = TcpListener::bind(addresses.as_slice()).await;
    listener.map_err(cannot_listen)
}

fn announce(recording: &Recording, address: SocketAddr) {
    if !address.ip().is_loopback() {
        tell!(
            "WARNING: the recording listens on {address}, which other machines can reach. It asks nobody for a key."
        );
    }
    let upstream = &recording.upstream;
    tell!(
        "passing requests on to {upstream}; start the agent with this variable, and press Ctrl-C when it is done:"
    );
    let (address, path) = (reached_at(address), upstream.client_path());
    tell!("OPENAI_BASE_URL=http://{address}{path}");
}

/// Waits for the end that the recording names, if any.
async fn wait_for(recording: &Recording, recorder: &Recorder) {
    let conversations = async {
        match recording.conversations {
            Some(count) => recorder.wait_for(count).await,
            None => std::future::pending().await,
        }
    };
    let time = async {
        match recording.time {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = conversations => {}
        () = time => {}
    }
}

/// The clients' connections.
struct Connections {
    forwarder: Arc<Forwarder>,
    open: JoinSet<()>,
    /// Turns true when no more requests are taken.
    is_over: watch::Sender<bool>,
}

impl Connections {
    fn new(forwarder: Arc<Forwarder>) -> Connections {
        Connections {
            forwarder,
            open: JoinSet::new(),
            is_over: watch::Sender::new(false),
        }
    }

    /// Accepts connections until its future is dropped.
    async fn accept(&mut self, listener: &TcpListener) {
        loop {
            let accepted = listener.accept().await;
            while self.open.try_join_next().is_some() {}
            match accepted {
                Ok((stream, _)) if self.open.len() < MAX_CONNECTIONS => {
                    self.open.spawn(self.serve(stream));
                }
                Ok(_) => {}
                Err(error) => {
                    tell!("loopmark record: cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn serve(&self, stream: TcpStream) -> impl Future<Output = ()> + use<> {
        // Pieces of a stream must not wait for each other; a connection without it works too.
        let _ = stream.set_nodelay(true);
        let forwarder = Arc::clone(&self.forwarder);
        let service = service_fn(move |request| Arc::clone(&forwarder).answer(request));
        let mut is_over = self.is_over.subscribe();
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        async move {
            let mut connection = std::pin::pin!(connection);
            // How a connection ends is the client's affair.
            tokio::select! {
                _ended = &mut connection => return,
                // The sender lives as long as the proxy.
                _changed = is_over.changed() => {}
            }
            connection.as_mut().graceful_shutdown();
            let _ended = connection.await;
        }
    }

    /// Lets the replies that are on their way finish.
    async fn finish(mut self) {
        self.is_over.send_replace(true);
        let all = async { while self.open.join_next().await.is_some() {} };
        // What takes longer has not ended.
        let _ = tokio::time::timeout(LAST_REPLIES_TIMEOUT, all).await;
    }
}
