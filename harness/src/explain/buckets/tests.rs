use std::path::Path;

use super::*;
use crate::explain::{Stacks, cpu_prof, jfr, perf, py_spy};

fn buckets(rules: &Rules, stacks: &[&str]) -> Vec<Bucket> {
    let split = stacks
        .iter()
        .map(|stack| stack.split(';').map(str::to_owned).collect::<Vec<String>>());
    split.map(|frames| rules.bucket(&frames).0).collect()
}

#[test]
fn the_deepest_frame_that_a_rule_names_decides() {
    let rules = Rules::with_own(Language::Rust, &["rig::"]);
    let found = buckets(
        &rules,
        &[
            "main;tokio::runtime::run;rig::agent::run;malloc",
            "main;tokio::runtime::run;rig::agent::run;serde_json::de::from_str;malloc",
            "rig::agent::run;hyper::client::send;tcp_sendmsg",
            "rig::agent::run;<&mut hyper::Io as std::io::Write>::write",
            "serde_json::value::to_value;core::ptr::drop_in_place<rig::completion::Message>",
            "rig::agent::run;loopmark_runner::papers::word_count",
            "loopmark_runner::run::start;free",
            "memmove",
        ],
    );
    assert_eq!(
        found,
        [
            Bucket::Framework,
            Bucket::Json,
            Bucket::HttpClient,
            Bucket::HttpClient,
            Bucket::Framework,
            Bucket::Tool,
            Bucket::Other,
            Bucket::Other
        ]
    );
    assert_eq!(
        buckets(&rules, &["rig::agent::run;tokio::task::yield_now"]),
        [Bucket::EventLoop]
    );
}

#[test]
fn loading_code_is_import_whatever_the_code_does() {
    let rules = Rules::with_own(Language::Python, &["agents/"]);
    let frames: Vec<String> = [
        "frameworks/x/runner.py:<module>",
        "<frozen importlib._bootstrap>:_call_with_frames_removed",
        "pydantic/main.py:<module>",
        "json/decoder.py:decode",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(
        rules.bucket(&frames),
        (Bucket::Import, "pydantic/main.py:<module>")
    );
    assert_eq!(
        rules.bucket(&frames[3..]),
        (Bucket::Json, "json/decoder.py:decode")
    );
    assert_eq!(rules.bucket(&[]), (Bucket::Other, ""));
}

#[test]
fn the_longest_beginning_wins_and_the_framework_s_own_wins_a_tie() {
    let python = Rules::with_own(Language::Python, &["langchain/", "langchain_"]);
    let found = buckets(
        &python,
        &[
            "langchain_core/runnables/base.py:f",
            "langchain_core/tracers/core.py:f",
        ],
    );
    assert_eq!(found, [Bucket::Framework, Bucket::Tracing]);
    let sdk = Rules::with_own(Language::Python, &["openai/"]);
    assert_eq!(buckets(&sdk, &["openai/_client.py:f"]), [Bucket::Framework]);
    assert_eq!(
        buckets(&python, &["openai/_client.py:f"]),
        [Bucket::HttpClient]
    );
}

#[test]
fn what_was_rare_stays_in_its_bucket() {
    let rules = Rules::with_own(Language::Go, &[]);
    for bucket in Bucket::ALL {
        let frames = ["main.main".to_owned(), bucket.rare()];
        assert_eq!(rules.bucket(&frames).0, bucket);
    }
}

fn rules_of(row: &str) -> Rules {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frameworks");
    let row = Framework::load(&rows.join(row).join("framework.toml")).unwrap();
    Rules::of(row.language, Some(&row)).unwrap()
}

/// Samples that real samplers took of real rows, each read through to the end by a person.
#[test]
fn real_stacks_fall_where_a_reader_would_put_them() {
    let python = Stacks::parse(include_str!("../fixtures/py-spy.txt")).unwrap();
    let recorded = [
        (
            "ours",
            perf::collapse(include_bytes!("../fixtures/perf-rust.txt")).unwrap(),
            "HTTP client and SDK 1, JSON and validation 1, event loop 2, tool 1",
        ),
        (
            "eino",
            perf::collapse(include_bytes!("../fixtures/perf-go.txt")).unwrap(),
            "GC and JIT 1, HTTP client and SDK 1, JSON and validation 1, event loop 1, framework 1",
        ),
        (
            "langchain",
            py_spy::shortened(&python),
            "HTTP client and SDK 2, JSON and validation 1, event loop 1, framework 1, import 1, other 61",
        ),
        (
            "ai",
            cpu_prof::parse(include_str!("../fixtures/node.cpuprofile")).unwrap(),
            "GC and JIT 28, HTTP client and SDK 1, JSON and validation 2, framework 1, import 1, other 13",
        ),
        (
            "langchain4j",
            jfr::parse(include_bytes!("../fixtures/jfr.json")).unwrap(),
            "HTTP client and SDK 1, JSON and validation 1, framework 1, import 1, tool 1",
        ),
    ];
    for (row, stacks, expected) in recorded {
        let rules = rules_of(row);
        let mut found = BTreeMap::new();
        for (frames, samples) in stacks.iter() {
            *found.entry(rules.bucket(frames).0.label()).or_default() += samples;
        }
        let found = found
            .iter()
            .map(|(label, samples): (_, &u64)| format!("{label} {samples}"));
        assert_eq!(found.collect::<Vec<_>>().join(", "), expected, "{row}");
    }
}

#[test]
fn every_row_but_a_floor_has_code_of_its_own_and_every_name_in_the_file_is_a_row() {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frameworks");
    let wire: Wire = toml::from_str(FILE).unwrap();
    for name in wire.own.keys() {
        assert!(rows.join(name).join("framework.toml").is_file(), "{name}");
    }
    for entry in std::fs::read_dir(rows).unwrap() {
        let manifest = entry.unwrap().path().join("framework.toml");
        if manifest.is_file() {
            let row = Framework::load(&manifest).unwrap();
            let rules = Rules::of(row.language, Some(&row)).unwrap();
            let own = rules
                .prefixes
                .iter()
                .any(|(_, bucket)| *bucket == Bucket::Framework);
            assert_eq!(own, row.kind != Kind::Floor, "{}", row.name);
        }
    }
}

#[test]
fn another_release_of_a_row_has_the_row_s_own_packages() {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frameworks");
    let mut row = Framework::load(&rows.join("openai-agents/framework.toml")).unwrap();
    let rules = Rules::of(row.language, Some(&row)).unwrap();
    row.name = "openai-agents@0.20.0".to_owned();
    let other = Rules::of(row.language, Some(&row)).unwrap();
    assert_eq!(other.prefixes, rules.prefixes);
    assert!(
        rules
            .prefixes
            .contains(&("agents/".to_owned(), Bucket::Framework))
    );
}
