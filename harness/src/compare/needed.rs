//! How many trials a gate needs before it can decide, from the spread of a sweep that there is already.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Normal};

use super::change::Change;
use super::rule::Rule;
use super::verdict::ALPHA;
use crate::stats::{chance_of_rise, least_chance};

/// The most trials a side that are looked at.
pub const MOST: usize = 16;
/// How often a change at twice the margin is to be found, and one that is none is to be passed.
pub const POWER: f64 = 0.9;
/// How many pairs of sweeps are drawn for each number of trials.
const PAIRS: usize = 80;
const SEED: u64 = 1;

/// What a rule needs, by the cell whose trials vary most against the rule's margin.
#[derive(Debug, Clone)]
pub struct Needed<'a> {
    /// The rule.
    pub rule: Rule,
    /// The cell and its trials; `None` where the sweep has no figure that varies.
    pub widest: Option<Widest<'a>>,
    /// Trials a side; `None` where [`MOST`] are too few.
    pub trials: Option<usize>,
}

/// The cell that decides how many trials a rule needs.
#[derive(Debug, Clone, Copy)]
pub struct Widest<'a> {
    /// The cell's figure; the second sweep is the first one.
    pub figure: &'a Change,
    /// Standard deviation of the trials' logarithms: near the share by which they vary.
    pub spread: f64,
}

/// The fewest trials a side with which this many comparisons can be decided at all; `None` where [`MOST`] are too few.
pub fn fewest(comparisons: usize) -> Option<usize> {
    let can_decide = |trials: &usize| least_chance(*trials, *trials) * comparisons as f64 <= ALPHA;
    (2..=MOST).find(can_decide)
}

/// What each rule needs, all comparisons of all rules together. `figures` are those of one sweep, beside itself.
///
/// Pairs of sweeps are drawn with the spread that the cell's trials have and a distance of one margin between them, which
/// is where a row that did not change lies from the margin, and one that changed by twice the margin; they are held
/// against the same test as the real ones.
pub fn needed<'a>(rules: &[Rule], figures: &'a [Change]) -> Vec<Needed<'a>> {
    let of = |rule: &Rule| {
        let name = rule.metric.name;
        let measured = figures
            .iter()
            .filter(|figure| figure.slack().is_none() && figure.metric.name == name);
        measured.collect::<Vec<&Change>>()
    };
    let comparisons = rules.iter().map(|rule| of(rule).len()).sum();
    let each = rules.iter().map(|rule| {
        let widest = widest(*rule, &of(rule));
        let trials = match &widest {
            None => fewest(comparisons),
            Some(widest) => {
                let distance = rule.margin(widest.figure).ln_1p();
                trials(widest.spread, distance, comparisons)
            }
        };
        Needed {
            rule: *rule,
            widest,
            trials,
        }
    });
    each.collect()
}

/// The figure whose spread is largest beside the margin.
fn widest<'a>(rule: Rule, figures: &[&'a Change]) -> Option<Widest<'a>> {
    let spread = |figure: &&'a Change| {
        let spread = spread(&figure.before)?;
        Some(Widest { figure, spread })
    };
    let beside = |one: &Widest<'a>| one.spread / rule.margin(one.figure).ln_1p();
    let all = figures.iter().filter_map(spread);
    all.max_by(|one, other| beside(one).total_cmp(&beside(other)))
}

/// Standard deviation of the logarithms; `None` of fewer than two values, or where one has no logarithm.
fn spread(values: &[f64]) -> Option<f64> {
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let count = logarithms.len() as f64;
    if logarithms.len() < 2 || logarithms.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mean = logarithms.iter().sum::<f64>() / count;
    let squares = logarithms.iter().map(|value| (value - mean).powi(2));
    Some((squares.sum::<f64>() / (count - 1.0)).sqrt())
}

/// The fewest trials a side with which a difference of `distance` is found as often as [`POWER`] says.
fn trials(spread: f64, distance: f64, comparisons: usize) -> Option<usize> {
    let most = ALPHA / comparisons as f64;
    (fewest(comparisons)?..=MOST)
        .find(|trials| share_found(spread, distance, *trials, most) >= POWER)
}

fn share_found(spread: f64, distance: f64, trials: usize, most: f64) -> f64 {
    // A spread that is no number draws nothing, so nothing is found.
    let Ok(normal) = Normal::new(0.0, spread) else {
        return 0.0;
    };
    let mut random = SmallRng::seed_from_u64(SEED);
    let mut draw = |from: f64| -> Vec<f64> {
        (0..trials)
            .map(|_| from + normal.sample(&mut random))
            .collect()
    };
    let found = (0..PAIRS).filter(|_| {
        let (low, high) = (draw(0.0), draw(distance));
        chance_of_rise(&low, &high, SEED).is_some_and(|chance| chance <= most)
    });
    found.count() as f64 / PAIRS as f64
}

#[cfg(test)]
mod tests {
    use super::super::change::tests::change;
    use super::super::verdict::{Outcome, judge};
    use super::*;
    use crate::metric::catalogue;

    #[test]
    fn more_comparisons_need_more_trials() {
        // 1 of 20 relabellings of three and three is 5 %; of four and four there are 70, of five and five 252.
        assert_eq!(fewest(1), Some(3));
        assert_eq!(fewest(2), Some(4));
        assert_eq!(fewest(3), Some(4));
        assert_eq!(fewest(4), Some(5));
        assert_eq!(fewest(100), Some(7));
        assert_eq!(fewest(100_000), None);
    }

    #[test]
    fn what_varies_most_beside_its_margin_says_how_many() {
        let cpu = &catalogue::CPU_PER_RUN;
        let still = change(cpu, &[1.0, 1.0, 1.001], &[]);
        let wild = change(cpu, &[1.0, 1.05, 0.95], &[]);
        let rule: Rule = "cpu_per_run_ms > 10%".parse().unwrap();
        let figures = [still, wild];
        let needed = needed(&[rule], &figures);
        let widest = needed[0].widest.unwrap();
        assert_eq!(widest.figure.before, figures[1].before);
        assert!((widest.spread - 0.05).abs() < 0.001, "{}", widest.spread);
        let alone = super::needed(&[rule], &figures[..1]);
        assert_eq!(alone[0].trials, Some(3), "the fewest for one comparison");
        assert!(needed[0].trials > alone[0].trials);
        // No number of trials confirms that nothing at all has changed.
        let none: Rule = "cpu_per_run_ms > 0%".parse().unwrap();
        assert_eq!(super::needed(&[none], &figures)[0].trials, None);
    }

    /// The plan's promise is kept by the gate itself: with as many trials as it names, a row that did not change is passed
    /// and one at twice the margin fails, nine times in ten, give or take three standard deviations of the count.
    #[test]
    fn a_gate_with_as_many_trials_decides_as_often_as_the_plan_says() {
        let rule: Rule = "cpu_per_run_ms > 5%".parse().unwrap();
        let cpu = &catalogue::CPU_PER_RUN;
        let trials = trials(0.02, 0.05_f64.ln_1p(), 4).unwrap();
        let normal = Normal::new(0.0, 0.02).unwrap();
        let mut random = SmallRng::seed_from_u64(20_261_127);
        let mut sweep = |value: f64| -> Vec<f64> {
            let draws = (0..trials).map(|_| value * f64::exp(normal.sample(&mut random)));
            draws.collect()
        };
        for (factor, expected) in [(1.0, Outcome::Pass), (1.05 * 1.05, Outcome::Fail)] {
            let mut decided = 0;
            for _ in 0..50 {
                let changes: Vec<Change> = (0..4)
                    .map(|_| change(cpu, &sweep(1.0), &sweep(factor)))
                    .collect();
                let asked: Vec<(&Change, Rule)> =
                    changes.iter().map(|change| (change, rule)).collect();
                let judged = judge(&asked);
                decided += judged.iter().filter(|one| one.outcome == expected).count();
            }
            assert!(
                decided >= 167,
                "{decided} of 200 with {trials} trials a side"
            );
        }
    }
}
