//! What else the machine did during a trial: load, stolen time, waiting for a CPU, the CPUs' clocks.

use std::time::Instant;

use procfs::{CpuInfo, CpuTime, Current, CurrentSI, KernelStats, parse_pressure_record};

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

/// Times of all processors since the system started, in ticks.
#[derive(Clone, Copy)]
struct CpuTimes {
    total: u64,
    steal: u64,
}

impl NoiseProbe {
    /// Reads the counters.
    pub fn start() -> NoiseProbe {
        NoiseProbe {
            start: Instant::now(),
            load: sysinfo::System::load_average().map_or(0.0, |load| load.one),
            stat: KernelStats::current()
                .ok()
                .and_then(|stats| CpuTimes::of(&stats.total)),
            pressure_us: std::fs::read_to_string("/proc/pressure/cpu")
                .ok()
                .and_then(|text| pressure(&text)),
            throttling: throttling(),
            mhz: scaled_mhz().or_else(|| named_mhz(&CpuInfo::current().ok()?)),
        }
    }

    /// Reads them again, and returns what happened in between.
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

impl CpuTimes {
    /// `None` if the kernel counts no stolen time. Guests' time is not added, since user time contains it.
    fn of(time: &CpuTime) -> Option<CpuTimes> {
        let steal = time.steal?;
        let waiting = [time.iowait, time.irq, time.softirq, Some(steal)].into_iter();
        let working = [time.user, time.nice, time.system, time.idle];
        Some(CpuTimes {
            total: working.into_iter().chain(waiting.flatten()).sum(),
            steal,
        })
    }
}

/// How long some task waited for a processor, in µs. Parsed by hand, because kernels before 5.13 have only the line
/// `some`, and [`procfs::CpuPressure`] requires both.
fn pressure(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with("some "))?;
    Some(parse_pressure_record(line).ok()?.total)
}

/// The clock of the fastest core in MHz, by the kernel's frequency scaling. The fastest is never an idle core's clock,
/// since the core that runs this is awake.
fn scaled_mhz() -> Option<f64> {
    let cpus = std::fs::read_dir("/sys/devices/system/cpu").ok()?;
    let paths = cpus.filter_map(|cpu| Some(cpu.ok()?.path().join("cpufreq/scaling_cur_freq")));
    let texts = paths.filter_map(|path| std::fs::read_to_string(path).ok());
    let khz = texts.filter_map(|text| text.trim().parse::<f64>().ok());
    khz.reduce(f64::max).map(|khz| khz / 1000.0)
}

/// The highest `cpu MHz`, which only x86 reports.
fn named_mhz(cpuinfo: &CpuInfo) -> Option<f64> {
    let cpus = 0..cpuinfo.num_cores();
    let mhz = cpus.filter_map(|cpu| cpuinfo.get_field(cpu, "cpu MHz")?.parse::<f64>().ok());
    mhz.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use procfs::current_system_info;
    use procfs::prelude::*;

    use super::*;

    const KERNEL: &str =
        "cpu  10 1 5 100 2 0 3 7 4 0\ncpu0 1 2 3 4\nctxt 1\nbtime 2\nprocesses 3\n";

    #[test]
    fn the_kernels_files_are_read_by_their_format() {
        let system = current_system_info();
        let kernel = |text: &str| KernelStats::from_read(text.as_bytes(), system).unwrap();
        let times = CpuTimes::of(&kernel(KERNEL).total).unwrap();
        assert_eq!((times.total, times.steal), (128, 7));
        let old = KERNEL.replace("cpu  10 1 5 100 2 0 3 7 4 0", "cpu  10 1 5 100");
        assert!(CpuTimes::of(&kernel(&old).total).is_none());
        let text = "some avg10=0.00 avg60=0.10 avg300=0.00 total=123456\nfull avg10=0.00 total=9\n";
        assert_eq!(pressure(text), Some(123_456));
        assert_eq!(pressure(""), None);
        let cpuinfo = |text: &str| CpuInfo::from_read(text.as_bytes()).unwrap();
        let of_x86 =
            "processor\t: 0\ncpu MHz\t\t: 2445.406\n\nprocessor\t: 1\ncpu MHz\t\t: 2500.000\n\n";
        assert_eq!(named_mhz(&cpuinfo(of_x86)), Some(2500.0));
        let of_arm = "processor\t: 0\nBogoMIPS\t: 50.00\n\n";
        assert_eq!(named_mhz(&cpuinfo(of_arm)), None);
        assert_eq!(named_mhz(&cpuinfo("")), None);
    }
}
