//! Where runners run: on which processors, in which network, and what of the environment comes into a record.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::process::Output;

use common::{Checkout, text};
use loopmark::measurement::{Conditions, Network};
use loopmark::results::Recorded;
use loopmark::system::{CpuList, Pinning, choose_processors};

/// One burst with these options.
fn burst(checkout: &Checkout, options: &[&str]) -> Output {
    let arguments = [
        "run",
        "--table-only",
        "--table-repetitions",
        "1",
        "--no-mock-check",
    ];
    let output = checkout
        .loopmark(&[&arguments, options].concat())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    output
}

fn conditions(checkout: &Checkout) -> Conditions {
    checkout.trials().remove(0).conditions
}

/// The processors of runner and mock by default; `None` where there is one only.
fn default_pinning() -> Option<Pinning> {
    choose_processors(&CpuList::allowed().unwrap(), None, None).unwrap()
}

fn is_marked_egress(checkout: &Checkout) -> bool {
    let summary = checkout.first_cell();
    summary.is_marked("egress")
}

#[test]
fn runner_and_mock_have_processors_of_their_own_and_the_record_says_which() {
    let checkout = Checkout::new("right");
    let output = burst(&checkout, &[]);
    let conditions = conditions(&checkout);
    let info = Recorded::load(&checkout.results()).unwrap().info;
    let pinning = default_pinning();
    assert_eq!(info.pinning, pinning);
    let Some(Pinning {
        runner_cpus,
        mock_cpus,
    }) = pinning
    else {
        assert_eq!((conditions.runner_cpus, conditions.mock_cpus), (None, None));
        return;
    };
    let seen_by_the_runner: CpuList = checkout.diary("cpus").parse().unwrap();
    assert_eq!(seen_by_the_runner, runner_cpus);
    let count = runner_cpus.count();
    assert_eq!(conditions.runner_cpus, Some(runner_cpus));
    assert_eq!(conditions.mock_cpus, Some(mock_cpus));
    let sentence = format!("The framework had {count} of {} CPUs", info.machine.cpus);
    assert!(
        text(&output.stdout).contains(&sentence),
        "{}",
        text(&output.stdout)
    );
    let readme = std::fs::read_to_string(checkout.results().join("README.md")).unwrap();
    assert!(readme.contains(&sentence), "{readme}");
}

#[test]
fn a_case_has_as_many_processors_as_it_asks_for_or_is_left_out() {
    let checkout = Checkout::quick();
    let file = checkout.root().join("scenarios/short.toml");
    let mut scenario = std::fs::read_to_string(&file).unwrap();
    for count in [1, 2, 4096] {
        let cpus = format!("measure = {{ cpus = {count}, runs = 3, warm-up-runs = 0 }}");
        scenario.push_str(&format!("\n[[case]]\nname = \"on-{count}\"\n{cpus}\n"));
    }
    std::fs::write(&file, scenario).unwrap();
    let arguments = [
        "run",
        "--scenario",
        "short",
        "--levels",
        "1",
        "--repetitions",
        "1",
        "--table-repetitions",
        "0",
        "--no-mock-check",
    ];
    let output = checkout.loopmark(&arguments).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("scenario short, case on-4096, is left out"),
        "{said}"
    );
    let trials = checkout.trials();
    let cpus_of = |case: &str| {
        let mut trials = trials.iter();
        let of_case = trials.find(|trial| trial.planned.cell.case.as_deref() == Some(case));
        of_case.map(|trial| trial.conditions.runner_cpus.clone())
    };
    assert_eq!(cpus_of("on-4096"), None);
    let Some(pinning) = default_pinning() else {
        // A machine with one processor.
        assert_eq!((cpus_of("on-1"), cpus_of("on-2")), (Some(None), None));
        return;
    };
    let one = cpus_of("on-1").unwrap().unwrap();
    assert_eq!(one, pinning.runner_cpus.first());
    let two = cpus_of("on-2").unwrap().unwrap();
    assert_eq!(two.count(), 2);
    assert!(one.is_within(&two));
}

#[test]
fn without_pinning_everyone_has_every_processor() {
    let checkout = Checkout::new("right");
    burst(&checkout, &["--no-pinning"]);
    let conditions = conditions(&checkout);
    assert_eq!((conditions.runner_cpus, conditions.mock_cpus), (None, None));
    let seen_by_the_runner = checkout.diary("cpus").parse().ok();
    assert_eq!(seen_by_the_runner, CpuList::allowed());
}

#[test]
fn processors_that_are_asked_for_are_given_or_refused() {
    let checkout = Checkout::new("right");
    let refuse = |options: &[&str], sentence: &str| {
        let output = checkout
            .loopmark(&[&["run"], options].concat())
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {said}");
        assert!(said.contains(sentence), "{options:?}: {said}");
    };
    refuse(
        &["--runner-cpus", "first"],
        "`first` is not a list of processors",
    );
    refuse(
        &["--runner-cpus", "0", "--no-pinning"],
        "cannot be used with",
    );
    refuse(
        &["--runner-cpus", "1023"],
        "processors 1023 are not available",
    );
    let Some(Pinning {
        runner_cpus,
        mock_cpus,
    }) = default_pinning()
    else {
        return;
    };
    let (runner, mock) = (runner_cpus.to_string(), mock_cpus.to_string());
    refuse(
        &["--runner-cpus", &mock, "--mock-cpus", &mock],
        "must not share a processor",
    );
    burst(&checkout, &["--runner-cpus", &mock, "--mock-cpus", &runner]);
    let conditions = conditions(&checkout);
    assert_eq!(conditions.runner_cpus, Some(mock_cpus));
    assert_eq!(conditions.mock_cpus, Some(runner_cpus));
}

#[test]
fn a_runner_in_a_namespace_reaches_the_mock_alone_and_attempts_are_counted() {
    for (fake, is_reaching_out) in [
        ("right", false),
        ("dials-out", true),
        ("asks-local-resolver", true),
    ] {
        let checkout = Checkout::new(fake);
        burst(&checkout, &[]);
        let conditions = conditions(&checkout);
        if conditions.network == Some(Network::Shared) {
            return; // This system allows no namespace.
        }
        assert_eq!(
            conditions.egress_attempts > 0,
            is_reaching_out,
            "{fake}: {conditions:?}"
        );
        assert_eq!(is_marked_egress(&checkout), is_reaching_out, "{fake}");
        let trial = checkout.trials().remove(0);
        assert_eq!((trial.runs.verified, trial.runs.asked), (4, 4), "{fake}");
        if fake == "dials-out" {
            let unreachable = rustix::io::Errno::NETUNREACH.raw_os_error().to_string();
            assert_eq!(checkout.diary("dialled"), unreachable);
        }
    }
}

#[test]
fn a_runner_that_shares_the_network_is_watched() {
    let checkout = Checkout::new("aims-out");
    burst(&checkout, &["--network", "shared"]);
    let conditions = conditions(&checkout);
    assert_eq!(conditions.network, Some(Network::Shared));
    if checkout.diary("aimed") != "0" {
        return; // This machine has no way out: there was no socket to be seen.
    }
    assert_eq!(conditions.egress_attempts, 1);
    assert_eq!(conditions.egress_addresses, ["198.51.100.1:443"]);
    assert!(is_marked_egress(&checkout));
}

#[test]
fn a_runner_that_talks_to_the_mock_alone_is_not_marked_in_a_shared_network() {
    let checkout = Checkout::new("right");
    burst(&checkout, &["--network", "shared"]);
    assert_eq!(conditions(&checkout).egress_attempts, 0);
    assert!(!is_marked_egress(&checkout));
}

#[test]
fn nothing_of_the_environment_comes_into_a_record() {
    let checkout = Checkout::new("right");
    let mut command = checkout.loopmark(&[
        "run",
        "--table-only",
        "--table-repetitions",
        "1",
        "--no-mock-check",
    ]);
    let variables = [
        "OPENAI_API_KEY",
        "USER",
        "LOGNAME",
        "HOSTNAME",
        "HTTP_PROXY",
        "LOOPMARK_ANYTHING",
    ];
    for variable in variables {
        command.env(variable, format!("canary-of-{variable}"));
    }
    command.env("HOME", "/home/canary-of-HOME");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(checkout.results()).unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let content = text(&std::fs::read(&path).unwrap());
        assert!(!content.contains("canary"), "{}", path.display());
        // A name as short as `vm` may stand in any text.
        if host.trim().len() > 5 {
            assert!(!content.contains(host.trim()), "{}", path.display());
        }
        files += 1;
    }
    assert!(files >= 5, "run.json, trials, samples, summary, README");
}

#[test]
fn processors_that_were_not_given_are_taken_where_the_system_allows_it() {
    // As `taskset -c 0 loopmark run` on a machine whose other processors are isolated.
    let Some(Pinning { .. }) = default_pinning() else {
        eprintln!("left out: there is a single processor");
        return;
    };
    let mut given = CpuList::allowed()
        .unwrap()
        .iter()
        .map(|cpu| cpu.to_string())
        .collect::<Vec<_>>();
    let (other, own) = (given.pop().unwrap(), given.swap_remove(0));
    let checkout = Checkout::quick();
    let sweep = checkout.loopmark(&[
        "run",
        "--scenario",
        "short",
        "--table-only",
        "--table-repetitions",
        "1",
        "--no-mock-check",
        "--runner-cpus",
        &other,
        "--mock-cpus",
        &own,
    ]);
    let mut held = std::process::Command::new("taskset");
    held.args(["-c", &own])
        .arg(sweep.get_program())
        .args(sweep.get_args());
    let output = held.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let conditions = conditions(&checkout);
    assert_eq!(conditions.runner_cpus, Some(other.parse().unwrap()));
    assert_eq!(conditions.mock_cpus, Some(own.parse().unwrap()));
    let info = Recorded::load(&checkout.results()).unwrap().info;
    assert_eq!(info.machine.cpus, 2);
}
