//! The serving threads of a mock: each has its own runtime, timer and connections; what they know, they share.
//!
//! The first thread accepts, and gives a connection to the one that has fewest. A mock on a single processor has no use
//! for any of this: its only thread serves what it accepts.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use super::run::ServeOptions;
use super::server::Server;
use super::state::State;

/// More would take processors from the runners, and the ledger would be what they wait for.
const MAX_THREADS: usize = 2;

/// What one thread asks of another.
enum Task {
    /// Serve the connection of this number.
    Serve(std::net::TcpStream, u32),
    /// Say that you have come to the end of what you were at.
    Settle(oneshot::Sender<()>),
}

/// A serving thread, as the others see it.
#[derive(Clone)]
struct Thread {
    tasks: UnboundedSender<Task>,
    open_connections: Arc<AtomicU32>,
}

/// The serving threads, of which the first one accepts; none where it is the only one.
#[derive(Clone, Default)]
pub(super) struct Threads(Arc<[Thread]>);

/// Where the tasks of a thread come from.
pub(super) struct Tasks {
    received: UnboundedReceiver<Task>,
    open_connections: Arc<AtomicU32>,
}

impl Threads {
    /// As many as there are processors for, of which each has yet to be begun with its tasks.
    pub fn new() -> (Threads, Vec<Tasks>) {
        let mut threads = Vec::new();
        let mut tasks = Vec::new();
        let count = std::thread::available_parallelism()
            .map_or(1, |processors| processors.get().min(MAX_THREADS));
        if count < 2 {
            return (Threads::default(), tasks);
        }
        for _ in 0..count {
            let (sender, received) = unbounded_channel();
            let open_connections = Arc::new(AtomicU32::new(0));
            threads.push(Thread {
                tasks: sender,
                open_connections: Arc::clone(&open_connections),
            });
            tasks.push(Tasks {
                received,
                open_connections,
            });
        }
        (Threads(threads.into()), tasks)
    }

    /// Gives an accepted connection to the thread that has fewest. Where there is only one thread, it comes back.
    pub fn give(&self, stream: TcpStream, number: u32) -> io::Result<Option<TcpStream>> {
        let fewest = |thread: &&Thread| thread.open_connections.load(Ordering::Relaxed);
        let Some(thread) = self.0.iter().min_by_key(fewest) else {
            return Ok(Some(stream));
        };
        let task = Task::Serve(stream.into_std()?, number);
        thread.open_connections.fetch_add(1, Ordering::Relaxed);
        // A thread ends with its process.
        let _ = thread.tasks.send(task);
        Ok(None)
    }

    /// Waits until every thread has ended what it was at when this was called, and has seen what had come by then.
    ///
    /// A thread enters a request's end into the ledger after the write that a client may already have answered, and sees
    /// that a client has gone some time after it went. One thread alone does both before it reads what comes later.
    pub async fn settle(&self) {
        let asked = self.0.iter().map(|thread| {
            let (ended, end) = oneshot::channel();
            let _ = thread.tasks.send(Task::Settle(ended));
            end
        });
        let asked: Vec<oneshot::Receiver<()>> = asked.collect();
        for end in asked {
            // A thread that is gone has nothing left to enter.
            let _ = end.await;
        }
    }
}

impl Tasks {
    /// Serves on this thread, on a `LocalSet`.
    pub async fn run(mut self, state: Rc<State>) {
        let server = Rc::new(Server::new(state));
        while let Some(task) = self.received.recv().await {
            match task {
                Task::Serve(stream, number) => {
                    let open = Arc::clone(&self.open_connections);
                    let server = Rc::clone(&server);
                    tokio::task::spawn_local(async move {
                        server.serve(TcpStream::from_std(stream), number).await;
                        open.fetch_sub(1, Ordering::Relaxed);
                    });
                }
                Task::Settle(ended) => {
                    // Goes on after the sockets were looked at: once for what their tasks do, once for what those wake.
                    for _ in 0..2 {
                        tokio::task::yield_now().await;
                    }
                    let _ = ended.send(());
                }
            }
        }
    }

    /// Serves on a thread of its own, with a responder that knows what the first one's does.
    pub fn spawn(self, first: &State, options: &ServeOptions) -> io::Result<()> {
        let shared = first.for_another_thread();
        let options = options.clone();
        let (begun, has_begun) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("mock-serves".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_io()
                    .build();
                let runtime = match runtime {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(begun.send(Err(error))),
                };
                LocalSet::new().block_on(&runtime, async move {
                    let state = match State::of_shared(shared, &options) {
                        Ok(state) => state,
                        Err(error) => return drop(begun.send(Err(error))),
                    };
                    let _ = begun.send(Ok(()));
                    self.run(state).await;
                });
            })?;
        has_begun
            .recv()
            .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }
}
