//! Resident memory and CPU time of a process tree over time, by sysinfo.

use std::time::{Duration, Instant};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::measurement::SeriesPoint;
use crate::system::tree;

/// The interval between points. At 50 ms, sysinfo takes a twentieth of a core for all processes of a machine, and far
/// less for a runner's few.
pub const SERIES_INTERVAL: Duration = Duration::from_millis(50);

/// Takes points of one process tree.
pub struct Series {
    root: u32,
    start: Instant,
    /// `None` if sysinfo does not support the system; then the series stays empty.
    system: Option<System>,
    points: Vec<SeriesPoint>,
    max_threads: u64,
}

/// What a series gave.
#[derive(Debug, Default)]
pub struct Taken {
    /// In the order in which they were taken.
    pub points: Vec<SeriesPoint>,
    /// The maximum number of threads that a point found in the tree; 0 without a point.
    pub max_threads: u64,
}

impl Series {
    /// A series of the process `root` and its descendants; `start` is when it was spawned.
    pub fn new(root: u32, start: Instant) -> Series {
        Series {
            root,
            start,
            system: System::new().ok(),
            points: Vec::new(),
            max_threads: 0,
        }
    }

    /// Takes a point. Returns false once the process has ended.
    pub fn take(&mut self) -> bool {
        let Some(system) = &mut self.system else {
            return false;
        };
        let tree: Vec<Pid> = tree(self.root).into_iter().map(Pid::from_u32).collect();
        // Without tasks, since threads would count as processes, each with the whole memory.
        let kind = ProcessRefreshKind::nothing()
            .with_memory()
            .with_cpu()
            .without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&tree), true, kind);
        let (mut rss_bytes, mut cpu_ms) = (0, 0);
        for process in tree.iter().filter_map(|pid| system.process(*pid)) {
            rss_bytes += process.memory();
            cpu_ms += process.accumulated_cpu_time();
        }
        if rss_bytes > 0 {
            let threads = tree.iter().filter_map(|pid| threads(pid.as_u32()));
            self.max_threads = self.max_threads.max(threads.sum());
            let at_ms = self.start.elapsed().as_millis() as u32;
            self.points.push(SeriesPoint {
                at_ms,
                rss_bytes,
                cpu_ms,
            });
        }
        rss_bytes > 0
    }

    /// The points taken.
    pub fn into_taken(self) -> Taken {
        Taken {
            points: self.points,
            max_threads: self.max_threads,
        }
    }
}

fn threads(pid: u32) -> Option<u64> {
    let process = procfs::process::Process::new(pid.cast_signed()).ok()?;
    let stat = process.stat().ok()?;
    u64::try_from(stat.num_threads).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn a_series_sees_the_kernels_resident_memory() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Its echo says that it is up, and waits for more.
        child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let mut series = Series::new(child.id(), Instant::now());
        series.take();
        let kernel = super::super::memory(child.id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        series.take();
        let Taken {
            points,
            max_threads,
        } = series.into_taken();
        assert_eq!(max_threads, 1);
        assert_eq!(points.len(), 1, "an ended process gives no point");
        assert!(
            points[0].rss_bytes.abs_diff(kernel.rss_bytes) < 1 << 20,
            "{points:?} {kernel:?}"
        );
    }
}
