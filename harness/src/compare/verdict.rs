//! What two sweeps say of a rule.

use super::change::{Change, Question};
use super::rule::Rule;
use crate::metric::Better;
use crate::stats::holm;

/// How often all comparisons of a call together may be wrong.
pub const ALPHA: f64 = 0.05;

/// A change, held against a rule.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// The change.
    pub change: &'a Change,
    /// The share by which it may be worse.
    pub margin: f64,
    /// What was found.
    pub outcome: Outcome,
    /// The adjusted p-value of what was found, or of the nearer question where nothing was; `None` for what is counted.
    pub chance: Option<f64>,
}

/// What two sweeps say of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is worse by more than the margin.
    Fail,
    /// The trials don't say.
    Undecided,
    /// It is not.
    Pass,
}

/// Holds each change against the rule beside it. Each of the two questions is adjusted over all comparisons of a call.
pub fn judge<'a>(asked: &[(&'a Change, Rule)]) -> Vec<Judged<'a>> {
    judge_at(asked, ALPHA)
}

/// Like [`judge`], where all comparisons together may be wrong as often as `alpha` says: a part of [`ALPHA`] for a call of
/// several judgements.
pub fn judge_at<'a>(asked: &[(&'a Change, Rule)], alpha: f64) -> Vec<Judged<'a>> {
    let questions = [Question::Worse, Question::NotWorse];
    let chances = questions.map(|question| {
        let chances = asked.iter().map(|(change, rule)| {
            let is_tested = change.slack().is_none();
            let chance = is_tested.then(|| change.chance(question, rule.margin(change)));
            chance.flatten()
        });
        chances.collect::<Vec<Option<f64>>>()
    });
    let adjusted = chances.map(|chances| adjusted(&chances));
    let judged = asked.iter().enumerate().map(|(place, (change, rule))| {
        let margin = rule.margin(change);
        let [worse, not_worse] = adjusted
            .each_ref()
            .map(|chances| chances.get(place).copied().flatten());
        let (outcome, chance) = match (worse, not_worse) {
            _ if change.slack().is_some() => (counted(change, margin), None),
            (Some(worse), _) if worse <= alpha => (Outcome::Fail, Some(worse)),
            (_, Some(not_worse)) if not_worse <= alpha => (Outcome::Pass, Some(not_worse)),
            (worse, not_worse) => (Outcome::Undecided, least(worse, not_worse)),
        };
        Judged {
            change,
            margin,
            outcome,
            chance,
        }
    });
    judged.collect()
}

/// A change of what is counted needs no statistics.
fn counted(change: &Change, margin: f64) -> Outcome {
    let margin = margin.max(change.slack().unwrap_or_default());
    let Some([before, after]) = change.medians() else {
        return Outcome::Undecided;
    };
    let is_worse = match change.metric.better {
        Better::Higher => after < before / (1.0 + margin),
        Better::Lower | Better::Neither => after > before * (1.0 + margin),
    };
    match is_worse {
        true => Outcome::Fail,
        false => Outcome::Pass,
    }
}

/// Adjusted among those that there are.
fn adjusted(chances: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut all = holm(&chances.iter().flatten().copied().collect::<Vec<f64>>()).into_iter();
    let adjusted = chances.iter().map(|chance| chance.and_then(|_| all.next()));
    adjusted.collect()
}

fn least(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, Normal};

    use super::super::change::tests::change;
    use super::*;
    use crate::metric::catalogue;

    fn rule(text: &str) -> Rule {
        text.parse().unwrap()
    }

    #[test]
    fn three_trials_decide_nothing_of_what_is_measured_and_all_of_what_is_counted() {
        let cpu = change(
            &catalogue::CPU_PER_RUN,
            &[1.0, 1.0, 1.01],
            &[2.0, 2.01, 2.02],
        );
        let calls = change(&catalogue::LLM_CALLS_PER_RUN, &[4.0; 3], &[5.0; 3]);
        let judged = judge(&[
            (&cpu, rule("cpu_per_run_ms > 10%")),
            (&calls, rule("llm_calls_per_run > 0%")),
        ]);
        // The only comparison of what is measured: 1 of 20 relabellings, which is 5 %.
        assert_eq!(judged[0].outcome, Outcome::Fail);
        assert_eq!((judged[1].outcome, judged[1].chance), (Outcome::Fail, None));
        let twice = judge(&[
            (&cpu, rule("cpu_per_run_ms > 10%")),
            (&cpu, rule("cpu_per_run_ms > 10%")),
        ]);
        assert_eq!(
            twice[0].outcome,
            Outcome::Undecided,
            "of two, each needs 2.5 %"
        );
    }

    /// A family of comparisons whose trials vary by 2 % around the same value, the second ones times `factor`.
    fn family(random: &mut SmallRng, size: usize, trials: usize, factor: f64) -> Vec<Change> {
        let spread = Normal::new(1.0, 0.02).unwrap();
        let mut draw = |factor: f64| -> Vec<f64> {
            (0..trials)
                .map(|_| factor * spread.sample(random))
                .collect()
        };
        let changes = (0..size).map(|_| {
            let (before, after) = (draw(10.0), draw(10.0 * factor));
            change(&catalogue::CPU_PER_RUN, &before, &after)
        });
        changes.collect()
    }

    fn failures(changes: &[Change], rule: Rule) -> usize {
        let asked: Vec<(&Change, Rule)> = changes.iter().map(|change| (change, rule)).collect();
        let judged = judge(&asked);
        judged
            .iter()
            .filter(|one| one.outcome == Outcome::Fail)
            .count()
    }

    #[test]
    fn of_a_thousand_pairs_without_a_change_at_most_one_family_in_twenty_raises_an_alarm() {
        let mut random = SmallRng::seed_from_u64(20_261_127);
        for trials in [3, 5, 10] {
            let alarms = (0..250).filter(|_| {
                let changes = family(&mut random, 4, trials, 1.0);
                failures(&changes, rule("cpu_per_run_ms > 0%")) > 0
            });
            let alarms = alarms.count();
            // One in twenty of 250 families of four pairs, and three standard deviations of a binomial count.
            assert!(alarms <= 12 + 10, "{alarms} of 250 with {trials} trials");
        }
    }

    #[test]
    fn ten_percent_more_are_found_nine_times_in_ten_with_eight_trials() {
        let mut random = SmallRng::seed_from_u64(7);
        let found = (0..100).map(|_| {
            let changes = family(&mut random, 10, 8, 1.1);
            failures(&changes, rule("cpu_per_run_ms > 5%"))
        });
        let found: usize = found.sum();
        assert!(found >= 900, "{found} of 1,000");
    }
}
