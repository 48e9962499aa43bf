//! Ranks, where noise allows them. Not being told apart is not transitive, so ties are no groups: each row's rank comes from
//! its own comparisons with all others.

use super::{CellResult, marks};
use crate::metric::{Better, Metric};
use crate::stats::Resamples;

/// A cell's figure, as ranks need it.
struct Candidate<'a> {
    cell: &'a CellResult,
    value: f64,
    resamples: &'a Resamples,
}

/// The rank of each cell that noise allows to rank: one more than the number of cells that are clearly better, and
/// `=` where there is another cell that is neither clearly better nor clearly worse.
pub(super) fn ranks<'a>(
    cells: &[&'a CellResult],
    metric: &Metric,
    noise: f64,
) -> Vec<(&'a CellResult, String)> {
    let candidates: Vec<Candidate<'a>> = cells
        .iter()
        .filter(|cell| !cell.key.aa_copy && marks::allow_rank(cell))
        .filter_map(|cell| {
            let estimate = cell.get(metric)?;
            Some(Candidate {
                cell,
                value: estimate.value,
                resamples: estimate.resamples.as_ref()?,
            })
        })
        .collect();
    if candidates.len() < 2 {
        return Vec::new();
    }
    let comparisons = candidates.len() * (candidates.len() - 1) / 2;
    let is_better = |one: &Candidate<'_>, other: &Candidate<'_>| match metric.better {
        Better::Higher => is_clearly_less(other, one, comparisons, noise),
        Better::Lower | Better::Neither => is_clearly_less(one, other, comparisons, noise),
    };
    candidates
        .iter()
        .map(|own| {
            let others = || candidates.iter().filter(|other| !std::ptr::eq(*other, own));
            let better = others().filter(|other| is_better(other, own)).count();
            let worse = others().filter(|other| is_better(own, other)).count();
            let is_tied = better + worse < candidates.len() - 1;
            (
                own.cell,
                format!("{}{}", better + 1, if is_tied { "=" } else { "" }),
            )
        })
        .collect()
}

/// Whether the interval of `other` over `one`, widened for the number of comparisons, lies above 1, and the ratio itself beyond
/// the noise.
fn is_clearly_less(
    one: &Candidate<'_>,
    other: &Candidate<'_>,
    comparisons: usize,
    noise: f64,
) -> bool {
    if other.value / one.value - 1.0 <= noise {
        return false;
    }
    let ratio = other.resamples.over(one.resamples);
    ratio.is_some_and(|ratio| ratio.interval_among(comparisons).start > 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::summarize;
    use super::super::synthetic::{cell, context, trials_of};
    use super::*;
    use crate::metric::catalogue;
    use crate::plan::{CellKey, RowKey};

    /// The ranks of rows by their CPU times, 4 runs in each of ten trials within 1 % of them.
    fn ranked(rows: &[(&str, f64)], metric: &Metric, noise: f64) -> Vec<String> {
        let (mut trials, mut runs) = (Vec::new(), Vec::new());
        for (name, cpu_s) in rows {
            let key = CellKey {
                row: RowKey::new(*name, "default"),
                ..cell()
            };
            let steps = (0..10).map(|step| cpu_s * (0.995 + 0.001 * f64::from(step)));
            let cpu_s: Vec<f64> = steps.collect();
            let (of_cell, of_runs) = trials_of(&key, trials.len() as u32, 4, &cpu_s);
            trials.extend(of_cell);
            runs.extend(of_runs);
        }
        let cells = summarize(trials.iter(), &runs.iter().collect(), &context());
        let cells: Vec<&CellResult> = cells.iter().collect();
        let ranks = ranks(&cells, metric, noise).into_iter();
        ranks.map(|(_, rank)| rank).collect()
    }

    #[test]
    fn where_the_higher_value_is_better_the_highest_row_is_the_first() {
        // 4 runs in 1, 2 and 4 s of CPU time are 4, 2 and 1 per second.
        let rows = [("b", 2.0), ("a", 1.0), ("c", 4.0)];
        for metric in [&catalogue::CPU_PER_RUN, &catalogue::RUNS_PER_CPU_SECOND] {
            assert_eq!(
                ranked(&rows, metric, 0.0),
                ["2", "1", "3"],
                "{}",
                metric.name
            );
        }
        // b has half of what a has: a is twice as much, which is 100 % above it. So noise of 90 % leaves both apart, and
        // noise of 110 % ties each row with its neighbour, but not a with c.
        let metric = &catalogue::RUNS_PER_CPU_SECOND;
        assert_eq!(ranked(&rows, metric, 0.9), ["2", "1", "3"]);
        assert_eq!(ranked(&rows, metric, 1.1), ["1=", "1=", "2="]);
    }
}
