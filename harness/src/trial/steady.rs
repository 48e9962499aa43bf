//! Decides when a warm process is steady: when its CPU time per run no longer changes.

use std::time::Duration;

/// How many of the last batches must be alike.
const ALIKE: usize = 3;
/// The maximum spread of the CPU time per run over the last batches, as a share of its mean.
const MAX_SPREAD: f64 = 0.05;
/// A process that is not steady after this multiple of the requested time is measured as it is.
const PATIENCE_FACTOR: u32 = 6;

/// The batches of a warm-up so far.
#[derive(Debug)]
pub(super) struct Steadiness {
    at_least: Duration,
    taken: Duration,
    cpu_per_run_s: Vec<f64>,
}

impl Steadiness {
    /// A warm-up that takes at least this long.
    pub fn new(at_least: Duration) -> Steadiness {
        Steadiness {
            at_least,
            taken: Duration::ZERO,
            cpu_per_run_s: Vec::new(),
        }
    }

    /// Adds a batch.
    pub fn add(&mut self, wall: Duration, cpu_s: f64, runs: u32) {
        self.taken += wall;
        self.cpu_per_run_s.push(cpu_s / f64::from(runs.max(1)));
    }

    /// Whether the warm-up is over.
    pub fn is_over(&self) -> bool {
        let is_steady = self.taken >= self.at_least && self.is_alike();
        is_steady || self.taken >= self.at_least * PATIENCE_FACTOR
    }

    fn is_alike(&self) -> bool {
        let from = self.cpu_per_run_s.len().saturating_sub(ALIKE);
        let last = self.cpu_per_run_s.get(from..).unwrap_or_default();
        let least = last.iter().copied().fold(f64::INFINITY, f64::min);
        let most = last.iter().copied().fold(0.0, f64::max);
        let mean = last.iter().sum::<f64>() / last.len() as f64;
        last.len() == ALIKE && most - least <= MAX_SPREAD * mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(batches: &[(u64, f64)]) -> bool {
        let mut steadiness = Steadiness::new(Duration::from_secs(10));
        for (wall_s, cpu_ms_per_run) in batches {
            let cpu_s = cpu_ms_per_run / 1000.0 * 20.0;
            steadiness.add(Duration::from_secs(*wall_s), cpu_s, 20);
        }
        steadiness.is_over()
    }

    #[test]
    fn a_warm_up_takes_its_time_and_until_three_batches_are_alike() {
        assert!(!after(&[]));
        assert!(!after(&[(3, 5.0), (3, 5.0), (3, 5.0)]), "9 s");
        assert!(after(&[(4, 5.0), (4, 5.1), (4, 5.2)]));
        assert!(!after(&[(4, 9.0), (4, 7.0), (4, 6.0)]), "still falling");
        assert!(after(&[(4, 9.0), (4, 7.0), (4, 6.0), (1, 6.1), (1, 6.2)]));
        assert!(!after(&[(20, 5.0), (20, 5.0)]), "two batches");
    }

    #[test]
    fn a_process_that_never_gets_steady_is_measured_all_the_same() {
        let restless: Vec<(u64, f64)> = (0..6).map(|n| (10, f64::from(n % 2) + 1.0)).collect();
        assert!(!after(&restless[..5]));
        assert!(after(&restless));
    }
}
