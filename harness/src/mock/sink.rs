//! Where runners send their traces: a sink that takes all, and one that never answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use tokio::sync::watch;

/// Takes traces, and counts them. All threads of a mock share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sink(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    requests: AtomicU64,
    bytes: AtomicU64,
    /// Whether the dead sink answers after all.
    is_released: watch::Sender<bool>,
}

impl Sink {
    /// Takes a request, whatever it says. The dead sink returns only when it is released.
    pub async fn take(&self, request: Request<Incoming>, is_dead: bool) {
        let mut body = request.into_body();
        let mut bytes = 0;
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, bytes::Bytes::len);
        }
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        self.0.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        if is_dead {
            // The sender lives as long as `self`.
            let _ = self.0.is_released.subscribe().wait_for(|is| *is).await;
        }
    }

    /// Has the dead sink answer what it has kept, and what still comes, so that a runner can end.
    pub fn release(&self) {
        self.0.is_released.send_replace(true);
    }

    /// Requests since the mock was started, and the bytes of their bodies.
    pub fn taken(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.0.requests), read(&self.0.bytes))
    }
}
