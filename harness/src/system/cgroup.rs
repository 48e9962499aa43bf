//! Control groups: how much CPU time this process's groups allow, and how often they throttled it.
//!
//! A quota applies to a group and all groups below it, so every group from this process's own up to the visible root
//! counts: the tightest quota is the effective one, and any of them may throttle the process.

use std::path::{Path, PathBuf};

use procfs::ProcessCGroups;
use procfs::process::{MountInfo, MountInfos, Process};

/// How often, and for how long, processes were stopped because their quota was used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Throttling {
    /// Quota periods in which that happened.
    pub periods: u64,
    /// How long, summed over all processors.
    pub time_us: u64,
}

impl Throttling {
    /// The increase since `before`.
    pub fn since(self, before: Throttling) -> Throttling {
        Throttling {
            periods: self.periods.saturating_sub(before.periods),
            time_us: self.time_us.saturating_sub(before.time_us),
        }
    }
}

/// The folders of this process's groups that govern CPU time, its own first; empty if the system does not report them.
fn folders() -> Vec<PathBuf> {
    let Ok(own) = Process::myself() else {
        return Vec::new();
    };
    match (own.cgroups(), own.mountinfo()) {
        (Ok(groups), Ok(mounts)) => folders_from(groups, &mounts),
        _ => Vec::new(),
    }
}

/// How many processors' CPU time this process and its children may use together; `None` without a limit.
pub fn cpu_quota() -> Option<f64> {
    let quotas = folders().into_iter().filter_map(|folder| {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        match read("cpu.max") {
            Some(text) => unified_quota(&text),
            None => first_quota(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?),
        }
    });
    quotas.reduce(f64::min)
}

/// The most memory that this process and its children may use together; `None` without a limit.
pub fn memory_limit() -> Option<u64> {
    let limits = folders().into_iter().filter_map(|folder| {
        let text = std::fs::read_to_string(folder.join("memory.max")).ok()?;
        text.trim().parse::<u64>().ok()
    });
    limits.min()
}

/// How often this process's groups were throttled so far; `None` if none of them counts it.
pub fn throttling() -> Option<Throttling> {
    let stats = folders().into_iter().filter_map(|folder| {
        let text = std::fs::read_to_string(folder.join("cpu.stat")).ok()?;
        throttling_from(&text)
    });
    stats.reduce(|sum, one| Throttling {
        periods: sum.periods + one.periods,
        time_us: sum.time_us + one.time_us,
    })
}

fn folders_from(groups: ProcessCGroups, mounts: &MountInfos) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for group in groups {
        // In cgroup v2, no controllers are listed here; in v1, only the group of `cpu` has quotas.
        let is_unified = group.controllers.is_empty();
        if !is_unified && !group.controllers.iter().any(|name| name == "cpu") {
            continue;
        }
        let Some(mount) = mount_of(mounts, is_unified) else {
            continue;
        };
        // A container may see its own group as the root of the tree.
        let below = Path::new(&group.pathname).strip_prefix(&mount.root);
        let below = below.unwrap_or(Path::new(""));
        // By components, since joining an empty path would append a slash.
        let own: PathBuf = mount.mount_point.join(below).components().collect();
        let up = own.ancestors();
        let up = up.take_while(|folder| folder.starts_with(&mount.mount_point));
        folders.extend(up.map(Path::to_owned));
    }
    folders
}

/// The mount of cgroup v2, or of the cgroup v1 hierarchy that has `cpu`.
fn mount_of(mounts: &MountInfos, is_unified: bool) -> Option<&MountInfo> {
    mounts.into_iter().find(|mount| match is_unified {
        true => mount.fs_type == "cgroup2",
        false => mount.fs_type == "cgroup" && mount.super_options.contains_key("cpu"),
    })
}

/// Parses `cpu.max` of cgroup v2: `150000 100000`, or `max 100000`.
fn unified_quota(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    share(quota.parse().ok()?, period.parse().ok()?)
}

/// Parses `cpu.cfs_quota_us` (-1 for none) and `cpu.cfs_period_us` of cgroup v1.
fn first_quota(quota: &str, period: &str) -> Option<f64> {
    share(quota.trim().parse().ok()?, period.trim().parse().ok()?)
}

fn share(quota_us: i64, period_us: i64) -> Option<f64> {
    (quota_us > 0 && period_us > 0).then(|| quota_us as f64 / period_us as f64)
}

/// Parses `cpu.stat`, which has `throttled_usec` in cgroup v2 and `throttled_time` in ns in cgroup v1.
fn throttling_from(stat: &str) -> Option<Throttling> {
    let value = |name: &str| {
        let mut values = stat.lines().filter_map(|line| line.split_once(' '));
        values
            .find(|(key, _)| *key == name)?
            .1
            .trim()
            .parse::<u64>()
            .ok()
    };
    let time_us = value("throttled_usec").or_else(|| Some(value("throttled_time")? / 1000));
    Some(Throttling {
        periods: value("nr_throttled")?,
        time_us: time_us?,
    })
}

#[cfg(test)]
mod tests {
    use procfs::prelude::*;

    use super::*;

    /// A systemd machine with the second version alone.
    const UNIFIED: &str = "\
29 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
30 22 0:27 / /sys/fs/pstore rw,nosuid,nodev,noexec,relatime shared:5 - pstore pstore rw
";
    /// Docker on the first version, without a namespace for groups: the mount shows the container's group alone.
    const CONTAINER: &str = "\
1204 1203 0:27 /docker/4f2a /sys/fs/cgroup/systemd ro,nosuid,nodev,noexec,relatime master:11 - cgroup cgroup rw,xattr,name=systemd
1209 1203 0:32 /docker/4f2a /sys/fs/cgroup/cpu,cpuacct ro,nosuid,nodev,noexec,relatime master:16 - cgroup cgroup rw,cpu,cpuacct
1210 1203 0:33 /docker/4f2a /sys/fs/cgroup/cpuset ro,nosuid,nodev,noexec,relatime master:17 - cgroup cgroup rw,cpuset
";

    fn paths(groups: &str, mounts: &str) -> Vec<String> {
        let groups = ProcessCGroups::from_read(groups.as_bytes()).unwrap();
        let mounts = MountInfos::from_read(mounts.as_bytes()).unwrap();
        let folders = folders_from(groups, &mounts).into_iter();
        folders.map(|folder| folder.display().to_string()).collect()
    }

    #[test]
    fn every_group_up_to_the_top_counts() {
        let own = "0::/user.slice/user-1000.slice/session-3.scope\n";
        let up = [
            "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope",
            "/sys/fs/cgroup/user.slice/user-1000.slice",
            "/sys/fs/cgroup/user.slice",
            "/sys/fs/cgroup",
        ];
        assert_eq!(paths(own, UNIFIED), up);
        assert_eq!(paths("0::/\n", UNIFIED), ["/sys/fs/cgroup"]);
    }

    #[test]
    fn a_container_that_sees_its_own_group_as_the_top_is_read_there() {
        let own = "11:cpuset:/docker/4f2a\n4:cpu,cpuacct:/docker/4f2a/worker\n1:name=systemd:/docker/4f2a\n";
        let up = [
            "/sys/fs/cgroup/cpu,cpuacct/worker",
            "/sys/fs/cgroup/cpu,cpuacct",
        ];
        assert_eq!(paths(own, CONTAINER), up);
        // A path that the mount does not show, as where a process was moved in from outside.
        let elsewhere = "4:cpu,cpuacct:/../..\n";
        assert_eq!(paths(elsewhere, CONTAINER), ["/sys/fs/cgroup/cpu,cpuacct"]);
        assert_eq!(paths("0::/a\n", CONTAINER), [""; 0]);
    }

    #[test]
    fn a_quota_is_time_over_period_and_none_is_none() {
        assert_eq!(unified_quota("150000 100000\n"), Some(1.5));
        assert_eq!(unified_quota("max 100000\n"), None);
        assert_eq!(first_quota("50000\n", "100000\n"), Some(0.5));
        assert_eq!(first_quota("-1\n", "100000\n"), None);
        for wrong in ["", "max", "1 0", "a b", "-5 100"] {
            assert_eq!(unified_quota(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn both_versions_count_stops_and_say_how_long_in_units_of_their_own() {
        let unified = "usage_usec 8800123\nuser_usec 6600000\nsystem_usec 2200123\nnr_periods 120\nnr_throttled 37\n\
                       throttled_usec 1845000\nnr_bursts 0\nburst_usec 0\n";
        let expected = Throttling {
            periods: 37,
            time_us: 1_845_000,
        };
        assert_eq!(throttling_from(unified), Some(expected));
        let first = "nr_periods 120\nnr_throttled 37\nthrottled_time 1845000000\n";
        assert_eq!(throttling_from(first), Some(expected));
        // The top group counts no periods.
        assert_eq!(
            throttling_from("usage_usec 1\nuser_usec 1\nsystem_usec 0\n"),
            None
        );
        let later = Throttling {
            periods: 40,
            time_us: 2_000_000,
        };
        assert_eq!(later.since(expected).periods, 3);
        assert_eq!(later.since(expected).time_us, 155_000);
    }
}
