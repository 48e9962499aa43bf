//! What a metric is.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::Serialize;

use super::Unit;
use crate::measurement::{Figures, RunColumns, RunCounts};

/// A figure of a cell.
#[derive(Debug)]
pub struct Metric {
    /// Its column in `summary.csv`, with its unit; it never changes once it is published.
    pub name: &'static str,
    /// As tables and charts head it, without its unit.
    pub title: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// The unit in which it is recorded.
    pub unit: Unit,
    /// Which of two values is the better one.
    pub better: Better,
    /// Who saw it.
    pub witness: Witness,
    /// What it is made from.
    pub source: Source,
    /// Which columns say how far it varies.
    pub spread: Spread,
    /// Whether rows are ranked by it and stand in ratios to their floors.
    pub is_compared: bool,
    /// How far its trials may lie apart (distance of the quartiles over the median) before the cell is noisy.
    pub noisy_above: Option<f64>,
}

/// Which of two values is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
    /// Neither: it describes.
    Neither,
}

impl Better {
    /// The better value first, and what has none last. Where neither is better, the lower one is first.
    pub fn first(self, one: Option<f64>, other: Option<f64>) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) if self == Better::Higher => other.total_cmp(&one),
            (Some(one), Some(other)) => one.total_cmp(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }
}

/// Who saw what a metric says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Witness {
    /// The runner's own clock.
    Runner,
    /// The mock's ledger.
    Ledger,
    /// The kernel's accounting.
    Kernel,
    /// The harness's clock.
    Harness,
}

/// What a metric is made from.
#[derive(Debug)]
pub enum Source {
    /// A quantile over the verified runs of all trials.
    Runs {
        /// The runs' values.
        of: fn(&RunColumns) -> &Vec<f64>,
        /// Which quantile, 0 to 1.
        quantile: f64,
        /// There is no figure from fewer values.
        at_least: usize,
    },
    /// A value for each trial in which every run was verified; the cell has the median.
    Trial {
        /// The trial's value, from its figures and its number of runs.
        of: fn(&Figures, f64) -> Option<f64>,
    },
    /// A value for each trial, whether or not its runs did the work; the cell has the median.
    AnyTrial {
        /// The trial's value, from its figures, which only one that completed has, and how its runs ended.
        of: fn(Option<&Figures>, &RunCounts) -> Option<f64>,
    },
    /// How another metric goes along with the scenario's parameter: a value of the row, in its cell of the largest
    /// parameter.
    Across {
        /// The other metric.
        of: &'static Metric,
        /// How it goes along with the parameter.
        by: Across,
    },
    /// One metric of the cell over another.
    Quotient {
        /// What is divided.
        of: &'static Metric,
        /// What it is divided by; there is no figure where that is not above 0.
        by: &'static Metric,
    },
}

/// How a metric goes along with the parameter `at` of a scenario's cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Across {
    /// The slope of its logarithm over the parameter's, by least squares: 0 for what stays the same, 1 for what grows
    /// in proportion, 2 for what grows with the square. `None` from fewer than three cases.
    Exponent,
    /// Its value at the largest parameter over that at the smallest.
    Growth,
    /// What it grows by, by least squares, when the parameter grows by this much.
    Slope {
        /// How much of the parameter.
        per: f64,
    },
}

/// Which columns say how far a metric varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// None.
    None,
    /// The 95 % interval.
    Interval,
    /// The 95 % interval, and the least and the most of the trials.
    Both,
}

impl Metric {
    /// Whether a bootstrap says how far it varies.
    pub fn is_resampled(&self) -> bool {
        self.is_compared || self.spread != Spread::None
    }

    /// The name of a column beside the metric's own: `cpu_low_s` for `low` of `cpu_s`.
    pub fn column(&self, part: &str) -> String {
        let suffix = self.unit.suffix();
        let stem = self.name.strip_suffix(suffix).unwrap_or(self.name);
        format!("{stem}_{part}{suffix}")
    }

    /// All columns of the metric in `summary.csv`.
    pub fn columns(&self) -> Vec<String> {
        let parts: &[&str] = match self.spread {
            Spread::None => &[],
            Spread::Interval => &["low", "high"],
            Spread::Both => &["low", "high", "least", "most"],
        };
        let beside = parts.iter().map(|part| self.column(part));
        std::iter::once(self.name.to_owned())
            .chain(beside)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_value_comes_first_and_what_has_none_last() {
        let sorted = |better: Better| {
            let mut values = [Some(0.5), None, Some(2.0), Some(-1.0)];
            values.sort_by(|one, other| better.first(*one, *other));
            values
        };
        let rising = [Some(-1.0), Some(0.5), Some(2.0), None];
        assert_eq!(sorted(Better::Lower), rising);
        assert_eq!(sorted(Better::Neither), rising);
        assert_eq!(
            sorted(Better::Higher),
            [Some(2.0), Some(0.5), Some(-1.0), None]
        );
        assert_eq!(Better::Higher.first(None, None), Ordering::Equal);
    }
}
