//! The heartbeat of a known runner: a timer on a loop that the runner can block.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use loopmark_protocol::monotonic_ns;

/// The period of the protocol's heartbeat.
pub(super) const PERIOD_NS: u64 = 10_000_000;

/// A timer on a loop: like a task of an event loop, it goes on only when nothing else holds the loop.
pub(super) struct Heart {
    turn: Arc<Mutex<()>>,
    is_over: Arc<AtomicBool>,
    beating: JoinHandle<Vec<u32>>,
}

impl Heart {
    /// Begins to beat.
    pub fn start() -> Heart {
        let (turn, is_over) = (Arc::new(Mutex::new(())), Arc::new(AtomicBool::new(false)));
        let (own_turn, ends) = (Arc::clone(&turn), Arc::clone(&is_over));
        let begun = Arc::new(Barrier::new(2));
        let begins = Arc::clone(&begun);
        let beating = std::thread::spawn(move || {
            let began_ns = monotonic_ns();
            begins.wait();
            beat(&own_turn, &ends, began_ns)
        });
        // A block before the first beat was even planned would be nobody's delay.
        begun.wait();
        Heart {
            turn,
            is_over,
            beating,
        }
    }

    /// Holds the loop for so long. Gives for how long it was held, in ns.
    pub fn block(&self, time: Duration) -> u64 {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let began_ns = monotonic_ns();
        std::thread::sleep(time);
        monotonic_ns() - began_ns
    }

    /// Ends after one more beat. Gives how late each was, in µs.
    pub fn stop(self) -> Vec<u32> {
        self.is_over.store(true, Ordering::Relaxed);
        self.beating.join().unwrap_or_default()
    }
}

fn beat(turn: &Mutex<()>, ends: &AtomicBool, began_ns: u64) -> Vec<u32> {
    let mut now_ns = began_ns;
    let mut late_us = Vec::new();
    loop {
        let is_last = ends.load(Ordering::Relaxed);
        let due_ns = next_beat_ns(began_ns, now_ns);
        std::thread::sleep(Duration::from_nanos(due_ns.saturating_sub(now_ns)));
        let own_turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        now_ns = monotonic_ns();
        drop(own_turn);
        let late_ns = now_ns.saturating_sub(due_ns);
        late_us.push(u32::try_from(late_ns / 1000).unwrap_or(u32::MAX));
        if is_last {
            return late_us;
        }
    }
}

/// The first multiple of the period since the beginning that is after now.
fn next_beat_ns(began_ns: u64, now_ns: u64) -> u64 {
    began_ns + ((now_ns - began_ns) / PERIOD_NS + 1) * PERIOD_NS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_beats_are_skipped() {
        let ms = 1_000_000;
        assert_eq!(next_beat_ns(7, 7), 7 + 10 * ms);
        assert_eq!(next_beat_ns(7, 7 + 10 * ms), 7 + 20 * ms);
        assert_eq!(next_beat_ns(7, 7 + 59 * ms), 7 + 60 * ms);
    }

    #[test]
    fn a_beat_is_late_by_all_of_a_block_but_the_period() {
        let heart = Heart::start();
        let blocked_ns = heart.block(Duration::from_millis(30));
        let late_us = heart.stop();
        let latest_us = u64::from(*late_us.iter().max().unwrap());
        assert!(latest_us >= (blocked_ns - PERIOD_NS) / 1000, "{late_us:?}");
    }
}
