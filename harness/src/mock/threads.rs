//! The serving threads of a mock: each has its own runtime, timer and connections; what they know, they share.
//!
//! The first thread accepts, and gives a connection to the one that has fewest. A mock on a single processor has no use
//! for any of this: its only thread serves what it accepts.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

/// More would take processors from the runners, and the ledger would be what they wait for.
const MAX_THREADS: usize = 2;

/// What one thread asks of another.
pub(super) enum Task {
    /// Serve the connection of this number.
    Serve(std::net::TcpStream, u32),
    /// Report when what was begun before is done.
    Settle(oneshot::Sender<()>),
}

/// A serving thread, as the others see it.
#[derive(Clone)]
struct Thread {
    tasks: UnboundedSender<Task>,
    open_connections: Arc<AtomicU32>,
}

/// The serving threads, of which the first one accepts; `None` where it is the only one.
#[derive(Clone, Default)]
pub(super) struct Threads(Arc<[Thread]>);

/// Where the tasks of a thread come from.
pub(super) struct Tasks {
    pub received: UnboundedReceiver<Task>,
    pub open_connections: Arc<AtomicU32>,
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
