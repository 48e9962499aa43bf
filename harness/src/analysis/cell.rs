//! What a cell gave: its counts, its figures and what is questionable about them.

use std::ops::Range;

use super::Mark;
use crate::metric::{Metric, catalogue};
use crate::plan::CellKey;
use crate::stats::Resamples;

/// The figures of a cell. A figure that there is none of is missing, never 0.
#[derive(Debug, Clone, PartialEq)]
pub struct CellResult {
    /// Which cell.
    pub key: CellKey,
    /// How many trials and runs there were.
    pub counts: Counts,
    /// What is questionable about it, in the order of the methodology's table.
    pub marks: Vec<Mark>,
    /// In the order of the catalogue.
    estimates: Vec<Option<Estimate>>,
}

/// How many trials and runs a cell had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Trials that completed.
    pub trials: u32,
    /// Trials that did not.
    pub failed_trials: u32,
    /// Measured runs that were asked for.
    pub runs: u32,
    /// Those that did the work.
    pub verified_runs: u32,
}

/// A value in its metric's unit, and how far it varies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its 95 % interval, where there are trials enough.
    pub interval: Option<Range<f64>>,
    /// The least and the most of the trials, where a trial has a value of its own.
    pub extent: Option<Range<f64>>,
    /// What it would have been in other repetitions, where it is compared.
    pub(super) resamples: Option<Resamples>,
}

impl CellResult {
    /// A cell that has no figure.
    pub(crate) fn empty(key: CellKey) -> CellResult {
        CellResult {
            key,
            counts: Counts::default(),
            marks: Vec::new(),
            estimates: vec![None; catalogue::ALL.len()],
        }
    }

    /// A figure with its spread.
    pub fn get(&self, metric: &Metric) -> Option<&Estimate> {
        self.estimates.get(catalogue::place(metric)?)?.as_ref()
    }

    /// A figure alone.
    pub fn value(&self, metric: &Metric) -> Option<f64> {
        self.get(metric).map(|estimate| estimate.value)
    }

    pub(crate) fn set(&mut self, metric: &Metric, estimate: Option<Estimate>) {
        let place = catalogue::place(metric);
        if let Some(slot) = place.and_then(|place| self.estimates.get_mut(place)) {
            *slot = estimate;
        }
    }

    /// The names of its marks.
    pub fn mark_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.marks.iter().map(|mark| mark.name)
    }

    /// Whether it has the mark of this name.
    pub fn is_marked(&self, name: &str) -> bool {
        self.mark_names().any(|mark| mark == name)
    }

    /// Its marks in words, with reasons and with how many trials have them.
    pub fn mark_notes(&self) -> String {
        let notes: Vec<String> = self.marks.iter().map(Mark::in_words).collect();
        notes.join("; ")
    }
}

impl Estimate {
    /// A value of which no more is known.
    pub fn of(value: f64) -> Estimate {
        Estimate {
            value,
            ..Estimate::default()
        }
    }

    /// With an interval.
    #[cfg(test)]
    pub(crate) fn within(self, low: f64, high: f64) -> Estimate {
        Estimate {
            interval: Some(low..high),
            ..self
        }
    }

    /// With the least and the most of the trials.
    #[cfg(test)]
    pub(crate) fn between(self, least: f64, most: f64) -> Estimate {
        Estimate {
            extent: Some(least..most),
            ..self
        }
    }
}
