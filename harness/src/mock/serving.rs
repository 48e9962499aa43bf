//! What a serving thread does: its connections, and what other threads ask of it.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::options::ServeOptions;
use super::server::Server;
use super::state::State;
use super::threads::{Task, Tasks};

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
