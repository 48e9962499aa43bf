//! CPU time, memory, threads and descriptors of one process, from the kernel's counters.

use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::{ClearRefs, Process};

/// The process has ended, so the kernel has no counters for it.
#[derive(Debug, thiserror::Error)]
#[error("process {0} has ended")]
pub struct ProcessGone(pub u32);

/// Memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Resident memory now (`VmRSS`), in bytes.
    pub rss_bytes: u64,
    /// Peak resident memory since the program was executed (`VmHWM`), in bytes. `ru_maxrss` would include the memory of
    /// the process that spawned it.
    pub peak_rss_bytes: u64,
}

/// Kernel objects of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The number of its threads.
    pub threads: u64,
    /// The number of its open file descriptors.
    pub descriptors: u64,
}

/// User and system time of all threads of the process so far, in nanoseconds (`/proc/PID/stat` has steps of 10 ms).
///
/// # Errors
///
/// If the process has ended.
pub fn cpu_time(pid: u32) -> Result<Duration, ProcessGone> {
    let gone = |_| ProcessGone(pid);
    let raw = i32::try_from(pid).map_err(|_| ProcessGone(pid))?;
    let clock = clock_getcpuclockid(Pid::from_raw(raw)).map_err(gone)?;
    clock_gettime(clock).map(Duration::from).map_err(gone)
}

/// Resident memory now and at its peak, from `/proc/PID/status`.
///
/// # Errors
///
/// If the process has ended, even if it is a zombie, which has no memory.
pub fn memory(pid: u32) -> Result<Memory, ProcessGone> {
    let status = process(pid).and_then(|process| process.status().ok());
    let bytes = |kib: Option<u64>| kib.map(|kib| kib * 1024);
    let memory = status.and_then(|status| {
        Some(Memory {
            rss_bytes: bytes(status.vmrss)?,
            peak_rss_bytes: bytes(status.vmhwm)?,
        })
    });
    memory.ok_or(ProcessGone(pid))
}

/// The threads and file descriptors of a process.
///
/// # Errors
///
/// If the process has ended.
pub fn held(pid: u32) -> Result<Held, ProcessGone> {
    let held = process(pid).and_then(|process| {
        Some(Held {
            threads: process.status().ok()?.threads,
            descriptors: process.fd_count().ok()? as u64,
        })
    });
    held.ok_or(ProcessGone(pid))
}

fn process(pid: u32) -> Option<Process> {
    Process::new(i32::try_from(pid).ok()?).ok()
}

/// Resets the process's `VmHWM` to its resident memory, so that the next reading is the peak since now. Returns whether
/// the kernel did. Nothing else about the process changes.
pub fn reset_peak(pid: u32) -> bool {
    process(pid).is_some_and(|process| process.clear_refs(ClearRefs::PeakRSS).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    /// What a shell holds that has opened files.
    fn held_by_shell(opening: &str) -> Held {
        let mut child = std::process::Command::new("sh")
            .args(["-c", &format!("{opening}echo up; read line")])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut up = [0; 3];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut up).unwrap();
        let found = held(child.id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(held(child.id()).is_err());
        found
    }

    #[test]
    fn threads_and_descriptors_are_counted() {
        // It inherits whatever this process has open.
        let plain = held_by_shell("");
        let with_two = held_by_shell("exec 7</dev/null 8</dev/null; ");
        assert_eq!((plain.threads, with_two.threads), (1, 1));
        assert_eq!(with_two.descriptors, plain.descriptors + 2);
    }

    #[test]
    fn cpu_time_counts_work_and_not_waiting() {
        let own = std::process::id();
        let before = cpu_time(own).unwrap();
        // Other tests of this process burn CPU at the same time: only the lower bound is certain.
        let thread_clock = nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID;
        let start = Duration::from(clock_gettime(thread_clock).unwrap());
        while Duration::from(clock_gettime(thread_clock).unwrap()) - start
            < Duration::from_millis(50)
        {
            black_box(0);
        }
        assert!(cpu_time(own).unwrap() - before >= Duration::from_millis(50));
    }

    #[test]
    fn the_peak_stays_when_memory_is_given_back() {
        let size = 64 << 20;
        let mut block = vec![0u8; size];
        for page in block.chunks_mut(4096) {
            page[0] = black_box(1);
        }
        drop(black_box(block));
        let after = memory(std::process::id()).unwrap();
        assert!(after.peak_rss_bytes >= size as u64, "{after:?}");
        // Given back to the system, since it is more than the allocator keeps.
        assert!(
            after.rss_bytes < after.peak_rss_bytes - (size as u64) / 2,
            "{after:?}"
        );
    }

    #[test]
    fn an_ended_process_has_no_counters() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert!(memory(pid).is_err());
        assert!(cpu_time(pid).is_err());
    }
}
