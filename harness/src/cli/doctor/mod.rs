//! `loopmark doctor`: is this machine fit to measure on, and what would make it so?

mod kernel;

use std::time::Duration;

use clap::Args;

use super::debug_build::IS_DEBUG_BUILD;
use super::exit::Exit;
use super::measure::runtime;
use crate::build;
use crate::console::OutputError;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::mock::bare_timer;
use crate::probe::NoiseProbe;
use crate::scenario::Scenario;
use crate::system::{CpuList, Machine, require_open_files};
use crate::trial::try_namespace;

/// For so long the machine is watched.
const WATCHED: Duration = Duration::from_secs(1);
/// More load than this share of the processors is somebody else's work.
const MOST_LOAD: f64 = 0.3;
/// More stolen time than this, in percent, bends figures.
const MOST_STEAL_PERCENT: f64 = 1.0;
/// A bare timer that is later than this at p99, in µs, bends holds.
const MOST_TIMER_P99_US: f64 = 1000.0;

/// What the machine must be fit for.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// End with 3 where something is doubtful too, not only where something is unfit
    #[arg(long)]
    strict: bool,
}

/// What was found in one respect.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    /// As it should be.
    Fit(String),
    /// Figures will be noisier than they need be; what to do.
    Doubtful(String, String),
    /// Something can't be measured; what to do.
    Unfit(String, String),
}

impl Finding {
    /// Doubtful unless it is fit; what to do if it isn't.
    fn fit_if(is_fit: bool, what: String, remedy: &str) -> Finding {
        if is_fit {
            Finding::Fit(what)
        } else {
            Finding::Doubtful(what, remedy.to_owned())
        }
    }
}

pub(super) fn doctor(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let scenario_path = layout.scenario("seed");
    let scenario = Scenario::load(&scenario_path)?;
    let frameworks = Framework::load_all(layout)?;
    let highest = scenario.levels.iter().copied().max().unwrap_or_default();
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let clocks = "/sys/devices/system/clocksource/clocksource0";
    let here = Machine::here();
    let mut findings = machine(&here);
    findings.push(build(IS_DEBUG_BUILD));
    findings.push(kernel::quota(&here));
    findings.extend(kernel::kinds(&here));
    findings.push(kernel::pinning(CpuList::allowed().as_ref()));
    findings.extend(noise());
    findings.push(kernel::pressure(read("/proc/pressure/cpu").as_deref()));
    findings.push(kernel::clock(
        read(&format!("{clocks}/current_clocksource")).as_deref(),
        &read(&format!("{clocks}/available_clocksource")).unwrap_or_default(),
    ));
    findings.push(open_files(highest));
    findings.push(ports(
        &read("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default(),
        highest,
    ));
    findings.push(kernel::listening_queue(
        read("/proc/sys/net/core/somaxconn").as_deref(),
    ));
    let executable = std::env::current_exe()?;
    let tried = runtime()?.block_on(try_namespace(&executable, &scenario_path));
    findings.push(kernel::namespace(tried.map_err(|error| error.to_string())));
    findings.extend(frameworks.iter().map(toolchain));
    findings.iter().try_for_each(print)?;
    Ok(exit(&findings, options.strict))
}

fn print(finding: &Finding) -> Result<(), OutputError> {
    match finding {
        Finding::Fit(what) => put!("fit       {what}\n"),
        Finding::Doubtful(what, remedy) => put!("doubtful  {what}\n          {remedy}\n"),
        Finding::Unfit(what, remedy) => put!("unfit     {what}\n          {remedy}\n"),
    }
}

fn exit(findings: &[Finding], is_strict: bool) -> Exit {
    let is_bad = |finding: &Finding| match finding {
        Finding::Fit(_) => false,
        Finding::Doubtful(..) => is_strict,
        Finding::Unfit(..) => true,
    };
    if findings.iter().any(is_bad) {
        Exit::Environment
    } else {
        Exit::Good
    }
}

fn machine(machine: &Machine) -> Vec<Finding> {
    let cpus = format!("{} processors ({})", machine.cpus, machine.cpu);
    let cpus = Finding::fit_if(
        machine.cpus >= 2,
        cpus,
        "runner and mock share one: give this machine two or more",
    );
    let governor = match machine.frequency_governor.as_deref() {
        None => Finding::Fit("the system says nothing of a frequency governor".to_owned()),
        Some("performance") => Finding::Fit("frequency governor: performance".to_owned()),
        Some(other) => Finding::Doubtful(
            format!("frequency governor: {other}"),
            "the clock's frequency will vary: cpupower frequency-set --governor performance"
                .to_owned(),
        ),
    };
    vec![cpus, governor]
}

/// Whether this harness was built to measure.
fn build(is_debug: bool) -> Finding {
    if is_debug {
        let remedy = "`run` refuses it: cargo run --release -p loopmark -- run";
        Finding::Doubtful(
            "this is a debug build of loopmark".to_owned(),
            remedy.to_owned(),
        )
    } else {
        Finding::Fit("this is a release build of loopmark".to_owned())
    }
}

fn open_files(level: u32) -> Finding {
    match require_open_files(level) {
        Ok(()) => Finding::Fit(format!("open files: enough for {level} runs in flight")),
        Err(error) => Finding::Unfit("open files".to_owned(), error.to_string()),
    }
}

/// A client's connections each take a port; a closed one keeps it for a minute.
fn ports(range: &str, level: u32) -> Finding {
    let mut ends = range
        .split_whitespace()
        .filter_map(|end| end.parse::<u32>().ok());
    let (Some(first), Some(last)) = (ends.next(), ends.next()) else {
        return Finding::Fit("the system says nothing of its port range".to_owned());
    };
    let ports = (last + 1).saturating_sub(first);
    let what = format!("{ports} ports for connections");
    Finding::fit_if(
        ports >= level.saturating_mul(100),
        what,
        "a row that opens a connection a call may run out: widen net.ipv4.ip_local_port_range",
    )
}

/// Watches the machine for a second: what else goes on, and how late a bare timer wakes.
fn noise() -> Vec<Finding> {
    let probe = NoiseProbe::start();
    let timer = bare_timer(WATCHED);
    let noise = probe.finish();
    let cpus = std::thread::available_parallelism().map_or(1.0, |cpus| cpus.get() as f64);
    vec![
        Finding::fit_if(
            noise.load_before <= MOST_LOAD * cpus,
            format!("load {:.2} on {cpus} processors", noise.load_before),
            "something else runs here, or did within the last minute: end it, or wait",
        ),
        Finding::fit_if(
            noise.steal_percent <= MOST_STEAL_PERCENT,
            format!(
                "{:.1} % of the processors' time stolen",
                noise.steal_percent
            ),
            "the hypervisor gives this machine's time to others: measure elsewhere, or at another hour",
        ),
        Finding::fit_if(
            timer.p99_us <= MOST_TIMER_P99_US,
            format!(
                "a bare timer is late by {:.0} µs at the median, {:.0} µs at p99",
                timer.p50_us, timer.p99_us
            ),
            "the mock's holds will be late too: end what else runs",
        ),
    ]
}

fn toolchain(framework: &Framework) -> Finding {
    match build::check_requirements(&framework.requires) {
        Ok(()) => Finding::Fit(format!("{}: what it requires is here", framework.name)),
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
    fn the_exit_code_tells_ci_what_was_found() {
        let fit = Finding::Fit(String::new());
        let doubtful = Finding::Doubtful(String::new(), String::new());
        let unfit = Finding::Unfit(String::new(), String::new());
        for (findings, plain, strict) in [
            (vec![fit.clone()], Exit::Good, Exit::Good),
            (vec![fit.clone(), doubtful], Exit::Good, Exit::Environment),
            (vec![fit, unfit], Exit::Environment, Exit::Environment),
        ] {
            assert_eq!(
                (exit(&findings, false), exit(&findings, true)),
                (plain, strict)
            );
        }
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
