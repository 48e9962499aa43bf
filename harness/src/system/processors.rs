//! Machines with fast and slow cores, such as phones and newer notebooks.

use super::cpu_list::CpuList;
use super::pinning::{Pinning, PinningError, Processors, siblings};

/// A processor is of a slower kind below this share of the fastest one's capacity or clock. Cores of the same kind
/// differ too: a processor's favoured turbo cores by up to 10 %.
const SAME_KIND: f64 = 0.8;

/// The kernel's figures for one processor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Speed {
    cpu: usize,
    /// `cpu_capacity`, which is 1,024 for the fastest; ARM has it, and x86 on newer kernels.
    capacity: Option<u64>,
    /// `cpufreq/cpuinfo_max_freq`, in kHz.
    most_khz: Option<u64>,
}

/// Those of the `allowed` processors that are of a slower kind than the others; `None` if all are of one kind, or the
/// system does not report it.
pub fn slower_processors(allowed: &CpuList) -> Option<CpuList> {
    let read = |path: String| std::fs::read_to_string(path).ok();
    let devices = "/sys/devices";
    // Intel's hybrid processors have a device per kind of core.
    let slow_devices = ["cpu_atom", "cpu_lowpower"];
    let slow = slow_devices.map(|name| read(format!("{devices}/{name}/cpus")));
    let slow: Vec<&str> = slow.iter().flatten().map(String::as_str).collect();
    let number = |path: String| read(path)?.trim().parse().ok();
    let speeds = allowed.iter().map(|cpu| {
        let folder = format!("{devices}/system/cpu/cpu{cpu}");
        Speed {
            cpu,
            capacity: number(format!("{folder}/cpu_capacity")),
            most_khz: number(format!("{folder}/cpufreq/cpuinfo_max_freq")),
        }
    });
    slower_of(allowed, &slow, &speeds.collect::<Vec<_>>())
}

/// Chooses processors for runner and mock on this machine from the `allowed` ones.
///
/// # Errors
///
/// As [`Pinning::choose`].
pub fn choose_processors(
    allowed: &CpuList,
    runner: Option<CpuList>,
    mock: Option<CpuList>,
) -> Result<Option<Pinning>, PinningError> {
    let slower = slower_processors(allowed);
    let processors = Processors {
        allowed,
        slower: slower.as_ref(),
        siblings: &siblings,
        can_be_had: &CpuList::can_be_had,
    };
    Pinning::choose(&processors, runner, mock)
}

/// The slow processors by the lists of slow devices (`16-23`), else by capacity or clock.
fn slower_of(allowed: &CpuList, slow: &[&str], speeds: &[Speed]) -> Option<CpuList> {
    let lists: Vec<CpuList> = slow
        .iter()
        .filter_map(|list| list.trim().parse().ok())
        .collect();
    let named = allowed.only(|cpu| lists.iter().any(|list| list.has(cpu)));
    let slower = named
        .or_else(|| below_the_fastest(allowed, speeds, |speed| speed.capacity))
        .or_else(|| below_the_fastest(allowed, speeds, |speed| speed.most_khz))?;
    // If only slow ones are allowed, they are all of one kind.
    (slower != *allowed).then_some(slower)
}

fn below_the_fastest(
    allowed: &CpuList,
    speeds: &[Speed],
    value: impl Fn(&Speed) -> Option<u64>,
) -> Option<CpuList> {
    let most = speeds.iter().filter_map(&value).max()? as f64;
    let is_slower =
        |speed: &Speed| value(speed).is_some_and(|value| (value as f64) < most * SAME_KIND);
    let slower: Vec<usize> = speeds
        .iter()
        .filter(|speed| is_slower(speed))
        .map(|speed| speed.cpu)
        .collect();
    allowed.only(|cpu| slower.contains(&cpu))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> CpuList {
        text.parse().unwrap()
    }

    fn speeds(values: &[(Option<u64>, Option<u64>)]) -> Vec<Speed> {
        let values = values.iter().enumerate();
        let speed = |(cpu, (capacity, most_khz)): (usize, &(Option<u64>, Option<u64>))| Speed {
            cpu,
            capacity: *capacity,
            most_khz: *most_khz,
        };
        values.map(speed).collect()
    }

    #[test]
    fn intels_small_cores_are_named_by_a_device_of_their_own() {
        // A Core i7-13700: eight cores of two threads, eight small ones.
        let slower = slower_of(&list("0-23"), &["16-23\n"], &[]);
        assert_eq!(slower, Some(list("16-23")));
        // What is allowed is of one kind.
        assert_eq!(slower_of(&list("0-7"), &["16-23\n"], &[]), None);
        assert_eq!(slower_of(&list("16-19"), &["16-23\n"], &[]), None);
        // A Core Ultra has two slow kinds.
        let slower = slower_of(&list("0-15"), &["4-13\n", "14-15\n"], &[]);
        assert_eq!(slower, Some(list("4-15")));
    }

    #[test]
    fn arms_small_cores_are_known_by_their_capacity() {
        // An RK3588: four Cortex-A55, four Cortex-A76.
        let capacities = [414, 414, 414, 414, 1024, 1024, 1024, 1024];
        let capacities: Vec<_> = capacities
            .iter()
            .map(|value| (Some(*value), None))
            .collect();
        assert_eq!(
            slower_of(&list("0-7"), &[], &speeds(&capacities)),
            Some(list("0-3"))
        );
    }

    #[test]
    fn clocks_tell_kinds_apart_where_nothing_else_does_and_turbo_is_no_kind() {
        let khz = |values: &[u64]| {
            let values: Vec<_> = values.iter().map(|value| (None, Some(*value))).collect();
            speeds(&values)
        };
        let mixed = khz(&[1_800_000, 1_800_000, 2_400_000, 2_400_000]);
        assert_eq!(slower_of(&list("0-3"), &[], &mixed), Some(list("0-1")));
        let favoured = khz(&[5_000_000, 5_400_000, 5_000_000, 5_000_000]);
        assert_eq!(slower_of(&list("0-3"), &[], &favoured), None);
        assert_eq!(slower_of(&list("0-3"), &[], &khz(&[])), None);
        let alike = [(Some(1024), None); 2];
        assert_eq!(slower_of(&list("0-1"), &[], &speeds(&alike)), None);
    }
}
