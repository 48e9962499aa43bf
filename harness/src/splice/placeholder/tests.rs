//! What placeholders are parsed to.

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
