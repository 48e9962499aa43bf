//! Parses the arguments of a bench target: those of Rust's test harness and of criterion, which cargo and nextest pass
//! on, and the target's own.

use std::ffi::OsString;

/// What a target with one bench is asked to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing is to be measured.
    Nothing,
    /// The bench's name.
    List,
    /// To measure, with these arguments of the target's own.
    Measure(Vec<OsString>),
}

/// Arguments of the test harness and of criterion that have no meaning here.
const WITHOUT_VALUE: [&str; 11] = [
    "--bench",
    "--discard-baseline",
    "--exact",
    "--include-ignored",
    "--no-capture",
    "--nocapture",
    "--noplot",
    "-n",
    "--show-output",
    "--verbose",
    "-v",
];
/// Likewise, with a value.
const WITH_VALUE: [&str; 18] = [
    "--baseline",
    "-b",
    "--baseline-lenient",
    "--color",
    "--confidence-level",
    "--format",
    "--load-baseline",
    "--logfile",
    "--measurement-time",
    "--noise-threshold",
    "--nresamples",
    "--output-format",
    "--plotting-backend",
    "--sample-size",
    "--save-baseline",
    "--significance-level",
    "--test-threads",
    "--warm-up-time",
];

impl Wanted {
    /// What `arguments` want of the bench `name`. Without `--bench`, which `cargo bench` adds, it is a test's run, which
    /// measures nothing; words that come before any of the target's own arguments are filters.
    pub fn of(name: &str, arguments: impl IntoIterator<Item = OsString>) -> Wanted {
        let (mut own, mut filters) = (Vec::new(), Vec::new());
        let (mut lists, mut measures, mut is_exact, mut ignored) = (false, false, false, false);
        let mut tests = false;
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy().into_owned();
            let option = text.split('=').next().unwrap_or_default();
            lists |= text == "--list";
            measures |= text == "--bench";
            tests |= text == "--test";
            is_exact |= text == "--exact";
            ignored |= text == "--ignored";
            if ["--list", "--test", "--ignored"].contains(&text.as_str())
                || WITHOUT_VALUE.contains(&text.as_str())
            {
                continue;
            }
            if WITH_VALUE.contains(&option) {
                if !text.contains('=') {
                    arguments.next();
                }
            } else if own.is_empty() && !text.starts_with('-') {
                filters.push(text);
            } else {
                own.push(argument);
            }
        }
        let fits = |filter: &String| {
            if is_exact {
                filter == name
            } else {
                name.contains(filter.as_str())
            }
        };
        if ignored || !(filters.is_empty() || filters.iter().any(fits)) {
            Wanted::Nothing
        } else if lists {
            Wanted::List
        } else if measures && !tests {
            Wanted::Measure(own)
        } else {
            Wanted::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(arguments: &str) -> Wanted {
        Wanted::of("table", arguments.split_whitespace().map(OsString::from))
    }

    #[test]
    fn only_cargo_bench_measures() {
        assert_eq!(wanted("--bench"), Wanted::Measure(Vec::new()));
        assert_eq!(wanted(""), Wanted::Nothing);
        assert_eq!(wanted("--bench --test"), Wanted::Nothing);
        assert_eq!(wanted("--exact table --nocapture"), Wanted::Nothing);
    }

    #[test]
    fn a_list_names_the_bench_once() {
        assert_eq!(wanted("--list --bench"), Wanted::List);
        assert_eq!(wanted("--list --format terse"), Wanted::List);
        assert_eq!(wanted("--list --format terse --ignored"), Wanted::Nothing);
        assert_eq!(wanted("other --list"), Wanted::Nothing);
    }

    #[test]
    fn words_that_come_first_are_filters() {
        assert_eq!(wanted("tab --bench"), Wanted::Measure(Vec::new()));
        assert_eq!(wanted("hot_paths --bench"), Wanted::Nothing);
        assert_eq!(wanted("tab --exact --bench"), Wanted::Nothing);
        assert_eq!(wanted("table --exact --bench"), Wanted::Measure(Vec::new()));
    }

    #[test]
    fn criterion_s_arguments_stop_nothing_and_the_target_s_own_pass() {
        let own = ["-f", "floor-*", "--levels=1"].map(OsString::from).to_vec();
        let arguments = "--save-baseline mine -f floor-* --noplot --levels=1 --baseline=x --bench";
        assert_eq!(wanted(arguments), Wanted::Measure(own));
    }
}
