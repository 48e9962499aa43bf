//! The machine that a sweep ran on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::cgroup::cpu_quota;
use super::cpu_list::CpuList;
use super::pinning::Pinning;
use super::processors::slower_processors;
use super::traits::Traits;
use crate::digest::Digest;

/// How many digits name a machine.
const ID_DIGITS: usize = 12;

/// The machine, as recorded in `run.json`: without names of people or machines, and without addresses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// The number of processors that this process may use.
    pub cpus: usize,
    /// Total memory.
    pub memory_bytes: u64,
    /// The operating system and its version.
    pub os: String,
    /// The kernel's version.
    pub kernel: String,
    /// The processor's architecture.
    pub arch: String,
    /// The frequency governor; `None` if the system does not report it.
    pub frequency_governor: Option<String>,
    /// How many processors' CPU time the control groups allow; `None` without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_quota: Option<f64>,
    /// Processors of a slower kind than the others; `None` if all are of one kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slower_cpus: Option<CpuList>,
    /// What else sets it apart; `None` in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traits: Option<Traits>,
}

impl Machine {
    /// Describes this machine.
    pub fn here() -> Machine {
        let kind = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(kind).ok();
        let allowed = CpuList::allowed();
        let governor = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
        Machine {
            cpu: system
                .as_ref()
                .and_then(|system| system.cpus().first())
                .map(|cpu| cpu.brand().trim().to_owned())
                .unwrap_or_default(),
            // `available_parallelism` also counts quotas, which limit CPU time but not the number of processors.
            cpus: match &allowed {
                Some(allowed) => allowed.count(),
                None => std::thread::available_parallelism().map_or(1, usize::from),
            },
            memory_bytes: system.as_ref().map_or(0, System::total_memory),
            os: System::long_os_version().unwrap_or_default(),
            kernel: System::kernel_version().unwrap_or_default(),
            arch: System::cpu_arch(),
            frequency_governor: std::fs::read_to_string(governor)
                .ok()
                .map(|text| text.trim().to_owned()),
            cpu_quota: cpu_quota(),
            slower_cpus: allowed.as_ref().and_then(slower_processors),
            traits: Some(Traits::here()),
        }
    }

    /// This machine, counting the processors of `pinning`, which may lie beyond this process's own affinity.
    pub fn with(pinning: Option<&Pinning>) -> Machine {
        let here = Machine::here();
        let pinned = pinning.map_or(0, |pinning| {
            pinning.runner_cpus.count() + pinning.mock_cpus.count()
        });
        Machine {
            cpus: here.cpus.max(pinned),
            ..here
        }
    }

    /// A name that follows from all that is known of it, so that machines of one kind have one name: the first digits of a
    /// SHA-256.
    pub fn id(&self) -> String {
        let mut digest = Digest::default();
        // All of it can be written as JSON: no key is anything but text.
        digest.text(&serde_json::to_string(self).unwrap_or_default());
        digest.finish().chars().take(ID_DIGITS).collect()
    }

    /// Whether the quota allows less CPU time than the processors have.
    pub fn is_limited(&self) -> bool {
        self.cpu_quota.is_some_and(|quota| quota < self.cpus as f64)
    }
}
