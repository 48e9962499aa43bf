//! Lists the names that exist, for the error about one that does not.

/// The maximum number of names that are listed in full; of more, only the nearest ones are.
const MAX_LISTED: usize = 8;
const NEAREST: usize = 4;

/// The known names, or the nearest ones if there are many.
pub(super) fn instead<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>) -> String {
    let mut names: Vec<String> = Vec::new();
    for known in known {
        if !names.iter().any(|name| name == known.as_ref()) {
            names.push(known.as_ref().to_owned());
        }
    }
    if names.is_empty() {
        return "none exists".to_owned();
    }
    if names.len() <= MAX_LISTED {
        return format!("known: {}", names.join(", "));
    }
    names.sort_by_key(|known| strsim::damerau_levenshtein(name, known));
    names.truncate(NEAREST);
    format!("the nearest names are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_few_names_all_are_listed_and_of_many_the_nearest() {
        assert_eq!(instead("x", ["a", "b", "a"]), "known: a, b");
        assert_eq!(instead("x", Vec::<String>::new()), "none exists");
        let many = [
            "cpu_s",
            "median_ms",
            "p95_ms",
            "p99_ms",
            "build_s",
            "imports_s",
            "connections",
            "first_run_s",
            "median_low_ms",
        ];
        assert_eq!(
            instead("mediam_ms", many),
            "the nearest names are median_ms, median_low_ms, p95_ms, p99_ms"
        );
    }
}
