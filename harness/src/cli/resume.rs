//! `loopmark run --resume`: the trials that a sweep did not come to.

use std::collections::BTreeSet;
use std::path::Path;

use loopmark_protocol::Answers;

use super::build::build_all;
use super::debug_build;
use super::drive::{Drive, leave_the_runners_cpus};
use super::exit::{Exit, UsageError};
use super::measure::{interruption, measure, require_baseline, runtime};
use super::selection::Private;
use crate::framework::Framework;
use crate::layout::Layout;
use crate::measurement::Network;
use crate::results::{ResultsFolder, RunInfo, read_info, read_trials, require_planned};
use crate::system::{Machine, Pinning, require_open_files};
use crate::trial::Bench;

/// Does what `folder` lacks, if everything is as it was.
pub(super) fn resume(
    drive: &Drive,
    private: &Private,
    layout: Layout,
    folder: &Path,
    baseline: Option<&str>,
) -> anyhow::Result<Exit> {
    let (mut info, trials) = (read_info(folder)?, read_trials(folder)?);
    require_planned(folder, &trials, &info.plan)?;
    // It is again when nothing is missing any more.
    info.complete = false;
    let bench = drive
        .of(&info.scenario.name)
        .bench(layout, None, Answers::Digest)?;
    let changed = |what: &str| {
        let folder = folder.display();
        Err(UsageError(format!(
            "{folder} can't be resumed: {what}; start a new sweep"
        ))
        .into())
    };
    if info.scenario.sha256.as_ref() != Some(&bench.scenario.sha256) {
        return changed(&format!(
            "the scenario `{}` is not what it was",
            info.scenario.name
        ));
    }
    if let Some(difference) =
        machine_difference(&info.machine, &Machine::with(bench.pinning.as_ref()))
    {
        return changed(&format!("it is another machine ({difference})"));
    }
    if let Some(difference) = debug_build::difference(info.debug_build) {
        return changed(&difference);
    }
    if let Some(difference) = place_difference(&info, &bench) {
        return changed(&difference);
    }
    let names: BTreeSet<&str> = info
        .rows
        .iter()
        .map(|row| row.key.framework.as_str())
        .collect();
    require_baseline(baseline, names.iter().copied())?;
    let mut frameworks = Framework::load_all(&bench.layout)?;
    frameworks.extend(private.frameworks(&frameworks, &bench.layout)?);
    frameworks.retain(|framework| names.contains(framework.name.as_str()));
    let is_here = |name: &&&str| frameworks.iter().any(|framework| framework.name == **name);
    if let Some(name) = names.iter().find(|name| !is_here(name)) {
        let private = "a private one is named by --runner again";
        return changed(&format!("there is no row `{name}` ({private})"));
    }
    let built = build_all(frameworks, &bench.layout);
    for row in info.rows.iter().filter(|row| row.skipped.is_none()) {
        let same = built.iter().any(|(framework, result)| {
            framework.name == row.key.framework
                && result.as_ref().ok() == row.sources_sha256.as_ref()
                && framework
                    .variant(&row.key.variant)
                    .is_some_and(|variant| variant.api == row.api)
        });
        if !same {
            let what = "its manifest, sources, lock file or toolchain";
            return changed(&format!("{} changed: {what}", row.key.framework));
        }
    }
    let highest = info
        .plan
        .trials
        .iter()
        .map(|planned| planned.cell.level)
        .max();
    require_open_files(highest.unwrap_or_default())?;

    let done: BTreeSet<u32> = trials.iter().map(|trial| trial.planned.trial).collect();
    tell!(
        "{} of {} trials are there",
        done.len(),
        info.plan.trials.len()
    );
    let frameworks: Vec<Framework> = built.into_iter().map(|(framework, _)| framework).collect();
    runtime()?.block_on(go_on(&bench, &frameworks, folder, info, &done, baseline))
}

async fn go_on(
    bench: &Bench,
    frameworks: &[Framework],
    folder: &Path,
    info: RunInfo,
    done: &BTreeSet<u32>,
    baseline: Option<&str>,
) -> anyhow::Result<Exit> {
    let mut interrupted = interruption()?;
    leave_the_runners_cpus(bench)?;
    let folder = ResultsFolder::reopen(folder)?;
    folder.write_info(&info)?;
    measure(
        bench,
        frameworks,
        folder,
        info,
        done,
        baseline,
        &mut interrupted,
    )
    .await
}

/// What tells the processors and the network of a sweep from those of now, and the options that would make them alike.
fn place_difference(info: &RunInfo, bench: &Bench) -> Option<String> {
    let options = |pinning: &Option<Pinning>| match pinning {
        None => "--no-pinning".to_owned(),
        Some(Pinning {
            runner_cpus,
            mock_cpus,
        }) => {
            format!("--runner-cpus {runner_cpus} --mock-cpus {mock_cpus}")
        }
    };
    // Records from before it was kept shared the machine's network.
    let network = info.network.unwrap_or(Network::Shared);
    let [was, is] = [(&info.pinning, network), (&bench.pinning, bench.network)]
        .map(|(pinning, network)| format!("{} --network {network}", options(pinning)));
    (was != is).then(|| format!("it ran with {was}, now it would with {is}"))
}

/// What tells two machines apart, if anything does.
fn machine_difference(then: &Machine, now: &Machine) -> Option<String> {
    let Machine {
        cpu,
        cpus,
        memory_bytes,
        os,
        kernel,
        arch,
        frequency_governor,
        cpu_quota,
        slower_cpus,
    } = then;
    let parts = [
        ("processor", cpu.clone(), now.cpu.clone()),
        ("processors", cpus.to_string(), now.cpus.to_string()),
        (
            "memory",
            memory_bytes.to_string(),
            now.memory_bytes.to_string(),
        ),
        ("system", os.clone(), now.os.clone()),
        ("kernel", kernel.clone(), now.kernel.clone()),
        ("architecture", arch.clone(), now.arch.clone()),
        (
            "governor",
            format!("{frequency_governor:?}"),
            format!("{:?}", now.frequency_governor),
        ),
        // Records from before these were kept have neither, as most machines.
        (
            "quota of CPU time",
            format!("{cpu_quota:?}"),
            format!("{:?}", now.cpu_quota),
        ),
        (
            "slower processors",
            format!("{slower_cpus:?}"),
            format!("{:?}", now.slower_cpus),
        ),
    ];
    let (what, was, is) = parts.into_iter().find(|(_, was, is)| was != is)?;
    Some(format!("{what}: was {was}, is {is}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_kernel_is_another_machine() {
        let here = Machine::here();
        assert_eq!(machine_difference(&here, &here), None);
        let there = Machine {
            kernel: "0.1".to_owned(),
            ..here.clone()
        };
        let difference = machine_difference(&there, &here).unwrap();
        assert!(
            difference.starts_with("kernel: was 0.1, is "),
            "{difference}"
        );
    }
}
