//! Measures a gap without runner, mock or HTTP: two threads on the processors of a runner and its mock exchange single
//! bytes.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use loopmark_protocol::monotonic_ns;
use rustix::thread::sched_setaffinity;

use crate::system::{CpuList, Pinning};

/// How long each side waits, so that the other one's processor can fall asleep.
pub(super) struct Pauses {
    /// The mock's side: a hold.
    pub hold: Duration,
    /// The runner's side: a gap.
    pub gap: Duration,
}

/// By how many µs each gap is longer by the stamps of the thread that plays the mock than by those of the thread that
/// plays the runner: the cost of two wake-ups and of the kernel's part of two messages.
///
/// # Errors
///
/// If the system has no loopback device.
pub(super) fn bare_exchange(
    count: usize,
    pauses: Pauses,
    pinning: Option<&Pinning>,
) -> io::Result<Vec<f64>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let runner = TcpStream::connect(listener.local_addr()?)?;
    let (mock, _) = listener.accept()?;
    runner.set_nodelay(true)?;
    mock.set_nodelay(true)?;
    let (runner_cpus, mock_cpus) = pinning.map_or((None, None), |pinning| {
        (
            Some(pinning.runner_cpus.clone()),
            Some(pinning.mock_cpus.clone()),
        )
    });
    let answering = std::thread::spawn(move || answer(runner, count, pauses.gap, runner_cpus));
    let asking = std::thread::spawn(move || ask(mock, count, pauses.hold, mock_cpus));
    let panicked = |_| io::Error::other("a thread panicked");
    let outer = asking.join().map_err(panicked)??;
    let inner = answering.join().map_err(panicked)??;
    let pairs = outer.into_iter().zip(inner);
    Ok(pairs.map(|(outer, inner)| (outer - inner) / 1e3).collect())
}

/// Plays the mock. Returns the times from each byte written to the next one read, in ns.
fn ask(
    mut stream: TcpStream,
    count: usize,
    hold: Duration,
    cpus: Option<CpuList>,
) -> io::Result<Vec<f64>> {
    hold_this_thread(cpus);
    let mut took = Vec::with_capacity(count);
    for _ in 0..count {
        std::thread::sleep(hold);
        stream.write_all(&[0])?;
        let written_ns = monotonic_ns();
        stream.read_exact(&mut [0])?;
        took.push(monotonic_ns() as f64 - written_ns as f64);
    }
    Ok(took)
}

/// Plays the runner. Returns the times from each byte read to just before the next one is written, in ns.
fn answer(
    mut stream: TcpStream,
    count: usize,
    gap: Duration,
    cpus: Option<CpuList>,
) -> io::Result<Vec<f64>> {
    hold_this_thread(cpus);
    let mut took = Vec::with_capacity(count);
    for _ in 0..count {
        stream.read_exact(&mut [0])?;
        let read_ns = monotonic_ns();
        std::thread::sleep(gap);
        took.push(monotonic_ns() as f64 - read_ns as f64);
        stream.write_all(&[0])?;
    }
    Ok(took)
}

fn hold_this_thread(cpus: Option<CpuList>) {
    if let Some(cpus) = cpus {
        // Can't fail: runners and mocks have been pinned to the same processors.
        let _held = sched_setaffinity(None, &cpus.to_set());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_is_as_long_as_asked_and_its_stamps_lie_within_each_other() {
        let pauses = Pauses {
            hold: Duration::ZERO,
            gap: Duration::from_millis(1),
        };
        let before_ns = monotonic_ns();
        let longer_us = bare_exchange(20, pauses, None).unwrap();
        let elapsed_us = (monotonic_ns() - before_ns) as f64 / 1e3;
        assert_eq!(longer_us.len(), 20);
        // All gaps of the answering side are in the time, and what is beside them too.
        assert!(longer_us.iter().sum::<f64>() + 20.0 * 1000.0 <= elapsed_us);
    }
}
