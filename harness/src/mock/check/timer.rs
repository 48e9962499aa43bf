//! The yardstick beside the mock's holds: a thread that does nothing but sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use loopmark_protocol::monotonic_ns;
use rustix::thread::{ClockId, clock_nanosleep_absolute, sched_setaffinity};
use rustix::time::Timespec;

use crate::stats::Lateness;
use crate::system::CpuList;

const STEP_NS: u64 = 5_000_000;
const NS_PER_S: u64 = 1_000_000_000;

/// How late a thread wakes that does nothing but sleep to absolute times, for `duration`.
pub fn bare_timer(duration: Duration) -> Lateness {
    let timer = BareTimer::start(None);
    std::thread::sleep(duration);
    Lateness::of(timer.stop())
}

/// A thread that sleeps to absolute times and notes how late it woke.
pub struct BareTimer {
    is_over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Vec<u64>>,
}

impl BareTimer {
    /// On those processors, so that it meets what the mock meets there; on any where there are none.
    pub fn start(cpus: Option<&CpuList>) -> BareTimer {
        let cpus = cpus.map(CpuList::to_set);
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            if let Some(cpus) = &cpus {
                // The mock has been held to the same ones, so they are there.
                let _held = sched_setaffinity(None, cpus);
            }
            let mut late_ns = Vec::new();
            let mut due_ns = monotonic_ns();
            // At least once, however late the thread is scheduled.
            loop {
                due_ns += STEP_NS;
                let due = Timespec {
                    tv_sec: (due_ns / NS_PER_S).cast_signed(),
                    tv_nsec: (due_ns % NS_PER_S).cast_signed(),
                };
                if clock_nanosleep_absolute(ClockId::Monotonic, &due).is_ok() {
                    late_ns.push(monotonic_ns().saturating_sub(due_ns));
                }
                if ends.load(Ordering::Relaxed) {
                    return late_ns;
                }
            }
        });
        BareTimer { is_over, thread }
    }

    /// How late it woke each time, in ns.
    pub fn stop(self) -> Vec<u64> {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_timer_wakes_once_a_step_at_the_most_and_never_early() {
        let before_ns = monotonic_ns();
        let timer = BareTimer::start(None);
        std::thread::sleep(Duration::from_millis(60));
        let late = Lateness::of(timer.stop());
        let steps = (monotonic_ns() - before_ns) / STEP_NS;
        assert!((1..=steps).contains(&(late.count as u64)), "{late:?}");
        assert!(late.p50_us <= late.p99_us && late.p99_us <= late.max_us);
    }
}
