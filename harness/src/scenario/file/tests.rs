use std::time::Duration;

use super::*;

/// The seed with one text replaced, loaded from a folder of its own.
fn load_changed(from: &str, to: &str) -> Result<Scenario, String> {
    let folder = tempfile::tempdir().unwrap();
    let seed = std::fs::read_to_string("../scenarios/seed.toml").unwrap();
    assert!(seed.contains(from), "the seed has no {from:?}");
    let path = folder.path().join("seed.toml");
    std::fs::write(&path, seed.replacen(from, to, 1)).unwrap();
    std::fs::copy(
        "../scenarios/seed.papers.json",
        folder.path().join("seed.papers.json"),
    )
    .unwrap();
    Scenario::load(&path).map_err(|error| {
        let text = error.to_string();
        text.rsplit_once("seed.toml:")
            .map_or(text.clone(), |(_, rest)| rest.to_owned())
    })
}

#[test]
fn the_line_that_tells_editors_the_schema_does_not_change_the_digest() {
    let as_it_is = load_changed("seed", "seed").unwrap();
    let line = "#:schema ../docs/schema/scenario.json\n";
    let without = load_changed(line, "").unwrap();
    assert_eq!(as_it_is.sha256, without.sha256);
    let other = load_changed(line, "# Another comment.\n").unwrap();
    assert_ne!(as_it_is.sha256, other.sha256);
    // The published sweeps' digest.
    assert!(without.sha256.starts_with("53f3c2be0cdf"));
}

/// The line of the seed that holds `text`.
fn line_of(text: &str) -> usize {
    let seed = std::fs::read_to_string("../scenarios/seed.toml").unwrap();
    1 + seed.lines().position(|line| line.contains(text)).unwrap()
}

#[test]
fn a_scenario_says_what_the_hello_asks_beyond_plain_runs() {
    use loopmark_protocol::{Api, Feature};
    let needs = |keys: &str| {
        let with_keys = format!("latency-ms = 500\n{keys}");
        let scenario = load_changed("latency-ms = 500", &with_keys).unwrap();
        scenario
            .hello("http://127.0.0.1:1/v1", Api::Responses, scenario.case_of(0))
            .needs()
    };
    assert_eq!(needs(""), []);
    assert_eq!(needs("request-stream = true"), [Feature::Streaming]);
    assert_eq!(needs("agent = \"per-run\""), [Feature::AgentPerRun]);
    assert_eq!(needs("agent = \"shared\""), []);
}

#[test]
fn wrong_files_are_refused_with_line_and_remedy() {
    let cases = [
        (
            "latency-ms = 500",
            "latency-ms = \"long\"",
            "a whole number of ms",
        ),
        ("model = ", "modell = ", "unknown field `modell`"),
        (
            "latency-ms = 500",
            "agent = \"eternal\"\nlatency-ms = 500",
            "unknown variant `eternal`",
        ),
        (
            "Reading list {run}: find",
            "Reading list: find",
            "prompt must hold {run} exactly once",
        ),
        (
            "levels = [1, 10, 50, 100]",
            "levels = []",
            "levels must be one or more",
        ),
        (
            "\"word_count\"]",
            "\"count_words\"]",
            "unknown tool `count_words`; known: search_papers",
        ),
        (
            "id = \"{search.papers.0.id}\"",
            "id = \"{find.papers.0.id}\"",
            "unknown place `{find.papers.0.id}`",
        ),
        (
            "arguments = { id =",
            "arguments = { paper =",
            "`read_paper` takes exactly: id",
        ),
        (
            "papers = \"seed.papers.json\"",
            "books = \"seed.papers.json\"",
            "unknown data `books`",
        ),
    ];
    for (from, to, message) in cases {
        let error = load_changed(from, to).unwrap_err();
        let (line, text) = error.split_once(": ").unwrap();
        assert!(text.contains(message), "{from} -> {to}: {error}");
        assert_eq!(line, line_of(from).to_string(), "{from} -> {to}: {error}");
    }
}

#[test]
fn places_that_nothing_fills_and_calls_without_a_result_are_refused_with_their_turn() {
    let cases = [
        (
            "{search.papers.0.id}",
            "{search.papers.9.id}",
            "nothing fills `{search.papers.9.id}`",
        ),
        (
            "{read.title}: ",
            "{read.titel}: ",
            "nothing fills `{read.titel}`",
        ),
        (
            "({read.year})",
            "({read.yaer})",
            "nothing fills `{read.yaer}`",
        ),
        (
            "\"{search.papers.0.id}\"",
            "\"p999\"",
            "`read_paper` with {\"id\":\"p999\"} has no result",
        ),
    ];
    for (from, to, message) in cases {
        let error = load_changed(from, to).unwrap_err();
        assert!(error.contains(message), "{to}: {error}");
        let line: usize = error.split_once(':').unwrap().0.parse().unwrap();
        assert!(line > line_of("[values]"), "{to}: {error}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Scenario::load(Path::new("no/such.toml"))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("cannot read no/such.toml: "), "{error}");
}

#[test]
fn several_calls_in_a_turn_and_a_latency_of_its_own_are_read() {
    let more = "[[turn]]\nlatency-ms = 20\n[[turn.call]]\nid = \"again\"\ntool = \"word_count\"\n\
                arguments = { text = \"{topic}\" }\n[[turn.call]]\nid = \"read\"";
    let scenario = load_changed("[[turn]]\n[[turn.call]]\nid = \"read\"", more).unwrap();
    let turn = &scenario.script(0).turns[1];
    assert_eq!(turn.calls.len(), 2);
    assert_eq!(turn.latency, Duration::from_millis(20));
    let model_time = scenario.case_of(0).model_time();
    assert_eq!(model_time, Duration::from_millis(1520));
}

const CASES: &str = "\
[[case]]\nname = \"short\"\nat = 1\nrepeat = 1\nlatency-ms = 5\n\
[[case]]\nname = \"long\"\nat = 4\nrepeat = 4\nvalues = { topic = [\"retrieval\", \"planning\"] }\n\
stream = { chunk-chars = 3 }\n";

/// The seed with a first turn that is repeated, and two cases.
fn with_cases(cases: &str) -> Result<Scenario, String> {
    let first = "[[turn]]\ntext = \"I will search";
    load_changed(
        first,
        &format!("{cases}[[turn]]\nrepeat = 2\ntext = \"I will search"),
    )
}

#[test]
fn a_run_belongs_to_a_case_by_its_number() {
    let scenario = with_cases(CASES).unwrap();
    let [short, long] = scenario.cases() else {
        panic!("two cases");
    };
    assert_eq!(
        (short.name.as_deref(), short.at),
        (Some("short"), Some(1.0))
    );
    assert_eq!((short.turn_count(), long.turn_count()), (4, 7));
    assert_eq!(short.model_time(), Duration::from_millis(4 * 5));
    assert_eq!(long.model_time(), Duration::from_millis(7 * 500));
    assert_eq!(
        (short.streaming.chunk_chars, long.streaming.chunk_chars),
        (16, 3)
    );
    for run in [0, 7, long.first_run - 1] {
        assert_eq!(scenario.case_of(run).name.as_deref(), Some("short"));
        assert_eq!(scenario.script(run).turns.len(), 4);
    }
    for run in [long.first_run, long.first_run + 7, 2 * long.first_run - 1] {
        assert_eq!(scenario.case_of(run).name.as_deref(), Some("long"));
        assert_eq!(scenario.script(run).turns.len(), 7);
    }
    assert_eq!(scenario.most_turns(), 7);
    assert_eq!(
        scenario.case(Some("long")).unwrap().first_run,
        long.first_run
    );
    assert!(scenario.case(Some("wide")).is_none());
}

#[test]
fn each_repetition_of_a_turn_takes_the_next_entry_and_later_turns_its_last_result() {
    let scenario = with_cases(CASES).unwrap();
    let run = scenario.cases()[1].first_run;
    let script = scenario.script(run);
    let query = |turn: usize| script.turns[turn].calls[0].arguments["query"].clone();
    assert_eq!(
        [0, 1, 2, 3].map(query),
        ["retrieval", "planning", "retrieval", "planning"]
    );
    let last = &script.turns[3].calls[0];
    let read = &script.turns[4].calls[0].arguments["id"];
    assert_eq!(*read, last.result["papers"][0]["id"]);
    assert_ne!(*read, script.turns[2].calls[0].result["papers"][0]["id"]);
}

#[test]
fn words_fill_texts() {
    let text = load_changed("papers on {topic}.", "papers on {words.9}.").unwrap();
    let text = text.script(0).turns[0].text.clone().unwrap();
    assert_eq!(text.split(' ').count(), 6 + 9);
}

#[test]
fn a_scenario_without_cases_has_one_without_a_name() {
    let scenario = load_changed("latency-ms = 500", "latency-ms = 50").unwrap();
    assert_eq!(scenario.cases().len(), 1);
    assert_eq!(scenario.cases()[0].name, None);
    assert_eq!(scenario.case_of(u64::MAX).turn_count(), 4);
}

#[test]
fn wrong_cases_are_refused() {
    let long = "name = \"long\"";
    let wrong = [
        (long, "name = \"short\"", "two cases are named `short`"),
        (long, "name = \"Long\"", "lower-case letters"),
        (long, "", "lower-case letters"),
        ("repeat = 4", "repeat = 10000", "at most 10000 turns"),
        ("\nat = 4", "\ntools = []", "unknown field `tools`"),
        (
            "latency-ms = 5",
            "latency-ms = { median = 9, p95 = 5 }",
            "median <= p95",
        ),
        (
            "topic = [\"retrieval\", \"planning\"]",
            "topic = []",
            "must be a list that is not empty",
        ),
    ];
    for (from, to, message) in wrong {
        let error = with_cases(&CASES.replace(from, to)).unwrap_err();
        assert!(error.contains(message), "{to}: {error}");
    }
}

#[test]
fn what_is_expected_needs_a_limit() {
    let expect = |keys: &str| {
        let text = format!("[[expect]]\nmetric = \"median_ms\"\n{keys}\n[values]");
        load_changed("[values]", &text)
    };
    let scenario = expect("below = 2100\nrows = \"floor-*\"").unwrap();
    assert_eq!(scenario.expect[0].below, Some(2100.0));
    assert!(expect("").unwrap_err().contains("needs `below` or `above`"));
}
