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
            .hello("http://127.0.0.1:1/v1", Api::Responses)
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
        ("latency-ms = 500", "latency-ms = \"long\"", "invalid type"),
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
    assert_eq!(scenario.model_time(), Duration::from_millis(1520));
}
