//! How long a batch takes if nothing but the model and the tools takes time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use loopmark_protocol::{Arrival, Batch};

use crate::scenario::Scenario;

/// The batch's time if its agents took none. `None` where the script does not say it: for an open loop, and for cases
/// whose runs [have no ideal time](crate::scenario::Case::has_ideal_time).
pub(super) fn ideal_wall(scenario: &Scenario, batch: &Batch) -> Option<Duration> {
    if !scenario.case_of(batch.first_run).has_ideal_time() {
        return None;
    }
    let runs = batch.first_run..batch.first_run + u64::from(batch.runs);
    let mut times = runs.map(|run| scenario.ideal_time(run));
    let ramp = Duration::from_millis(batch.ramp_ms.into());
    match batch.arrival {
        Arrival::Burst => times.max(),
        Arrival::Closed => Some(closed_loop(&mut times, batch.level, ramp)),
        Arrival::Rate(_) => None,
    }
}

/// Each worker starts its next run when its last one has ended; worker *i* begins *i* / level × `ramp` after the first.
fn closed_loop(times: &mut impl Iterator<Item = Duration>, level: u32, ramp: Duration) -> Duration {
    let begins = |worker| Reverse(ramp * worker / level.max(1));
    let mut free: BinaryHeap<Reverse<Duration>> = (0..level).map(begins).collect();
    let mut end = Duration::ZERO;
    while let Some(Reverse(begin)) = free.pop() {
        let Some(time) = times.next() else {
            break;
        };
        end = end.max(begin + time);
        free.push(Reverse(begin + time));
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_closed_loop_takes_what_its_busiest_worker_takes() {
        let wall = |times: &[u64], level, ramp_ms| {
            let mut times = times.iter().copied().map(ms);
            closed_loop(&mut times, level, ms(ramp_ms))
        };
        assert_eq!(wall(&[100, 100, 100], 1, 0), ms(300));
        assert_eq!(wall(&[100, 100, 100], 2, 0), ms(200));
        // The second worker ends its long run last.
        assert_eq!(wall(&[100, 300, 100, 100], 2, 0), ms(300));
        // The second worker begins 50 ms later.
        assert_eq!(wall(&[100, 100], 2, 100), ms(150));
        assert_eq!(wall(&[], 2, 100), Duration::ZERO);
    }
}
