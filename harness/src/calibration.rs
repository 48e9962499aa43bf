//! The result of a calibration: how far off the harness is on a machine. Pure; also its record on disk.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stats::{quantile, sorted};

/// The result of a calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// How often each of the known runners was started.
    pub repetitions: u32,
    /// One per quantity, in the order of [`Known`].
    pub figures: Vec<Calibrated>,
    /// Clients that hung up before they had a reply.
    pub disconnects: Disconnects,
    /// One sentence for each contradiction of cause and effect. Empty on every machine unless the harness is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impossible: Vec<String>,
}

/// Clients that hung up before they had a reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disconnects {
    /// How many did, by their own notes.
    pub left: u32,
    /// How many of them the mock's ledger lists as aborted.
    pub seen: u32,
}

/// A quantity whose truth is known to the runner.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// The time from reading a reply to sending the next request.
    Gap,
    /// How long a turn of the model is held.
    Hold,
    /// When a part of a streamed reply was due, and came.
    StreamPart,
    /// How long a client waited before it hung up.
    Disconnect,
    /// How late a timer is on a loop that nothing blocks.
    Heartbeat,
    /// How late a timer is on a loop that is blocked.
    BlockedHeartbeat,
    /// The time from the runner's first instruction to `ready`.
    StartUp,
    /// CPU time of a process, used in its main thread.
    CpuProcess,
    /// CPU time of a process, used in another thread.
    CpuThread,
    /// CPU time of a process and its child.
    CpuChild,
    /// CPU time of a process and a grandchild that nobody waits for.
    CpuGrandchild,
    /// CPU time of only a batch.
    CpuBatch,
    /// Peak memory that is released before a batch ends.
    PeakMemory,
    /// Memory that is kept of each run.
    MemoryGrowth,
}

/// The unit of a figure's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// KiB.
    Kib,
}

impl Known {
    /// The quantity as tables name it.
    pub fn label(self) -> &'static str {
        match self {
            Known::Gap => "gap",
            Known::Hold => "hold of the mock",
            Known::StreamPart => "part of a stream",
            Known::Disconnect => "wait until a client hangs up",
            Known::Heartbeat => "heartbeat of an idle loop",
            Known::BlockedHeartbeat => "heartbeat of a blocked loop",
            Known::StartUp => "start to ready",
            Known::CpuProcess => "CPU in the process",
            Known::CpuThread => "CPU in a thread",
            Known::CpuChild => "CPU in a child",
            Known::CpuGrandchild => "CPU in a grandchild",
            Known::CpuBatch => "CPU of a batch",
            Known::PeakMemory => "memory held and given back",
            Known::MemoryGrowth => "memory kept per run",
        }
    }

    /// The unit of its numbers.
    pub fn unit(self) -> Unit {
        match self {
            Known::Gap | Known::Hold | Known::StreamPart | Known::Disconnect | Known::Heartbeat => {
                Unit::Us
            }
            Known::PeakMemory | Known::MemoryGrowth => Unit::Kib,
            _ => Unit::Ms,
        }
    }

    /// The bare measurement that is printed for comparison.
    pub fn beside(self) -> Option<&'static str> {
        match self {
            Known::Gap => Some("two bare threads"),
            Known::Hold | Known::StreamPart | Known::Heartbeat => Some("bare OS timer"),
            _ => None,
        }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Unit::Us => "µs",
            Unit::Ms => "ms",
            Unit::Kib => "KiB",
        })
    }
}

/// One quantity, as it was and as it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The value by the runner's own notes.
    pub truth: f64,
    /// The value by the harness.
    pub measured: f64,
}

/// How far off the harness was for one quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibrated {
    /// The quantity.
    pub figure: Known,
    /// The unit of all numbers but `count`.
    pub unit: Unit,
    /// How often it was compared.
    pub count: usize,
    /// The median of the true values, by the runner's own notes.
    pub truth: f64,
    /// The median of the harness's values.
    pub measured: f64,
    /// Measured minus true, pair by pair.
    pub off: Spread,
    /// A bare measurement from the same seconds: for gaps, a byte between two threads; for holds, a thread that sleeps.
    /// It is not subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Spread>,
}

/// The distribution of values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// The 5th percentile.
    pub p5: f64,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
}

impl Spread {
    /// The spread of values in any order; `None` if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let values = sorted(values.into_iter().collect());
        Some(Spread {
            p5: quantile(&values, 0.05)?,
            p50: quantile(&values, 0.5)?,
            p95: quantile(&values, 0.95)?,
        })
    }
}

impl Calibrated {
    /// The figure from pairs in its unit and from bare measurements; `None` without pairs.
    pub fn of(figure: Known, pairs: &[Pair], beside: &[f64]) -> Option<Calibrated> {
        let median = |of: fn(&Pair) -> f64| Some(Spread::of(pairs.iter().map(of))?.p50);
        Some(Calibrated {
            figure,
            unit: figure.unit(),
            count: pairs.len(),
            truth: median(|pair| pair.truth)?,
            measured: median(|pair| pair.measured)?,
            off: Spread::of(pairs.iter().map(|pair| pair.measured - pair.truth))?,
            beside: Spread::of(beside.iter().copied()),
        })
    }
}

impl Calibration {
    /// The figure of a quantity; `None` if it was not measured.
    pub fn figure(&self, known: Known) -> Option<&Calibrated> {
        self.figures.iter().find(|taken| taken.figure == known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(truth: f64, measured: f64) -> Pair {
        Pair { truth, measured }
    }

    #[test]
    fn a_figure_is_the_medians_and_the_spread_of_the_differences() {
        // Worked out by hand: the differences are 1, 3 and 8, at positions 0.1, 1 and 1.9.
        let pairs = [pair(10.0, 11.0), pair(20.0, 28.0), pair(30.0, 33.0)];
        let gap = Calibrated::of(Known::Gap, &pairs, &[2.0, 4.0]).unwrap();
        assert_eq!((gap.count, gap.truth, gap.measured), (3, 20.0, 28.0));
        let off = gap.off;
        assert!((off.p5 - 1.2).abs() < 1e-9 && (off.p95 - 7.5).abs() < 1e-9);
        assert_eq!((off.p50, gap.beside.unwrap().p50), (3.0, 3.0));
        assert_eq!(gap.unit, Unit::Us);
    }

    #[test]
    fn a_figure_may_be_off_in_both_directions_and_none_without_pairs() {
        let pairs = [pair(5.0, 4.0), pair(5.0, 6.0)];
        let memory = Calibrated::of(Known::PeakMemory, &pairs, &[]).unwrap();
        assert_eq!((memory.off.p50, memory.beside), (0.0, None));
        assert!(memory.off.p5 < 0.0 && memory.off.p95 > 0.0);
        assert_eq!(Calibrated::of(Known::Gap, &[], &[1.0]), None);
    }

    #[test]
    fn a_calibration_is_written_and_read_back() {
        let gap = Calibrated::of(Known::Gap, &[pair(1.0, 2.0)], &[0.5]);
        let calibration = Calibration {
            repetitions: 1,
            figures: gap.into_iter().collect(),
            disconnects: Disconnects { left: 4, seen: 4 },
            impossible: Vec::new(),
        };
        let text = serde_json::to_string(&calibration).unwrap();
        assert!(
            text.contains(r#""figure":"gap","unit":"us","count":1,"#),
            "{text}"
        );
        assert!(!text.contains("impossible"), "{text}");
        assert_eq!(
            serde_json::from_str::<Calibration>(&text).unwrap(),
            calibration
        );
    }
}
