//! Many tests at once: p-values that may each be held against the level that all together are to keep.

/// Holm's adjusted p-values, in the order of those given: together the tests err as rarely as one does. (Holm, "A Simple
/// Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6, 1979.)
pub fn holm(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let value = |place: usize| values.get(place).copied().unwrap_or(1.0);
    order.sort_by(|one, other| value(*one).total_cmp(&value(*other)));
    let mut adjusted = vec![1.0; values.len()];
    let mut least: f64 = 0.0;
    for (rank, place) in order.into_iter().enumerate() {
        let tests = (values.len() - rank) as f64;
        least = least.max((tests * value(place)).min(1.0));
        if let Some(slot) = adjusted.get_mut(place) {
            *slot = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::holm;

    #[test]
    fn values_are_adjusted_as_by_hand() {
        // 4 × 0.005; 3 × 0.01; 2 × 0.03; the largest is no less than the one before.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        let truth = [0.03, 0.06, 0.06, 0.02];
        for (value, truth) in adjusted.iter().zip(truth) {
            assert!((value - truth).abs() < 1e-12, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.6, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }
}
