//! A mark: something questionable about a cell, in how many of its trials, and why.

/// A mark of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The word.
    pub name: &'static str,
    /// How many of the trials have it; `None` for what is of the cell as a whole.
    pub trials: Option<usize>,
    /// How many trials the cell has.
    pub of: usize,
    /// Why, with how many trials.
    pub reasons: Vec<(&'static str, Option<usize>)>,
}

impl Mark {
    /// A mark of the cell as a whole.
    pub(crate) fn of_cell(name: &'static str) -> Mark {
        Mark {
            name,
            trials: None,
            of: 0,
            reasons: Vec::new(),
        }
    }

    /// `mock-bound in 2 of 10 trials`, `noisy (steal in 1 of 10 trials, spread)`
    pub(crate) fn in_words(&self) -> String {
        let counted = |name: &str, count: Option<usize>| match count {
            Some(count) => format!("{name} in {count} of {} trials", self.of),
            None => name.to_owned(),
        };
        let name = counted(self.name, self.trials);
        if self.reasons.is_empty() {
            return name;
        }
        let reasons = self.reasons.iter();
        let reasons: Vec<String> = reasons
            .map(|(reason, count)| counted(reason, *count))
            .collect();
        format!("{name} ({})", reasons.join(", "))
    }
}
