//! Permutation tests: how often would chance alone make a difference as large as the one that was seen? Exact where all
//! relabellings can be looked at. (Edgington and Onghena, "Randomization Tests", 4th edition, 2007, chapters 4 and 5.)

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// More relabellings than these are drawn, not enumerated.
const MAX_ENUMERATED: u64 = 20_000;
/// How many are drawn.
const DRAWN: u64 = 10_000;
/// Sums that differ by less than this share are equal: the same numbers added in another order.
const EQUAL: f64 = 1e-9;

/// How likely it is that the mean of `after` is above that of `before` by as much as it is, if both are draws of one
/// population: the one-sided p-value of the difference of means, from all relabellings of the values. `None` without a
/// value on either side.
///
/// With `n` values on each side the least that it can be is 1 over the number of ways to choose `n` of `2n`.
pub fn chance_of_rise(before: &[f64], after: &[f64], seed: u64) -> Option<f64> {
    if before.is_empty() || after.is_empty() {
        return None;
    }
    let all: Vec<f64> = before.iter().chain(after).copied().collect();
    let seen: f64 = after.iter().sum();
    let slack = EQUAL * all.iter().map(|value| value.abs()).sum::<f64>();
    // Of the same values, the larger sum has the larger difference of means.
    let is_as_large = |sum: f64| sum >= seen - slack;
    let count = choose(all.len() as u64, after.len() as u64);
    match count {
        Some(count) if count <= MAX_ENUMERATED => {
            let mut as_large = 0_u64;
            each_sum(&all, after.len(), 0.0, &mut |sum| {
                as_large += u64::from(is_as_large(sum))
            });
            Some(as_large as f64 / count as f64)
        }
        _ => {
            let mut random = SmallRng::seed_from_u64(seed);
            let mut values = all;
            let draws =
                (0..DRAWN).filter(|_| is_as_large(draw(&mut values, after.len(), &mut random)));
            // What was seen is a relabelling too.
            Some((draws.count() + 1) as f64 / (DRAWN + 1) as f64)
        }
    }
}

/// The smallest one-sided p-value that a test of this many values can give.
pub fn least_chance(before: usize, after: usize) -> f64 {
    let ways = choose((before + after) as u64, after as u64);
    let drawn = 1.0 / (DRAWN + 1) as f64;
    match ways {
        Some(ways) if ways <= MAX_ENUMERATED => 1.0 / ways as f64,
        _ => drawn,
    }
}

/// The sum of every choice of `count` values.
fn each_sum(values: &[f64], count: usize, sum: f64, take: &mut dyn FnMut(f64)) {
    if count == 0 {
        return take(sum);
    }
    for (place, value) in values.iter().enumerate() {
        let rest = values.get(place + 1..).unwrap_or_default();
        if rest.len() + 1 < count {
            return;
        }
        each_sum(rest, count - 1, sum + value, take);
    }
}

/// The sum of `count` values that are drawn without replacement (the first steps of a Fisher-Yates shuffle).
fn draw(values: &mut [f64], count: usize, random: &mut SmallRng) -> f64 {
    let mut sum = 0.0;
    for place in 0..count.min(values.len()) {
        values.swap(place, random.random_range(place..values.len()));
        sum += values.get(place).copied().unwrap_or_default();
    }
    sum
}

/// The number of ways to choose `of` of `all`; `None` where it is too large for a number.
fn choose(all: u64, of: u64) -> Option<u64> {
    let mut ways = 1_u64;
    for step in 0..of.min(all - of) {
        ways = ways.checked_mul(all - step)? / (step + 1);
    }
    Some(ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_is_as_likely_as_its_relabellings_say() {
        let p = |before: &[f64], after: &[f64]| chance_of_rise(before, after, 1);
        // 1 of the 20 ways to choose 3 of 6 has a sum as large.
        assert_eq!(p(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), Some(1.0 / 20.0));
        // Every way has.
        assert_eq!(p(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0]), Some(1.0));
        assert_eq!(p(&[2.0; 3], &[2.0; 3]), Some(1.0));
        // Of 1, 2, 3 and 4, two pairs of six have a sum of 6 or more: 2 + 4 and 3 + 4.
        assert_eq!(p(&[1.0, 3.0], &[2.0, 4.0]), Some(2.0 / 6.0));
        assert_eq!(p(&[], &[1.0]), None);
    }

    #[test]
    fn many_values_are_drawn_and_few_of_the_draws_are_as_large() {
        let before: Vec<f64> = (0..12).map(f64::from).collect();
        let after: Vec<f64> = before.iter().map(|value| value + 100.0).collect();
        let apart = chance_of_rise(&before, &after, 1).unwrap();
        assert!(apart < 1e-3, "{apart}");
        assert!(apart >= least_chance(12, 12));
        let alike = chance_of_rise(&before, &before, 1).unwrap();
        assert!((0.3..0.8).contains(&alike), "{alike}");
    }

    #[test]
    fn the_least_chance_is_that_of_a_single_way() {
        assert_eq!(least_chance(3, 3), 1.0 / 20.0);
        assert_eq!(least_chance(8, 8), 1.0 / 12_870.0);
    }
}
