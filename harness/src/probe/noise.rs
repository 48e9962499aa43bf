//! What else the machine did while a trial ran: load, stolen time, waiting for a CPU, the CPUs' clocks.

use std::time::Instant;

use crate::measurement::Noise;
use crate::system::{Throttling, throttling};

/// Counters from before a trial.
pub struct NoiseProbe {
    start: Instant,
    load: f64,
    stat: Option<CpuTimes>,
    pressure_us: Option<u64>,
    mhz: Option<f64>,
    throttling: Option<Throttling>,
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
            throttling: throttling(),
            mhz: scaled_mhz().or_else(|| named_mhz(&read("/proc/cpuinfo"))),
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
        let throttling = self.throttling.zip(now.throttling);
        let throttling = throttling.map(|(before, after)| after.since(before));
        Noise {
            throttled_periods: throttling.map(|throttling| throttling.periods),
            throttled_ms: throttling.map(|throttling| throttling.time_us as f64 / 1000.0),
            load_before: self.load,
            load_after: now.load,
            steal_percent,
            cpu_pressure_percent,
            cpu_mhz_before: self.mhz,
            cpu_mhz_after: now.mhz,
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

/// The clock of the fastest core, by the kernel's frequency scaling. The core that this runs on is awake, so the fastest
/// one is not an idle one's clock.
fn scaled_mhz() -> Option<f64> {
    let cpus = std::fs::read_dir("/sys/devices/system/cpu").ok()?;
    let paths = cpus.filter_map(|cpu| Some(cpu.ok()?.path().join("cpufreq/scaling_cur_freq")));
    let texts = paths.filter_map(|path| std::fs::read_to_string(path).ok());
    let khz = texts.filter_map(|text| text.trim().parse::<f64>().ok());
    khz.reduce(f64::max).map(|khz| khz / 1000.0)
}

/// The highest `cpu MHz` of `/proc/cpuinfo`, which x86 has.
fn named_mhz(cpuinfo: &str) -> Option<f64> {
    let lines = cpuinfo.lines().filter(|line| line.starts_with("cpu MHz"));
    let mhz = lines.filter_map(|line| line.split_once(':')?.1.trim().parse::<f64>().ok());
    mhz.reduce(f64::max)
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
        let cpuinfo =
            "processor\t: 0\ncpu MHz\t\t: 2445.406\nprocessor\t: 1\ncpu MHz\t\t: 2500.000\n";
        assert_eq!(named_mhz(cpuinfo), Some(2500.0));
        assert_eq!(named_mhz("processor\t: 0\nBogoMIPS\t: 50.00\n"), None);
    }
}
