//! Lists of processors in Linux's format, and pinning threads to them.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::str::FromStr;

use procfs::process::Process;
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A non-empty set of processors, written as Linux does: `0-2,5`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct CpuList(BTreeSet<usize>);

/// A text that is not a list of processors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a list of processors; write one like 0-2,5")]
pub struct NoCpuList(String);

impl CpuList {
    /// The processors that this process may use, by its affinity and control group. `None` if the system does not report
    /// them.
    pub fn allowed() -> Option<CpuList> {
        let set = sched_getaffinity(None).ok()?;
        CpuList::of((0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)))
    }

    /// The processors that a process's main thread is pinned to, by `/proc/PID/status`; `None` if it has ended.
    pub fn of_process(pid: u32) -> Option<CpuList> {
        let process = Process::new(i32::try_from(pid).ok()?).ok()?;
        let ranges = process.status().ok()?.cpus_allowed_list?.into_iter();
        CpuList::of(ranges.flat_map(|(first, last)| first as usize..=last as usize))
    }

    pub(super) fn of(cpus: impl IntoIterator<Item = usize>) -> Option<CpuList> {
        let cpus: BTreeSet<usize> = cpus.into_iter().collect();
        (!cpus.is_empty()).then_some(CpuList(cpus))
    }

    /// The number of processors, at least 1.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// In ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().copied()
    }

    /// Whether `cpu` is among them.
    pub fn has(&self, cpu: usize) -> bool {
        self.0.contains(&cpu)
    }

    /// Those for which `is_meant` is true; `None` if there are none.
    pub fn only(&self, is_meant: impl Fn(usize) -> bool) -> Option<CpuList> {
        CpuList::of(self.iter().filter(|cpu| is_meant(*cpu)))
    }

    /// Whether the system lets this process run on exactly these, even beyond its current affinity: an inherited affinity
    /// can be widened, a cpuset can't. Tries it on a temporary thread.
    pub fn can_be_had(&self) -> bool {
        let set = self.to_set();
        let attempt = std::thread::spawn(move || {
            sched_setaffinity(None, &set)?;
            sched_getaffinity(None).map(|held| held == set)
        });
        matches!(attempt.join(), Ok(Ok(true)))
    }

    /// A list of only the first.
    pub fn first(&self) -> CpuList {
        CpuList(self.0.iter().take(1).copied().collect())
    }

    /// A list of only the last.
    pub fn last(&self) -> CpuList {
        CpuList(self.0.iter().next_back().copied().into_iter().collect())
    }

    /// Whether all of them are among `other`.
    pub fn is_within(&self, other: &CpuList) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether any of them is among `other`.
    pub fn overlaps(&self, other: &CpuList) -> bool {
        !self.0.is_disjoint(&other.0)
    }

    /// Those that are not among `other`; `None` if there are none.
    pub fn without(&self, other: &CpuList) -> Option<CpuList> {
        CpuList::of(self.0.difference(&other.0).copied())
    }

    /// The set as the kernel's affinity calls take it.
    pub(crate) fn to_set(&self) -> CpuSet {
        let mut set = CpuSet::new();
        self.0.iter().for_each(|cpu| set.set(*cpu));
        set
    }

    /// Pins every thread of this process to these processors; children inherit that.
    ///
    /// # Errors
    ///
    /// If the system refuses, usually because none of the processors exists.
    pub fn hold_this_process(&self) -> io::Result<()> {
        let set = self.to_set();
        for task in std::fs::read_dir("/proc/self/task")? {
            let name = task?.file_name();
            let id = name.to_str().and_then(|name| name.parse().ok());
            match sched_setaffinity(id.and_then(Pid::from_raw), &set) {
                // A thread that has just ended may still be listed; it needs no pinning.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> CpuList {
        text.parse().unwrap()
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
    fn what_this_process_may_use_is_what_the_kernel_says_of_it() {
        assert_eq!(CpuList::allowed(), CpuList::of_process(std::process::id()));
    }
}
