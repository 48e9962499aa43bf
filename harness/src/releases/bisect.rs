//! The search for the release that broke a rule, by halves.

/// What measuring a release beside the first one says of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// It is broken.
    Broken,
    /// It is kept.
    Kept,
    /// The trials don't say.
    Undecided,
    /// The release can't be installed here, or does not do the work.
    LeftOut,
}

/// How a search ended; releases by their places, the first at 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The newest release keeps the rule.
    Kept,
    /// The rule was broken between these two.
    Between {
        /// The newest release that keeps it.
        before: usize,
        /// The oldest one that breaks it.
        after: usize,
        /// Those between the two, which could not be measured.
        left_out: Vec<usize>,
    },
    /// The trials of the release at `at` don't say; the change came between the two others if there is one.
    Undecided {
        /// The newest release that keeps it.
        before: usize,
        /// The oldest one that breaks it, or is not known to keep it.
        after: usize,
        /// The release that could not be judged.
        at: usize,
    },
    /// The newest release could not be measured.
    LeftOut,
}

/// How many judgements [`bisect`] makes of `count` releases at most.
pub fn max_steps(count: usize) -> u32 {
    let between = count.saturating_sub(2);
    // A binary search of n places asks ⌊log₂ n⌋ + 1 times.
    1 + between.checked_ilog2().map_or(0, |halves| halves + 1)
}

/// Measures the newest of `count` releases beside the first one and, if it breaks the rule, halves what is between them
/// until two neighbours are left. Of what is between, the middle one of those that can be measured is next, so that there
/// are at most [`max_steps`] judgements.
///
/// # Errors
///
/// The first one of `measure`.
pub fn bisect<E>(
    count: usize,
    mut measure: impl FnMut(usize) -> Result<Measured, E>,
) -> Result<Ended, E> {
    let (mut before, mut after) = (0, count.saturating_sub(1));
    if after == before {
        return Ok(Ended::Kept);
    }
    let (at, undecided) = (after, (before, after));
    match measure(at)? {
        Measured::Kept => return Ok(Ended::Kept),
        Measured::LeftOut => return Ok(Ended::LeftOut),
        Measured::Undecided => {
            let (before, after) = undecided;
            return Ok(Ended::Undecided { before, after, at });
        }
        Measured::Broken => {}
    }
    let mut left_out: Vec<usize> = Vec::new();
    loop {
        let between: Vec<usize> = (before + 1..after)
            .filter(|place| !left_out.contains(place))
            .collect();
        let Some(at) = between.get(between.len() / 2).copied() else {
            left_out.retain(|place| (before..after).contains(place));
            left_out.sort_unstable();
            return Ok(Ended::Between {
                before,
                after,
                left_out,
            });
        };
        match measure(at)? {
            Measured::Broken => after = at,
            Measured::Kept => before = at,
            Measured::LeftOut => left_out.push(at),
            Measured::Undecided => return Ok(Ended::Undecided { before, after, at }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// The search among `count` releases, and how many judgements it took.
    fn search(count: usize, says: impl Fn(usize) -> Measured) -> (Ended, u32) {
        let mut judged = 0;
        let ended = bisect(count, |place| {
            let said = says(place);
            judged += u32::from(said != Measured::LeftOut);
            Ok::<_, Infallible>(said)
        });
        (ended.unwrap(), judged)
    }

    /// Whether a release is at or behind the one that brought the change.
    fn broken_from(change: usize) -> impl Fn(usize) -> Measured {
        move |place| match place >= change {
            true => Measured::Broken,
            false => Measured::Kept,
        }
    }

    #[test]
    fn the_two_neighbours_are_found_wherever_the_change_is() {
        for count in 2..40 {
            for change in 1..count {
                let (ended, judged) = search(count, broken_from(change));
                let expected = Ended::Between {
                    before: change - 1,
                    after: change,
                    left_out: Vec::new(),
                };
                assert_eq!(ended, expected, "{count}");
                assert!(judged <= max_steps(count), "{judged} of {count}");
            }
        }
        assert_eq!([2, 3, 4, 10].map(max_steps), [1, 2, 3, 5]);
    }

    #[test]
    fn without_a_change_one_judgement_is_enough() {
        assert_eq!(search(10, broken_from(10)), (Ended::Kept, 1));
        assert_eq!(search(1, broken_from(0)), (Ended::Kept, 0));
    }

    #[test]
    fn releases_that_can_t_be_measured_are_passed_over_and_named_where_they_hide_the_change() {
        for count in 2..20_usize {
            for change in 1..count {
                let truth = broken_from(change);
                let says = |place: usize| match place % 3 {
                    1 if place + 1 < count => Measured::LeftOut,
                    _ => truth(place),
                };
                let (ended, judged) = search(count, says);
                let Ended::Between {
                    before,
                    after,
                    left_out,
                } = ended
                else {
                    panic!("{ended:?}")
                };
                assert!(before < change && change <= after, "{count} {change}");
                assert_eq!(left_out, (before + 1..after).collect::<Vec<usize>>());
                assert!(judged <= max_steps(count));
            }
        }
        assert_eq!(search(4, |_| Measured::LeftOut).0, Ended::LeftOut);
    }

    #[test]
    fn where_the_trials_can_t_tell_the_search_ends_undecided() {
        let first = search(9, |_| Measured::Undecided);
        let (before, after, at) = (0, 8, 8);
        assert_eq!(first, (Ended::Undecided { before, after, at }, 1));
        let truth = broken_from(3);
        let later = search(9, |place| match place {
            4 => Measured::Undecided,
            _ => truth(place),
        });
        let (before, after, at) = (0, 8, 4);
        assert_eq!(later, (Ended::Undecided { before, after, at }, 2));
    }
}
