//! Checks of the machine, its noise and the rows' toolchains.

use std::time::Duration;

use super::finding::Finding;
use crate::build;
use crate::framework::Framework;
use crate::mock::bare_timer;
use crate::probe::NoiseProbe;
use crate::system::{Machine, require_open_files};

/// How long the machine is observed.
const OBSERVATION: Duration = Duration::from_secs(1);
/// A load above this share of the processors comes from other programs.
const MAX_LOAD_SHARE: f64 = 0.3;
/// Stolen time above this, in percent, distorts figures.
const MAX_STEAL_PERCENT: f64 = 1.0;
/// A bare timer later than this at p99, in µs, distorts the mock's holds.
const MAX_TIMER_P99_US: f64 = 1000.0;

pub(super) fn machine(machine: &Machine) -> Vec<Finding> {
    let cpus = format!("{} processors ({})", machine.cpus, machine.cpu);
    let cpus = Finding::fit_if(
        machine.cpus >= 2,
        cpus,
        "runner and mock would share one processor: use a machine with two or more",
    );
    let governor = match machine.frequency_governor.as_deref() {
        None => Finding::Fit("frequency governor: not reported by the system".to_owned()),
        Some("performance") => Finding::Fit("frequency governor: performance".to_owned()),
        Some(other) => Finding::Doubtful(
            format!("frequency governor: {other}"),
            "the clock frequency will vary: cpupower frequency-set --governor performance"
                .to_owned(),
        ),
    };
    vec![cpus, governor]
}

/// Whether this harness was built with optimisation.
pub(super) fn build(is_debug: bool) -> Finding {
    if is_debug {
        let remedy = "`run` refuses it; use cargo run --release -p loopmark -- run";
        Finding::Doubtful(
            "this is a debug build of loopmark".to_owned(),
            remedy.to_owned(),
        )
    } else {
        Finding::Fit("this is a release build of loopmark".to_owned())
    }
}

pub(super) fn open_files(level: u32) -> Finding {
    match require_open_files(level) {
        Ok(()) => Finding::Fit(format!("open files: enough for {level} runs in flight")),
        Err(error) => Finding::Unfit("open files".to_owned(), error.to_string()),
    }
}

/// Every connection of a client takes a port, and a closed connection keeps its port for a minute.
pub(super) fn ports(range: &str, level: u32) -> Finding {
    let mut ends = range
        .split_whitespace()
        .filter_map(|end| end.parse::<u32>().ok());
    let (Some(first), Some(last)) = (ends.next(), ends.next()) else {
        return Finding::Fit("port range: not reported by the system".to_owned());
    };
    let ports = (last + 1).saturating_sub(first);
    let what = format!("{ports} ports for connections");
    Finding::fit_if(
        ports >= level.saturating_mul(100),
        what,
        "a row that opens a connection per call may run out of ports: widen net.ipv4.ip_local_port_range",
    )
}

/// Observes the machine for a second: its load, its stolen time, and how late a bare timer wakes.
pub(super) fn noise() -> Vec<Finding> {
    let probe = NoiseProbe::start();
    let timer = bare_timer(OBSERVATION);
    let noise = probe.finish();
    let cpus = std::thread::available_parallelism().map_or(1.0, |cpus| cpus.get() as f64);
    vec![
        Finding::fit_if(
            noise.load_before <= MAX_LOAD_SHARE * cpus,
            format!("load {:.2} on {cpus} processors", noise.load_before),
            "another program is running, or was within the last minute: end it, or wait",
        ),
        Finding::fit_if(
            noise.steal_percent <= MAX_STEAL_PERCENT,
            format!(
                "{:.1} % of the processors' time stolen",
                noise.steal_percent
            ),
            "the hypervisor gives this machine's time to others: measure on another machine or at another hour",
        ),
        Finding::fit_if(
            timer.p99_us <= MAX_TIMER_P99_US,
            format!(
                "a bare timer is late by {:.0} µs at the median, {:.0} µs at p99",
                timer.p50_us, timer.p99_us
            ),
            "the mock's replies will be late too: end other programs",
        ),
    ]
}

pub(super) fn toolchain(framework: &Framework) -> Finding {
    match build::check_requirements(&framework.requires) {
        Ok(()) => Finding::Fit(format!(
            "{}: its requirements are installed",
            framework.name
        )),
        Err(error) => Finding::Unfit(framework.name.clone(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_processor_and_a_saving_governor_are_doubtful() {
        let here = Machine {
            cpus: 1,
            frequency_governor: Some("powersave".to_owned()),
            ..Machine::here()
        };
        let findings = machine(&here);
        assert!(
            findings
                .iter()
                .all(|finding| matches!(finding, Finding::Doubtful(..))),
            "{findings:?}"
        );
        let fit = Machine {
            cpus: 4,
            frequency_governor: Some("performance".to_owned()),
            ..here
        };
        assert!(
            machine(&fit)
                .iter()
                .all(|finding| matches!(finding, Finding::Fit(_)))
        );
    }

    #[test]
    fn a_narrow_port_range_is_doubtful() {
        assert_eq!(
            ports("32768\t60999\n", 100),
            Finding::Fit("28232 ports for connections".to_owned())
        );
        assert!(matches!(
            ports("32768\t33000\n", 100),
            Finding::Doubtful(..)
        ));
        assert!(matches!(ports("", 100), Finding::Fit(_)));
    }

    #[test]
    fn a_level_beyond_the_limit_of_open_files_is_unfit() {
        assert!(matches!(open_files(u32::MAX), Finding::Unfit(..)));
    }
}
