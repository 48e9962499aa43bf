//! The search for the highest load that a row carries. Pure: it decides from the attempts so far.

/// The first load that is tried.
const START: u32 = 32;
/// The search ends when the lowest load that failed is at most this multiple of the highest one that held.
const RESOLUTION: f64 = 1.1;
/// How many attempts with the same result decide about a load.
const VOTES: usize = 2;

/// A load that was tried, and whether the row carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Runs in flight, or runs per second.
    pub load: u32,
    /// Whether p95 stayed within its limit and every run was verified.
    pub held: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Try this load.
    Try(u32),
    /// The search is over.
    Found {
        /// The highest load that held twice; `None` when not even 1 did.
        held: Option<u32>,
        /// The lowest load that failed twice; `None` when the highest allowed load held.
        failed: Option<u32>,
    },
}

/// Decides what to try after `attempts`, up to the load `max`.
///
/// Doubles the load until one fails, then bisects geometrically between the highest load that held and the lowest that
/// failed. One success lets the search climb. A failure must be confirmed by a second one, since a busy moment of the
/// machine can fail a trial but cannot make one succeed. The load that is found has held twice.
pub fn next(attempts: &[Attempt], max: u32) -> Step {
    let max = max.max(1);
    if let Some(load) = undecided(attempts) {
        return Step::Try(load);
    }
    let decided = |held: bool| {
        attempts
            .iter()
            .map(|attempt| attempt.load)
            .filter(move |load| verdict(attempts, *load) == Some(held))
    };
    let failed = decided(false).min();
    let is_below = |load: &u32| failed.is_none_or(|failed| *load < failed);
    let held = decided(true).filter(is_below).max();
    match (held, failed) {
        (None, None) => Step::Try(START.min(max)),
        (None, Some(1)) => Step::Found { held, failed },
        (None, Some(failed)) => Step::Try(failed / 2),
        (Some(held), None) if held < max => Step::Try(held.saturating_mul(2).min(max)),
        (Some(low), Some(high)) if !is_close(low, high) => Step::Try(between(low, high)),
        (Some(low), _) if votes(attempts, low, true) < VOTES => Step::Try(low),
        _ => Step::Found { held, failed },
    }
}

/// A load about which another attempt must decide, such as one that failed once.
fn undecided(attempts: &[Attempt]) -> Option<u32> {
    let mut loads = attempts.iter().map(|attempt| attempt.load);
    loads.find(|load| verdict(attempts, *load).is_none())
}

fn verdict(attempts: &[Attempt], load: u32) -> Option<bool> {
    match (votes(attempts, load, true), votes(attempts, load, false)) {
        (_, failures) if failures >= VOTES => Some(false),
        (successes, failures) if successes >= VOTES || failures == 0 => Some(true),
        _ => None,
    }
}

fn votes(attempts: &[Attempt], load: u32, held: bool) -> usize {
    let same = attempts
        .iter()
        .filter(|attempt| attempt.load == load && attempt.held == held);
    same.count()
}

fn is_close(low: u32, high: u32) -> bool {
    high - low <= 1 || f64::from(high) / f64::from(low) <= RESOLUTION
}

/// The geometric mean, strictly between both.
fn between(low: u32, high: u32) -> u32 {
    let mean = (f64::from(low) * f64::from(high)).sqrt().round() as u32;
    mean.clamp(low + 1, high - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches with a row that carries up to `truth`; returns the result and the number of attempts.
    fn search(truth: u32, most: u32, mut is_unlucky: impl FnMut() -> bool) -> (Step, usize) {
        let mut attempts = Vec::new();
        loop {
            match next(&attempts, most) {
                Step::Try(load) => {
                    assert!((1..=most).contains(&load), "{load}");
                    let held = load <= truth && !is_unlucky();
                    attempts.push(Attempt { load, held });
                    assert!(attempts.len() < 200, "{attempts:?}");
                }
                found => return (found, attempts.len()),
            }
        }
    }

    #[test]
    fn the_truth_is_found_to_a_tenth() {
        for truth in [1, 2, 7, 31, 32, 33, 64, 100, 999, 4000] {
            let (found, attempts) = search(truth, 10_000, || false);
            let Step::Found {
                held: Some(held),
                failed: Some(failed),
            } = found
            else {
                panic!("{truth}: {found:?}")
            };
            assert!(held <= truth && truth < failed, "{truth}: {found:?}");
            assert!(is_close(held, failed), "{truth}: {found:?}");
            assert!(attempts <= 24, "{truth}: {attempts} attempts");
        }
    }

    #[test]
    fn what_carries_nothing_or_everything_is_said_to() {
        let nothing = Step::Found {
            held: None,
            failed: Some(1),
        };
        assert_eq!(search(0, 1000, || false).0, nothing);
        let everything = Step::Found {
            held: Some(300),
            failed: None,
        };
        assert_eq!(search(5000, 300, || false).0, everything);
    }

    #[test]
    fn a_failure_now_and_then_does_not_mislead_the_search() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut right = 0;
        for _ in 0..100 {
            let (found, _) = search(200, 10_000, || random.f64() < 0.05);
            let Step::Found { held, .. } = found else {
                panic!("{found:?}")
            };
            right += u32::from(held.is_some_and(|held| (170..=200).contains(&held)));
        }
        assert!(right >= 90, "{right} of 100 searches");
    }
}
