//! Makes all checks, prints the findings and sets the exit code.

use clap::Args;

use super::super::debug_build::IS_DEBUG_BUILD;
use super::super::exit::Exit;
use super::super::measure::runtime;
use super::checks::{build, machine, noise, open_files, ports, toolchain};
use super::finding::Finding;
use super::kernel;
use crate::console::OutputError;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::scenario::Scenario;
use crate::system::{CpuList, Machine};
use crate::trial::try_namespace;

/// What the machine must be fit for.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Exit with 3 if any finding is doubtful, not only if one is unfit
    #[arg(long)]
    strict: bool,
}

pub(in crate::cli) fn doctor(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
