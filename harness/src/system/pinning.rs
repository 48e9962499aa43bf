//! Pins the runner and the mock to disjoint processors, so that they do not compete for CPU time.

use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cpu_list::CpuList;

/// Runner and mock can't have the processors that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinningError {
    /// This process may not use some of them.
    #[error("processors {asked} are not available; this process may use {allowed}")]
    NotAllowed {
        /// The processors that were asked for.
        asked: CpuList,
        /// The processors that this process may use.
        allowed: CpuList,
    },
    /// Runner and mock would share one.
    #[error(
        "runner ({runner}) and mock ({mock}) must not share a processor; choose others, or pass --no-pinning"
    )]
    Shared {
        /// The runner's.
        runner: CpuList,
        /// The mock's.
        mock: CpuList,
    },
    /// One of the two would get all processors.
    #[error("{0} are all processors; leave at least one for each of runner and mock")]
    NoneLeft(CpuList),
}

/// The processors of a sweep's runners, and those of the mock and the harness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pinning {
    /// The processors of the runner and its descendants.
    pub runner_cpus: CpuList,
    /// The processors of the mock and the harness.
    pub mock_cpus: CpuList,
}

impl Pinning {
    /// Chooses the processors that were not asked for: the mock gets the last core, the runner the rest. A core means all
    /// its hardware threads, but on a machine of one core the mock gets the last thread. If there are processors of two
    /// kinds, both get fast ones, or the runner the only fast one. `None` on a single processor.
    ///
    /// # Errors
    ///
    /// If processors that were asked for are unavailable, overlap, or leave none for the other.
    pub fn choose(
        processors: &Processors<'_>,
        runner: Option<CpuList>,
        mock: Option<CpuList>,
    ) -> Result<Option<Pinning>, PinningError> {
        let allowed = processors.allowed;
        for asked in runner.iter().chain(&mock) {
            if !asked.is_within(allowed) && !(processors.can_be_had)(asked) {
                let (asked, allowed) = (asked.clone(), allowed.clone());
                return Err(PinningError::NotAllowed { asked, allowed });
            }
        }
        let rest = |taken: &CpuList| {
            let rest = allowed.without(taken);
            let rest = rest.map(|rest| processors.fast(&rest).unwrap_or(rest));
            rest.ok_or_else(|| PinningError::NoneLeft(taken.clone()))
        };
        let (runner_cpus, mock_cpus) = match (runner, mock) {
            (Some(runner), Some(mock)) => (runner, mock),
            (Some(runner), None) => {
                let mock = rest(&runner)?;
                (runner, mock)
            }
            (None, Some(mock)) => (rest(&mock)?, mock),
            (None, None) => match processors.split() {
                Some(both) => both,
                None => return Ok(None),
            },
        };
        if runner_cpus.overlaps(&mock_cpus) {
            let (runner, mock) = (runner_cpus, mock_cpus);
            return Err(PinningError::Shared { runner, mock });
        }
        Ok(Some(Pinning {
            runner_cpus,
            mock_cpus,
        }))
    }
}

/// The processors of a runner that is to have `count`; `None` if there are not so many. Without pinning, there is one if
/// the machine has no more.
pub fn runner_cpus(pinning: Option<&Pinning>, count: u32) -> Option<CpuList> {
    let Some(pinning) = pinning else {
        let allowed = CpuList::allowed()?;
        return (count == 1 && allowed.count() == 1).then_some(allowed);
    };
    let own_first = pinning.runner_cpus.iter().chain(pinning.mock_cpus.iter());
    let chosen = CpuList::of(own_first.take(count as usize))?;
    (chosen.count() == count as usize).then_some(chosen)
}

/// The harness can't be pinned.
#[derive(Debug, thiserror::Error)]
#[error("can't pin the harness to the {whose} processors; allow sched_setaffinity")]
pub struct HoldError {
    whose: &'static str,
    source: io::Error,
}

/// Pins the harness to the runner's processors while it acts as the mock's client. Returns the mock's processors.
///
/// # Errors
///
/// If the system refuses.
pub fn keep_to_the_runners_cpus(pinning: Option<&Pinning>) -> Result<Option<CpuList>, HoldError> {
    let Some(pinning) = pinning else {
        return Ok(None);
    };
    let whose = "runner's";
    let held = pinning.runner_cpus.hold_this_process();
    held.map_err(|source| HoldError { whose, source })?;
    Ok(Some(pinning.mock_cpus.clone()))
}

/// Pins the harness to the mock's processors, so that it does not compete with the runner. Its children inherit that, so
/// builds must come first.
///
/// # Errors
///
/// If the system refuses.
pub fn leave_the_runners_cpus(pinning: Option<&Pinning>) -> Result<(), HoldError> {
    let whose = "mock's";
    let held = pinning.map_or(Ok(()), |pinning| pinning.mock_cpus.hold_this_process());
    held.map_err(|source| HoldError { whose, source })
}

/// The facts from which processors are chosen.
pub struct Processors<'a> {
    /// The processors that this process may use.
    pub allowed: &'a CpuList,
    /// Those of them that are slower than the others.
    pub slower: Option<&'a CpuList>,
    /// All hardware threads of a processor's core.
    pub siblings: &'a dyn Fn(usize) -> Option<CpuList>,
    /// Whether the system lets this process use processors beyond the allowed ones.
    pub can_be_had: &'a dyn Fn(&CpuList) -> bool,
}

impl Processors<'_> {
    fn fast(&self, among: &CpuList) -> Option<CpuList> {
        match self.slower {
            Some(slower) => among.without(slower),
            None => Some(among.clone()),
        }
    }

    /// The runner's and the mock's processors.
    fn split(&self) -> Option<(CpuList, CpuList)> {
        let fast = self.fast(self.allowed)?;
        let slow = || Some((fast.clone(), self.allowed.without(&fast)?));
        let thread = fast.last();
        let siblings = thread.iter().find_map(self.siblings);
        let core = siblings.unwrap_or_else(|| thread.clone());
        let core = core.only(|cpu| fast.has(cpu))?;
        let without = |mock: CpuList| Some((fast.without(&mock)?, mock));
        without(core).or_else(slow).or_else(|| without(thread))
    }
}

/// All hardware threads of a processor's core, from the kernel's topology.
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

    fn never(_: &CpuList) -> bool {
        false
    }

    fn chosen(
        allowed: &str,
        slower: Option<&str>,
        siblings: impl Fn(usize) -> Option<CpuList>,
    ) -> Option<(String, String)> {
        let slower = slower.map(list);
        let processors = Processors {
            allowed: &list(allowed),
            slower: slower.as_ref(),
            siblings: &siblings,
            can_be_had: &never,
        };
        let pinning = Pinning::choose(&processors, None, None).unwrap()?;
        Some((
            pinning.runner_cpus.to_string(),
            pinning.mock_cpus.to_string(),
        ))
    }

    fn pair(runner: &str, mock: &str) -> Option<(String, String)> {
        Some((runner.to_owned(), mock.to_owned()))
    }

    #[test]
    fn the_mock_gets_the_last_core_and_the_runner_the_rest() {
        assert_eq!(chosen("0-1", None, alone), pair("0", "1"));
        assert_eq!(chosen("0-3", None, alone), pair("0-2", "3"));
        // Cores of two threads: 0 and 2, 1 and 3.
        let threads = |cpu: usize| Some(list(if cpu.is_multiple_of(2) { "0,2" } else { "1,3" }));
        assert_eq!(chosen("0-3", None, threads), pair("0,2", "1,3"));
        // One core of two threads.
        assert_eq!(chosen("0-1", None, |_| Some(list("0-1"))), pair("0", "1"));
        // What the control group leaves.
        assert_eq!(chosen("4,9", None, alone), pair("4", "9"));
        assert_eq!(chosen("3", None, alone), None);
    }

    #[test]
    fn what_is_asked_for_is_given_or_refused() {
        let choose = |runner: Option<&str>, mock: Option<&str>| {
            let processors = Processors {
                allowed: &list("0-3"),
                slower: None,
                siblings: &alone,
                can_be_had: &never,
            };
            Pinning::choose(&processors, runner.map(list), mock.map(list))
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
    fn runner_and_mock_are_not_given_processors_of_two_kinds() {
        // Two cores of two threads, and four small ones.
        let threads = |cpu: usize| {
            Some(list(match cpu {
                0 | 1 => "0-1",
                2 | 3 => "2-3",
                _ => return None,
            }))
        };
        assert_eq!(chosen("0-7", Some("4-7"), threads), pair("0-1", "2-3"));
        // A single fast core is the runner's.
        assert_eq!(chosen("0-1,4-7", Some("4-7"), threads), pair("0-1", "4-7"));
        assert_eq!(chosen("0,4", Some("4"), threads), pair("0", "4"));
        let processors = Processors {
            allowed: &list("0-7"),
            slower: Some(&list("4-7")),
            siblings: &threads,
            can_be_had: &never,
        };
        let choose = |runner: Option<&str>, mock: Option<&str>| {
            Pinning::choose(&processors, runner.map(list), mock.map(list))
        };
        let given = choose(None, Some("3")).unwrap().unwrap();
        assert_eq!(given.runner_cpus, list("0-2"));
        let given = choose(Some("0-3"), None).unwrap().unwrap();
        assert_eq!(given.mock_cpus, list("4-7"));
    }

    #[test]
    fn a_runner_has_as_many_processors_as_asked_its_own_first() {
        let pinning = Pinning {
            runner_cpus: list("2-3"),
            mock_cpus: list("0-1"),
        };
        let given = |count| runner_cpus(Some(&pinning), count);
        assert_eq!(given(1), Some(list("2")));
        assert_eq!(given(2), Some(list("2-3")));
        assert_eq!(given(3), Some(list("0,2-3")));
        assert_eq!(given(4), Some(list("0-3")));
        assert_eq!(given(5), None);
    }

    #[test]
    fn processors_beyond_those_given_are_taken_where_the_system_allows_it() {
        let isolated = |asked: &CpuList| *asked == list("2-3");
        let processors = Processors {
            allowed: &list("0"),
            slower: None,
            siblings: &alone,
            can_be_had: &isolated,
        };
        let choose = |runner: &str, mock: Option<&str>| {
            Pinning::choose(&processors, Some(list(runner)), mock.map(list))
        };
        let given = choose("2-3", None).unwrap().unwrap();
        assert_eq!(given.mock_cpus, list("0"));
        assert!(choose("2-3", Some("0")).unwrap().is_some());
        assert!(matches!(
            choose("4", Some("0")),
            Err(PinningError::NotAllowed { .. })
        ));
    }
}
