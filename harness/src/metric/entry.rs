//! How the catalogue writes an entry: by what it is made from, then what sets it apart.

use super::{Across, Better, Metric, Source, Spread, Unit, Witness};
use crate::measurement::{Figures, RunColumns, RunCounts};

/// A new metric is better when lower, has no columns of spread and is not compared.
impl Metric {
    const fn new(
        [name, title, about]: [&'static str; 3],
        unit: Unit,
        witness: Witness,
        source: Source,
    ) -> Metric {
        Metric {
            name,
            title,
            about,
            unit,
            better: Better::Lower,
            witness,
            source,
            spread: Spread::None,
            is_compared: false,
            noisy_above: None,
        }
    }

    pub(super) const fn of_trial(
        name: &'static str,
        title: &'static str,
        about: &'static str,
        unit: Unit,
        witness: Witness,
        of: fn(&Figures, f64) -> Option<f64>,
    ) -> Metric {
        Metric::new([name, title, about], unit, witness, Source::Trial { of })
    }

    pub(super) const fn of_any_trial(
        name: &'static str,
        title: &'static str,
        about: &'static str,
        unit: Unit,
        witness: Witness,
        of: fn(Option<&Figures>, &RunCounts) -> Option<f64>,
    ) -> Metric {
        Metric::new([name, title, about], unit, witness, Source::AnyTrial { of })
    }

    /// The runs' values are milliseconds unless [`Metric::in_unit`] says otherwise.
    pub(super) const fn of_runs(
        name: &'static str,
        title: &'static str,
        about: &'static str,
        witness: Witness,
        of: fn(&RunColumns) -> &Vec<f64>,
        quantile: f64,
    ) -> Metric {
        let at_least = 1;
        let source = Source::Runs {
            of,
            quantile,
            at_least,
        };
        Metric::new([name, title, about], Unit::Ms, witness, source)
    }

    /// In the unit of what is divided.
    pub(super) const fn quotient(
        name: &'static str,
        title: &'static str,
        about: &'static str,
        of: &'static Metric,
        by: &'static Metric,
    ) -> Metric {
        let source = Source::Quotient { of, by };
        Metric::new([name, title, about], of.unit, of.witness, source)
    }

    pub(super) const fn across(
        name: &'static str,
        title: &'static str,
        about: &'static str,
        of: &'static Metric,
        by: Across,
    ) -> Metric {
        let source = Source::Across { of, by };
        Metric::new([name, title, about], Unit::Count, of.witness, source)
    }

    /// In another unit than the entry's kind usually has.
    pub(super) const fn in_unit(mut self, unit: Unit) -> Metric {
        self.unit = unit;
        self
    }

    pub(super) const fn higher_is_better(mut self) -> Metric {
        self.better = Better::Higher;
        self
    }

    pub(super) const fn descriptive(mut self) -> Metric {
        self.better = Better::Neither;
        self
    }

    /// No value from fewer runs.
    pub(super) const fn at_least(mut self, runs: usize) -> Metric {
        match &mut self.source {
            Source::Runs { at_least, .. } => *at_least = runs,
            _ => panic!("only a quantile of runs needs a number of them"),
        }
        self
    }

    pub(super) const fn spread(mut self, spread: Spread) -> Metric {
        self.spread = spread;
        self
    }

    pub(super) const fn compared(mut self) -> Metric {
        self.is_compared = true;
        self
    }

    pub(super) const fn noisy_above(mut self, limit: f64) -> Metric {
        self.noisy_above = Some(limit);
        self
    }
}
