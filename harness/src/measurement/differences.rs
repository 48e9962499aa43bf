//! Columns of numbers that hardly change, as differences: they compress to a fraction.

/// The first value, then each one less the one before.
pub(super) fn of(values: impl Iterator<Item = u64>) -> Vec<i64> {
    let mut before = 0;
    let differences = values.map(|value| {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        value - std::mem::replace(&mut before, value)
    });
    differences.collect()
}

/// The values that these are the differences of.
///
/// # Errors
///
/// When one is less than nothing, or larger than an `i64`.
pub(super) fn sums(differences: &[i64]) -> Result<Vec<u64>, String> {
    let mut sum: i64 = 0;
    let values = differences.iter().map(|difference| {
        sum = sum
            .checked_add(*difference)
            .ok_or_else(|| "a sum of differences is too large".to_owned())?;
        u64::try_from(sum)
            .map_err(|_| format!("the differences add up to {sum}, less than nothing"))
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_differences_are_the_values() {
        let values = [5, 5, 9, 0, 1 << 40];
        let differences = of(values.into_iter());
        assert_eq!(differences, [5, 0, 4, -9, 1 << 40]);
        assert_eq!(sums(&differences).unwrap(), values);
        assert!(sums(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_no_differences_can_be_is_refused() {
        assert!(
            sums(&[1, -2])
                .unwrap_err()
                .contains("-1, less than nothing")
        );
        assert!(sums(&[i64::MAX, 1]).unwrap_err().contains("too large"));
    }
}
