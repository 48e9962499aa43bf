//! Checks of what the kernel provides: pinning, network namespaces, clocks, queues and pressure.

use super::finding::Finding;
use crate::system::{CpuList, Machine, choose_processors};

/// Clock sources that a program reads without a system call.
const FAST_CLOCKS: [&str; 4] = ["tsc", "arch_sys_counter", "hvclock", "kvm-clock"];
/// The length of the mock's listening queue, in connections.
const BACKLOG: u64 = 4096;

/// Whether runner and mock can be pinned to separate processors; tries it by pinning this process to `allowed`.
pub(super) fn pinning(allowed: Option<&CpuList>) -> Finding {
    let Some(allowed) = allowed else {
        let what = "the system does not report which processors this process may use".to_owned();
        return Finding::Doubtful(what, "runner and mock will compete for CPU time".to_owned());
    };
    match choose_processors(allowed, None, None) {
        Ok(Some(pinning)) => match allowed.hold_this_process() {
            Ok(()) => Finding::Fit(format!(
                "processors: the runner gets {}, mock and harness {}",
                pinning.runner_cpus, pinning.mock_cpus
            )),
            Err(error) => Finding::Doubtful(
                format!("processes can't be pinned: {error}"),
                "allow sched_setaffinity, or measure with --no-pinning".to_owned(),
            ),
        },
        Ok(None) => Finding::Doubtful(
            format!("this process may use only processor {allowed}"),
            "allow two or more: widen the cpuset or the taskset, or use a larger machine"
                .to_owned(),
        ),
        Err(error) => Finding::Doubtful(
            error.to_string(),
            "choose them with --runner-cpus and --mock-cpus".to_owned(),
        ),
    }
}

/// Whether control groups limit CPU time to less than the processors have.
pub(super) fn quota(machine: &Machine) -> Finding {
    match machine.cpu_quota {
        None => Finding::Fit("no control group limits CPU time".to_owned()),
        Some(quota) if !machine.is_limited() => {
            Finding::Fit(format!("a control group limits CPU time to {quota} processors, which is all there are"))
        }
        Some(quota) => Finding::Doubtful(
            format!(
                "a control group allows the CPU time of {quota} processors on {}",
                machine.cpus
            ),
            "a program that exceeds it is stopped for the rest of a period of about 100 ms: assign whole processors \
             instead of a share of their time (docker: --cpuset-cpus instead of --cpus; systemd: AllowedCPUs instead \
             of CPUQuota; otherwise write \"max\" into cpu.max)"
                .to_owned(),
        ),
    }
}

/// Whether enough processors are fast; `None` if all are of one kind.
pub(super) fn kinds(machine: &Machine) -> Option<Finding> {
    let slower = machine.slower_cpus.as_ref()?;
    let fast = machine.cpus.saturating_sub(slower.count());
    let what = format!("processors of two kinds: {slower} are slower than the {fast} others");
    Some(Finding::fit_if(
        fast >= 2,
        what,
        "the runner gets the only fast one and the mock the slow ones: use a machine with two or more fast ones",
    ))
}

/// Whether runners can be isolated from the network; `tried` is the result of trying.
pub(super) fn namespace(tried: Result<(), String>) -> Finding {
    match tried {
        Ok(()) => Finding::Fit("network: runners can reach only the mock".to_owned()),
        Err(reason) => Finding::Doubtful(
            format!("network: runners share this machine's network ({reason})"),
            "attempts to phone home are only partly noticed: allow user namespaces (user.max_user_namespaces, \
             kernel.apparmor_restrict_unprivileged_userns, the container's seccomp profile)"
                .to_owned(),
        ),
    }
}

/// Whether `/proc/pressure/cpu` counts the time for which some program waited for a processor.
pub(super) fn pressure(text: Option<&str>) -> Finding {
    match text {
        Some(text) if text.contains("total=") => {
            Finding::Fit("pressure: the kernel counts waiting for processors".to_owned())
        }
        _ => Finding::Doubtful(
            "pressure: the kernel does not count waiting for processors".to_owned(),
            "trials will not record a shortage of cores: boot with psi=1".to_owned(),
        ),
    }
}

/// Whether the kernel's clock source is fast to read; `available` lists the alternatives.
pub(super) fn clock(current: Option<&str>, available: &str) -> Finding {
    let Some(current) = current.map(str::trim) else {
        return Finding::Fit("clock source: not reported by the system".to_owned());
    };
    let what = format!("clock source: {current}");
    if FAST_CLOCKS.contains(&current) {
        return Finding::Fit(what);
    }
    let better = FAST_CLOCKS
        .into_iter()
        .find(|fast| available.split_whitespace().any(|found| found == *fast));
    let remedy = match better {
        Some(better) => format!(
            "each reading takes a slow system call: echo {better} > \
             /sys/devices/system/clocksource/clocksource0/current_clocksource"
        ),
        None => "each reading takes a slow system call: this machine has no better one".to_owned(),
    };
    Finding::Doubtful(what, remedy)
}

/// Whether `net.core.somaxconn` allows the mock's listening queue. A new network namespace has the kernel's default.
pub(super) fn listening_queue(text: Option<&str>) -> Finding {
    let Some(max) = text.and_then(|text| text.trim().parse::<u64>().ok()) else {
        return Finding::Fit("listening queue: not reported by the system".to_owned());
    };
    let what = format!("listening queue: {max} connections may wait");
    if max >= BACKLOG {
        Finding::Fit(what)
    } else {
        let remedy = format!(
            "in a larger burst, connections wait for a second: sysctl net.core.somaxconn={BACKLOG}"
        );
        Finding::Doubtful(what, remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fit(finding: &Finding) -> bool {
        matches!(finding, Finding::Fit(_))
    }

    #[test]
    fn a_single_processor_can_not_be_shared_out() {
        let one = "3".parse().unwrap();
        assert!(!is_fit(&pinning(Some(&one))));
        assert!(!is_fit(&pinning(None)));
    }

    #[test]
    fn a_quota_below_what_the_processors_could_do_is_doubtful() {
        let with = |cpu_quota| Machine {
            cpus: 2,
            cpu_quota,
            ..Machine::here()
        };
        assert!(is_fit(&quota(&with(None))));
        assert!(is_fit(&quota(&with(Some(2.0)))));
        let Finding::Doubtful(what, remedy) = quota(&with(Some(1.5))) else {
            panic!("1.5 of 2 is fit")
        };
        assert!(what.contains("1.5 processors on 2"), "{what}");
        assert!(remedy.contains("cpuset"), "{remedy}");
    }

    #[test]
    fn slow_processors_are_said_and_doubtful_where_only_one_is_fast() {
        let with = |cpus, slower: Option<&str>| Machine {
            cpus,
            slower_cpus: slower.map(|list| list.parse().unwrap()),
            ..Machine::here()
        };
        assert_eq!(kinds(&with(4, None)), None);
        assert!(is_fit(&kinds(&with(8, Some("4-7"))).unwrap()));
        assert!(!is_fit(&kinds(&with(5, Some("4-7"))).unwrap()));
    }

    #[test]
    fn a_slow_clock_is_doubtful_and_a_better_one_is_named() {
        assert!(is_fit(&clock(Some("tsc\n"), "tsc hpet\n")));
        let Finding::Doubtful(what, remedy) = clock(Some("hpet\n"), "tsc hpet\n") else {
            panic!("hpet is fit")
        };
        assert_eq!(what, "clock source: hpet");
        assert!(remedy.contains("echo tsc >"), "{remedy}");
        let Finding::Doubtful(_, remedy) = clock(Some("hpet"), "hpet") else {
            panic!("hpet is fit")
        };
        assert!(remedy.contains("no better one"), "{remedy}");
    }

    #[test]
    fn a_short_listening_queue_is_doubtful() {
        assert!(is_fit(&listening_queue(Some("4096\n"))));
        assert!(!is_fit(&listening_queue(Some("128\n"))));
    }

    #[test]
    fn a_kernel_without_pressure_is_doubtful() {
        assert!(is_fit(&pressure(Some("some avg10=0.00 total=12\n"))));
        assert!(!is_fit(&pressure(None)));
    }

    #[test]
    fn a_network_that_is_shared_is_doubtful_with_the_systems_reason() {
        assert!(is_fit(&namespace(Ok(()))));
        let Finding::Doubtful(what, _) = namespace(Err("not permitted".to_owned())) else {
            panic!("a shared network is fit")
        };
        assert!(what.contains("not permitted"), "{what}");
    }
}
