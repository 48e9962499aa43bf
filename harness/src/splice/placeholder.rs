//! Parses placeholders: the text between double braces.

use super::number::Form;

/// A placeholder of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placeholder {
    /// The short name of the results folder; `None` for the template's own.
    pub folder: Option<String>,
    /// What replaces it.
    pub what: What,
}

/// What replaces a placeholder.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// The results folder's path, relative to the checkout.
    Folder,
    /// Which command made the results, with which version, on which machine.
    Source,
    /// The published table of a scenario.
    Table(Option<String>),
    /// A chart by name, and its scenario.
    Chart(String, Option<String>),
    /// A figure of a cell.
    Cell(Figure, Form),
    /// A figure of a cell, divided by another one.
    Ratio(Figure, Below, Form),
    /// A row's capacity: the row, and a column of `capacity.csv`.
    Capacity(String, String, Form),
    /// A number, or a quotient of two, from a JSON file of the folder.
    Json(JsonFigure, Form),
}

/// A column of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figure {
    /// `rig`, or `crewai:tuned` for a variant.
    pub row: String,
    /// A column of `summary.csv`.
    pub column: String,
    /// `closed`, `burst` or `rate-5`.
    pub arrival: String,
    pub level: String,
    /// The scenario, if the folder has several.
    pub scenario: Option<String>,
    /// The case, if the scenario has several.
    pub case: Option<String>,
}

/// The divisor of a ratio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Below {
    /// Another cell's figure.
    Figure(Figure),
    /// The floor of the row's language.
    Floor(Bound),
    /// The row that all others are compared with.
    Baseline(Bound),
}

/// A bound of a ratio's interval, or the ratio itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// The ratio itself.
    Value,
    Low,
    High,
}

/// A place in a JSON file; one with `*` gives a list of numbers, which is reduced to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonFigure {
    pub file: String,
    pub reduced: Option<Reduced>,
    pub place: String,
    /// The place of the divisors, one for each number.
    pub below: Option<String>,
}

/// How several numbers are reduced to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reduced {
    Median,
    Min,
    Max,
}

/// The maximum number of digits after the point; more would only be noise.
const MAX_DIGITS: usize = 9;
const HELP: &str = "a figure is `ROW COLUMN ARRIVAL LEVEL`, such as `rig median_ms closed 10`";

impl Placeholder {
    /// Parses the text between the braces.
    ///
    /// # Errors
    ///
    /// If it is not a placeholder.
    pub fn parse(text: &str) -> Result<Placeholder, String> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let folder = words.first().and_then(|word| word.strip_suffix(':'));
        let folder = folder.filter(|name| !name.is_empty()).map(str::to_owned);
        if folder.is_some() {
            words.remove(0);
        }
        let what = what(words)?;
        Ok(Placeholder { folder, what })
    }
}

fn what(mut words: Vec<&str>) -> Result<What, String> {
    let scenario = take_key(&mut words, "scenario=");
    let case = take_key(&mut words, "case=");
    let form = take_form(&mut words)?;
    let figure = |words: [&str; 4]| {
        let [row, column, arrival, level] = words.map(str::to_owned);
        Figure {
            row,
            column,
            arrival,
            level,
            scenario: scenario.clone(),
            case: case.clone(),
        }
    };
    match words.as_slice() {
        [file, rest @ ..] if file.ends_with(".json") => json(file, rest, form),
        [row, column, arrival, level] => {
            Ok(What::Cell(figure([row, column, arrival, level]), form))
        }
        [row, column, arrival, level, "/", below @ ..] => {
            let above = figure([row, column, arrival, level]);
            let below = match *below {
                ["floor"] => Below::Floor(Bound::Value),
                ["floor", bound] => Below::Floor(bound_of(bound)?),
                ["baseline"] => Below::Baseline(Bound::Value),
                ["baseline", bound] => Below::Baseline(bound_of(bound)?),
                [row] => Below::Figure(figure([row, column, arrival, level])),
                [row, arrival, level] => Below::Figure(figure([row, column, arrival, level])),
                [row, column, arrival, level] => {
                    Below::Figure(figure([row, column, arrival, level]))
                }
                _ => {
                    return Err(format!(
                        "the divisor must be a row, `floor` or `baseline`; {HELP}"
                    ));
                }
            };
            Ok(What::Ratio(above, below, form))
        }
        ["capacity", row, column] => Ok(What::Capacity(
            (*row).to_owned(),
            (*column).to_owned(),
            form,
        )),
        _ if form != Form::default() => Err(format!("`in` and `.2` apply only to figures; {HELP}")),
        ["folder"] => Ok(What::Folder),
        ["source"] => Ok(What::Source),
        ["table"] => Ok(What::Table(scenario)),
        ["chart", name] => Ok(What::Chart((*name).to_owned(), scenario)),
        _ => Err(format!(
            "{HELP}; other placeholders are `folder`, `source`, `table`, `chart NAME`, `capacity ROW COLUMN` and `FILE.json PLACE`"
        )),
    }
}

/// Removes the word that begins with `key`, and returns its value.
fn take_key(words: &mut Vec<&str>, key: &str) -> Option<String> {
    let place = words.iter().position(|word| word.starts_with(key))?;
    words.remove(place).strip_prefix(key).map(str::to_owned)
}

/// Removes a figure's format from the end: `in ms`, `.2`, or both.
fn take_form(words: &mut Vec<&str>) -> Result<Form, String> {
    let mut form = Form::default();
    if let Some(digits) = words.last().and_then(|word| word.strip_prefix('.')) {
        let digits = digits.parse().ok().filter(|digits| *digits <= MAX_DIGITS);
        let wrong = || format!("the digits must be from `.0` to `.{MAX_DIGITS}`");
        form.digits = Some(digits.ok_or_else(wrong)?);
        words.pop();
    }
    if let [.., "in", unit] = words.as_slice() {
        form.unit = Some((*unit).to_owned());
        words.truncate(words.len() - 2);
    }
    Ok(form)
}

fn bound_of(word: &str) -> Result<Bound, String> {
    match word {
        "low" => Ok(Bound::Low),
        "high" => Ok(Bound::High),
        _ => Err(format!(
            "the bound of a ratio must be `low` or `high`, not `{word}`"
        )),
    }
}

fn json(file: &str, words: &[&str], form: Form) -> Result<What, String> {
    let (reduced, words) = match words {
        ["median", rest @ ..] => (Some(Reduced::Median), rest),
        ["min", rest @ ..] => (Some(Reduced::Min), rest),
        ["max", rest @ ..] => (Some(Reduced::Max), rest),
        words => (None, words),
    };
    let (place, below) = match *words {
        [place] => (place, None),
        [place, "/", below] => (place, Some(below)),
        _ => {
            return Err(
                "a figure of a JSON file is `FILE.json PLACE`, or `FILE.json median PLACE` (also min, max) if the place \
                 contains a `*`; PLACE can also be `PLACE / PLACE`"
                    .to_owned(),
            );
        }
    };
    let figure = JsonFigure {
        file: file.to_owned(),
        reduced,
        place: place.to_owned(),
        below: below.map(str::to_owned),
    };
    Ok(What::Json(figure, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(words: &str) -> Figure {
        let words: Vec<&str> = words.split(' ').collect();
        let [row, column, arrival, level] = words.try_into().unwrap();
        let [row, column, arrival, level] = [row, column, arrival, level].map(str::to_owned);
        Figure {
            row,
            column,
            arrival,
            level,
            scenario: None,
            case: None,
        }
    }

    fn what(text: &str) -> What {
        let placeholder = Placeholder::parse(text).unwrap();
        assert_eq!(placeholder.folder, None, "{text}");
        placeholder.what
    }

    const LANGCHAIN: &str = "langchain cpu_per_run_ms closed 100";

    #[test]
    fn a_figure_is_a_column_of_a_cell() {
        let plain = What::Cell(figure(LANGCHAIN), Form::default());
        assert_eq!(what(LANGCHAIN), plain);
        assert_eq!(what(" langchain  cpu_per_run_ms\nclosed 100 "), plain);
        let form = Form {
            unit: Some("s".to_owned()),
            digits: Some(2),
        };
        assert_eq!(
            what(&format!("{LANGCHAIN} in s .2")),
            What::Cell(figure(LANGCHAIN), form)
        );
        let mut of_scenario = figure(LANGCHAIN);
        of_scenario.scenario = Some("long".to_owned());
        of_scenario.case = Some("deep".to_owned());
        assert_eq!(
            what(&format!("{LANGCHAIN} scenario=long case=deep")),
            What::Cell(of_scenario, Form::default())
        );
    }

    #[test]
    fn a_short_name_says_which_folder() {
        let placeholder = Placeholder::parse("wave: ours median_ms burst 50").unwrap();
        assert_eq!(placeholder.folder.as_deref(), Some("wave"));
        let cell = What::Cell(figure("ours median_ms burst 50"), Form::default());
        assert_eq!(placeholder.what, cell);
    }

    #[test]
    fn below_a_ratio_stands_only_what_differs() {
        for (below, other) in [
            ("floor-python", "floor-python cpu_per_run_ms closed 100"),
            (
                "floor-python closed 10",
                "floor-python cpu_per_run_ms closed 10",
            ),
            ("langchain cpu_s burst 50", "langchain cpu_s burst 50"),
        ] {
            assert_eq!(
                what(&format!("{LANGCHAIN} / {below} .2")),
                What::Ratio(
                    figure(LANGCHAIN),
                    Below::Figure(figure(other)),
                    Form {
                        unit: None,
                        digits: Some(2)
                    }
                )
            );
        }
        for (below, meant) in [
            ("floor", Below::Floor(Bound::Value)),
            ("floor low", Below::Floor(Bound::Low)),
            ("floor high", Below::Floor(Bound::High)),
            ("baseline", Below::Baseline(Bound::Value)),
            ("baseline low", Below::Baseline(Bound::Low)),
        ] {
            assert_eq!(
                what(&format!("{LANGCHAIN} / {below}")),
                What::Ratio(figure(LANGCHAIN), meant, Form::default()),
                "{below}"
            );
        }
    }

    #[test]
    fn a_json_file_has_places_and_quotients_of_them() {
        let json = |reduced, place: &str, below: Option<&str>| {
            let figure = JsonFigure {
                file: "mock.json".to_owned(),
                reduced,
                place: place.to_owned(),
                below: below.map(str::to_owned),
            };
            What::Json(figure, Form::default())
        };
        assert_eq!(what("mock.json a/b"), json(None, "a/b", None));
        assert_eq!(what("mock.json a / b"), json(None, "a", Some("b")));
        for (word, reduced) in [
            ("median", Reduced::Median),
            ("min", Reduced::Min),
            ("max", Reduced::Max),
        ] {
            assert_eq!(
                what(&format!("mock.json {word} */a / */b")),
                json(Some(reduced), "*/a", Some("*/b"))
            );
        }
    }

    #[test]
    fn blocks_and_capacities_are_words() {
        assert_eq!(what("folder"), What::Folder);
        assert_eq!(what("source"), What::Source);
        assert_eq!(what("table"), What::Table(None));
        let long = Some("long".to_owned());
        assert_eq!(
            what("chart cpu scenario=long"),
            What::Chart("cpu".to_owned(), long)
        );
        assert_eq!(
            what("capacity ai agents_per_core"),
            What::Capacity(
                "ai".to_owned(),
                "agents_per_core".to_owned(),
                Form::default()
            )
        );
    }

    #[test]
    fn what_is_no_placeholder_is_told_what_one_is() {
        for (text, message) in [
            ("", "a figure is `ROW COLUMN ARRIVAL LEVEL`"),
            ("ours median_ms", "a figure is `ROW COLUMN ARRIVAL LEVEL`"),
            (
                "ours median_ms closed 10 /",
                "the divisor must be a row, `floor` or `baseline`",
            ),
            (
                "ours cpu_s burst 50 / floor mid",
                "must be `low` or `high`, not `mid`",
            ),
            (
                "ours cpu_s burst 50 .x",
                "the digits must be from `.0` to `.9`",
            ),
            (
                "ours cpu_s burst 50 .99",
                "the digits must be from `.0` to `.9`",
            ),
            ("table .2", "`in` and `.2` apply only to figures"),
            ("mock.json", "`FILE.json PLACE`"),
            ("mock.json mean */a", "`FILE.json PLACE`"),
        ] {
            let error = Placeholder::parse(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
