//! Open files: a connection is one, on both sides.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process opens beside its connections.
const OTHER_FILES: u64 = 256;
/// Connections that a run in flight may hold for a moment: a client that opens a new one for each call may not have
/// closed the last one yet.
const MOST_FILES_PER_RUN: u64 = 2;

/// The limit of open files is too low.
#[derive(Debug, thiserror::Error)]
#[error(
    "{level} runs in flight need {needed} open files, and the limit is {limit}: raise it (`ulimit -Hn`, in systemd LimitNOFILE) or choose lower --levels"
)]
pub struct TooFewFiles {
    level: u32,
    needed: u64,
    limit: u64,
}

/// Raises the soft limit of this process, which mock and runners inherit, each for itself: as far as `level` runs in
/// flight may need for a moment, or as the hard limit allows.
///
/// # Errors
///
/// When the hard limit is below what `level` runs in flight hold: a connection each.
pub fn require_open_files(level: u32) -> Result<(), TooFewFiles> {
    let needed = u64::from(level) + OTHER_FILES;
    let wanted = u64::from(level) * MOST_FILES_PER_RUN + OTHER_FILES;
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
/// When the system refuses; with the soft limit as it is then.
pub fn raise_open_files_to_the_limit() -> Result<(), (Option<u64>, std::io::Error)> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).map_err(|error| (limit.current, error.into()))
}

/// Whether this process may hold so many connections open; raises the soft limit as far as they need.
pub fn allows_connections(connections: u32) -> bool {
    let needed = u64::from(connections) + OTHER_FILES;
    raise_open_files(needed, needed).is_ok()
}

/// Raises the soft limit to what is wanted, or at least to what is needed; gives the limit that is too low.
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

/// The highest level that the hard limit of open files allows.
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
