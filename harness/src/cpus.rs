//! Who runs on which processors: the runner and the mock on disjoint ones, so that neither takes the other's time.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::str::FromStr;

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::{Deserialize, Serialize};

/// A set of processors that is not empty, written as Linux lists them: `0-2,5`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CpuList(BTreeSet<usize>);

/// A text that is no list of processors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no list of processors; they are written like 0-2,5")]
pub struct NoCpuList(String);

/// Processors that can't be given to runner and mock as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinningError {
    /// Some are not this process's.
    #[error("processors {asked} are not all among {allowed}, which this process may use")]
    NotAllowed {
        /// What was asked for.
        asked: CpuList,
        /// What there is.
        allowed: CpuList,
    },
    /// Runner and mock would share one.
    #[error(
        "runner ({runner}) and mock ({mock}) must not share a processor; --no-pinning gives both all"
    )]
    Shared {
        /// The runner's.
        runner: CpuList,
        /// The mock's.
        mock: CpuList,
    },
    /// Nothing is left for the other one.
    #[error("{0} are all processors that there are: none is left for the other of runner and mock")]
    NoneLeft(CpuList),
}

impl CpuList {
    /// The processors that this process may use: what the system has, less what its affinity and control group leave
    /// out. `None` where the system does not tell.
    pub fn allowed() -> Option<CpuList> {
        let set = sched_getaffinity(None).ok()?;
        CpuList::of((0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)))
    }

    /// The processors that a process's main thread is held to, by `/proc/PID/status`; `None` if it has ended.
    pub fn of_process(pid: u32) -> Option<CpuList> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
        line.trim().parse().ok()
    }

    fn of(cpus: impl IntoIterator<Item = usize>) -> Option<CpuList> {
        let cpus: BTreeSet<usize> = cpus.into_iter().collect();
        (!cpus.is_empty()).then_some(CpuList(cpus))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// One of them alone.
    pub fn first(&self) -> CpuList {
        CpuList(self.0.iter().take(1).copied().collect())
    }

    /// Those that are not among `other`; `None` if that is all of them.
    pub fn without(&self, other: &CpuList) -> Option<CpuList> {
        CpuList::of(self.0.difference(&other.0).copied())
    }

    /// As the kernel takes it.
    pub(crate) fn to_set(&self) -> CpuSet {
        let mut set = CpuSet::new();
        self.0.iter().for_each(|cpu| set.set(*cpu));
        set
    }

    /// Holds every thread of this process to these processors; children inherit it.
    ///
    /// # Errors
    ///
    /// When the system refuses, most often because none of them is there.
    pub fn hold_this_process(&self) -> io::Result<()> {
        let set = self.to_set();
        for task in std::fs::read_dir("/proc/self/task")? {
            let name = task?.file_name();
            let id = name.to_str().and_then(|name| name.parse().ok());
            match sched_setaffinity(id.and_then(Pid::from_raw), &set) {
                // A thread that has just ended, such as one that built a row, may still be listed.
                Err(rustix::io::Errno::SRCH) => {}
                held => held?,
            }
        }
        Ok(())
    }
}

impl FromStr for CpuList {
    type Err = NoCpuList;

    fn from_str(text: &str) -> Result<CpuList, NoCpuList> {
        let wrong = || NoCpuList(text.to_owned());
        let number = |part: &str| {
            let number = part.trim().parse::<usize>().ok();
            number
                .filter(|cpu| *cpu < CpuSet::MAX_CPU)
                .ok_or_else(wrong)
        };
        let mut cpus = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(wrong());
            }
            cpus.extend(first..=last);
        }
        CpuList::of(cpus).ok_or_else(wrong)
    }
}

impl TryFrom<String> for CpuList {
    type Error = NoCpuList;

    fn try_from(text: String) -> Result<CpuList, NoCpuList> {
        text.parse()
    }
}

impl From<CpuList> for String {
    fn from(list: CpuList) -> String {
        list.to_string()
    }
}

impl fmt::Display for CpuList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<(usize, usize)> = Vec::new();
        for cpu in &self.0 {
            match parts.last_mut() {
                Some((_, last)) if *last + 1 == *cpu => *last = *cpu,
                _ => parts.push((*cpu, *cpu)),
            }
        }
        let parts = parts.iter().map(|(first, last)| match last - first {
            0 => first.to_string(),
            _ => format!("{first}-{last}"),
        });
        f.pad(&parts.collect::<Vec<_>>().join(","))
    }
}

/// The processors of a sweep's runners, and those of mock and harness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinning {
    /// The runner's, and all that descends from it.
    pub runner_cpus: CpuList,
    /// The mock's and the harness's.
    pub mock_cpus: CpuList,
}

impl Pinning {
    /// Chooses among the `allowed` processors what was not asked for: the mock gets the last core, the runner the rest.
    /// A core is all of its hardware threads (`siblings` tells those of one), but on a machine of one core the mock gets
    /// its last thread. `None` on a single processor.
    ///
    /// # Errors
    ///
    /// When what was asked for is not there, overlaps, or leaves nothing.
    pub fn choose(
        allowed: &CpuList,
        runner: Option<CpuList>,
        mock: Option<CpuList>,
        siblings: impl Fn(usize) -> Option<CpuList>,
    ) -> Result<Option<Pinning>, PinningError> {
        for asked in runner.iter().chain(&mock) {
            if !asked.0.is_subset(&allowed.0) {
                let (asked, allowed) = (asked.clone(), allowed.clone());
                return Err(PinningError::NotAllowed { asked, allowed });
            }
        }
        let rest = |taken: &CpuList| {
            allowed
                .without(taken)
                .ok_or_else(|| PinningError::NoneLeft(taken.clone()))
        };
        let (runner_cpus, mock_cpus) = match (runner, mock) {
            (Some(runner), Some(mock)) => (runner, mock),
            (Some(runner), None) => {
                let mock = rest(&runner)?;
                (runner, mock)
            }
            (None, Some(mock)) => (rest(&mock)?, mock),
            (None, None) => match split(allowed, siblings) {
                Some(both) => both,
                None => return Ok(None),
            },
        };
        if !runner_cpus.0.is_disjoint(&mock_cpus.0) {
            let (runner, mock) = (runner_cpus, mock_cpus);
            return Err(PinningError::Shared { runner, mock });
        }
        Ok(Some(Pinning {
            runner_cpus,
            mock_cpus,
        }))
    }
}

fn split(
    allowed: &CpuList,
    siblings: impl Fn(usize) -> Option<CpuList>,
) -> Option<(CpuList, CpuList)> {
    let last = *allowed.0.last()?;
    let core = siblings(last).unwrap_or_else(|| CpuList([last].into()));
    let core = CpuList::of(core.0.intersection(&allowed.0).copied())?;
    let thread = CpuList([last].into());
    [core, thread]
        .into_iter()
        .find_map(|mock| Some((allowed.without(&mock)?, mock)))
}

/// The hardware threads of a processor's core, by the kernel's topology.
pub fn siblings(cpu: usize) -> Option<CpuList> {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> CpuList {
        text.parse().unwrap()
    }

    fn alone(_: usize) -> Option<CpuList> {
        None
    }

    fn chosen(
        allowed: &str,
        siblings: impl Fn(usize) -> Option<CpuList>,
    ) -> Option<(String, String)> {
        let pinning = Pinning::choose(&list(allowed), None, None, siblings).unwrap()?;
        Some((
            pinning.runner_cpus.to_string(),
            pinning.mock_cpus.to_string(),
        ))
    }

    #[test]
    fn a_list_reads_and_writes_as_linux_does() {
        for text in ["0", "0-2,5", "1,3,5-7", "1023"] {
            assert_eq!(list(text).to_string(), text);
        }
        assert_eq!(list("5,0-1,2").to_string(), "0-2,5");
        for wrong in ["", "a", "2-1", "0,,1", "-1", "0-", "1024"] {
            assert!(wrong.parse::<CpuList>().is_err(), "{wrong}");
        }
        assert_eq!(serde_json::to_string(&list("0-3")).unwrap(), "\"0-3\"");
        assert!(serde_json::from_str::<CpuList>("\"x\"").is_err());
    }

    #[test]
    fn the_mock_gets_the_last_core_and_the_runner_the_rest() {
        let pair = |runner: &str, mock: &str| Some((runner.to_owned(), mock.to_owned()));
        assert_eq!(chosen("0-1", alone), pair("0", "1"));
        assert_eq!(chosen("0-3", alone), pair("0-2", "3"));
        // Cores of two threads: 0 and 2, 1 and 3.
        let threads = |cpu: usize| Some(list(if cpu.is_multiple_of(2) { "0,2" } else { "1,3" }));
        assert_eq!(chosen("0-3", threads), pair("0,2", "1,3"));
        // One core of two threads.
        assert_eq!(chosen("0-1", |_| Some(list("0-1"))), pair("0", "1"));
        // What the control group leaves.
        assert_eq!(chosen("4,9", alone), pair("4", "9"));
        assert_eq!(chosen("3", alone), None);
    }

    #[test]
    fn what_is_asked_for_is_given_or_refused() {
        let choose = |runner: Option<&str>, mock: Option<&str>| {
            Pinning::choose(&list("0-3"), runner.map(list), mock.map(list), alone)
        };
        let given = choose(Some("1"), None).unwrap().unwrap();
        assert_eq!(given.mock_cpus, list("0,2-3"));
        let given = choose(None, Some("0")).unwrap().unwrap();
        assert_eq!(given.runner_cpus, list("1-3"));
        assert!(choose(Some("0"), Some("1")).unwrap().is_some());
        assert!(matches!(
            choose(Some("0-1"), Some("1")),
            Err(PinningError::Shared { .. })
        ));
        assert!(matches!(
            choose(Some("7"), None),
            Err(PinningError::NotAllowed { .. })
        ));
        assert!(matches!(
            choose(None, Some("0-3")),
            Err(PinningError::NoneLeft(_))
        ));
    }

    #[test]
    fn what_this_process_may_use_is_what_the_kernel_says_of_it() {
        assert_eq!(CpuList::allowed(), CpuList::of_process(std::process::id()));
    }
}
