//! Compares a known runner's notes with the harness's measurements. Pure.

use super::heart::PERIOD_NS;
use super::notes::{Edge, Left, Notes};
use crate::calibration::{Disconnects, Pair};
use crate::measurement::{Figures, Phase, RunRecord};
use crate::mock::Entry;
use crate::plan::PhaseName;

/// A trial of a known runner: its notes, and the harness's measurements.
pub(super) struct Observed {
    pub notes: Notes,
    pub figures: Figures,
    pub runs: Vec<RunRecord>,
    pub ledger: Vec<Entry>,
    /// How long every turn was to be held.
    pub hold_ns: u64,
    /// Between two parts of a streamed reply.
    pub interval_ns: u64,
    /// A moment before the trial began.
    pub before_ns: u64,
}

/// The rounding of times: the kernel rounds sums of CPU time to µs, and a record rounds times down to µs.
const ROUNDED_S: f64 = 1e-5;
const ROUNDED_US: f64 = 10.0;

fn us(until_ns: u64, since_ns: u64) -> f64 {
    (until_ns as f64 - since_ns as f64) / 1e3
}

fn gaps_us(run: &RunRecord) -> Vec<f64> {
    let gaps = run.gaps_us.split(';');
    gaps.filter_map(|gap| gap.parse().ok()).collect()
}

impl Observed {
    /// Gaps from reading a reply to sending the next request, in µs.
    pub fn gaps(&self) -> Vec<Pair> {
        let of_run = |run: &RunRecord| {
            let turns = self.notes.turns.get(&run.run);
            let own = turns.map_or(&[][..], Vec::as_slice).windows(2);
            let own = own.filter_map(|pair| match pair {
                [reply, next] => Some(us(next.sending_ns, reply.read_ns)),
                _ => None,
            });
            let pairs = own.zip(gaps_us(run));
            let pairs = pairs.map(|(truth, measured)| Pair { truth, measured });
            pairs.collect::<Vec<_>>()
        };
        self.runs.iter().flat_map(of_run).collect()
    }

    /// The intended and the actual holds of the mock, in µs.
    pub fn holds(&self) -> Vec<Pair> {
        let late_us = |entry: &Entry| Some(entry.late_ns()? as f64 / 1e3);
        let truth = self.hold_ns as f64 / 1e3;
        let of_entry = |late_us: f64| Pair {
            truth,
            measured: truth + late_us,
        };
        self.ledger
            .iter()
            .filter_map(late_us)
            .map(of_entry)
            .collect()
    }

    /// When the parts of streamed replies were due since their request had come whole, and when the client had read them,
    /// in µs.
    pub fn stream_parts(&self) -> Vec<Pair> {
        let of_entry = |entry: &Entry| {
            let turns = self.notes.turns.get(&entry.run?)?;
            let asked = turns.get(entry.turn? as usize)?;
            let (read_ns, due_ns) = (entry.read_ns?, entry.due_ns?);
            let parts = (0..).zip(&asked.parts_ns).map(|(part, came_ns)| Pair {
                truth: us(due_ns + part * self.interval_ns, read_ns),
                measured: us(*came_ns, read_ns),
            });
            Some(parts.collect::<Vec<_>>())
        };
        self.ledger.iter().filter_map(of_entry).flatten().collect()
    }

    /// How late the timer of a loop was that nothing blocks: not at all, and the median, in µs.
    pub fn heartbeat(&self) -> Option<Pair> {
        Some(Pair {
            truth: 0.0,
            measured: self.figures.heartbeat.as_ref()?.p50_us,
        })
    }

    /// For how long the loop was blocked at most, and the maximum lag of its timer, in ms.
    pub fn blocked_heartbeat(&self) -> Option<Pair> {
        Some(Pair {
            truth: self.notes.longest_block_ns as f64 / 1e6,
            measured: self.figures.heartbeat.as_ref()?.max_us / 1e3,
        })
    }

    /// Memory that is kept of each run, in KiB. `None` from too few points.
    pub fn memory_growth(&self) -> Option<Pair> {
        Some(Pair {
            truth: self.notes.kept_bytes_per_run as f64 / 1024.0,
            measured: self.figures.rss_slope_bytes? / 1024.0,
        })
    }

    /// How long clients waited before they hung up, by their own notes and by the mock, in µs; and how many of them the
    /// mock saw.
    pub fn disconnects(&self) -> (Vec<Pair>, Disconnects) {
        // The ledger no longer has those of the warm-up.
        let is_measured = |left: &&Left| self.runs.iter().any(|run| run.run == left.run);
        let left: Vec<&Left> = self.notes.left.iter().filter(is_measured).collect();
        let pairs: Vec<Pair> = left
            .iter()
            .filter_map(|left| {
                let is_it = |entry: &&Entry| {
                    entry.aborted && entry.run == Some(left.run) && entry.turn == Some(left.turn)
                };
                let gone_ns = self.ledger.iter().find(is_it)?.gone_ns?;
                Some(Pair {
                    truth: us(left.left_ns, left.sending_ns),
                    measured: us(gone_ns, left.sending_ns),
                })
            })
            .collect();
        let seen = pairs.len() as u32;
        let left = left.len() as u32;
        (pairs, Disconnects { left, seen })
    }

    /// The time from the runner's first instruction to `ready`, and the harness's time to ready, in ms. They differ by the
    /// start of two processes.
    pub fn start_up(&self) -> Option<Pair> {
        Some(Pair {
            truth: us(self.ready()?.0.at_ns, self.notes.started_ns) / 1e3,
            measured: self.figures.phases.start_up.wall_s * 1e3,
        })
    }

    /// CPU time of the whole tree, in ms.
    pub fn cpu(&self) -> Pair {
        Pair {
            truth: self.notes.cpu_s * 1e3,
            measured: self.figures.cpu_s * 1e3,
        }
    }

    /// CPU time of the measured batch, in ms.
    pub fn batch_cpu(&self) -> Option<Pair> {
        let at = self
            .phases()
            .position(|(name, ..)| name == PhaseName::Measured)?;
        let (begun, ended) = (self.edge(2 * at - 1)?, self.edge(2 * at)?);
        Some(Pair {
            truth: (ended.cpu_ns - begun.cpu_ns) as f64 / 1e6,
            measured: self.figures.phases.measured.cpu_s * 1e3,
        })
    }

    /// Memory that was held and released, in KiB.
    pub fn memory(&self) -> Pair {
        let held =
            self.figures.peak_rss_bytes as f64 - self.figures.phases.start_up.rss_bytes as f64;
        Pair {
            truth: self.notes.held_bytes as f64 / 1024.0,
            measured: held / 1024.0,
        }
    }

    /// One sentence for each contradiction of cause and effect. None depends on how fast or how busy the machine is.
    pub fn impossible(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut require = |is_so: bool, sentence: String| {
            if !is_so {
                found.push(sentence);
            }
        };
        let cpu = self.cpu();
        require(
            cpu.measured >= cpu.truth - ROUNDED_S * 1e3,
            format!(
                "measured {:.3} ms of CPU time, but at least {:.3} were used",
                cpu.measured, cpu.truth
            ),
        );
        if let Some((written, read)) = self.ready() {
            let least = us(written.at_ns, self.notes.started_ns) / 1e6;
            let most = us(read.at_ns, self.before_ns) / 1e6;
            let ready_s = self.figures.phases.start_up.wall_s;
            require(
                (least..=most).contains(&ready_s),
                format!("measured ready after {ready_s} s, but it took from {least} to {most} s"),
            );
        }
        self.require_phases(&mut require);
        self.require_moments(&mut require);
        if self.notes.left.is_empty() {
            self.runs
                .iter()
                .for_each(|run| self.require_turns(run, &mut require));
        }
        found
    }

    /// Checks that nothing is measured to have come before what caused it.
    fn require_moments(&self, require: &mut impl FnMut(bool, String)) {
        for pair in self.stream_parts() {
            require(
                pair.measured >= pair.truth,
                format!(
                    "a part of a stream came {:.0} µs before it was due",
                    pair.truth - pair.measured
                ),
            );
        }
        if let Some(blocked) = self.blocked_heartbeat() {
            let least_ms = blocked.truth - PERIOD_NS as f64 / 1e6 - ROUNDED_US / 1e3;
            require(
                blocked.measured >= least_ms,
                format!(
                    "measured a heartbeat's lag of {:.3} ms at most, but its loop was blocked for {:.3}",
                    blocked.measured, blocked.truth
                ),
            );
        }
        for pair in self.disconnects().0 {
            require(
                pair.measured >= pair.truth,
                format!(
                    "measured that a client hung up {:.0} µs before it did",
                    pair.truth - pair.measured
                ),
            );
        }
    }

    /// Checks that no phase is shorter or longer than the runner's stamps around its edges allow.
    fn require_phases(&self, require: &mut impl FnMut(bool, String)) {
        let mut outside = (self.before_ns, 0);
        let mut inside = (self.notes.started_ns, 0);
        for (name, phase, [ends, ended]) in self.phases() {
            let within = |figure: f64, least_ns: u64, most_ns: u64| {
                figure + ROUNDED_S >= least_ns as f64 / 1e9
                    && figure <= most_ns as f64 / 1e9 + ROUNDED_S
            };
            require(
                within(
                    phase.wall_s,
                    ends.at_ns.saturating_sub(inside.0),
                    ended.at_ns - outside.0,
                ),
                format!(
                    "measured {} s in the phase {name:?}, which contradicts the runner's stamps",
                    phase.wall_s
                ),
            );
            require(
                within(
                    phase.cpu_s,
                    ends.cpu_ns.saturating_sub(inside.1),
                    ended.cpu_ns - outside.1,
                ),
                format!(
                    "measured {} s of CPU time in the phase {name:?}, which contradicts the runner's stamps",
                    phase.cpu_s
                ),
            );
            outside = (ends.at_ns, ends.cpu_ns);
            inside = (ended.at_ns, ended.cpu_ns);
        }
    }

    /// Checks that requests were read after they began to be sent, and that replies were held before they were read.
    fn require_turns(&self, run: &RunRecord, require: &mut impl FnMut(bool, String)) {
        let Some(turns) = self.notes.turns.get(&run.run) else {
            return;
        };
        let hold_us = self.hold_ns as f64 / 1e3;
        let gaps = gaps_us(run);
        for (gap, pair) in gaps.iter().zip(turns.windows(2)) {
            let [reply, next] = pair else { continue };
            let most = us(next.read_ns, reply.sending_ns) - 2.0 * hold_us;
            require(
                *gap <= most + ROUNDED_US,
                format!("measured a gap of {gap} µs, but it can't exceed {most:.0}"),
            );
        }
        let (Some(first), Some(last)) = (turns.first(), turns.last()) else {
            return;
        };
        // Between the first request's end and the last reply's beginning at the mock, there are only holds and gaps.
        let least = us(last.sending_ns, first.read_ns) + 2.0 * hold_us;
        let sum = run.hold_ms * 1e3 + gaps.iter().sum::<f64>();
        require(
            sum + ROUNDED_US >= least,
            format!("measured holds and gaps of {sum:.0} µs, but they took at least {least:.0}"),
        );
    }

    /// The edges around `ready`: before it was written, and after the next line was read.
    fn ready(&self) -> Option<(Edge, Edge)> {
        Some((self.edge(2)?, self.edge(3)?))
    }

    fn edge(&self, at: usize) -> Option<Edge> {
        self.notes.edges.get(at).copied()
    }

    /// Each phase, with the edges around its end.
    fn phases(&self) -> impl Iterator<Item = (PhaseName, &Phase, [Edge; 2])> {
        let edges = self.notes.edges.chunks_exact(2);
        let edges = edges.filter_map(|two| <[Edge; 2]>::try_from(two).ok());
        let phases = self.figures.phases.in_order().zip(edges);
        phases.map(|((name, phase), edges)| (name, phase, edges))
    }
}

#[cfg(test)]
mod tests;
