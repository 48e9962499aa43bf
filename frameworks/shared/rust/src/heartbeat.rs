//! How late the runner's own scheduler wakes a task while a batch lasts.
//!
//! The clock is tokio's timer, which counts whole milliseconds: an idle runtime is late by about
//! one.

use std::time::Duration;

use loopmark_protocol::HEARTBEAT_MS;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// A task beside the runs, on their runtime.
pub(crate) struct Heartbeat {
    task: JoinHandle<Vec<u32>>,
    /// Dropped to stop the task.
    _running: oneshot::Sender<()>,
}

impl Heartbeat {
    pub(crate) fn start() -> Heartbeat {
        let (running, stopped) = oneshot::channel();
        Heartbeat {
            task: tokio::spawn(beat(Instant::now(), stopped)),
            _running: running,
        }
    }

    /// Stops it and gives the lateness of each beat, in µs.
    ///
    /// # Errors
    ///
    /// When the runtime ended the task.
    pub(crate) async fn stop(self) -> Result<Vec<u32>, tokio::task::JoinError> {
        drop(self._running);
        self.task.await
    }
}

/// Sleeps to multiples of the period since `begin`; a multiple that was slept through is left out.
async fn beat(begin: Instant, mut stopped: oneshot::Receiver<()>) -> Vec<u32> {
    let mut late_us = Vec::new();
    let mut due = begin + period(1);
    while timeout_at(due, &mut stopped).await.is_err() {
        late_us.push(due.elapsed().as_micros() as u32);
        let beats = begin.elapsed().as_millis() as u64 / HEARTBEAT_MS;
        due = begin + period(beats + 1);
    }
    late_us
}

fn period(times: u64) -> Duration {
    Duration::from_millis(HEARTBEAT_MS * times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_beats_at_multiples_of_ten_ms_until_it_is_stopped() {
        let heartbeat = Heartbeat::start();
        tokio::time::sleep(Duration::from_millis(55)).await;
        assert_eq!(heartbeat.stop().await.unwrap(), [0; 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_blocked_scheduler_is_late_once_and_beats_are_not_made_up() {
        let heartbeat = Heartbeat::start();
        // Let it begin to sleep, then let time pass without it.
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_millis(65)).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        let late_us = heartbeat.stop().await.unwrap();
        assert_eq!(late_us, [55_000]);
    }
}
