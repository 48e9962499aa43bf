//! What else the machine did while a trial ran: load, stolen time, waiting for a CPU.

use std::time::Instant;

use crate::measurement::Noise;

/// Counters from before a trial.
pub struct NoiseProbe {
    start: Instant,
    load: f64,
    stat: Option<CpuTimes>,
    pressure_us: Option<u64>,
}

/// The first line of `/proc/stat`, in ticks.
#[derive(Clone, Copy)]
struct CpuTimes {
    total: u64,
    steal: u64,
}

impl NoiseProbe {
    /// Reads the counters.
    pub fn start() -> NoiseProbe {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        NoiseProbe {
            start: Instant::now(),
            load: sysinfo::System::load_average().map_or(0.0, |load| load.one),
            stat: cpu_times(&read("/proc/stat")),
            pressure_us: pressure(&read("/proc/pressure/cpu")),
        }
    }

    /// Reads them again: what went on in between.
    pub fn finish(self) -> Noise {
        let now = NoiseProbe::start();
        let steal_percent = match (self.stat, now.stat) {
            (Some(before), Some(after)) if after.total > before.total => {
                let steal = after.steal.saturating_sub(before.steal);
                100.0 * steal as f64 / (after.total - before.total) as f64
            }
            _ => 0.0,
        };
        let elapsed_us = now.start.duration_since(self.start).as_micros().max(1) as f64;
        let cpu_pressure_percent = match (self.pressure_us, now.pressure_us) {
            (Some(before), Some(after)) => {
                Some(100.0 * after.saturating_sub(before) as f64 / elapsed_us)
            }
            _ => None,
        };
        Noise {
            load_before: self.load,
            load_after: now.load,
            steal_percent,
            cpu_pressure_percent,
        }
    }
}

/// `cpu user nice system idle iowait irq softirq steal guest guest_nice`; guest time is in user time already.
fn cpu_times(stat: &str) -> Option<CpuTimes> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line
        .split_whitespace()
        .take(8)
        .filter_map(|part| part.parse().ok())
        .collect();
    Some(CpuTimes {
        total: ticks.iter().sum(),
        steal: *ticks.get(7)?,
    })
}

/// `some avg10=… avg60=… avg300=… total=<µs>`
fn pressure(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with("some "))?;
    line.rsplit_once("total=")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_files_are_read_by_their_format() {
        let times = cpu_times("cpu  10 1 5 100 2 0 3 7 4 0\ncpu0 1 2 3\n").unwrap();
        assert_eq!((times.total, times.steal), (128, 7));
        let text = "some avg10=0.00 avg60=0.10 avg300=0.00 total=123456\nfull avg10=0.00 total=9\n";
        assert_eq!(pressure(text), Some(123_456));
        assert_eq!(pressure(""), None);
        assert!(cpu_times("").is_none());
    }
}
