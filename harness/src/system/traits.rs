//! What makes machines of one processor differ all the same: limits of the container, memory pages, threads of a core, the
//! C library, virtualization.

use std::process::Command;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cgroup::memory_limit;
use super::cpu_list::CpuList;

/// Traits of a machine beside its parts, none of which names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Traits {
    /// The processors that this process may use; `None` if the system does not report them.
    pub allowed_cpus: Option<CpuList>,
    /// The most memory that the control groups allow; `None` without a limit.
    pub memory_limit_bytes: Option<u64>,
    /// When the kernel uses huge pages: `always`, `madvise` or `never`; `None` if it does not report it.
    pub huge_pages: Option<String>,
    /// The size of a memory page.
    pub page_bytes: u64,
    /// Whether a core has several threads that are in use; `None` if the system does not report it.
    pub smt: Option<bool>,
    /// The system's C library and its version; `None` if it does not say so.
    pub libc: Option<String>,
    /// Whether the machine is a virtual one; `None` where processors don't tell.
    pub is_virtual: Option<bool>,
}

impl Traits {
    /// Those of this machine.
    pub fn here() -> Traits {
        let read = |path: &str| std::fs::read_to_string(path).ok();
        Traits {
            allowed_cpus: CpuList::allowed(),
            memory_limit_bytes: memory_limit(),
            huge_pages: read("/sys/kernel/mm/transparent_hugepage/enabled")
                .and_then(|text| chosen(&text)),
            page_bytes: procfs::page_size(),
            smt: read("/sys/devices/system/cpu/smt/active").map(|text| text.trim() == "1"),
            libc: libc(),
            is_virtual: read("/proc/cpuinfo").and_then(|text| is_virtual(&text)),
        }
    }
}

/// The word in brackets, as in `always [madvise] never`.
fn chosen(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    let (word, _) = rest.split_once(']')?;
    Some(word.to_owned())
}

/// Whether the flags of an x86 processor say that a hypervisor runs it; others have no such flag.
fn is_virtual(cpuinfo: &str) -> Option<bool> {
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"))?;
    Some(flags.split_whitespace().any(|flag| flag == "hypervisor"))
}

fn libc() -> Option<String> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = said.ok().filter(|said| said.status.success())?;
    let name = String::from_utf8(said.stdout).ok()?.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        assert_eq!(
            chosen("always [madvise] never\n").as_deref(),
            Some("madvise")
        );
        assert_eq!(chosen("always\n"), None);
        let virtual_one = "processor\t: 0\nflags\t\t: fpu hypervisor sse\n";
        assert_eq!(is_virtual(virtual_one), Some(true));
        assert_eq!(is_virtual("flags\t\t: fpu sse\n"), Some(false));
        assert_eq!(is_virtual("Features\t: fp asimd\n"), None);
    }

    #[test]
    fn this_machine_has_the_same_traits_when_it_is_asked_twice() {
        let here = Traits::here();
        assert_eq!(here, Traits::here());
        assert!(here.page_bytes >= 4096 && here.page_bytes.is_power_of_two());
    }
}
