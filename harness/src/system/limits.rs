//! The limit on open files: a connection takes one on either side.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that a process opens besides its connections.
const OTHER_FILES: u64 = 256;
/// The maximum number of connections per run in flight: a client that opens a new one per call may not have closed the
/// previous one yet.
const MAX_FILES_PER_RUN: u64 = 2;

/// The limit on open files is too low.
#[derive(Debug, thiserror::Error)]
#[error(
    "{level} runs in flight need {needed} open files, but the limit is {limit}; raise it (`ulimit -Hn`, or LimitNOFILE in systemd) or choose lower --levels"
)]
pub struct TooFewFiles {
    level: u32,
    needed: u64,
    limit: u64,
}

/// Raises the soft limit of this process, which mock and runners inherit, to the maximum that `level` runs in flight may
/// need, up to the hard limit.
///
/// # Errors
///
/// If the hard limit is below one connection for each of `level` runs in flight.
pub fn require_open_files(level: u32) -> Result<(), TooFewFiles> {
    let needed = u64::from(level) + OTHER_FILES;
    let wanted = u64::from(level) * MAX_FILES_PER_RUN + OTHER_FILES;
    raise_open_files(needed, wanted).map_err(|limit| TooFewFiles {
        level,
        needed,
        limit,
    })
}

/// Raises the soft limit of this process to the hard one.
///
/// # Errors
///
/// If the system refuses; with the unchanged soft limit, where it is known.
pub fn raise_open_files_to_the_limit() -> Result<(), (Option<u64>, std::io::Error)> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).map_err(|error| (limit.current, error.into()))
}

/// Whether this process may hold this many connections open; raises the soft limit if they need it.
pub fn allows_connections(connections: u32) -> bool {
    let needed = u64::from(connections) + OTHER_FILES;
    raise_open_files(needed, needed).is_ok()
}

/// Raises the soft limit to `wanted`, or at least to `needed`. The error is the limit that is too low.
fn raise_open_files(needed: u64, wanted: u64) -> Result<(), u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let most = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if most < needed {
        return Err(most);
    }
    let raised = Rlimit {
        current: Some(most),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).map_err(|_| limit.current.unwrap_or_default())
}

/// The highest level that the hard limit on open files allows.
pub fn most_level() -> u32 {
    let maximum = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    u32::try_from(maximum.saturating_sub(OTHER_FILES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_beyond_the_hard_limit_is_refused_with_both_numbers() {
        let Some(maximum) = getrlimit(Resource::Nofile)
            .maximum
            .filter(|most| *most < 1 << 31)
        else {
            return; // Nothing is beyond an unlimited limit.
        };
        let level = u32::try_from(maximum).unwrap();
        let error = require_open_files(level).unwrap_err().to_string();
        assert!(
            error.contains(&maximum.to_string()) && error.contains("ulimit"),
            "{error}"
        );
        assert!(require_open_files(10).is_ok());
        assert!(require_open_files(most_level()).is_ok());
        assert!(require_open_files(most_level() + 1).is_err());
        assert!(allows_connections(10) && !allows_connections(u32::MAX));
    }
}
