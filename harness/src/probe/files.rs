//! Open files: a connection is one, on both sides.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a runner opens beside its connections.
const OTHER_FILES: u64 = 256;
/// Connections that a run in flight may hold: a client that opens a new one may not have closed the last one yet.
const FILES_PER_RUN: u64 = 2;

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

/// Raises the soft limit of this process, which mock and runners inherit, as far as `level` runs in flight need.
///
/// # Errors
///
/// When the hard limit is below that.
pub fn require_open_files(level: u32) -> Result<(), TooFewFiles> {
    let needed = u64::from(level) * FILES_PER_RUN + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let too_few = |limit: u64| TooFewFiles {
        level,
        needed,
        limit,
    };
    match limit.maximum {
        Some(maximum) if maximum < needed => Err(too_few(maximum)),
        maximum => setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(needed),
                maximum,
            },
        )
        .map_err(|_| too_few(limit.current.unwrap_or_default())),
    }
}

/// The highest level that the hard limit of open files allows.
pub fn most_level() -> u32 {
    let maximum = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let level = maximum.saturating_sub(OTHER_FILES) / FILES_PER_RUN;
    u32::try_from(level).unwrap_or(u32::MAX)
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
    }
}
