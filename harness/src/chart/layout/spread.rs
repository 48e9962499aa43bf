//! Moves apart names that would overlap (pool adjacent violators).

/// Places as near to the `wanted` ones as they can be with `gap` between any two, in the same order, inside `within`
/// if there is room.
pub fn spread(wanted: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    let value = |index: &usize| wanted.get(*index).copied().unwrap_or(low);
    order.sort_by(|one, other| value(one).total_cmp(&value(other)));
    // Groups of places that touch: their sum of wanted firsts, and how many they are. A group stands at the mean.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    let first = |(sum, count): (f64, usize)| {
        let room = (high - (count - 1) as f64 * gap).max(low);
        (sum / count as f64).clamp(low, room)
    };
    for index in &order {
        let mut group = (value(index), 1);
        while let Some(above) = groups.last().copied() {
            let shift = above.1 as f64 * gap;
            if first(above) + shift <= first(group) {
                break;
            }
            groups.pop();
            group = (
                above.0 + group.0 - group.1 as f64 * shift,
                above.1 + group.1,
            );
        }
        groups.push(group);
    }
    let placed = groups
        .iter()
        .flat_map(|group| (0..group.1).map(|index| first(*group) + index as f64 * gap));
    let mut places = wanted.to_vec();
    for (index, place) in order.into_iter().zip(placed) {
        if let Some(slot) = places.get_mut(index) {
            *slot = place;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_have_room_stay_and_others_move_apart_evenly() {
        let within = (0.0, 100.0);
        assert_eq!(spread(&[80.0, 20.0], 10.0, within), [80.0, 20.0]);
        assert_eq!(spread(&[50.0, 50.0], 10.0, within), [45.0, 55.0]);
        // The middle two push the third along: all three stand around their mean, 53.
        assert_eq!(
            spread(&[50.0, 51.0, 58.0], 10.0, within),
            [43.0, 53.0, 63.0]
        );
    }

    #[test]
    fn names_stay_inside_the_panel() {
        let within = (0.0, 100.0);
        assert_eq!(spread(&[0.0, 1.0, 2.0], 10.0, within), [0.0, 10.0, 20.0]);
        assert_eq!(spread(&[100.0, 99.0], 10.0, within), [100.0, 90.0]);
        assert_eq!(spread(&[], 10.0, within), [0.0; 0]);
    }
}
