//! Formats a value for a text: its unit, its digits, and a comma between thousands.

use crate::words;

/// The format that a placeholder asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// The unit; `None` for the name's usual one.
    pub unit: Option<String>,
    /// Digits after the point; `None` for the unit's usual number.
    pub digits: Option<usize>,
}

/// The quantity that a value measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Time,
    Memory,
}

/// A unit: its symbol, its quantity, and its size in the quantity's smallest unit.
struct Unit {
    word: &'static str,
    /// The suffix of names that are recorded in it; `None` if none are.
    suffix: Option<&'static str>,
    quantity: Quantity,
    size: f64,
}

const UNITS: [Unit; 6] = [
    unit("s", Some("_s"), Quantity::Time, 1e6),
    unit("ms", Some("_ms"), Quantity::Time, 1e3),
    unit("µs", Some("_us"), Quantity::Time, 1.0),
    unit("MiB", None, Quantity::Memory, 1_048_576.0),
    unit("KiB", None, Quantity::Memory, 1024.0),
    unit("bytes", Some("_bytes"), Quantity::Memory, 1.0),
];

const fn unit(
    word: &'static str,
    suffix: Option<&'static str>,
    quantity: Quantity,
    size: f64,
) -> Unit {
    Unit {
        word,
        suffix,
        quantity,
        size,
    }
}

/// Formats the value of the column or key `name`, with its unit.
///
/// # Errors
///
/// If the name can't be converted to the unit that `form` asks for.
pub(super) fn value(value: f64, name: &str, form: &Form) -> Result<String, String> {
    let Some(recorded) = unit_of(name) else {
        return match &form.unit {
            Some(unit) => Err(format!(
                "`{name}` has no unit, so it can't be given in {unit}"
            )),
            None => Ok(number(value, form.digits.unwrap_or(0))),
        };
    };
    let shown = shown_unit(recorded, name, form)?;
    let value = match shown.word == recorded.word {
        true => value,
        false => value * recorded.size / shown.size,
    };
    let digits = form.digits.unwrap_or_else(|| usual_digits(shown, value));
    Ok(format!("{} {}", number(value, digits), shown.word))
}

/// Formats a ratio, which has no unit.
///
/// # Errors
///
/// If `form` asks for a unit.
pub(super) fn ratio(value: f64, form: &Form) -> Result<String, String> {
    if let Some(unit) = &form.unit {
        return Err(format!(
            "a ratio has no unit, so it can't be given in {unit}"
        ));
    }
    // One digit up to 99.9.
    let usual = usize::from(value < 99.95);
    Ok(number(value, form.digits.unwrap_or(usual)))
}

/// The unit by the name's suffix; `None` for rates and counts.
fn unit_of(name: &str) -> Option<&'static Unit> {
    if name.ends_with("_per_s") || name.ends_with("_per_cpu_s") {
        return None;
    }
    // The unit comes before these: `request_body_bytes_per_run` is in bytes.
    let amount = ["_per_run", "_per_turn"];
    let name = amount
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    UNITS
        .iter()
        .find(|unit| unit.suffix.is_some_and(|suffix| name.ends_with(suffix)))
}

fn shown_unit(recorded: &'static Unit, name: &str, form: &Form) -> Result<&'static Unit, String> {
    let of_quantity = || {
        UNITS
            .iter()
            .filter(|unit| unit.quantity == recorded.quantity)
    };
    let wanted = match (form.unit.as_deref(), recorded.word) {
        (Some(word), _) => word,
        (None, "bytes") => "MiB",
        (None, word) => word,
    };
    of_quantity()
        .find(|unit| unit.word == wanted)
        .ok_or_else(|| {
            let words: Vec<&str> = of_quantity().map(|unit| unit.word).collect();
            format!(
                "`{name}` can be given in {}, not in {wanted}",
                words.join(", ")
            )
        })
}

/// The usual digits: one for seconds, two for milliseconds below 10, else none.
fn usual_digits(unit: &Unit, value: f64) -> usize {
    match unit.word {
        "s" => 1,
        "ms" if value.abs() < 9.995 => 2,
        _ => 0,
    }
}

/// Rounds (ties to even) and puts a comma between thousands.
fn number(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text.as_str(), None),
    };
    let is_zero = text.chars().all(|digit| matches!(digit, '0' | '.'));
    let mut written = String::new();
    if value < 0.0 && !is_zero {
        written.push('-');
    }
    written.push_str(&words::thousands(whole));
    if let Some(fraction) = fraction {
        written.push('.');
        written.push_str(fraction);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(unit: &str, digits: impl Into<Option<usize>>) -> Form {
        Form {
            unit: (!unit.is_empty()).then(|| unit.to_owned()),
            digits: digits.into(),
        }
    }

    fn shown(given: f64, name: &str) -> String {
        value(given, name, &Form::default()).unwrap()
    }

    #[test]
    fn a_value_has_the_unit_and_the_digits_of_its_name() {
        for (given, name, text) in [
            (2004.49, "median_ms", "2,004 ms"),
            (0.536, "cpu_per_run_ms", "0.54 ms"),
            (9.994, "gap_median_ms", "9.99 ms"),
            (9.996, "gap_median_ms", "10 ms"),
            (3.2451, "ready_s", "3.2 s"),
            (1976.4, "mock_late_p99_us", "1,976 µs"),
            (6_291_456.0, "peak_rss_bytes", "6 MiB"),
            (6.0, "most_in_flight", "6"),
            (119_563.2, "requests_per_cpu_s", "119,563"),
            (1_234_567.0, "requests_per_s", "1,234,567"),
            (91.0, "agents_per_core", "91"),
            (-1234.5, "median_ms", "-1,234 ms"),
            (-0.001, "gap_median_ms", "0.00 ms"),
        ] {
            assert_eq!(shown(given, name), text, "{given} {name}");
        }
    }

    #[test]
    fn a_template_may_ask_for_another_unit_and_other_digits() {
        for (given, name, form, text) in [
            (25_583.3, "median_ms", form("s", None), "25.6 s"),
            (0.2561, "ready_s", form("ms", None), "256 ms"),
            (1.5, "ready_s", form("µs", None), "1,500,000 µs"),
            (0.0004, "overhead_ms", form("µs", 1), "0.4 µs"),
            (10.87, "cpu_per_run_ms", form("", 1), "10.9 ms"),
            (6_563_000.0, "peak_rss_bytes", form("", 1), "6.3 MiB"),
            (
                8205.0,
                "request_body_bytes_per_run",
                form("bytes", None),
                "8,205 bytes",
            ),
            (
                8205.0,
                "request_body_bytes_per_run",
                form("KiB", 2),
                "8.01 KiB",
            ),
            (2.5, "connections", form("", 1), "2.5"),
        ] {
            assert_eq!(value(given, name, &form).unwrap(), text, "{name}");
        }
    }

    #[test]
    fn what_is_exactly_in_the_middle_goes_to_the_even_digit() {
        assert_eq!(shown(2004.5, "median_ms"), "2,004 ms");
        assert_eq!(shown(2005.5, "median_ms"), "2,006 ms");
        assert_eq!(shown(999.6, "median_ms"), "1,000 ms");
    }

    #[test]
    fn a_ratio_has_one_digit_below_a_hundred() {
        let plain = |value| ratio(value, &Form::default()).unwrap();
        assert_eq!(plain(7.6449), "7.6");
        assert_eq!(plain(99.94), "99.9");
        assert_eq!(plain(117.3), "117");
        assert_eq!(ratio(0.956, &form("", 2)).unwrap(), "0.96");
        let error = ratio(1.0, &form("ms", None)).unwrap_err();
        assert_eq!(error, "a ratio has no unit, so it can't be given in ms");
    }

    #[test]
    fn a_unit_of_something_else_is_refused() {
        let error = value(1.0, "median_ms", &form("MiB", None)).unwrap_err();
        assert_eq!(error, "`median_ms` can be given in s, ms, µs, not in MiB");
        let error = value(1.0, "peak_rss_bytes", &form("s", None)).unwrap_err();
        assert_eq!(
            error,
            "`peak_rss_bytes` can be given in MiB, KiB, bytes, not in s"
        );
        let error = value(1.0, "connections", &form("ms", None)).unwrap_err();
        assert_eq!(
            error,
            "`connections` has no unit, so it can't be given in ms"
        );
    }
}
