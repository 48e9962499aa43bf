//! What exists instead of a name that does not.

/// So many names are listed; of more, only the nearest ones.
const MAX_LISTED: usize = 8;
const NEAREST: usize = 4;

/// The names that there are: `closed, burst`, or the nearest ones of many.
pub(super) fn instead<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>) -> String {
    let mut names: Vec<String> = Vec::new();
    for known in known {
        if !names.iter().any(|name| name == known.as_ref()) {
            names.push(known.as_ref().to_owned());
        }
    }
    if names.is_empty() {
        return "there is none".to_owned();
    }
    if names.len() <= MAX_LISTED {
        return format!("there is {}", names.join(", "));
    }
    names.sort_by_key(|known| strsim::damerau_levenshtein(name, known));
    names.truncate(NEAREST);
    format!("the nearest are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_few_names_all_are_listed_and_of_many_the_nearest() {
        assert_eq!(instead("x", ["a", "b", "a"]), "there is a, b");
        assert_eq!(instead("x", Vec::<String>::new()), "there is none");
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
            "the nearest are median_ms, median_low_ms, p95_ms, p99_ms"
        );
    }
}
