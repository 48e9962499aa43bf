//! Whether runs start when the batch's arrival says: pure, from the runner's samples.

use loopmark_protocol::{Arrival, Sample};

use super::verify::Fault;

/// Languages round an intended start differently, by far less than this.
const SCHEDULE_TOLERANCE_NS: f64 = 100_000.0;

/// Whether a run starts when it was to, by the runner's own word: in an open loop at its time, in a burst with all
/// others. `first` is the batch's first run. A closed loop has no times to keep.
pub(super) fn on_schedule(
    arrival: Arrival,
    first: Option<&Sample>,
    sample: &Sample,
) -> Result<(), Fault> {
    let Some(first) = first else {
        return Ok(());
    };
    let off_ns = sample.start_ns as f64 - first.start_ns as f64;
    let detail = match arrival {
        Arrival::Closed => return Ok(()),
        // All of them are one reading of the clock.
        Arrival::Burst if sample.start_ns == first.start_ns => return Ok(()),
        Arrival::Burst => format!(
            "its start is {:.3} ms off the first run's; in a burst every run starts when the batch begins",
            off_ns / 1e6
        ),
        Arrival::Rate(rate) => {
            let off_ns = off_ns - (sample.run - first.run) as f64 / rate * 1e9;
            if off_ns.abs() <= SCHEDULE_TOLERANCE_NS {
                return Ok(());
            }
            format!("its start is {:.3} ms off the intended one", off_ns / 1e6)
        }
    };
    Err(Fault {
        reason: "off-schedule",
        detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(run: u64, start_ns: u64) -> Sample {
        Sample {
            batch: 1,
            run,
            start_ns,
            end_ns: start_ns + 1,
            answer: None,
            answer_crc32: None,
            error: None,
            cancelled: false,
        }
    }

    fn judge(arrival: Arrival, starts_ns: [u64; 2]) -> Result<(), Fault> {
        let [first, second] = [sample(70, starts_ns[0]), sample(71, starts_ns[1])];
        on_schedule(arrival, Some(&first), &second)
    }

    #[test]
    fn every_run_of_a_burst_has_the_same_start() {
        assert_eq!(judge(Arrival::Burst, [5_000, 5_000]), Ok(()));
        for other in [4_999, 5_001, 20_005_000] {
            let fault = judge(Arrival::Burst, [5_000, other]).unwrap_err();
            assert_eq!(fault.reason, "off-schedule");
        }
        let late = judge(Arrival::Burst, [5_000, 20_005_000]).unwrap_err();
        assert!(
            late.detail
                .starts_with("its start is 20.000 ms off the first run's")
        );
    }

    #[test]
    fn a_run_of_an_open_loop_has_its_intended_start() {
        let begin = 1_000_000_000;
        for start in [1_050_000_000, 1_050_099_000, 1_049_901_000] {
            assert_eq!(judge(Arrival::Rate(20.0), [begin, start]), Ok(()));
        }
        for (start, off) in [(1_050_101_000, "0.101"), (begin, "-50.000")] {
            let fault = judge(Arrival::Rate(20.0), [begin, start]).unwrap_err();
            assert_eq!(fault.reason, "off-schedule");
            assert_eq!(
                fault.detail,
                format!("its start is {off} ms off the intended one")
            );
        }
    }

    #[test]
    fn a_closed_loop_has_no_times_to_keep() {
        assert_eq!(judge(Arrival::Closed, [5_000, 90_000_000]), Ok(()));
    }
}
