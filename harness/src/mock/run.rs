//! `loopmark mock`: one mock server as a process of its own.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

use super::MockError;
use super::listen::{self, ListenAddress};
use super::options::ServeOptions;
use super::respond::Responder;
use super::server;
use super::state::State;
use super::threads::Threads;
use crate::scenario::Scenario;
use crate::system::{create_namespace, raise_open_files_to_the_limit};

/// The first line of the mock's standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listening {
    /// Where the harness reaches it.
    pub listening: SocketAddr,
    /// Where runners reach it: in a namespace that is another address.
    pub base_url: String,
}

/// Serves until the end of standard input (if asked), SIGINT or SIGTERM.
///
/// # Errors
///
/// A scenario that can't be read, an address that can't be listened on, processors or a namespace that the system refuses.
pub fn run(options: ServeOptions) -> Result<(), MockError> {
    if let Some(cpus) = &options.cpus {
        cpus.hold_this_process().map_err(|source| MockError::Cpus {
            cpus: cpus.clone(),
            source,
        })?;
    }
    let mut scenario = Scenario::load(&options.scenario)?;
    if let Some(latency) = options.latency {
        scenario = scenario.with_latency(latency);
    }
    if let Some(interval) = options.chunk_interval {
        scenario = scenario.with_chunk_interval(interval);
    }
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(MockError::Runtime)?;
    LocalSet::new().block_on(&runtime, serve(scenario, &options))
}

async fn serve(scenario: Scenario, options: &ServeOptions) -> Result<(), MockError> {
    let cannot_listen = |source| MockError::Listen {
        address: options.listen.clone(),
        source,
    };
    let listener = listen_on_first(&options.listen).map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    // The first listener stays in the namespace that it was made in, where the harness is.
    let isolated = options.isolate.then(listen_in_a_namespace).transpose()?;
    let for_runners = match &isolated {
        Some(listener) => listener.local_addr().map_err(MockError::Namespace)?,
        None => address,
    };
    let base_url = listen::base_url(for_runners);
    let responder = Responder::new(scenario);
    let (threads, tasks) = Threads::new();
    let state = State::new(responder, base_url.clone(), threads, options);
    let state = state.map_err(MockError::Runtime)?;
    let mut tasks = tasks.into_iter();
    if let Some(own) = tasks.next() {
        tokio::task::spawn_local(own.run(Rc::clone(&state)));
    }
    for others in tasks {
        others.spawn(&state, options).map_err(MockError::Runtime)?;
    }
    let mut interrupt = signal(SignalKind::interrupt()).map_err(MockError::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(MockError::Runtime)?;
    announce(address, base_url).map_err(MockError::Runtime)?;
    tokio::select! {
        () = server::accept(listener, Rc::clone(&state)) => {}
        () = serve_if_any(isolated, state) => {}
        () = end_of_stdin(options.exit_with_stdin) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Listens on the first of a name's addresses that the system allows.
fn listen_on_first(address: &ListenAddress) -> std::io::Result<TcpListener> {
    let mut failed = None;
    for address in address.resolve()? {
        match server::listen(address) {
            Ok(listener) => {
                warn_if_reachable(address);
                return Ok(listener);
            }
            // What the first address says is what a reader expects: it is the one that the name usually means.
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.unwrap_or_else(|| std::io::ErrorKind::NotFound.into()))
}

fn warn_if_reachable(address: SocketAddr) {
    if !address.ip().is_loopback() {
        tell!(
            "WARNING: the mock listens on {address}, which other machines can reach. It asks nobody for a key."
        );
    }
}

/// Takes this process, which has no other thread yet, into a network namespace and listens there.
fn listen_in_a_namespace() -> Result<TcpListener, MockError> {
    create_namespace().map_err(MockError::Namespace)?;
    server::listen(([127, 0, 0, 1], 0).into()).map_err(MockError::Namespace)
}

async fn serve_if_any(listener: Option<TcpListener>, state: Rc<State>) {
    match listener {
        Some(listener) => server::accept(listener, state).await,
        None => std::future::pending().await,
    }
}

fn announce(listening: SocketAddr, base_url: String) -> std::io::Result<()> {
    let line = serde_json::to_string(&Listening {
        listening,
        base_url,
    })?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// A thread reads, because tokio's standard input would keep the runtime from ending.
async fn end_of_stdin(is_asked: bool) {
    if !is_asked {
        return std::future::pending().await;
    }
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut ignored = [0; 256];
        let mut stdin = std::io::stdin().lock();
        while stdin.read(&mut ignored).is_ok_and(|bytes| bytes > 0) {}
        // The mock may have ended by a signal meanwhile.
        let _ = ended.send(());
    });
    // The thread sends before it ends.
    let _ = end.await;
}

/// Each connection is a file; the usual soft limit is 1,024.
fn raise_file_limit() {
    if let Err((limit, error)) = raise_open_files_to_the_limit() {
        tell!("loopmark mock: the limit of open files stays at {limit:?}: {error}");
    }
}
