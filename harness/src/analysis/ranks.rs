//! Ranks, where noise allows them. Not being told apart is not transitive, so ties are no groups: each row's rank comes from
//! its own comparisons with all others.

use super::{CellResult, marks};
use crate::metric::Metric;
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
    let is_better = |one: &Candidate<'_>, other: &Candidate<'_>| {
        is_clearly_less(one, other, comparisons, noise)
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

/// Whether the interval of `other` over `one`, widened for so many comparisons, lies above 1, and the ratio itself beyond
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
